"""A win that waits for someone: its author can't tell why it waits, from anything that they read or do.

Several authors do the very same things, each with a win of someone else, who hasn't answered, said no, prefers never to
be named, or can't even be asked. All that they get to see is compared, word for word.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.domain.consent import Preference
from bot.domain.permissions import Actor
from bot.services import consent_answers
from bot.services import preferences as preference_services
from bot.storage import channels, preferences
from bot.storage.database import engine
from bot.storage.tables import wins
from bot.views import edit_win, win_form
from tests.e2e.ways_out import Reader
from tests.team import FRIDAY_16_BERLIN, Team, shows

TEXT = "found the leak in the cellar"
CHANGING = re.compile(r"p?\d{10}\.?\d{6}|\^\d{10}|\b[TCDUVWB]0[0-9A-Z]{6,}")
"""Ids, times and addresses."""


class Pair:
    """Someone who tells of someone else, and what the former got to see of it."""

    def __init__(self, made: Team, number: int, *, is_guest: bool = False) -> None:
        self.made, self.slack = made, made.slack
        self.author = made.slack.add_person(f"author{number}")
        self.person = made.slack.add_person(f"person{number}", guest=is_guest)
        made.general.members += [self.author.id, self.person.id]
        self.seen: dict[str, str] = {}

    def sees(self, what: str, text: str) -> None:
        """Note what the author sees, without what tells one pair from another."""
        for name, stands_for in ((self.author.name, "(author)"), (self.person.name, "(person)")):
            text = text.replace(name, stands_for)
        self.seen[what] = CHANGING.sub("(id)", text)

    async def looks_around(self, when: str) -> None:
        """Note what the author finds everywhere."""
        reader = Reader(self.made, self.author)
        self.sees(f"a search for the person, {when}", await reader.types(f"/wins search @{self.person.name}"))
        for line in ("/wins", "/wins search cellar", "/wins help"):
            self.sees(f"{line}, {when}", await reader.types(line))
        self.sees(f"Home, {when}", await reader.home())
        self.sees(f"the form, {when}", await self.opens_form())
        self.sees(f"all their conversations, {when}", reader.channels())

    def told(self) -> Any:
        """The last thing that only the author was told about the win."""
        seen = self.slack.seen_by(self.author, self.made.general)
        return [each for each in seen if each.ephemeral_to and TEXT in each.plain()][-1]

    async def saves(self) -> None:
        await self.slack.slash(self.author, self.made.general, "/win")
        await self.slack.fill(self.author, win_form.TEXT, TEXT)
        await self.slack.fill(self.author, win_form.WHOSE, [self.person.id])
        await self.slack.submit(self.author)
        await self.slack.wait_for(self.told)

    async def opens_form(self) -> str:
        await self.made.says(self.author, "/wins")
        lists = [
            each for each in self.slack.seen_by(self.author, self.made.general) if "edit_listed_win" in str(each.blocks)
        ]
        await self.slack.press(self.author, lists[-1], "edit_listed_win")
        (form,) = self.slack.modals(self.author)
        return shows(form)

    async def submits(self, **values: Any) -> str:
        """Change the win in its form; returns what the author sees."""
        await self.opens_form()
        for name, value in values.items():
            await self.slack.fill(self.author, getattr(win_form, name), value)
        answer = await self.slack.submit(self.author)
        assert answer.error is None, answer.error
        return "\n".join(await Reader(self.made, self.author).modals())

    async def presses(self, action_id: str) -> str:
        """Press a button in the form of the win; returns what the author sees."""
        await self.opens_form()
        form = self.slack.modal(self.author)
        assert form is not None
        await self.slack.press(self.author, form, action_id)
        return "\n".join(await Reader(self.made, self.author).modals())


def writes(made: Team, work: Callable[[Connection], object]) -> None:
    writing_engine = engine(made.database_url, writes=True)
    with writing_engine.begin() as connection:
        work(connection)
    writing_engine.dispose()


async def nothing(pair: Pair) -> None:
    """They haven't said anything."""


async def says_no(pair: Pair) -> None:
    def answer(connection: Connection) -> None:
        team_id = pair.slack.team_id
        win_id = connection.execute(select(wins.c.id).where(wins.c.author_id == pair.author.id)).scalar_one()
        actor = Actor(pair.person.id, is_active=True)
        common: dict[str, Any] = {"team_id": team_id, "win_id": win_id, "now": pair.made.clock.now()}
        consent_answers.answer(connection, **common, actor=actor, revision=0, is_yes=False)

    writes(pair.made, answer)


async def prefers(pair: Pair, preference: Preference) -> None:
    who: dict[str, Any] = {"team_id": pair.slack.team_id, "user_id": pair.person.id}
    writes(pair.made, partial(preference_services.choose, **who, preference=preference, now=pair.made.clock.now()))


async def stops_messages(pair: Pair) -> None:
    writes(
        pair.made,
        lambda connection: preferences.set_messages(
            connection, pair.slack.team_id, pair.person.id, wants_messages=False
        ),
    )


async def is_deactivated(pair: Pair) -> None:
    await pair.slack.deactivate(pair.person)


async def leaves_the_channel(pair: Pair) -> None:
    pair.made.general.members.remove(pair.person.id)


Reason = Callable[[Pair], Awaitable[None]]
BEFORE: dict[str, Reason] = {
    "has not answered": nothing,
    "prefers never to be named": partial(prefers, preference=Preference.NEVER),
    "prefers to be asked": partial(prefers, preference=Preference.ASK),
    "stopped the messages": stops_messages,
    "is a guest": nothing,
}
"""What is so before the win is saved."""
AFTER: dict[str, Reason] = {
    "says no": says_no,
    "chooses never to be named": partial(prefers, preference=Preference.NEVER),
    "chooses to be asked": partial(prefers, preference=Preference.ASK),
    "stops the messages": stops_messages,
    "is deactivated": is_deactivated,
    "leaves the channel": leaves_the_channel,
}
"""What happens after it was saved."""
USUAL = ["has not answered", "prefers never to be named"]
"""The reasons that are tried in the usual size."""


async def _next_roundup_is_after(the_team: Team, moment: datetime) -> None:
    """Wait until the bot has passed the roundups before a moment: everyone reads the same next date then."""
    reading_engine = engine(the_team.database_url, writes=False)
    async with asyncio.timeout(30):
        while True:
            with reading_engine.connect() as connection:
                channel = channels.by_id(connection, the_team.slack.team_id, the_team.general.id)
            if channel is not None and channel.next_due_at is not None and channel.next_due_at > moment:
                break
            await asyncio.sleep(0.05)
    reading_engine.dispose()


@pytest.mark.timeout(300)
async def test_what_an_author_sees_is_the_same_whoever_a_win_waits_for(the_team: Team, *, is_deep: bool) -> None:
    reasons = [*BEFORE, *AFTER] if is_deep else USUAL
    pairs = {
        reason: Pair(the_team, number, is_guest=reason == "is a guest") for number, reason in enumerate(reasons, 10)
    }
    for reason, pair in pairs.items():
        await BEFORE.get(reason, nothing)(pair)
        await pair.saves()
    for reason, pair in pairs.items():
        await AFTER.get(reason, nothing)(pair)
        pair.sees("what is said when it is saved", pair.told().plain())
        await pair.looks_around("while it waits")
        pair.sees("an edit of its text", await pair.submits(TEXT=f"{TEXT}, and fixed it"))
        await pair.looks_around("after an edit")
        pair.sees("an edit that makes it private", await pair.presses(edit_win.MAKE_PRIVATE))
        pair.sees("an edit of the private win", await pair.submits(TEXT=TEXT))
        pair.sees("an edit that shares it again", await pair.presses(edit_win.SHARE_AGAIN))
        await pair.looks_around("after it was shared again")
        pair.sees("an edit that adds the author", await pair.submits(WHOSE=[pair.author.id, pair.person.id]))
        await pair.looks_around("after it became the author's, too")
    await the_team.says(the_team.ben, "/win the only one that is told")
    await the_team.sees("ben: the only one that is told")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=11))
    await _next_roundup_is_after(the_team, FRIDAY_16_BERLIN + timedelta(days=11))
    for pair in pairs.values():
        await pair.looks_around("after two weeks")
        pair.sees("an edit after two weeks", await pair.submits(TEXT=f"{TEXT} again"))
        pair.sees("an undo after two weeks", await pair.presses(edit_win.DELETE))
        await pair.looks_around("in the end")
    expected = pairs["has not answered"].seen
    different = {
        f"{reason}: {what}": f"{pair.seen[what]}\n---\n{text}"
        for reason, pair in pairs.items()
        for what, text in expected.items()
        if text != pair.seen[what]
    }
    assert different == {}
    assert "aiting" in expected["what is said when it is saved"]
    for where in ("/wins", "Home", "a search for the person"):
        assert TEXT in expected[f"{where}, after two weeks"]
