"""Every time zone, each of its clock changes, and schedules of every kind: see tests/zones.py."""

import asyncio
import random

from tests.chaos.result import NO_DATABASE, Result
from tests.databases import Databases
from tests.zones import EVERY_ZONE, sweep

DATABASES = (NO_DATABASE,)
GOAL = (
    "every zone, near its transitions exhaustively and elsewhere sampled, to 2037: one occurrence for each local week"
)
SAMPLES = 20


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Sweep over all zones, or a random share of them when `size` is below 1."""
    zones = EVERY_ZONE
    if size < 1:
        zones = random.Random(seed).sample(EVERY_ZONE, max(1, round(len(EVERY_ZONE) * size)))
    samples, step = round(SAMPLES * max(1.0, size)), 1 if size >= 1 else 30
    report = await asyncio.to_thread(
        sweep, zones, first_year=2026, last_year=2037, seed=seed, samples=samples, step=step
    )
    numbers = {
        "zones": report.zones,
        "transitions": report.transitions,
        "schedules": report.schedules,
        "occurrences": report.occurrences,
        "failed": report.failed,
    }
    return Result("zones", database, seed, size, GOAL, not report.failed, numbers, note="; ".join(report.failures[:3]))
