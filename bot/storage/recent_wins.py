"""Recent wins: whether their author has just saved the same words, or has reached a limit.

This is asked for every /win, so it takes one statement of the driver for all that come at the same time.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

from sqlalchemy import Connection, Dialect

from bot.domain.text import in_one_form
from bot.domain.win_limits import WinLimits
from bot.storage.bulk_insert import encode_rows, pipelined, run_by_driver
from bot.storage.tables import wins
from bot.storage.wins import NewWin

WITHIN = timedelta(minutes=1)
LATEST = 5
"""How many of an author's latest wins are compared, however many they save."""

_LOCK_CLASS = 12
"""The first key of the advisory locks; the second is of an author."""
_LOCK = "SELECT pg_advisory_xact_lock(%s, author) FROM unnest(%s::int[]) AS author"
# Each row has a text that the new win may repeat, or the number of a limit that is reached and when the oldest win was
# saved that counts. An author's wins are read in the order of their index, and for a limit only that.
_SAME_WORDS = """SELECT {position} text, {none} AS limit_number, {never} AS reached_at FROM (
    SELECT text, undone_at, idempotency_key FROM wins
    WHERE team_id = {team} AND author_id = {author} AND created_at > {since}
    ORDER BY created_at DESC, id DESC LIMIT {latest}
) AS latest WHERE undone_at IS NULL AND idempotency_key <> {key}"""
_REACHED = """SELECT {position} NULL, {number}, created_at FROM (
    SELECT created_at FROM wins WHERE team_id = {team} AND author_id = {author} AND created_at > {since}
    ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET {offset}
) AS oldest"""


class Recent(NamedTuple):
    """What a new win's author has saved lately: the same words, or so many wins that they have to `wait`."""

    is_repeated: bool
    wait: timedelta


def look_at(connection: Connection, new_wins: Sequence[NewWin], limits: WinLimits = ()) -> list[Recent]:
    """Return for each win whether it repeats one of the last minute, and how long its author has to wait.

    Stored wins count, and those before it in `new_wins`. The stored win of the same request is ignored. One that
    was undone may be saved again, but counts for the limits.
    """
    keys = [(win.team_id, win.author.user_id, in_one_form(win.draft.text)) for win in new_wins]
    first_keys: dict[tuple[str, str, str], str] = {}
    for key, win in zip(keys, new_wins, strict=True):
        first_keys.setdefault(key, win.idempotency_key)
    earlier = _count_earlier(new_wins)
    waits = [max((limit.within for limit in limits if limit.count <= count), default=timedelta()) for count in earlier]
    stored: set[int] = set()
    for position, text, number, reached_at in _read(connection, new_wins, limits, earlier) if new_wins else ():
        if number is not None:
            wait = reached_at + limits[number].within - new_wins[position].created_at
            waits[position] = max(waits[position], wait)
        elif in_one_form(text) == keys[position][2]:
            stored.add(position)
    return [
        Recent(position in stored or first_keys[key] != win.idempotency_key, waits[position])
        for position, (key, win) in enumerate(zip(keys, new_wins, strict=True))
    ]


def _count_earlier(new_wins: Sequence[NewWin]) -> list[int]:
    """Return for each win how many others of its author come before it."""
    requests: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    counts = []
    for win in new_wins:
        of_author = requests[win.team_id, win.author.user_id]
        counts.append(len(of_author - {win.idempotency_key}))
        of_author.add(win.idempotency_key)
    return counts


def _read(
    connection: Connection, new_wins: Sequence[NewWin], limits: WinLimits, earlier: Sequence[int]
) -> list[tuple[int, str | None, int | None, Any]]:
    """Return the texts of the last minute and the limits that are reached, each with the position of the new win."""
    values = []
    for win, count in zip(new_wins, earlier, strict=True):
        now = win.created_at
        reached = [(now - limit.within, max(0, limit.count - 1 - count)) for limit in limits]
        values.append((win.team_id, win.author.user_id, now - WITHIN, win.idempotency_key, reached))
    if connection.dialect.name == "sqlite":
        to_driver, from_driver = _converters(connection.dialect)
        flat: list[Any] = []
        for team, author, since, key, reached in values:
            flat += [team, author, to_driver(since), key]
            for limit_since, offset in reached:
                flat += [team, author, to_driver(limit_since), offset]
        rows = run_by_driver(connection, _union(len(values), len(limits)), flat)
        return [(position, text, number, from_driver(at)) for position, text, number, at in rows]
    # The wins of an author wait for each other; SQLite has one writer.
    lock_keys = sorted({crc32(f"{team}:{author}".encode()) & 0x7FFFFFFF for team, author, *_ in values})
    columns = ["position", "team", "author", "since", "key"]
    for number in range(len(limits)):
        columns += [f"since{number}", f"offset{number}"]
    encoded = encode_rows(
        columns,
        [
            (position, team, author, since, key, *(each for pair in reached for each in pair))
            for position, (team, author, since, key, reached) in enumerate(values)
        ],
    )
    with pipelined(connection):
        run_by_driver(connection, _LOCK, (_LOCK_CLASS, lock_keys), returns_rows=False)
        return [tuple(row) for row in run_by_driver(connection, _of_each(len(limits)), [encoded])]


@lru_cache(maxsize=2)
def _converters(dialect: Dialect) -> tuple[Callable[[datetime], Any], Callable[[Any], datetime | None]]:
    """Return the functions that convert a time to the driver's value and back."""
    kind = wins.c.created_at.type.dialect_impl(dialect)
    to_driver, from_driver = kind.bind_processor(dialect), kind.result_processor(dialect, None)
    assert to_driver is not None, "SQLite has no times"
    assert from_driver is not None, "SQLite has no times"
    return to_driver, from_driver


@lru_cache(maxsize=128)
def _union(count: int, limit_count: int) -> str:
    """Make SQLite's statement for this many wins."""
    selects = []
    for number in range(count):
        position = f"{number},"
        marks = {"position": position, "team": "?", "author": "?", "since": "?"}
        selects.append(_SAME_WORDS.format(key="?", latest=LATEST, none="NULL", never="NULL", **marks))
        selects += [_REACHED.format(number=limit, offset="?", **marks) for limit in range(limit_count)]
    return " UNION ALL ".join(selects)


@lru_cache(maxsize=4)
def _of_each(limit_count: int) -> str:
    """Make PostgreSQL's statement: the same one for any number of wins, so that it is planned once."""
    marks = {"position": "", "team": "new.team", "author": "new.author"}
    types = {"none": "NULL::int", "never": "NULL::timestamptz"}
    selects = [_SAME_WORDS.format(since="new.since", key="new.key", latest=LATEST, **types, **marks)]
    fields = "position int, team text, author text, since timestamptz, key text"
    for number in range(limit_count):
        fields += f", since{number} timestamptz, offset{number} int"
        selects.append(
            _REACHED.format(number=number, since=f"new.since{number}", offset=f"new.offset{number}", **marks)
        )
    each = " UNION ALL ".join(selects)
    return (
        f"SELECT new.position, one.* FROM json_to_recordset(%s) AS new ({fields}) "  # noqa: S608 - our own names
        f"CROSS JOIN LATERAL ({each}) AS one"
    )
