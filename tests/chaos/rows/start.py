"""Many replicas start at the same moment: on PostgreSQL one of them posts, on SQLite one of them runs."""

import asyncio

from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scene import DUE, eventually, scene
from tests.databases import Databases

GOAL = "20 replicas start together: one poster, each roundup once"
FEW = 10
"""Replicas that need no more connections than PostgreSQL allows by itself."""
SAYS_SO = "this replica posts"


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Start them, and see what they post."""
    replicas, roundups = max(3, round(20 * size)), round(400 * size)
    if database == "postgresql" and replicas > FEW:
        databases.allow_connections(10 * replicas)
    async with scene(databases, database) as made:
        made.fill(roundups)
        made.clock.move_to(DUE)
        # A poster whose database does not answer in time steps back, so here the time is what it really is.
        waits = {"bot.storage.leadership.LOOK_EVERY": 5.0}
        with bots(made.orders(log_level="INFO", waits=waits), replicas=replicas) as all_of_them:
            for bot in all_of_them:
                bot.start()
            await made.settled(within=60 + 60 * size, roundups=roundups)
            expected = replicas if database == "postgresql" else 1
            await eventually(lambda: sum(bot.is_alive for bot in all_of_them) <= expected, within=20)
            await asyncio.sleep(1)
            alive = sum(bot.is_alive for bot in all_of_them)
        posters = (made.folder / "log").read_text().count(SAYS_SO) if database == "postgresql" else alive
        judged = made.judge()
    numbers = {
        **judged.numbers(),
        "replicas": replicas,
        "running afterwards": alive,
        "posters": posters,
        "roundups": roundups,
    }
    met = judged.is_clean and posters == 1 and alive == expected
    return Result("start", database, seed, size, GOAL, met, numbers)
