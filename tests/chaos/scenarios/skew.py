"""The machine's clock is off by up to 30 days, and set again and again, while posts are of unknown outcome."""

import asyncio
import random
from datetime import timedelta

from tests.chaos.bots import SETTLE_SECONDS, MachineClock, bots
from tests.chaos.faults import inject_faults
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, open_scenario
from tests.databases import Databases

GOAL = (
    "the machine's clock off by up to 30 days in either direction during 1,000 posts, half of unknown outcome, set "
    "again 50 times, with 20 SIGKILLs: 0 lost, 0 doubled"
)
A_MONTH = timedelta(days=30)
FAILING_SHARE = 0.2
LOST_RESPONSES = 0.5
PAUSE = (0.5, 1.5)
"""Seconds between two settings of the clock."""
KILLS_EACH = 0.4
"""The share of settings at which the bot is killed, and starts with the new clock."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Let half of the answers be lost, and set the clock meanwhile, also where the bot can't see it."""
    roundups, settings = round(1000 * size), max(4, round(50 * size))
    rng = random.Random(seed)
    async with open_scenario(databases, database) as scenario:
        scenario.fill(roundups)
        scenario.clock.move_to(DUE)
        machine_clock = MachineClock(scenario.folder / "machine-clock")

        def set_clock(skew: timedelta) -> None:
            machine_clock.set(scenario.clock.offset + skew)

        scenario.slack.fault("chat.postMessage", "reset_after", times=None, probability=LOST_RESPONSES, seed=seed)
        inject_faults(scenario.slack, seed, share=FAILING_SHARE)
        set_clock(A_MONTH)
        with bots(scenario.bot_options(machine_clock=machine_clock)) as (bot,):
            bot.start()
            await scenario.slack.wait_for(lambda: scenario.slack.ledger.calls("chat.postMessage"), timeout=60)
            for number in range(settings):
                await asyncio.sleep(rng.uniform(*PAUSE))
                # Both ends, the real time, and moments between.
                skew = (-A_MONTH, A_MONTH, timedelta(), rng.uniform(-1, 1) * A_MONTH)[number % 4]
                if rng.random() < KILLS_EACH:
                    bot.kill()
                    set_clock(skew)
                    bot.start()
                else:
                    set_clock(skew)
            scenario.slack.clear_faults()
            await scenario.wait_until_settled(within=60 + 4 * SETTLE_SECONDS + 120 * size, roundups=roundups)
        verdict = scenario.judge()
        tries = len(scenario.slack.ledger.calls("chat.postMessage"))
        looks = len(scenario.slack.ledger.calls("conversations.history"))
        kills = bot.kills
    numbers = {
        **verdict.numbers(),
        "roundups": roundups,
        "clock set": settings,
        "kills": kills,
        "posts tried": tries,
        "looks": looks,
    }
    return Result("skew", database, seed, size, GOAL, verdict.is_clean and looks > 0, numbers)
