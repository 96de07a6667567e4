"""Slack's history shows a post later than it was made: how late may that be before a roundup comes twice?"""

from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Judgement, scene
from tests.databases import Databases

GOAL = "history lag swept from 0 to 3 x the settle time: 0 doubled below it, the rate above it published"
SETTLE = 1.0
LAGS = (0.0, 0.25, 0.5, 0.75, 1.25, 1.5, 2.0, 3.0)
"""In settle times."""
FEW_LAGS = (0.5, 2.0)
"""Where the row is made small."""
UNANSWERED = 0.5


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Take half of the answers away, at one lag after the other."""
    roundups = round(100 * size)
    numbers: dict[str, float] = {}
    met = True
    lags = LAGS if size >= 1 else FEW_LAGS
    for lag in lags:
        judged = await _at(databases, database, lag, roundups, seed)
        numbers[f"doubled at {lag:g}"] = judged.doubled
        met = met and not judged.lost and not judged.unsettled and (lag > 1 or not judged.doubled)
    above = sum(numbers[f"doubled at {lag:g}"] for lag in lags if lag > 1)
    rate = above / (roundups * sum(lag > 1 for lag in lags))
    note = f"Lag in settle times; half of the answers were lost, and above the settle time {rate:.0%} came twice"
    return Result("lag", database, seed, size, GOAL, met, {"roundups at each": roundups, **numbers}, note=note)


async def _at(databases: Databases, database: str, lag: float, roundups: int, seed: int) -> Judgement:
    async with scene(databases, database, history_lag=lag * SETTLE) as made:
        made.fill(roundups)
        made.clock.move_to(DUE)
        made.slack.fault("chat.postMessage", "reset_after", times=None, probability=UNANSWERED, seed=seed)
        with bots(made.orders(settle=SETTLE)) as (bot,):
            bot.start()
            await made.settled(within=60 + roundups / 10, roundups=roundups)
        return made.judge()
