"""Row 13: what a scrape of /metrics costs at 1,000,000 deliveries, of which some hundreds are not done."""

import asyncio
import time
from datetime import UTC, datetime
from functools import partial
from statistics import median

import aiohttp
from aiohttp.test_utils import TestServer
from sqlalchemy import Connection

from bot import app, health
from bot.storage.database import Database
from tests.bench.children import Bench
from tests.bench.figures import Figure
from tests.databases import fill_and_analyze

ROWS = (13,)
DELIVERIES = 1_000_000
LIMIT = 20
"""Milliseconds."""
SCRAPES = 50
NOW = datetime(2030, 3, 8, 16, 0, tzinfo=UTC)


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Ask for the metrics as Prometheus does, over HTTP."""
    figures = []
    for kind in bench.kinds:
        took = Figure(13, "a scrape at 1,000,000 deliveries", kind, "20 ms", "ms", 1.0)
        url = bench.database(kind)
        fill_and_analyze(url, _statements)
        asyncio.run(_scrape(url))
        for _ in range(rounds):
            took.ours.append(1000 * asyncio.run(_scrape(url)))
            took.floor.append(LIMIT)
        figures.append(took)
    return figures


def _statements(connection: Connection) -> list[str]:
    """One of 5,000 is pending, one needs review, one is rejected; the others are posted."""
    is_postgresql = connection.dialect.name == "postgresql"
    at = "'2030-03-08 15:00:00+00'::timestamptz" if is_postgresql else "'2030-03-08 15:00:00.000000'"
    numbers = (
        f"SELECT n FROM generate_series(1, {DELIVERIES}) AS numbers(n)"
        if is_postgresql
        else f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {DELIVERIES})"
        " SELECT n FROM numbers"
    )
    state = "CASE n % 5000 WHEN 0 THEN 'pending' WHEN 1 THEN 'needs_review' WHEN 2 THEN 'rejected' ELSE 'posted' END"
    return [
        *(["SET LOCAL session_replication_role = replica"] if is_postgresql else ["PRAGMA defer_foreign_keys = ON"]),
        "INSERT INTO workspaces (team_id, name, url, bot_user_id) VALUES ('T1', 'S', 'https://s.test/', 'U0BOT')",
        "INSERT INTO channels (team_id, channel_id) SELECT 'T1', 'C1'",
        "INSERT INTO deliveries (team_id, channel_id, key, kind, state, pending_op, created_at)"
        f" SELECT 'T1', 'C1', 'key' || n, 'announcement', {state},"
        f" CASE n % 5000 WHEN 0 THEN 'post' END, {at} FROM ({numbers}) AS numbered",
    ]


async def _scrape(url: str) -> float:
    """Return the median of the seconds that a scrape takes."""
    database = Database(url)
    backlog = partial(database.read, partial(app._backlog, now=NOW))
    served = TestServer(health.create_app(health.Metrics(), readiness=health.Readiness({}), backlog=backlog))
    took = []
    async with served, aiohttp.ClientSession() as session:
        for _ in range(SCRAPES):
            began = time.perf_counter()
            async with session.get(served.make_url("/metrics")) as answer:
                body = await answer.text()
            took.append(time.perf_counter() - began)
    await database.close()
    assert f'winsome_deliveries{{state="needs_review"}} {DELIVERIES / 5000}' in body
    return median(took)
