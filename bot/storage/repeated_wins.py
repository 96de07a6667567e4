"""Repeated wins: those that their author has just saved in the same words, by whatever way.

Every /win is looked at, so this takes one statement of the driver for all that come at the same time.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Dialect

from bot.domain.text import in_one_form
from bot.storage.bulk_insert import encode_rows, run_by_driver, without_waiting
from bot.storage.tables import wins
from bot.storage.wins import NewWin

WITHIN = timedelta(minutes=1)
LATEST = 5
"""How many of an author's latest wins are looked at, however many they save."""

_LOCK_CLASS = 12
"""The first key of the advisory locks; the second is of an author."""
_LOCK = "SELECT pg_advisory_xact_lock(%s, author) FROM unnest(%s::int[]) AS author"
_LATEST_OF_ONE = """SELECT text FROM (
    SELECT text, undone_at, idempotency_key FROM wins
    WHERE team_id = {team} AND author_id = {author} AND created_at > {since}
    ORDER BY created_at DESC, id DESC LIMIT {latest}
) AS latest WHERE undone_at IS NULL AND idempotency_key <> {key}"""
_OF_EACH = """SELECT new.position, one.text
FROM json_to_recordset(%s) AS new (position int, team text, author text, since timestamptz, key text)
CROSS JOIN LATERAL ({latest_of_one}) AS one""".format(
    latest_of_one=_LATEST_OF_ONE.format(
        team="new.team", author="new.author", since="new.since", key="new.key", latest=LATEST
    )
)
"""PostgreSQL's: the same statement for any number of wins, so that it is planned once."""


def are_repeated(connection: Connection, new_wins: Sequence[NewWin]) -> list[bool]:
    """Return for each win whether it repeats one of the last minute: a stored one, or one before it in `new_wins`.

    The win of the same request is no other win, and one that was undone may be saved again.
    """
    keys = [(win.team_id, win.author.user_id, in_one_form(win.draft.text)) for win in new_wins]
    first_keys: dict[tuple[str, str, str], str] = {}
    for key, win in zip(keys, new_wins, strict=True):
        first_keys.setdefault(key, win.idempotency_key)
    latest = _latest_in_database(connection, new_wins) if new_wins else []
    stored = {position for position, text in latest if in_one_form(text) == keys[position][2]}
    return [
        position in stored or first_keys[key] != win.idempotency_key
        for position, (key, win) in enumerate(zip(keys, new_wins, strict=True))
    ]


def _latest_in_database(connection: Connection, new_wins: Sequence[NewWin]) -> Sequence[Sequence[Any]]:
    """Return the texts of the last minute, each with the position of the new win that it may be repeated by."""
    values = [(win.team_id, win.author.user_id, win.created_at - WITHIN, win.idempotency_key) for win in new_wins]
    if connection.dialect.name == "sqlite":
        to_driver = _to_driver(connection.dialect)
        flat = [each for team, author, since, key in values for each in (team, author, to_driver(since), key)]
        return run_by_driver(connection, _union(len(values)), flat)
    # The wins of an author wait for each other; SQLite has one writer.
    lock_keys = sorted({crc32(f"{team}:{author}".encode()) & 0x7FFFFFFF for team, author, *_ in values})
    rows = [(*each, position) for position, each in enumerate(values)]
    with without_waiting(connection):
        run_by_driver(connection, _LOCK, (_LOCK_CLASS, lock_keys), returns_rows=False)
        return run_by_driver(connection, _OF_EACH, [encode_rows(("team", "author", "since", "key", "position"), rows)])


@lru_cache(maxsize=2)
def _to_driver(dialect: Dialect) -> Callable[[datetime], Any]:
    processor = wins.c.created_at.type.dialect_impl(dialect).bind_processor(dialect)
    return processor or (lambda value: value)


@lru_cache(maxsize=128)
def _union(count: int) -> str:
    one = _LATEST_OF_ONE.format(team="?", author="?", since="?", key="?", latest=LATEST)
    return " UNION ALL ".join(one.replace("text", f"{position}, text", 1) for position in range(count))
