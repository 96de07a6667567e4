"""Bots are paused while they post: on PostgreSQL the lock of a paused one may be cut, so that it wakes as a zombie."""

import asyncio
import random

import psycopg
from sqlalchemy.engine import make_url

from bot.app import Timing
from bot.storage.leader_election import LOCK_ID
from tests.chaos.bots import FAST_TIMING, REQUEST_TIMEOUT, bots
from tests.chaos.faults import inject_faults
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, open_scenario
from tests.databases import Databases

GOAL = "100 pauses (SIGSTOP) up to 10 x the request timeout (0.5 s here): 0 doubled"
MAX_PAUSE = 10
"""In request timeouts; 2 where the row is made small."""
SETTLE_BEYOND = 1.5
"""Seconds that the settle time is longer: no poster is paused for longer than that just as its lock is lost."""
CUT_SHARE = 0.5
"""The share of pauses in which the lock is cut."""
FAILING_SHARE = 0.2
TIMING = Timing(
    tick=FAST_TIMING.tick,
    request_timeout=REQUEST_TIMEOUT,
    per_workspace={**FAST_TIMING.per_workspace, "chat.postMessage": 0.04},
    per_channel=0.0,
)


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Let bots post a little, and stop them for a while, again and again."""
    pauses = round(100 * size)
    roundups = 10 * pauses
    longest = REQUEST_TIMEOUT * (MAX_PAUSE if size >= 1 else 2)
    settle = longest + SETTLE_BEYOND
    rng = random.Random(seed)
    cuts = died = 0
    async with open_scenario(databases, database) as scenario:
        scenario.fill(roundups)
        scenario.clock.move_to(DUE)
        inject_faults(scenario.slack, seed, share=FAILING_SHARE)
        shared = database == "postgresql"
        with bots(scenario.bot_options(settle=settle, pace=TIMING), replicas=3 if shared else 1) as replicas:
            for bot in replicas:
                bot.start()
            for _ in range(pauses):
                await asyncio.sleep(rng.uniform(0.2, 0.6))
                stopped = rng.sample(replicas, 2) if shared else replicas
                for bot in stopped:
                    bot.pause()
                cut = shared and rng.random() < CUT_SHARE
                if cut:
                    cuts += cut_lock(scenario.database_url)
                await asyncio.sleep(rng.uniform(0, longest))
                for bot in stopped:
                    bot.resume()
            scenario.slack.clear_faults()
            await scenario.wait_until_settled(within=60 + 2 * settle + 60 * size, roundups=roundups)
            died = sum(not bot.is_alive for bot in replicas)
        verdict = scenario.judge()
    numbers = {**verdict.numbers(), "roundups": roundups, "pauses": pauses, "locks cut": cuts, "died": died}
    return Result("pauses", database, seed, size, GOAL, verdict.is_clean and not died, numbers)


def cut_lock(url: str) -> int:
    """Break the connection that holds the posters' lock, and return how many there were."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    holders = """
        SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE locktype = 'advisory' AND objid = %s AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    with psycopg.connect(address, autocommit=True) as connection:
        return len(connection.execute(holders, [LOCK_ID]).fetchall())
