"""The machine's clock is set back and forth by hours while the bot runs: each roundup comes when it is due."""

import asyncio
import random
from datetime import datetime, timedelta

from sqlalchemy import update

from bot.app import Timing
from bot.storage import tables
from bot.storage.database import engine
from tests.chaos.bots import FAST_TIMING, MachineClock, bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scenario, open_scenario
from tests.databases import Databases

GOAL = (
    "the clock set back and forth by up to 12 hours, 120 times while 200 roundups come due: none later than a tick "
    "(0.5 s) and the second that Slack's Date leaves open, 0 lost, 0 doubled"
)
HOURS = (0.05, 12.0)
"""How far the clock is set; less than a minute is within what the bot tolerates."""
START_SECONDS = 2.0
"""Seconds until the first is due."""
GAP = 0.3
"""Seconds between two that are due."""
TICK = Timing().tick
TOLERANCE = 1.0 + TICK
"""Seconds: Slack's answers name whole seconds, and a tick comes half a second after the last."""
POST_SECONDS = 0.5
"""Seconds that a post takes until it is there."""
SMALL_POST_SECONDS = 30.0
"""The same where the row is made small, beside other tests: a bot that waits for its clock is hours late."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Set the clock all the time, and compare each post's ts with the moment that it was due."""
    roundups = max(20, round(200 * size))
    rng = random.Random(seed)
    pace = Timing(
        tick=TICK, request_timeout=5.0, per_workspace=FAST_TIMING.per_workspace, per_channel=FAST_TIMING.per_channel
    )
    async with open_scenario(databases, database) as scenario:
        scenario.fill(roundups)
        scenario.clock.move_to(DUE - timedelta(hours=1))
        machine_clock = MachineClock(scenario.folder / "machine-clock")
        machine_clock.set(scenario.clock.offset)
        sets = 0
        with bots(scenario.bot_options(machine_clock=machine_clock, pace=pace)) as (bot,):
            bot.start()
            await scenario.slack.wait_for(lambda: scenario.slack.ledger.calls("auth.test"), timeout=60)
            first_due = _spread(scenario)
            while scenario.clock.now() < first_due + roundups * timedelta(seconds=GAP):
                hours = rng.choice((-1, 0, 1)) * rng.uniform(*HOURS)
                machine_clock.set(scenario.clock.offset + hours * timedelta(hours=1))
                sets += 1
                await asyncio.sleep(rng.uniform(0.2, 0.8))
            machine_clock.set(scenario.clock.offset - timedelta(hours=HOURS[1]))
            await scenario.wait_until_settled(within=60, roundups=roundups)
        verdict = scenario.judge()
        delays = [
            float(message.ts) - (first_due.timestamp() + number * GAP)
            for number, channel in enumerate(scenario.channels)
            for message in channel.messages
            if message.metadata
        ]
    latest = max(delays, default=0.0)
    early = sum(delay < 0 for delay in delays)
    numbers = {
        **verdict.numbers(),
        "roundups": roundups,
        "clock set": sets,
        "early": early,
        "latest in s": round(latest, 2),
    }
    is_met = (
        verdict.is_clean and not early and latest <= TOLERANCE + (POST_SECONDS if size >= 1 else SMALL_POST_SECONDS)
    )
    return Result("clock_back", database, seed, size, GOAL, is_met, numbers)


def _spread(scenario: Scenario) -> datetime:
    """Let the roundups be due one after the other, and return when the first is."""
    first_due = scenario.clock.now() + timedelta(seconds=START_SECONDS)
    writing = engine(scenario.database_url, writes=True)
    with writing.begin() as connection:
        for number, channel in enumerate(scenario.channels):
            is_channel = tables.channels.c.channel_id == channel.id
            due_at = first_due + number * timedelta(seconds=GAP)
            connection.execute(update(tables.channels).where(is_channel).values(next_due_at=due_at))
    writing.dispose()
    return first_due
