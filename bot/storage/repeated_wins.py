"""Repeated wins: those that their author has just logged in the same words, by whatever way.

Every /win is looked at, so this takes one statement of the driver for all that come at the same time.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Dialect

from bot.storage.bulk_insert import run_by_driver
from bot.storage.tables import wins
from bot.storage.wins import NewWin

WITHIN = timedelta(minutes=1)
LATEST = 5
"""How many of an author's latest wins are looked at, however many they log."""

_LOCK_CLASS = 12
"""The first key of the advisory locks; the second is of an author."""
_SELECT_IF_REPEATED = """SELECT {position} AS position FROM (
    SELECT text, undone_at, idempotency_key FROM wins
    WHERE team_id = %s AND author_id = %s AND created_at > %s ORDER BY created_at DESC, id DESC LIMIT {latest}
) AS latest WHERE text = %s AND undone_at IS NULL AND idempotency_key <> %s"""


def are_repeated(connection: Connection, new_wins: Sequence[NewWin]) -> list[bool]:
    """Return for each win whether it repeats one of the last minute: a stored one, or one before it in `new_wins`.

    The win of the same request is no other win, and one that was undone may be logged again.
    """
    keys = [(win.team_id, win.author.user_id, win.draft.text) for win in new_wins]
    first_keys: dict[tuple[str, str, str], str] = {}
    for key, win in zip(keys, new_wins, strict=True):
        first_keys.setdefault(key, win.idempotency_key)
    stored = _repeated_in_database(connection, new_wins) if new_wins else set()
    return [
        position in stored or first_keys[key] != win.idempotency_key
        for position, (key, win) in enumerate(zip(keys, new_wins, strict=True))
    ]


def _repeated_in_database(connection: Connection, new_wins: Sequence[NewWin]) -> set[int]:
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:  # the wins of an author wait for each other; SQLite has one writer
        authors = {f"{win.team_id}:{win.author.user_id}" for win in new_wins}
        lock_keys = sorted({crc32(author.encode()) & 0x7FFFFFFF for author in authors})
        lock = "SELECT pg_advisory_xact_lock(%s, author) FROM unnest(%s::int[]) AS author"
        connection.exec_driver_sql(lock, (_LOCK_CLASS, lock_keys))
    to_driver = _to_driver(connection.dialect)
    values = [
        value
        for win in new_wins
        for value in (
            *(win.team_id, win.author.user_id, to_driver(win.created_at - WITHIN)),
            *(win.draft.text, win.idempotency_key),
        )
    ]
    sql = _sql(len(new_wins), "?" if is_sqlite else "%s")
    return {position for (position,) in run_by_driver(connection, sql, values)}


@lru_cache(maxsize=2)
def _to_driver(dialect: Dialect) -> Callable[[datetime], Any]:
    processor = wins.c.created_at.type.dialect_impl(dialect).bind_processor(dialect)
    return processor or (lambda value: value)


@lru_cache(maxsize=128)
def _sql(count: int, placeholder: str) -> str:
    selects = [_SELECT_IF_REPEATED.format(position=position, latest=LATEST) for position in range(count)]
    return " UNION ALL ".join(selects).replace("%s", placeholder)
