"""The table of consent (tests/services/consent_table.py) in each kind of conversation, with the real bot.

Who is named agrees, or chooses to share. What each conversation reads is what the table says, no one hears of a win in
a conversation that they can't look into, and the roundups come to the channels that the bot can post in.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any

from bot.views import credit
from tests.e2e.test_consent_ways_in import Scene, numbers
from tests.services.consent_table import (
    TELLS_BEN,
    TELLS_LATER,
    Act,
    Named,
    Place,
    Prefers,
    Read,
    afterwards_in,
    at_first_in,
)
from tests.team import FRIDAY_16_BERLIN, Team

Cell = tuple[Place, Named, Prefers]
USUAL = [(Named.IN_OWN, Prefers.ASK), (Named.WHOSE, Prefers.NONE)]
"""What is tried in each place in the usual size."""


def cells(*, is_deep: bool) -> Iterator[Cell]:
    for place in Place:
        for named, prefers in itertools.product(Named, Prefers) if is_deep else USUAL:
            if (named, prefers) != (Named.THANKED_IN_THEIRS, Prefers.SHARE):  # it is their win
                yield place, named, prefers


class Places:
    """A conversation of each kind, with Ana in it."""

    def __init__(self, scene: Scene) -> None:
        made, people = scene.made, list(scene.people.values())
        self.scene, self.made, self.slack = scene, made, made.slack
        others, everyone = [made.ana, made.ben], [made.ana, made.ben, *people]
        add = made.slack.add_channel
        self.rooms: dict[Place, Any] = {
            Place.PUBLIC: add("public", members=others),
            Place.PRIVATE: add("private", members=everyone, private=True),
            Place.PRIVATE_OF_OTHERS: add("of-others", members=others, private=True),
            Place.GROUP: made.slack.open_group(made.ana, *people),
            Place.ARCHIVED: add("archived", members=others),
            Place.WITHOUT_BOT: add("without-bot", members=others, with_bot=False),
            Place.PRIVATE_WITHOUT_BOT: add("private-without-bot", members=everyone, private=True, with_bot=False),
        }
        for place in (*sorted(TELLS_LATER), Place.ARCHIVED):
            made.configure(self.rooms[place], made.ana, zone="Europe/Berlin")

    async def ana_says(self, place: Place, named: Named, prefers: Prefers, text: str) -> None:
        person, room, ana = self.scene.people[prefers], self.rooms[place], self.made.ana
        if named is Named.IN_OWN:
            await self.made.says(ana, f"/win {text} with @{person.name}", room)
            return
        await self.slack.slash(ana, room, "/win")
        match named:
            case Named.THANKED_IN_OWN:
                await self.scene.saves(TEXT=text, THANKED=[person.id], REASON="the idea")
            case Named.WHOSE:
                await self.scene.saves(TEXT=text, WHOSE=[person.id])
            case Named.THANKED_IN_THEIRS:
                share = self.scene.people[Prefers.SHARE]
                await self.scene.saves(TEXT=text, WHOSE=[share.id], THANKED=[person.id])

    def reads(self, cell: Cell, text: str) -> Read:
        return self.scene.read(text, self.scene.people[cell[2]].name, self.rooms[cell[0]])

    def times(self, cell: Cell, text: str) -> int:
        return sum(text in each.text for each in self.slack.posts(self.rooms[cell[0]]))

    def message(self, cell: Cell, text: str) -> Any:
        """The message about a win to whom it names, if there is one."""
        dm = self.slack.open_dm(self.scene.people[cell[2]])
        found = [each for each in self.slack.posts(dm) if text in each.plain()]
        assert len(found) < 2, "each hears of it once"
        return found[0] if found else None

    async def chooses_to_share(self, person: Any) -> None:
        messages = self.slack.posts(self.slack.open_dm(person))
        first = next(each for each in messages if credit.CHOOSE_SHARE in json.dumps(each.blocks))
        await self.slack.press(person, first, credit.CHOOSE_SHARE)

    def says_it_could_not_post(self, cell: Cell, text: str) -> bool:
        message = self.message(cell, text)
        return message is not None and "I couldn't post it in" in message.plain()

    def asks(self, cell: Cell, text: str) -> bool:
        message = self.message(cell, text)
        return message is not None and "May I share it?" in message.plain()


async def test_who_agrees_is_named_where_the_bot_can_post_and_hears_where_they_can_look(
    quick_posts: None, the_team: Team, *, is_deep: bool
) -> None:
    places = Places(Scene(the_team))
    slack = the_team.slack
    texts = {cell: f"did number {next(numbers)}." for cell in cells(is_deep=is_deep)}
    for cell, text in texts.items():
        await places.ana_says(*cell, text)

    async def become(expected: dict[Cell, Any], found: Any) -> None:
        def wrong() -> dict[Cell, Any]:
            now = {cell: found(cell, text) for cell, text in texts.items()}
            return {cell: (now[cell], each) for cell, each in expected.items() if now[cell] != each}

        try:
            await slack.wait_for(lambda: not wrong(), timeout=30)
        except TimeoutError:
            assert wrong() == {}

    def first(cell: Cell, text: str) -> tuple[Read, bool]:
        return places.reads(cell, text), places.asks(cell, text)

    await become({cell: at_first_in(*cell) for cell in texts}, first)
    await slack.archive(places.rooms[Place.ARCHIVED])
    for cell, text in texts.items():
        if places.asks(cell, text):
            await slack.press(places.scene.people[cell[2]], places.message(cell, text), credit.YES)
    after_yes = {cell: afterwards_in(*cell, Act.YES) for cell in texts}
    await become(after_yes, places.reads)
    is_refused = {cell: each is Read.NOTHING for cell, each in after_yes.items() if at_first_in(*cell)[1]}
    await become(is_refused, places.says_it_could_not_post)

    for prefers in (Prefers.NONE, Prefers.ASK):
        await places.chooses_to_share(places.scene.people[prefers])
    is_choice = {cell: cell[2] in (Prefers.NONE, Prefers.ASK) for cell in texts}
    in_the_end = {cell: afterwards_in(*cell, Act.SHARES if is_choice[cell] else Act.NOTHING) for cell in texts}
    await become(in_the_end, places.reads)

    await the_team.it_is(FRIDAY_16_BERLIN)
    told = {cell: 2 if in_the_end[cell] is not Read.NOTHING else 0 for cell in texts if cell[0] in TELLS_LATER}
    await become(told, places.times)  # once when it is shared, and once in the roundup
    await become(in_the_end, places.reads)
    for person in places.scene.people.values():
        dm = slack.open_dm(person)
        said = "".join(each.plain() for each in slack.posts(dm)) + await the_team.says(person, "/wins")
        hidden = [text for cell, text in texts.items() if cell[0] not in TELLS_BEN and text in said]
        assert hidden == [], f"{person.name} hears of what they can't look into, as far as Slack tells"
