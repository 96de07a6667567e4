"""Rows 4 and 6: what a roundup costs in a channel with a long past, and a beat of the ticker with many schedules."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median

from sqlalchemy import Connection, Engine, func, insert, select, text, update

from bot.domain.roundups import RoundupKind
from bot.outbox import render
from bot.scheduling import jobs
from bot.scheduling.due_roundups import DueRoundups
from bot.services.roundups import create_due
from bot.storage import deliveries, lanes, tables
from bot.storage.database import Database
from tests.bench.burst import weekly
from tests.bench.children import Bench
from tests.bench.figures import Figure
from tests.databases import filling_engine
from tests.single import load_message

ROWS = (4, 6)
TEAM, CHANNEL, ANA = "T0SCALE", "C0SCALE", "U0ANA"
FEW_WINS, MANY_WINS = 1_000, 1_000_000
FEW_SCHEDULES, MANY_SCHEDULES = 10, 100_000
OPEN = 20
TIMES = 40
DUE = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
GRACE = timedelta(hours=24)


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Measure each on a small and on a large database, in turns."""
    figures = []
    for kind in bench.kinds:
        roundup = Figure(4, "one roundup, in a channel with 1,000,000 wins", kind, "with 1,000", "ms", 1.2)
        tick = Figure(6, "one tick with 100,000 schedules", kind, "with 10", "ms", 2.0)
        few, many = (bench.database(kind) for _ in range(2))
        _past(few, FEW_WINS)
        _past(many, MANY_WINS)
        _schedules(few, FEW_SCHEDULES)
        _schedules(many, MANY_SCHEDULES)
        for _ in range(rounds):
            for url, roundups, ticks in ((few, roundup.floor, tick.floor), (many, roundup.ours, tick.ours)):
                roundups.append(1000 * _roundup(url))
                ticks.append(1000 * asyncio.run(_tick(url)))
        figures += [roundup, tick]
    return figures


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    writing_engine = filling_engine(url)
    try:
        yield writing_engine
    finally:
        writing_engine.dispose()


def _past(url: str, wins: int) -> None:
    """Write a channel with so many wins, each in a roundup that is long past, and the open ones of this week."""
    with _engine(url) as made, made.begin() as connection:
        before = DUE - timedelta(days=3)
        team = {"team_id": TEAM}
        connection.execute(
            insert(tables.workspaces), {**team, "name": "Scale", "url": "https://scale.test/", "bot_user_id": "U0BOT"}
        )
        _add_channels(connection, [CHANNEL], due_at=DUE)
        weeks = [DUE - timedelta(days=7 * week) for week in range(1, wins // OPEN + 1)]
        past = {**team, "channel_id": CHANNEL, "created_at": before}
        connection.execute(
            insert(tables.roundups), [{**past, "kind": RoundupKind.SCHEDULED, "due_at": due_at} for due_at in weeks]
        )
        first_roundup = connection.execute(select(func.min(tables.roundups.c.id))).scalar_one()
        win = {**team, "channel_id": CHANNEL, "author_id": ANA, "text": "fixed it", "created_at": before}
        first = connection.execute(insert(tables.wins), {**win, "is_open": False}).inserted_primary_key[0]  # type: ignore[index]
        columns = "team_id, channel_id, author_id, text, created_at, is_open"
        counted = f"SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {wins - 1}"
        numbers = f"(WITH RECURSIVE n(i) AS ({counted}) SELECT i FROM n) AS n"
        connection.execute(
            text(f"INSERT INTO wins ({columns}) SELECT {columns} FROM wins, {numbers} WHERE wins.id = :first"),
            {"first": first},
        )
        connection.execute(
            text(
                "INSERT INTO roundup_items (team_id, roundup_id, part, position, win_id, is_regular)"
                f" SELECT team_id, {first_roundup} + (id - :first) / {OPEN}, 0, (id - :first) % {OPEN}, id, true"
                " FROM wins"
            ),
            {"first": first},
        )
        connection.execute(insert(tables.wins), [{**win, "is_open": True}] * OPEN)
        connection.execute(
            insert(tables.users), {**team, "user_id": ANA, "name": "ana", "zone": "UTC", "synced_at": before}
        )
    _analyze(url)


def _schedules(url: str, number: int) -> None:
    with _engine(url) as made, made.begin() as connection:
        _add_channels(connection, [f"C{each:08}" for each in range(number)], due_at=DUE + timedelta(days=7))
    _analyze(url)


def _add_channels(connection: Connection, channels: list[str], *, due_at: datetime) -> None:
    schedule = {"owner_id": ANA, "configured_at": DUE - timedelta(days=9), "local_time": "15:00", "zone": "UTC"}
    row = {"team_id": TEAM, "next_due_at": due_at, **schedule, **weekly(due_at)}
    connection.execute(insert(tables.channels), [{**row, "channel_id": channel} for channel in channels])


def _analyze(url: str) -> None:
    with _engine(url) as made, made.begin() as connection:
        connection.execute(text("ANALYZE"))


def _link(channel_id: str, ts: str) -> str:
    return f"https://scale.test/archives/{channel_id}/p{ts}"


def _roundup(url: str) -> float:
    """The median time of writing down the channel's roundup and putting it into words; nothing of it is kept."""
    took = []
    with _engine(url) as made, made.connect() as connection:
        for _ in range(TIMES):
            began = time.perf_counter()
            written = create_due(connection, channel_keys=[(TEAM, CHANNEL)], grace=GRACE, now=DUE)
            assert written
            newest = connection.execute(select(func.max(tables.roundups.c.id))).scalar_one()
            messages = [
                render.render(part, load_message(connection, part, now=DUE), permalink=_link, now=DUE)
                for part in deliveries.of_roundup(connection, newest)
            ]
            took.append(time.perf_counter() - began)
            assert all(messages)
            assert sum(message["text"].count("fixed it") for message in messages if message) == OPEN
            connection.rollback()
    return median(took)


async def _tick(url: str) -> float:
    """The median time of what a beat does when nothing is due."""
    with _engine(url) as made, made.begin() as connection:
        later = update(tables.channels).where(tables.channels.c.channel_id == CHANNEL)
        connection.execute(later.values(next_due_at=DUE + timedelta(days=7)))
    database = Database(url)

    async def unexpected_refresh(team_id: str, channel_id: str) -> bool:
        raise AssertionError("no roundup is due")

    clock = partial(lambda: DUE)
    due_roundups = DueRoundups(
        database, grace=GRACE, clock=clock, wake_sender=lambda _lane: None, refresh_channel=unexpected_refresh
    )
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await due_roundups.create_roundups()
        await jobs.create_due_reminders(database, clock=clock, wake_sender=lambda _lane: None)
        await jobs.abandon_overdue(database, grace=GRACE, clock=clock)
        assert await database.read(deliveries.unknown) == []
        assert await database.read(lanes.with_work) == []
        took.append(time.perf_counter() - began)
    await database.close()
    with _engine(url) as made, made.begin() as connection:
        query = update(tables.channels).where(tables.channels.c.channel_id == CHANNEL)
        connection.execute(query.values(next_due_at=DUE))
    return median(took)
