"""Bots are paused while they post: on PostgreSQL the lock of a paused one may be cut, so that it wakes as a zombie.

There some are also paused for longer than the settle time at the worst moment, between the intent and the post: another
one has searched for the message and posted it by the time that they wake.
"""

import asyncio
import os
import random
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from bot.app import Timing
from bot.domain.deliveries import DeliveryState
from bot.outbox.sender import Sender
from bot.storage import deliveries
from bot.storage.leader_election import LOCK_ID
from tests.chaos.bots import CONSTANT_OVERRIDES, FAST_TIMING, REQUEST_TIMEOUT, Bot, bots
from tests.chaos.faults import inject_faults
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scenario, eventually, open_scenario
from tests.databases import Databases

GOAL = (
    "100 pauses (SIGSTOP) up to 10 x the request timeout (0.5 s here), on PostgreSQL also 10 between intent and post "
    "that outlast the settle time, the lock cut: 0 doubled"
)
ZOMBIES = 10
STALE_INTENT_SECONDS = 1.0
"""Shorter than the settle time, as the product's is."""
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
    cuts = died = zombies = 0
    async with open_scenario(databases, database) as scenario:
        scenario.fill(roundups)
        scenario.clock.move_to(DUE)
        inject_faults(scenario.slack, seed, share=FAILING_SHARE)
        shared = database == "postgresql"
        stand_still = StandStill(scenario.folder / "stand-still")
        waits = {**CONSTANT_OVERRIDES, "bot.outbox.sender.STALE_INTENT_SECONDS": STALE_INTENT_SECONDS}
        options = scenario.bot_options(settle=settle, pace=TIMING, waits=waits, before_run=stand_still)
        with bots(options, replicas=3 if shared else 1) as replicas:
            for bot in replicas:
                bot.start()
            for _ in range(max(1, round(ZOMBIES * size)) if shared else 0):
                zombies += await _let_one_wake_too_late(scenario, replicas, stand_still)
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
    numbers["woke too late to post"] = zombies
    is_met = verdict.is_clean and not died and bool(zombies or not shared)
    return Result("pauses", database, seed, size, GOAL, is_met, numbers)


@dataclass(frozen=True)
class StandStill:
    """Lets the process that next commits its intent to post stop there, if it is asked to by a file."""

    file: Path

    def ask(self) -> None:
        self.file.touch()

    def __call__(self) -> None:
        mark = Sender._mark_sending

        async def marks(sender: Sender, *given: Any) -> bool:
            marked = await mark(sender, *given)
            with suppress(FileNotFoundError):
                self.file.unlink()
                os.kill(os.getpid(), signal.SIGSTOP)
            return marked

        Sender._mark_sending = marks  # type: ignore[assignment, method-assign]


async def _let_one_wake_too_late(scenario: Scenario, replicas: list[Bot], stand_still: StandStill) -> bool:
    """Stop the one that posts between intent and post, cut its lock, and wake it when another has posted for it."""
    stand_still.ask()
    if not await eventually(lambda: not stand_still.file.exists(), within=30):
        return False
    await asyncio.sleep(0.1)
    left = set(_in_state(scenario, DeliveryState.SENDING))
    was_cut = bool(cut_lock(scenario.database_url))
    is_posted = await eventually(lambda: left <= set(_in_state(scenario, DeliveryState.POSTED)), within=60)
    for bot in replicas:
        bot.resume()
    return was_cut and is_posted and bool(left)


def _in_state(scenario: Scenario, state: DeliveryState) -> list[int]:
    """The ids of the deliveries in a state."""
    with scenario.engine.connect() as connection:
        return [delivery.id for delivery in deliveries.in_states(connection, [state])]


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
