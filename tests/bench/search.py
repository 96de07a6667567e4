"""Row 11: what a search costs among 1,000,000 wins in 1,000 channels, and the memory that it leaves in use."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import Connection, Table, insert, text

from bot.domain.found_wins import SearchPage
from bot.domain.permissions import Actor
from bot.domain.search_terms import terms_of_win
from bot.domain.wins import Mention, WinRole
from bot.services.search import Search
from bot.services.visibility import Visibility
from bot.storage import tables, win_search
from bot.storage.bulk_insert import BulkInsert
from bot.storage.channels import ConversationInfo
from bot.storage.database import Database
from bot.views.search import results
from bot.views.translations import ENGLISH
from tests.bench.children import Bench
from tests.bench.figures import Figure
from tests.databases import filling_engine

ROWS = (11,)
TEAM, READER = "T0SEARCH", "U00000007"
WINS, CHANNELS, PEOPLE, WORDS, TAGS = 1_000_000, 1_000, 5_000, 20_000, 200
PRIVATE = 100
"""How many of the channels the reader must not see."""
YEARS = 3
NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
SEARCHES = 200
LIMIT = 50
"""Milliseconds."""
_BATCH = 10_000
_ROWS = 1_000
_COLUMNS = {
    tables.wins: ("id", "team_id", "channel_id", "author_id", "text", "created_at", "is_open"),
    tables.win_people: ("win_id", "team_id", "user_id", "role"),
    tables.tags: ("win_id", "team_id", "tag"),
    tables.win_search: ("rowid", "win_id", "team_id", "terms"),
}
_inserts = {table: BulkInsert(table, *columns) for table, columns in _COLUMNS.items()}


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Search for a fixed mix: a rare word, one in ten wins, a tag, a person, and a period, alone and together."""
    figures = []
    for kind in bench.kinds:
        took = Figure(11, "p95 of a search among 1,000,000 wins", kind, "50 ms", "ms", 1.0)
        memory = Figure(11, "resident memory after the searches", kind, "before", "MB", 1.1)
        url = bench.database(kind)
        fill(url)
        asyncio.run(_search(url))
        for _ in range(rounds):
            memory.floor.append(_resident())
            took.ours.append(1000 * asyncio.run(_search(url)))
            took.floor.append(LIMIT)
            memory.ours.append(_resident())
        figures += [took, memory]
    return figures


def _resident() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def fill(url: str) -> None:
    made = filling_engine(url)
    with made.begin() as connection:
        connection.execute(
            insert(tables.workspaces), {"team_id": TEAM, "name": "S", "url": "https://s.test/", "bot_user_id": "U0BOT"}
        )
        connection.execute(
            insert(tables.channels),
            [
                {"team_id": TEAM, "channel_id": channel_id(n), "is_private": n < PRIVATE, "synced_at": NOW}
                for n in range(CHANNELS)
            ],
        )
        generator = random.Random(11)
        # As in a migration: an index is made faster of what is there than row by row.
        (terms_index,) = tables.win_search.indexes
        if connection.dialect.name == "postgresql":
            terms_index.drop(connection)
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # without looking up foreign keys
        for first in range(1, WINS + 1, _BATCH):
            _add(connection, generator, range(first, first + _BATCH))
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
            terms_index.create(connection)
    if made.dialect.name == "postgresql":  # else the searches would do the work that follows so large an insert
        with made.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
    else:
        with made.begin() as connection:
            connection.execute(text("ANALYZE"))
    made.dispose()


def _add(connection: Connection, generator: random.Random, ids: range) -> None:
    rows: dict[Table, list[Any]] = {table: [] for table in _COLUMNS}
    for win_id in ids:
        words = [f"word{int(WORDS * generator.random() ** 3)}" for _ in range(8)]
        words += ["fixed"] if win_id % 10 == 0 else []
        words += ["rareword"] if win_id % (WINS // 20) == 7 else []
        author, credited = (person_id(generator.randrange(PEOPLE)) for _ in range(2))
        tag, channel = f"tag{generator.randrange(TAGS)}", channel_id(generator.randrange(CHANNELS))
        said = f"{' '.join(words)} with <@{credited}> #{tag}"
        at = NOW - timedelta(days=365 * YEARS) * ((WINS - win_id) / WINS)
        mentions = [Mention(credited)]
        terms = terms_of_win(said, team_id=TEAM, channel_id=channel, author_id=author, people=mentions, tags=[tag])
        rows[tables.wins].append((win_id, TEAM, channel, author, said, at, False))
        rows[tables.win_people].append((win_id, TEAM, credited, WinRole.CREDITED.value))
        rows[tables.tags].append((win_id, TEAM, tag))
        rows[tables.win_search].append((win_search.position(at, win_id), win_id, TEAM, " ".join(terms)))
    for table, of_table in rows.items():
        if connection.dialect.name == "postgresql":
            _copy(connection, table, of_table)
        else:
            for start in range(0, len(of_table), _ROWS):
                _inserts[table].run(connection, of_table[start : start + _ROWS])


def _copy(connection: Connection, table: Table, rows: list[Any]) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({', '.join(_COLUMNS[table])}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def channel_id(number: int) -> str:
    return f"C{number:08}"


def person_id(number: int) -> str:
    return f"U{number:08}"


def _queries() -> Iterator[str]:
    generator = random.Random(12)
    while True:
        person, tag = person_id(generator.randrange(PEOPLE)), f"#tag{generator.randrange(TAGS)}"
        word, month = f"word{int(WORDS * generator.random())}", f"2028-{generator.randrange(1, 13):02}"
        yield from ("rareword", "fixed", tag, f"<@{person}>", month, word, "fixed in 2028", f"fixed {tag}")
        yield from (f"<@{person}> {tag}", f"fixed <@{person}>", f"in <#{channel_id(generator.randrange(CHANNELS))}>")


class _Slack:
    """Answers at once, so that only the search is measured."""

    async def actor_if_known(self, *_: Any) -> Actor:
        return Actor(READER, is_active=True)

    async def channels_of(self, *_: Any) -> set[str]:
        return {channel_id(n) for n in range(PRIVATE, PRIVATE + 50)}

    async def own_channels(self, *_: Any) -> dict[str, ConversationInfo]:
        return {channel_id(n): ConversationInfo(None, n < PRIVATE, None) for n in range(CHANNELS)}

    async def refresh_all(self, *_: Any) -> bool:
        return True


async def _search(url: str) -> float:
    """Return the 95th percentile of the seconds from what was typed to the message that shows what was found."""
    database = Database(url)
    slack: Any = _Slack()
    search = Search(slack, Visibility(slack, database, lambda: NOW), slack, database, lambda: NOW)
    took, found_by = [], 0
    for _, typed in zip(range(SEARCHES), _queries(), strict=False):
        began = time.perf_counter()
        found = await search.find(TEAM, READER, TEAM, typed)
        results(ENGLISH, found, SearchPage(typed), permalink=lambda channel_id, ts: f"{channel_id}{ts}")
        took.append(time.perf_counter() - began)
        found_by += bool(found.wins)
    await database.close()
    assert found_by > SEARCHES // 2, "most searches find something"
    return quantiles(took, n=20)[-1]
