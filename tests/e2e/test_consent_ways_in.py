"""The table of consent (tests/services/consent_table.py) through each way in of the real bot.

Ana names four people, each with another preference, on every way on which a win is saved, changed or shared. What
#general reads, what its roundup tells and who is asked is what the table says.
"""

import itertools
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import select

from bot.domain.deliveries import DeliveryKind
from bot.slack.manifest import SAVE_MESSAGE_SHORTCUT
from bot.storage import preferences
from bot.storage.database import engine
from bot.storage.tables import deliveries, wins
from bot.views import edit_win, thanks, win_form
from tests.e2e.test_capture import lets_it_listen
from tests.e2e.test_edit import presses
from tests.services.consent_table import PREFERENCES, Moment, Named, Prefers, Read, at_first
from tests.team import Team

NAMES = {Prefers.NONE: "niamh", Prefers.SHARE: "samira", Prefers.ASK: "asako", Prefers.NEVER: "nuria"}
EMOJI = "trophy"
numbers = itertools.count(1)


class Scene:
    """#general with someone of each preference, and what Ana has told of them."""

    def __init__(self, made: Team) -> None:
        self.made = made
        self.slack, self.ana = made.slack, made.ana
        self.people = {prefers: made.slack.add_person(name) for prefers, name in NAMES.items()}
        made.general.members += [person.id for person in self.people.values()]
        made.configure(made.general, made.ana, win_emoji=EMOJI)
        lets_it_listen(made)
        writing_engine = engine(made.database_url, writes=True)
        with writing_engine.begin() as connection:
            for prefers, person in self.people.items():
                chosen = PREFERENCES[prefers]
                if chosen is not None:
                    preferences.choose(connection, made.slack.team_id, person.id, chosen)
        writing_engine.dispose()

    async def answered(self, text: str, before: int, room: Any = None) -> Any:
        """Wait for what only Ana is told, and return it."""
        await self.slack.wait_for(lambda: len(self.told(text, room)) > before)
        return self.told(text, room)[-1]

    def told(self, text: str, room: Any = None) -> list[Any]:
        seen = self.slack.seen_by(self.ana, room or self.made.general)
        return [each for each in seen if text in each.plain() and (room or each.ephemeral_to)]

    async def saves(self, **values: Any) -> None:
        """Fill in the open form, and save."""
        for name, value in values.items():
            await self.slack.fill(self.ana, getattr(win_form, name), value)
        answer = await self.slack.submit(self.ana)
        assert answer.error is None, answer.error
        assert self.slack.modal(self.ana) is None, "it is saved"

    async def opens(self) -> None:
        await self.slack.slash(self.ana, self.made.general, "/win")

    async def logged(self, text: str) -> Any:
        """Ana logs a win; returns what she is told."""
        await self.made.says(self.ana, f"/win {text}")
        return await self.answered(f"Win saved: {text}", 0)

    def read(self, text: str, name: str, room: Any = None) -> Read:
        """What a room (#general) reads of a win, in its announcement and, once there is one, in the roundup."""
        posts = self.slack.posts(room or self.made.general)
        messages = [each for each in posts if each.bot_id]
        told = [piece for each in messages for piece in (each.text or "").split("\n• ") if text in piece]
        announced = [
            json.dumps(each.blocks) for each in messages if text in each.plain() and "roundup" not in each.plain()
        ]
        said = {
            Read.NAME if name in each else Read.TEAMMATE if "teammate" in each.casefold() else None
            for each in (*told, *announced)
        }
        assert len(said) < 2, f"{text} is told in two ways: {told}, {announced}"
        return said.pop() or Read.NAME if said else Read.NOTHING

    def rows(self, query: Any) -> list[Any]:
        reading_engine = engine(self.made.database_url, writes=False)
        with reading_engine.connect() as connection:
            found = list(connection.execute(query))
        reading_engine.dispose()
        return found

    def asked(self) -> list[tuple[str, str]]:
        """Who gets a message about a win: each win's text, with the id of one of them."""
        query = select(wins.c.text, deliveries.c.recipient_id).join(wins, wins.c.id == deliveries.c.win_id)
        rows = self.rows(query.where(deliveries.c.kind == DeliveryKind.CREDIT))
        return [(row.text, row.recipient_id) for row in rows]


WayIn = Callable[[Scene, Any, str], Awaitable[None]]
"""way_in(scene, person, text): Ana says `text` of a person."""


async def command(scene: Scene, person: Any, text: str) -> None:
    await scene.made.says(scene.ana, f"/win {text} with @{person.name}")


async def form(scene: Scene, person: Any, text: str) -> None:
    await scene.opens()
    await scene.saves(TEXT=text, WHOSE=[scene.ana.id, person.id])


async def form_with_thanks(scene: Scene, person: Any, text: str) -> None:
    await scene.opens()
    await scene.saves(TEXT=text, THANKED=[person.id], REASON="the idea")


async def form_for_another(scene: Scene, person: Any, text: str) -> None:
    await scene.opens()
    await scene.saves(TEXT=text, WHOSE=[person.id])


async def form_with_thanks_for_another(scene: Scene, person: Any, text: str) -> None:
    await scene.opens()
    await scene.saves(TEXT=text, WHOSE=[scene.people[Prefers.SHARE].id], THANKED=[person.id])


async def message_shortcut(scene: Scene, person: Any, text: str) -> None:
    message = await scene.slack.say(person, scene.made.general, text)
    await scene.slack.message_shortcut(scene.ana, message, SAVE_MESSAGE_SHORTCUT)
    await scene.saves()


async def mention_of_the_bot(scene: Scene, person: Any, text: str) -> None:
    before = len(scene.told("Want to save that as a win?"))
    await scene.slack.mention(scene.ana, scene.made.general, f"{text} with <@{person.id}>")
    answer = await scene.answered("Want to save that as a win?", before)
    await scene.slack.press(scene.ana, answer, win_form.OPEN_WIN_FORM)
    await scene.saves()


async def direct_message(scene: Scene, person: Any, text: str) -> None:
    dm = scene.slack.open_dm(scene.ana)
    before = len(scene.told("Want to save that as a win?", dm))
    await scene.slack.say(scene.ana, dm, f"{text} with <@{person.id}>")
    answer = await scene.answered("Want to save that as a win?", before, dm)
    await scene.slack.press(scene.ana, answer, win_form.OPEN_WIN_FORM)
    await scene.saves()


async def emoji(scene: Scene, person: Any, text: str) -> None:
    message = await scene.slack.say(scene.ana, scene.made.general, f"look at number {next(numbers)}")
    before = len(scene.told(f"got a :{EMOJI}:"))
    await scene.slack.react(scene.made.chloe, scene.made.general, message.ts, EMOJI)
    suggestion = await scene.answered(f"got a :{EMOJI}:", before)
    await scene.slack.press(scene.ana, suggestion, win_form.OPEN_WIN_FORM)
    await scene.saves(TEXT=text, WHOSE=[scene.ana.id, person.id])


async def only_me(scene: Scene, person: Any, text: str) -> None:
    await scene.opens()
    await scene.saves(TEXT=text, WHOSE=[person.id], AUDIENCE=win_form.ONLY_ME)


async def edit(scene: Scene, person: Any, text: str) -> None:
    saved = await scene.logged(text)
    await scene.made.sees(text)
    await scene.slack.press(scene.ana, saved, "edit_win")
    await scene.saves(WHOSE=[scene.ana.id, person.id])


async def edit_into_another_s(scene: Scene, person: Any, text: str) -> None:
    saved = await scene.logged(text)
    await scene.made.sees(text)
    await scene.slack.press(scene.ana, saved, "edit_win")
    await scene.saves(WHOSE=[person.id])


async def button_that_thanks(scene: Scene, person: Any, text: str) -> None:
    """Ana presses the first button under a win just saved, which offers this person, or did before they chose."""
    saved = await scene.logged(text)
    await scene.made.sees(text)
    elements = [element for block in saved.blocks for element in block.get("elements", [])]
    (button,) = [element for element in elements if element.get("action_id") == thanks.THANK[0]]
    button["value"] = f"{button['value'].partition(':')[0]}:{person.id}"
    answer = await scene.slack.press(scene.ana, saved, thanks.THANK[0])
    assert answer.error is None, answer.error


async def share_again(scene: Scene, person: Any, text: str) -> None:
    await scene.slack.press(scene.ana, await scene.logged(text), "edit_win")
    await presses(scene.made, edit_win.MAKE_PRIVATE)
    await scene.slack.press(scene.ana, scene.told(text)[-1], "edit_win")
    await scene.saves(WHOSE=[person.id])
    await scene.slack.press(scene.ana, scene.told(text)[-1], "edit_win")
    await presses(scene.made, edit_win.SHARE_AGAIN)


WAYS_IN: dict[WayIn, tuple[Named, Moment] | None] = {
    command: (Named.IN_OWN, Moment.SAVED),
    form: (Named.IN_OWN, Moment.SAVED),
    form_with_thanks: (Named.THANKED_IN_OWN, Moment.SAVED),
    form_for_another: (Named.WHOSE, Moment.SAVED),
    form_with_thanks_for_another: (Named.THANKED_IN_THEIRS, Moment.SAVED),
    message_shortcut: (Named.WHOSE, Moment.SAVED),
    mention_of_the_bot: (Named.IN_OWN, Moment.SAVED),
    direct_message: None,
    emoji: (Named.IN_OWN, Moment.SAVED),
    only_me: None,
    edit: (Named.IN_OWN, Moment.ANNOUNCED),
    edit_into_another_s: (Named.WHOSE, Moment.ANNOUNCED),
    button_that_thanks: (Named.THANKED_IN_OWN, Moment.ANNOUNCED),
    share_again: (Named.WHOSE, Moment.TAKEN_BACK),
}
"""For each way in, the part of the table that tells what is so then; None for what Ana keeps for herself."""


async def test_each_preference_on_each_way_in(quick_posts: None, the_team: Team) -> None:
    scene = Scene(the_team)
    expected: dict[tuple[str, Prefers], tuple[Read, bool]] = {}
    texts: dict[tuple[str, Prefers], str] = {}
    for way_in, cell in WAYS_IN.items():
        for prefers, person in scene.people.items():
            if way_in is form_with_thanks_for_another and prefers is Prefers.SHARE:
                continue  # it is their win
            key = (way_in.__name__, prefers)
            texts[key] = f"did number {next(numbers)}."
            expected[key] = at_first(cell[0], prefers, cell[1]) if cell else (Read.NOTHING, False)
            await way_in(scene, person, texts[key])
    await the_team.says(the_team.ben, "/win the last one of all")
    await the_team.sees("the last one of all")  # a channel's posts come in their order

    def found() -> dict[tuple[str, Prefers], tuple[Read, bool]]:
        everyone_asked = scene.asked()

        def is_asked(key: tuple[str, Prefers]) -> bool:
            person = scene.people[key[1]]
            return any(texts[key] in text and person.id == user_id for text, user_id in everyone_asked)

        return {
            key: (scene.read(text, NAMES[key[1]]), expected[key][1] and is_asked(key)) for key, text in texts.items()
        }

    # The edits' updates share one lane of the workspace, and the latest is made first.
    with suppress(TimeoutError):
        await the_team.slack.wait_for(lambda: found() == expected, timeout=60)
    assert {key: cell for key, cell in found().items() if cell != expected[key]} == {}
