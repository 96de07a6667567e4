"""What the bot still has to do, as its own SQLite file says: the playground waits for that, and guesses nothing.

Only read, and only while the bot's process owns the file.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LOOK = 0.004
"""Seconds between two looks: a moment's wait costs less than being told would."""
LONGEST = 15.0


def next_due(database: Path, after: datetime) -> datetime | None:
    """Return the next moment later than `after` at which a roundup or its reminder is due."""
    return min((due for due in _dues(database) if due > after), default=None)


def roundups(database: Path) -> dict[str, float]:
    """Return when the next roundup of each channel is due, in seconds since 1970: of those that have one coming."""
    found = _read(database, "SELECT channel_id, next_due_at FROM channels WHERE next_due_at IS NOT NULL")
    return {channel: _moment(due).timestamp() for channel, due in found}


def is_done(database: Path, now: datetime) -> bool:
    """Whether nothing is due at `now`, and nothing is on its way to Slack or waits to be."""
    underway = _read(database, "SELECT 1 FROM deliveries WHERE todo IS NOT NULL OR state = 'sending' LIMIT 1")
    return not underway and all(due > now for due in _dues(database))


async def wait_until_done(database: Path, clock: Callable[[], datetime]) -> None:
    """Return once the bot has done what it has to. Raises TimeoutError."""
    async with asyncio.timeout(LONGEST):
        while not is_done(database, clock()):  # noqa: ASYNC110 - another process does it, and tells nobody
            await asyncio.sleep(LOOK)


def fate(database: Path) -> dict[str, int]:
    """Return how many wins the bot has kept, how many messages wait to be posted, and of how many it can't tell."""
    queries = {
        "kept": "SELECT count(*) FROM wins WHERE undone_at IS NULL",
        "waiting": "SELECT count(*) FROM deliveries WHERE todo = 'post' OR state = 'sending'",
        "unknown": "SELECT count(*) FROM deliveries WHERE state IN ('unknown', 'held')",
    }
    return {name: sum(count for (count,) in _read(database, query)) for name, query in queries.items()}


def _dues(database: Path) -> list[datetime]:
    found = _read(database, "SELECT next_due_at, remind_at FROM channels")
    return [_moment(due) for dues in found for due in dues if due is not None]


def _moment(kept: str) -> datetime:
    return datetime.fromisoformat(kept).replace(tzinfo=UTC)


def _read(database: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query: none as long as the bot has not made its tables."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as reading:
            return reading.execute(query).fetchall()
    except sqlite3.OperationalError as error:
        if str(error).startswith(("unable to open", "no such table")):
            return []
        raise
