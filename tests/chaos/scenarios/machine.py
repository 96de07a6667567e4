"""Random steps of a state machine over the whole loop, against a simple model: see tests/stateful."""

import asyncio
from functools import partial

from tests import stateful
from tests.chaos.result import Result
from tests.databases import KINDS, Databases

DATABASES = KINDS
GOAL = "100,000 random steps of a state machine: no broken invariant"
STEPS = 100_000


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Take the steps, in a thread of their own because the machine brings its own event loop."""
    steps = max(1, round(STEPS * size))
    report = await asyncio.to_thread(stateful.run, partial(databases.make, database), seed=seed, steps=steps)
    numbers = {"steps": report.steps, "broken": len(report.violations)}
    return Result(
        "machine", database, seed, size, GOAL, not report.violations, numbers, note="; ".join(report.violations[:2])
    )
