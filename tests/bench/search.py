"""Row 11: what a search costs among 1,000,000 wins in 1,000 channels, and the memory that it leaves in use."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, insert, text

from bot.domain.found_wins import SearchPage
from bot.domain.permissions import Actor
from bot.domain.search_terms import terms_of_win
from bot.domain.wins import Mention, WinRole
from bot.services.search import Search
from bot.services.visibility import VisibleChannels
from bot.storage import channels, tables, win_search
from bot.storage.bulk_insert import BulkInsert
from bot.storage.database import Database, engine
from bot.storage.win_search import IndexedWin
from bot.views.search import results
from bot.views.translations import ENGLISH
from tests.bench.children import Bench
from tests.bench.figures import Figure

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
_insert_wins = BulkInsert(tables.wins, "id", "team_id", "channel_id", "author_id", "text", "created_at", "is_open")
_insert_people = BulkInsert(tables.win_people, "win_id", "team_id", "user_id", "role")
_insert_tags = BulkInsert(tables.tags, "win_id", "team_id", "tag")


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Search for a fixed mix: a rare word, one in ten wins, a tag, a person, and a period, alone and together."""
    figures = []
    for kind in bench.kinds:
        took = Figure(11, "p95 of a search among 1,000,000 wins", kind, "50 ms", "ms", 1.0)
        memory = Figure(11, "resident memory after the searches", kind, "before", "MB", 1.1)
        url = bench.database(kind)
        _fill(url)
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


def _fill(url: str) -> None:
    made = engine(url, writes=True)
    with made.begin() as connection:
        connection.execute(
            insert(tables.workspaces), {"team_id": TEAM, "name": "S", "url": "https://s.test/", "bot_user_id": "U0BOT"}
        )
        connection.execute(
            insert(tables.channels),
            [
                {"team_id": TEAM, "channel_id": _channel(n), "is_private": n < PRIVATE, "synced_at": NOW}
                for n in range(CHANNELS)
            ],
        )
        generator = random.Random(11)
        # As in a migration: an index is made faster of what is there than row by row.
        (terms_index,) = tables.win_search.indexes
        if connection.dialect.name == "postgresql":
            terms_index.drop(connection)
        for first in range(1, WINS + 1, _BATCH):
            _add(connection, generator, range(first, first + _BATCH))
        if connection.dialect.name == "postgresql":
            terms_index.create(connection)
    with made.begin() as connection:
        connection.execute(text("ANALYZE"))
    made.dispose()


def _add(connection: Connection, generator: random.Random, ids: range) -> None:
    wins, people, tags, indexed = [], [], [], []
    for win_id in ids:
        words = [f"word{int(WORDS * generator.random() ** 3)}" for _ in range(8)]
        words += ["fixed"] if win_id % 10 == 0 else []
        words += ["rareword"] if win_id % (WINS // 20) == 7 else []
        author, credited = (_person(generator.randrange(PEOPLE)) for _ in range(2))
        tag, channel = f"tag{generator.randrange(TAGS)}", _channel(generator.randrange(CHANNELS))
        said = f"{' '.join(words)} with <@{credited}> #{tag}"
        at = NOW - timedelta(days=365 * YEARS) * ((WINS - win_id) / WINS)
        wins.append((win_id, TEAM, channel, author, said, at, False))
        people.append((win_id, TEAM, credited, WinRole.CREDITED))
        tags.append((win_id, TEAM, tag))
        mentions = [Mention(credited)]
        terms = terms_of_win(said, team_id=TEAM, channel_id=channel, author_id=author, people=mentions, tags=[tag])
        indexed.append(IndexedWin(win_id, TEAM, at, terms))
    for start in range(0, _BATCH, _ROWS):
        for insert_rows, rows in ((_insert_wins, wins), (_insert_people, people), (_insert_tags, tags)):
            insert_rows.run(connection, rows[start : start + _ROWS])
        win_search.add(connection, indexed[start : start + _ROWS])


def _channel(number: int) -> str:
    return f"C{number:08}"


def _person(number: int) -> str:
    return f"U{number:08}"


def _queries() -> Iterator[str]:
    generator = random.Random(12)
    while True:
        person, tag = _person(generator.randrange(PEOPLE)), f"#tag{generator.randrange(TAGS)}"
        word, month = f"word{int(WORDS * generator.random())}", f"2028-{generator.randrange(1, 13):02}"
        yield from ("rareword", "fixed", tag, f"<@{person}>", month, word, "fixed in 2028", f"fixed {tag}")
        yield from (f"<@{person}> {tag}", f"fixed <@{person}>", f"in <#{_channel(generator.randrange(CHANNELS))}>")


class _Slack:
    """Answers at once, so that only the search is measured."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def actor_if_known(self, *_: Any) -> Actor:
        return Actor(READER, is_active=True)

    async def memberships(self, *_: Any) -> frozenset[str]:
        return frozenset(_channel(n) for n in range(PRIVATE, PRIVATE + 50))

    async def visible(self, team_id: str, memberships: frozenset[str] | None, *, oversees: bool) -> VisibleChannels:
        known = await self._database.read(lambda connection: channels.of_team(connection, team_id))
        visible = tuple(each for each in known if each.is_private is not oversees)
        verified_ids = frozenset(each.channel_id for each in visible)
        return VisibleChannels(visible, memberships, is_complete=True, verified_ids=verified_ids)


async def _search(url: str) -> float:
    """Return the 95th percentile of the seconds from what was typed to the message that shows what was found."""
    database = Database(url)
    slack: Any = _Slack(database)
    search = Search(slack, slack, SimpleNamespace(), database, lambda: NOW)  # type: ignore[arg-type]
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
