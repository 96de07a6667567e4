"""Looks back and credit notes come due, all at once, while bots are killed and Slack fails their posts.

A look back (an edition) is a post in a channel: it comes exactly once. A note is a direct message, which can't be
searched for: one of unknown outcome is never sent again, and is counted as unconfirmed, whether it came or not.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.editions import Edition
from bot.domain.wins import Draft, Mention
from bot.storage import cheers, tables, users, wins
from bot.storage.users import User
from bot.storage.wins import NewWin
from slack_standin.model.workspace import Channel, Person
from tests.chaos.bots import SETTLE_SECONDS, BeforeRun, bots
from tests.chaos.faults import READS, inject_faults
from tests.chaos.result import Result
from tests.chaos.scenario import Scenario, eventually, open_scenario, win_text
from tests.chaos.scenarios.kills import kill_often, posts_cut_off
from tests.databases import Databases, filling_engine

GOAL = (
    "400 looks back and 200 notes due at once, 200 SIGKILLs, 45 % of posts failing, 3 replicas on PostgreSQL: 0 lost, "
    "0 doubled; a note of unknown outcome is never sent again"
)
LAST_WEEK = datetime(2030, 3, 25, 9, 0, tzinfo=UTC)
ROUNDUPS_DUE = datetime(2030, 3, 29, 16, 0, tzinfo=UTC)
ALL_DUE = datetime(2030, 4, 1, 16, 0, tzinfo=UTC)
"""The first of the month, when looks back come. It is a Monday, so the notes after Friday's roundup are due, too."""
CHANNELS_EACH = 2
"""The channels in which the wins of one person are told: one note has them all."""
EARLY_SHARE = 0.2
"""The share of the kills that come while the roundups are posted, after which the notes come."""
CALLS = (3, 6, 12)
"""After how many calls of theirs bots are killed: three messages come due for each kill."""
REASONS = ("interrupted", "Timeout", "stood_still")
"""What the bot says of a post whose outcome it can't know, though Slack did no wrong: it was killed, or too slow."""
SMALL_SETTLE_SECONDS = 1.0
"""The settle time where the row is made small, so that it doesn't take long."""


@dataclass(frozen=True)
class Count:
    """How many were not told what was due to them, how many messages came too often, and of how many that is unknown.

    `unconfirmed_told` are those of the unconfirmed who were told all the same.
    """

    lost: int
    doubled: int
    unconfirmed: int = 0
    unconfirmed_told: int = 0


def count(
    due: Mapping[str, Sequence[str]], texts: Mapping[str, Sequence[str]], unconfirmed: Collection[str] = ()
) -> Count:
    """Compare what is `due` to each, in one message, with the `texts` of the messages that each has."""
    told = {each for each, parts in due.items() if any(all(part in text for part in parts) for text in texts[each])}
    return Count(
        lost=len(due.keys() - told - set(unconfirmed)),
        doubled=sum(max(0, len(texts[each]) - 1) for each in due),
        unconfirmed=len(set(unconfirmed)),
        unconfirmed_told=len(told & set(unconfirmed)),
    )


class Author(NamedTuple):
    """Someone, and the channels in which wins of theirs are told."""

    person: Person
    channels: list[Channel]


async def run(
    databases: Databases, *, database: str, seed: int, size: float, before_run: BeforeRun | None = None
) -> Result:
    """Kill the bots while they post roundups, and later while they post the looks back and the notes."""
    people, kills = max(6, round(200 * size)), max(2, round(200 * size))
    channels, early = CHANNELS_EACH * people, round(EARLY_SHARE * kills)
    rng = random.Random(seed)
    async with open_scenario(databases, database) as scenario:
        authors = _fill(scenario, people)
        scenario.clock.move_to(ROUNDUPS_DUE)
        settle = SETTLE_SECONDS if size >= 1 else SMALL_SETTLE_SECONDS
        options = scenario.bot_options(settle=settle, before_run=before_run)
        with bots(options, replicas=3 if database == "postgresql" else 1) as replicas:
            killed = await kill_often(scenario, replicas, rng, times=early, calls=CALLS)
            await scenario.wait_until_settled(within=60 + 120 * size, roundups=channels)
            await eventually(lambda: _notes_due(scenario) >= channels, within=30)
            inject_faults(scenario.slack, seed, methods=("chat.postMessage", *READS))
            scenario.clock.move_to(ALL_DUE)
            killed += await kill_often(scenario, replicas, rng, times=kills - early, calls=CALLS)
            await scenario.wait_until_settled(within=60 + 120 * size, roundups=2 * channels + people)
        roundups, looks_back, notes, unexplained = _judge(scenario, authors)
        verdict = scenario.judge(parts=2)
        verdict = replace(
            verdict,
            lost=roundups.lost + looks_back.lost,
            doubled=max(verdict.doubled, roundups.doubled + looks_back.doubled),
        )
        interrupted = posts_cut_off(scenario)
        tries = len(scenario.slack.ledger.calls("chat.postMessage"))
        history_reads = sum(len(scenario.slack.ledger.calls(method)) for method in READS)
    numbers = {
        **verdict.numbers(),
        "roundups": channels,
        "looks back": channels,
        "notes": people,
        "notes lost": notes.lost,
        "notes doubled": notes.doubled,
        "notes unconfirmed": notes.unconfirmed,
        "of them told": notes.unconfirmed_told,
        "of them without a reason": unexplained,
        "kills": killed,
        "posts cut off by them": interrupted,
        "posts tried": tries,
        "looks": history_reads,
    }
    is_met = verdict.is_clean and not (notes.lost or notes.doubled or unexplained)
    return Result("notes_and_editions", database, seed, size, GOAL, is_met, numbers)


def _fill(scenario: Scenario, people: int) -> list[Author]:
    """Give each person a win in channels of their own, which Ana cheers, so that a note has something to say."""
    persons = [scenario.slack.add_person(f"person{number}") for number in range(people)]
    channels = scenario.fill(
        CHANNELS_EACH * people, wins_each=0, set_up_at=LAST_WEEK, editions=frozenset({Edition.MONTHLY})
    )
    authors = [
        Author(person, channels[CHANNELS_EACH * number : CHANNELS_EACH * (number + 1)])
        for number, person in enumerate(persons)
    ]
    team, writing_engine = scenario.slack.team_id, filling_engine(scenario.database_url)
    with writing_engine.begin() as connection:
        for person in persons:
            user = User(team, person.id, person.name, "UTC", is_active=True, is_admin=False, is_guest=False)
            users.save(connection, user, now=ALL_DUE + timedelta(days=365))
        new = [
            NewWin(
                Draft(_text(channel), (), (), None),
                team,
                channel.id,
                f"{channel.id}-win",
                Mention(author.person.id, author.person.name),
                LAST_WEEK,
            )
            for author in authors
            for channel in author.channels
        ]
        for win_id in wins.add_all(connection, new):
            assert win_id is not None, "each is new"
            cheers.record(
                connection,
                tables.win_cheers,
                team_id=team,
                subject_id=win_id,
                user_id=scenario.ana.id,
                source=cheers.BUTTON,
                is_active=True,
                event_ts=f"{LAST_WEEK.timestamp():.6f}",
            )
    writing_engine.dispose()
    return authors


def _text(channel: Channel) -> str:
    return win_text(channel, "of a month")


def _notes_due(scenario: Scenario) -> int:
    """How many places in notes are stored: for each roundup, those of the people in it."""
    with scenario.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.roundup_notes)).scalar_one()


def _judge(scenario: Scenario, authors: list[Author]) -> tuple[Count, Count, Count, int]:
    """Return what became of the roundups, the looks back and the notes, and of how many of these the bot says without
    a reason that it can't know.
    """
    in_channels = {channel.id: [_text(channel)] for channel in scenario.channels}
    before: dict[str, list[str]] = {channel_id: [] for channel_id in in_channels}
    since: dict[str, list[str]] = {channel_id: [] for channel_id in in_channels}
    for message in scenario.posted_messages():
        (before if float(message.ts) < ALL_DUE.timestamp() else since)[message.channel].append(message.text)
    in_notes = {author.person.id: [_text(channel) for channel in author.channels] for author in authors}
    notes = {
        author.person.id: [message.text for message in scenario.slack.open_dm(author.person).messages]
        for author in authors
    }
    unconfirmed = _unconfirmed_notes(scenario)
    failed = {call.args["channel"] for call in scenario.slack.ledger.calls("chat.postMessage") if call.fault}
    unexplained = [
        user_id
        for user_id, error in unconfirmed.items()
        if user_id not in failed and not any(reason in error for reason in REASONS)
    ]
    return (
        count(in_channels, before),
        count(in_channels, since),
        count(in_notes, notes, unconfirmed),
        len(unexplained),
    )


def _unconfirmed_notes(scenario: Scenario) -> dict[str, str]:
    """Return whose notes are of unknown outcome for the bot (user ids), and why."""
    is_note = tables.deliveries.c.kind == DeliveryKind.CREDIT_NOTE
    query = select(tables.deliveries.c.recipient_id, tables.deliveries.c.error)
    query = query.where(is_note, tables.deliveries.c.state == DeliveryState.NEEDS_REVIEW)
    with scenario.engine.connect() as connection:
        return {row.recipient_id: row.error or "" for row in connection.execute(query)}
