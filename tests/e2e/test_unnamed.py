"""No one reads the name of a person who isn't named in a win, but its author: on every way out, for every reason.

Ben's wins are with Zelda, who prefers not to be named, Yusuf, who hasn't said whether he wants to be, and Xenia, who
took her name out of each. They are in the text, beside it and thanked, and a win of Ben's is theirs.
"""

import io
import json
import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from bot.domain.consent import Consent, Preference
from bot.domain.deliveries import DeliveryKind
from bot.storage import deliveries, preferences, tables
from bot.storage.database import engine
from bot.views import win_form
from tests.e2e import ways_out
from tests.e2e.ways_out import Reader
from tests.team import FRIDAY_16_BERLIN, Team, team

NAMES = ("zelda", "yusuf", "xenia")


def chooses(team_id: str, user_id: str, preference: Preference, connection: Connection) -> None:
    preferences.choose(connection, team_id, user_id, preference)


class Office:
    """The team, with three people who aren't named, a guest, and a channel in which #general's roundup is posted."""

    def __init__(self, made: Team) -> None:
        self.team = made
        self.zelda, self.yusuf, self.xenia = self.three = [made.slack.add_person(name) for name in NAMES]
        self.gus = made.slack.add_person("gus", guest=True)
        self.digest = made.slack.add_channel("digest", members=[*made.everybody, *self.three], creator=made.ana)
        made.general.members += [person.id for person in (*self.three, self.gus)]
        # What these said before, so that nothing of theirs waits.
        for person in self.three:
            self.store(partial(chooses, made.slack.team_id, person.id, Preference.SHARE))

    def store(self, work: Callable[[Connection], Any]) -> Any:
        """Let the bot have stored something."""
        writing_engine = engine(self.team.database_url, writes=True)
        with writing_engine.begin() as connection:
            result = work(connection)
        writing_engine.dispose()
        return result

    async def ben_saves(self, text: str, **fields: Any) -> None:
        """Save a win of Ben's in the form."""
        slack, ben = self.team.slack, self.team.ben
        await slack.slash(ben, self.team.general, "/win")
        for name, value in {"TEXT": text, **fields}.items():
            await slack.fill(ben, getattr(win_form, name), value)
        await slack.submit(ben)
        await self.team.sees(f": {text}")

    def are_named(self, *, are_named: bool) -> None:
        """Let each of the three have their reason or say yes, and the messages in the channels be updated."""
        people, messages = tables.win_people.c, tables.deliveries.c

        def work(connection: Connection) -> None:
            preference = Preference.SHARE if are_named else Preference.NEVER
            preferences.choose(connection, self.team.slack.team_id, self.zelda.id, preference)
            for person, consent in ((self.yusuf, Consent.PENDING), (self.xenia, Consent.REFUSED)):
                said = update(tables.win_people).where(people.user_id == person.id)
                connection.execute(said.values(consent=Consent.GIVEN if are_named else consent))
            in_channels = messages.kind.in_((DeliveryKind.ANNOUNCEMENT, DeliveryKind.ROUNDUP))
            for delivery_id in connection.scalars(select(messages.id).where(in_channels)).all():
                deliveries.request_update(connection, delivery_id)

        self.store(work)

    async def named(self, channel: Any) -> None:
        """Wait until a channel reads the three names."""
        await self.team.slack.wait_for(lambda: all(name in self._said(channel) for name in NAMES))

    async def unnamed(self, channel: Any) -> None:
        """Wait until a channel reads none of the three names, nor hears them."""
        await self.team.slack.wait_for(lambda: not any(name in self._said(channel) for name in NAMES))

    def _said(self, channel: Any) -> str:
        messages = self.team.slack.posts(channel)
        return "".join(f"{message.text}{json.dumps(message.blocks)}" for message in messages).casefold()


async def ben_writes(office: Office) -> None:
    """Save wins that name the three in every way."""
    made, everyone = office.team, [person.id for person in office.three]
    mentions = ", ".join(f"@{person.name}" for person in office.three)
    await made.says(made.ben, "/win @yusuf's idea, painted with @zelda, who is Zelda to us")
    await made.says(made.ben, f"/win painted the house with {mentions} and @chloe #house")
    await made.sees("painted the house")
    await office.ben_saves("painted a fence", WHOSE=[made.ben.id, *everyone, made.chloe.id])
    await office.ben_saves("painted a gate", WHOSE=everyone[:1], THANKED=everyone[1:], REASON="Yusuf and @xenia helped")
    await office.ben_saves("painted a wall", WHOSE=everyone, THANKED=[made.chloe.id], KIND="learning")


UNNAMED = [
    "ben: A teammate's idea, painted with a teammate, who is a teammate to us",
    "ben: painted the house with 3 teammates and @chloe #house",
    "ben: painted a fence · With chloe and 3 teammates",
    "A teammate: painted a gate · Thanks to 2 teammates: 2 teammates helped · Shared by ben",
    "3 teammates learned: painted a wall · Thanks to chloe · Shared by ben",
]
QUERIES = ["painted", "#house", "@ben", "@chloe", *(f"@{name}" for name in NAMES), *NAMES, "in #general", "2030"]


async def reads(office: Office, person: Any, unread: Collection[str]) -> list[str]:
    """Return the ways on which someone reads a name that they must not, or finds a win by one."""
    found = []
    for way, go in ways_out.what_people_do(QUERIES).items():
        text = await go(Reader(office.team, person))
        name = way.rpartition(" ")[2].lstrip("@")
        if way.startswith("/wins search") and name in unread:
            found += [] if "No wins found" in text else [way]
            text = re.sub(f"@{name}|“{name}”", "", text)  # what they typed themselves
        found += [f"{way}: {each}" for each in unread if each in text.casefold()]
    return found


@pytest.mark.timeout(400)  # with --deep
async def test_no_one_but_the_author_reads_who_is_unnamed(
    sqlite_url: str, quick_posts: None, debug_log: io.StringIO, *, is_deep: bool
) -> None:
    async with team(sqlite_url, starts=False) as made:
        running = await made.bot_starts(has_status=True)
        office = Office(made)
        made.configure(made.general, made.ana, zone="Europe/Berlin", target_channel_id=office.digest.id)
        await ben_writes(office)
        await office.named(made.general)
        office.are_named(are_named=False)
        await office.unnamed(made.general)
        assert made.posts() == UNNAMED

        readers = {made.chloe: NAMES, office.yusuf: ("zelda", "xenia")}
        readers |= {made.ana: NAMES, office.gus: NAMES} if is_deep else {}
        assert {person.name: await reads(office, person, unread) for person, unread in readers.items()} == {
            person.name: [] for person in readers
        }
        author = Reader(made, made.ben)
        for text in (await author.types("/wins"), await author.home()):
            assert [name for name in NAMES if name not in text] == [], "the author reads them all"
        for name in NAMES:
            assert "painted the house" in await author.types(f"/wins search {name}")

        await made.it_is(FRIDAY_16_BERLIN)
        roundup = await made.sees("painted the house", channel=office.digest)
        assert not re.search("|".join(NAMES), f"{roundup.text}{json.dumps(roundup.blocks)}", re.IGNORECASE)
        assert "*A teammate:* painted a gate" in roundup.text
        office.are_named(are_named=True)
        await office.named(office.digest)
        await office.named(made.general)
        office.are_named(are_named=False)
        await office.unnamed(office.digest)
        await office.unnamed(made.general)
        assert made.posts() == UNNAMED

        await nothing_forged_tells(office, is_deep=is_deep)
        operators = await ways_out.what_operators_see(made, running.health_url)
    told = {**operators, "log": debug_log.getvalue()}
    assert [where for where, text in told.items() if re.search("|".join(NAMES), text, re.IGNORECASE)] == []


async def nothing_forged_tells(office: Office, *, is_deep: bool) -> None:
    """See that no request of Chloe's, also none that can't be made by hand, is answered with a name."""
    made = office.team
    announced = await made.sees("painted the house")
    pressed = await made.slack.press(made.chloe, await made.sees("painted a fence"), "join_win")
    (win_id, key), *_ = office.store(
        lambda connection: connection.execute(
            select(tables.deliveries.c.win_id, tables.deliveries.c.key).where(tables.deliveries.c.ts == announced.ts)
        ).all()
    )
    private = {place for person in (made.ben, *office.three) for place in (person.id, made.slack.open_dm(person).id)}
    before = len(made.slack.ledger.calls())
    reader = Reader(made, made.chloe)
    values = [str(win_id), key, made.general.id]
    seen, source = ways_out.opened_views(made), [made.general.id, announced.ts, None]
    forged = ways_out.forged_requests(reader, seen, pressed.request.payload, values, source)
    chosen = forged if is_deep else ways_out.an_eighth(forged)
    answers = [await ways_out.deliver(reader, request) for request in chosen]
    calls = [
        json.dumps(dict(call.args), default=str)
        for call in made.slack.ledger.calls()[before:]
        if call.args.get("channel") not in private
    ]
    assert [text for text in (*answers, *calls) if re.search("|".join(NAMES), text, re.IGNORECASE)] == []
