"""Private stays private: what someone sees is the same, whether or not there are wins that are not theirs to see.

Ben writes in a private channel with Zelda, to the bot alone, and for himself in #general, and makes a win private that
was shared there. Chloe is credited in each of these wins, and in one of Zelda's in the private channel, and can see
none of them. In #general he also saves what Dmitri said as Dmitri's win, which waits for Dmitri.
"""

import io
import json
import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.climbs import NextStepOf
from bot.domain.consent import Consent
from bot.domain.entered_win import EnteredWin
from bot.domain.permissions import Actor
from bot.domain.wins import Mention, MessageSource, parse_win
from bot.services.climbs import ClimbReader, mark_reached
from bot.services.win_privacy import make_private
from bot.services.wins import SaveWin, save_all, save_alone
from bot.storage import deliveries, tables, unsaved_wins
from bot.storage.database import engine
from bot.storage.wins import NewWin
from tests.databases import Databases
from tests.e2e import ways_out
from tests.e2e.ways_out import Reader
from tests.team import FRIDAY_16_BERLIN, MONDAY, Team, team

SECRET = re.compile("zanzibar|quokka|umbrella|kumquat|launch-codes", re.IGNORECASE)
"""What only Ben and Zelda may read: words, a tag, an address, a reason for thanks, and the name of their channel."""
QUERIES = ["zanzibar", "zanz", "#quokka", "@zelda", "@chloe", "@ben", "in #general", "2030", "last week"]
CHANGING = re.compile(r"\bp\d{16}\b|\b\d{10}\.\d{6}\b|(?<=<!date\^)\d{10}")
"""A message's ts, also in its address, since it counts the messages of the workspace; and the second of a date."""


@dataclass(frozen=True)
class Office:
    """The team, with Zelda and a guest, and two places where no one else reads what Ben writes."""

    team: Team
    zelda: Any
    gus: Any
    secret: Any
    dm: Any
    said: Any
    """What Dmitri said in #general."""

    @property
    def readers(self) -> dict[str, Reader]:
        """Those who look for it: an admin, someone who is credited, and a guest."""
        people = {"Ana": self.team.ana, "Chloe": self.team.chloe, "Gus": self.gus}
        return {name: Reader(self.team, person) for name, person in people.items()}


async def opens(made: Team) -> Office:
    """Let everyone be there, with a win that is for all."""
    zelda, gus = made.slack.add_person("zelda"), made.slack.add_person("gus", guest=True)
    made.general.members.append(gus.id)
    dm = made.slack.open_dm(made.ben)
    secret = made.slack.add_channel("launch-codes", private=True, members=[made.ben, zelda], creator=made.ben)
    made.configure(secret, made.ben, zone="Europe/Berlin")
    await made.says(made.chloe, "/win everyone knows that we shipped with @ben #build")
    known = await made.sees("everyone knows")
    await made.slack.press(zelda, known, "cheer")
    await made.slack.wait_for(lambda: "zelda" in known.plain())
    said = await made.slack.say(made.dmitri, made.general, "have a look at this")
    return Office(made, zelda, gus, secret, dm, said)


async def ben_writes(office: Office) -> None:
    """Let Ben write what is not for all."""
    made, secret = office.team, office.secret
    line = "/win zanzibar is up with @zelda and @chloe #quokka https://umbrella.example/x"
    await made.says(made.ben, line, secret)
    await made.slack.press(office.zelda, await made.sees("zanzibar is up", channel=secret), "cheer")
    await climbs(office)
    await made.says(office.zelda, "/win zanzibar is up to date with @chloe", secret)
    await made.says(made.ben, "/win zanzibar alone with @chloe #quokka", office.dm)
    await made.says(made.ben, "/win zanzibar was here with @chloe #quokka")
    shared = await made.sees("zanzibar was here")
    await made.records(shared)
    draft = replace(
        parse_win(f"zanzibar for myself with <@{made.chloe.id}> #quokka", [Mention(made.chloe.id)]),
        thanked=(Mention(office.zelda.id),),
        reason="kumquat",
    )
    private = NewWin(
        draft, made.slack.team_id, made.general.id, "form:1", Mention(made.ben.id, "ben"), MONDAY, is_private=True
    )
    waiting = NewWin(
        replace(
            parse_win("zanzibar waits #quokka https://umbrella.example/y", []),
            credited=(Mention(made.dmitri.id),),
            is_own=False,
            thanked=(Mention(office.zelda.id),),
            reason="kumquat",
        ),
        *(made.slack.team_id, made.general.id, "form:2", Mention(made.ben.id, "ben"), MONDAY),
        source=MessageSource(made.general.id, office.said.ts),
    )
    entered = EnteredWin("zanzibar unsaved", whose=(made.chloe.id,), tags=("quokka",), channel_id=made.general.id)
    writing_engine = engine(made.database_url, writes=True)
    with writing_engine.begin() as connection:
        save_all(connection, [SaveWin(each, None, is_known_author=True) for each in (private, waiting)])
        unsaved_wins.add(connection, made.slack.team_id, made.ben.id, made.general.id, entered, now=MONDAY)
        announcement = deliveries.by_message(connection, (made.slack.team_id, made.general.id), shared.ts)
        assert announcement is not None
        assert announcement.win_id is not None
        who = {"team_id": made.slack.team_id, "user_id": made.ben.id}
        make_private(connection, **who, win_id=announcement.win_id, is_outsider=False)
    writing_engine.dispose()
    await made.slack.wait_for(lambda: shared.deleted)


async def climbs(office: Office) -> None:
    """Let Ben say that what he wrote in the private channel is the first step of a climb, which is reached."""
    made, secret = office.team, office.secret
    writing_engine = engine(made.database_url, writes=True)
    with writing_engine.begin() as connection:
        first_id = connection.scalar(select(tables.wins.c.id).where(tables.wins.c.channel_id == secret.id))
        assert first_id is not None
        key, now = "form:climb", made.clock.now()
        new = NewWin(parse_win("umbrella is up", []), made.slack.team_id, secret.id, key, Mention(made.ben.id), now)
        step = NextStepOf(win_id=first_id, name="zanzibar climb")
        save_alone(connection, SaveWin(new, None, is_known_author=True), may_be_saved_before=True, step_of=step)
        climb_id = connection.scalar(select(tables.climbs.c.id))
        assert climb_id is not None
        who = ClimbReader(Actor(made.ben.id, is_active=True))
        mark_reached(connection, team_id=new.team_id, climb_id=climb_id, reader=who, now=now)
    writing_engine.dispose()
    await made.sees("The climb “zanzibar climb” has reached its goal", channel=secret)


async def seen(office: Office) -> dict[str, str]:
    """What each reader sees on each way, and on Friday in all their conversations."""
    found, made = {}, office.team
    for who, reader in office.readers.items():
        for way, go in ways_out.what_people_do(QUERIES).items():
            found[f"{who}, {way}"] = await go(reader)
        found[f"{who}, the message shortcut"] = await reader.uses_shortcut(office.said)
        found[f"{who}, the tags"] = await reader.looks_for_tags("quo")
    await made.it_is(FRIDAY_16_BERLIN)
    await made.sees_roundup(1)
    for who, reader in office.readers.items():
        found[f"{who}, in the end"] = reader.channels()
    return {way: CHANGING.sub("(ts)", text) for way, text in found.items()}


async def test_no_one_can_tell_whether_there_are_wins_that_they_must_not_see(
    all_databases: Databases, debug_log: io.StringIO
) -> None:
    found = []
    for has_secrets in (False, True):
        async with team(all_databases.sqlite()) as made:
            office = await opens(made)
            if has_secrets:
                await ben_writes(office)
            found.append(await seen(office))
            if has_secrets:
                await made.sees("zanzibar is up with", channel=office.secret, times=2)
                assert "zanzibar" in await Reader(made, made.ben).types("/wins")
    without, with_secrets = found
    assert [(way, text, with_secrets[way]) for way, text in without.items() if text != with_secrets[way]] == []
    assert without.keys() == with_secrets.keys()
    check(debug_log)


@pytest.mark.timeout(1200)  # with --deep
async def test_nothing_forged_logged_or_measured_tells_of_a_win(
    sqlite_url: str, debug_log: io.StringIO, *, is_deep: bool
) -> None:
    async with team(sqlite_url, starts=False) as made:
        running = await made.bot_starts(has_status=True)
        made.configure(made.general, made.ana)
        office = await opens(made)
        await ben_writes(office)
        pressed = await made.slack.press(made.chloe, await made.sees("everyone knows"), "cheer")
        announced = await made.sees("zanzibar is up with", channel=office.secret)
        win_ids, keys, unsaved_ids = of_ben(made)
        (waiting_id,) = held(made)
        for person in (office.zelda, made.dmitri):  # who are in it
            await made.sees("zanzibar", channel=made.slack.open_dm(person))
        for go in ways_out.what_people_do([]).values():
            await go(office.readers["Chloe"])
        before = len(made.slack.ledger.calls())
        seen = ways_out.opened_views(made)
        answers = []
        for name, reader in office.readers.items():
            if not is_deep and name != "Chloe":
                continue
            count = None if is_deep else 1
            values = [*win_ids[:count], waiting_id, *unsaved_ids, *keys[:count], office.secret.id]
            forged = ways_out.forged_requests(
                reader,
                seen,
                pressed.request.payload,
                not_their_own(made, reader, values),
                [office.secret.id, announced.ts, None],
            )
            chosen = forged if is_deep and name == "Chloe" else ways_out.an_eighth(forged)
            answers += [await ways_out.deliver(reader, request) for request in chosen]
        calls = [call for call in made.slack.ledger.calls()[before:] if call.args.get("channel") != office.secret.id]
        assert [answer for answer in answers if SECRET.search(answer)] == []
        assert [call for call in calls if SECRET.search(json.dumps(dict(call.args), default=str))] == []
        assert held(made) == [waiting_id], "no one but Dmitri shares it"
        operators = await ways_out.what_operators_see(made, running.health_url)
    assert [where for where, text in operators.items() if SECRET.search(text)] == []
    for path in ("/readyz", "/metrics"):
        assert not re.search(r"\b[TCDU]0[0-9A-Z]{6,}", operators[path]), "it counts, and names no place and no one"
    check(debug_log)


def check(debug_log: io.StringIO) -> None:
    """See that the log tells of no win, and of nothing that someone has searched for."""
    written = debug_log.getvalue().splitlines()
    assert len(written) > 20
    assert [line for line in written if SECRET.search(line)] == []


def held(made: Team) -> list[str]:
    """The ids of the wins that wait for someone."""
    reading_engine = engine(made.database_url, writes=False)
    wins, people = tables.wins.c, tables.win_people.c
    pending = select(people.win_id).where(people.consent == Consent.PENDING)
    with reading_engine.connect() as connection:
        query = select(wins.id).where(wins.held_until.is_not(None), wins.id.in_(pending))
        found = connection.execute(query).scalars().all()
    reading_engine.dispose()
    return [*map(str, found)]


def not_their_own(made: Team, reader: Any, values: list[str]) -> list[str]:
    """Leave out an id of something else that is also that of a win of the reader's, which is theirs to see."""
    reading_engine = engine(made.database_url, writes=False)
    with reading_engine.connect() as connection:
        is_theirs = tables.wins.c.author_id == reader.person.id
        own = {str(win_id) for win_id in connection.scalars(select(tables.wins.c.id).where(is_theirs))}
    reading_engine.dispose()
    return [value for value in values if value not in own]


def of_ben(made: Team) -> tuple[list[str], list[str], list[str]]:
    """The ids of Ben's wins, the keys of their messages and the ids of his unsaved wins: what buttons carry."""
    reading_engine = engine(made.database_url, writes=False)
    wins, messages, unsaved = tables.wins.c, tables.deliveries.c, tables.unsaved_wins.c
    with reading_engine.connect() as connection:
        win_ids = connection.execute(select(wins.id).where(wins.author_id == made.ben.id)).scalars().all()
        keys = connection.execute(select(messages.key).where(messages.win_id.in_(win_ids))).scalars().all()
        unsaved_ids = connection.execute(select(unsaved.id).where(unsaved.user_id == made.ben.id)).scalars().all()
    reading_engine.dispose()
    return [*map(str, win_ids)], list(keys), [*map(str, unsaved_ids)]
