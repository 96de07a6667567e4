"""Row 10: how many presses a second sixteen people make through two replicas, against one."""

import time
from typing import Any

from sqlalchemy import select, text

from bot.domain.deliveries import DeliveryKind
from bot.storage.database import engine
from bot.storage.tables import deliveries
from tests.bench.children import Bench, Server
from tests.bench.figures import Figure

ROWS = (10,)
CONCURRENCY = 16
WINS = 6
POSTS_TIMEOUT = 60.0
STATISTICS_DELAY = 2.0
"""Seconds after which PostgreSQL has counted what has happened."""


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Let people cheer six wins through one of two replicas, then through both, on one PostgreSQL."""
    if "postgresql" not in bench.kinds:
        return []
    rate = Figure(10, "cheers a second through two replicas", "postgresql", "through one", "/s", 0.5, at_least=True)
    ended = Figure(10, "deadlocks meanwhile", "postgresql", "presses", "", 0.0)
    for number in range(rounds):
        url = bench.team_database("postgresql")
        with bench.winsome(url) as one, bench.winsome(url) as two:
            buttons = _buttons(bench, one, url)
            press: dict[str, Any] = {"at_once": CONCURRENCY, "seconds": 4.0, "warm_up": 1.0, "buttons": buttons}
            before = _deadlocks(url)
            through: dict[str | None, Any] = {}
            for second in (None, two.url) if number % 2 else (two.url, None):
                through[second] = bench.load(one, **press, second_url=second)
            time.sleep(STATISTICS_DELAY)
            rate.ours.append(through[two.url].per_second)
            rate.floor.append(through[None].per_second)
            ended.ours.append(_deadlocks(url) - before)
            ended.floor.append(through[two.url].answers)
    return [rate, ended]


def _buttons(bench: Bench, bot: Server, url: str) -> list[list[str]]:
    """Let wins be announced, and return the channel, ts and value of their Cheer buttons."""
    bench.load(bot, at_once=1, requests=WINS)
    query = select(deliveries.c.channel_id, deliveries.c.ts, deliveries.c.key).where(
        deliveries.c.kind == DeliveryKind.ANNOUNCEMENT, deliveries.c.ts.is_not(None)
    )
    reading_engine = engine(url, writes=False)
    ends_at = time.monotonic() + POSTS_TIMEOUT
    try:
        while time.monotonic() < ends_at:
            with reading_engine.connect() as connection:
                found = [list(row) for row in connection.execute(query)]
            if len(found) == WINS:
                return found
            time.sleep(0.2)
    finally:
        reading_engine.dispose()
    raise TimeoutError("the wins are not announced")


def _deadlocks(url: str) -> int:
    reading_engine = engine(url, writes=False)
    with reading_engine.connect() as connection:
        query = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        found = int(connection.execute(query).scalar_one())
    reading_engine.dispose()
    return found
