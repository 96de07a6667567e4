"""Slack is down for twenty hours, in one way after the other, just as all roundups are due."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from bot.app import Timing
from slack_standin.model.ledger import Call
from tests.chaos.bots import FAST_TIMING, REQUEST_TIMEOUT, bots
from tests.chaos.faults import FAULT_KINDS, READS
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, open_scenario
from tests.databases import Databases

GOAL = "Slack down for 20 h with 2,000 due: all once, no request inside a Retry-After"
HOURS = 20
SECONDS_PER_HOUR = 1.5
"""Seconds that an hour takes here; a fifth of it where the row is made small."""
RETRY_AFTER = 1
DOWN = [
    kind for kind in FAULT_KINDS if kind.name in ("http_500_before", "reset_before", "hang_before", "internal_error")
]
METHODS = ("chat.postMessage", "users.info", *READS)
SPACING = 0.02
"""Seconds between two posts; ten times as many where the row is made small, which are those of a real workspace."""
READING_TIME = 0.01
"""Seconds between an answer's leaving and its being read: a request that left before that is not early."""
SMALL_READING_TIME = RETRY_AFTER / 2
"""The same where the row is made small: the rest of the suite runs beside it, and the bot waits for a core."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Let an hour pass in each way of being down, every other one with a 429; then let Slack work."""
    roundups = round(2000 * size)
    rng = random.Random(seed)
    async with open_scenario(databases, database) as scenario:
        scenario.fill(roundups)
        scenario.clock.move_to(DUE)
        with bots(scenario.bot_options(pace=_timing(SPACING if size >= 1 else 10 * SPACING))) as (bot,):
            bot.start()
            await scenario.slack.wait_for(lambda: scenario.slack.ledger.calls("auth.test"))
            for hour in range(HOURS):
                scenario.slack.clear_faults()
                for method in METHODS:
                    if hour % 2 == 0:
                        scenario.slack.fault(method, "rate_limited", times=None, retry_after=RETRY_AFTER)
                    else:
                        kind = rng.choice(DOWN)
                        scenario.slack.fault(method, kind.kind, times=None, **kind.options)
                await asyncio.sleep(SECONDS_PER_HOUR if size >= 1 else SECONDS_PER_HOUR / 5)
                scenario.clock.move_by(timedelta(hours=1))
            scenario.slack.clear_faults()
            await scenario.wait_until_settled(within=120 + 120 * size, roundups=roundups)
        verdict = scenario.judge()
        late = sum("Sorry I'm late!" in message.text for message in scenario.posted_messages())
        reading_time = READING_TIME if size >= 1 else SMALL_READING_TIME
        early = sum(too_early(scenario.slack.ledger.calls(method), reading_time) for method in METHODS)
        tries = len(scenario.slack.ledger.calls("chat.postMessage"))
    numbers = {
        **verdict.numbers(),
        "roundups": roundups,
        "said to be late": late,
        "requests inside a Retry-After": early,
        "posts tried": tries,
    }
    return Result("outage", database, seed, size, GOAL, verdict.is_clean and not early and late == roundups, numbers)


def _timing(spacing: float) -> Timing:
    return Timing(
        tick=FAST_TIMING.tick,
        request_timeout=REQUEST_TIMEOUT,
        per_workspace={**FAST_TIMING.per_workspace, "chat.postMessage": spacing},
        per_channel=0.0,
    )


def too_early(calls: Sequence[Call], reading_time: float) -> int:
    """Count the calls that began when a 429 had been read and its Retry-After was not over."""
    early, closed_since, closed_until = 0, 0.0, 0.0
    for before, call in pairwise(sorted(calls, key=lambda call: call.monotonic)):
        if before.status == 429:
            answered = before.monotonic + before.elapsed
            closed_since, closed_until = answered + reading_time, answered + RETRY_AFTER
        early += closed_since < call.monotonic < closed_until - READING_TIME
    return early
