"""Slack's history shows a post later than it was made: how late may that be before a roundup comes twice?"""

from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Verdict, open_scenario
from tests.databases import Databases

GOAL = "history lag swept from 0 to 3 x the settle time: 0 doubled below it, the rate above it published"
SETTLE_SECONDS = 1.0
LAGS = (0.0, 0.25, 0.5, 0.75, 1.25, 1.5, 2.0, 3.0)
"""In settle times."""
FEW_LAGS = (0.5, 2.0)
"""Where the row is made small."""
LOST_RESPONSES = 0.5


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Take half of the answers away, at one lag after the other."""
    roundups = round(100 * size)
    numbers: dict[str, float] = {}
    is_met = True
    lags = LAGS if size >= 1 else FEW_LAGS
    for lag in lags:
        verdict = await _run_at_lag(databases, database, lag, roundups, seed)
        numbers[f"doubled at {lag:g}"] = verdict.doubled
        is_met = is_met and not verdict.lost and not verdict.unsettled and (lag > 1 or not verdict.doubled)
    above = sum(numbers[f"doubled at {lag:g}"] for lag in lags if lag > 1)
    rate = above / (roundups * sum(lag > 1 for lag in lags))
    note = f"Lag in settle times; half of the answers were lost, and above the settle time {rate:.0%} came twice"
    return Result("lag", database, seed, size, GOAL, is_met, {"roundups at each": roundups, **numbers}, note=note)


async def _run_at_lag(databases: Databases, database: str, lag: float, roundups: int, seed: int) -> Verdict:
    async with open_scenario(databases, database, history_lag=lag * SETTLE_SECONDS) as scenario:
        scenario.fill(roundups)
        scenario.clock.move_to(DUE)
        scenario.slack.fault("chat.postMessage", "reset_after", times=None, probability=LOST_RESPONSES, seed=seed)
        with bots(scenario.bot_options(settle=SETTLE_SECONDS)) as (bot,):
            bot.start()
            await scenario.wait_until_settled(within=60 + roundups / 10, roundups=roundups)
        return scenario.judge()
