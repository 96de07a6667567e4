"""Every time zone, each of its clock changes, and schedules of every kind: see tests/zones.py."""

import asyncio
import multiprocessing
import os
import random

from tests.chaos.result import NO_DATABASE, Result
from tests.databases import Databases
from tests.zones import EVERY_ZONE, Report, other_names, sweep

DATABASES = (NO_DATABASE,)
GOAL = (
    "every zone to 2037, every minute near each kind of clock change that it has, every 15 near the same one in other "
    "years, and elsewhere sampled: one occurrence for each local week"
)
SAMPLES = 20
YEARS = {"first_year": 2026, "last_year": 2037}
ZONES_AT_ONCE = 5
"""Of one process: few, so that all processes end at about the same time."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Sweep over all zones, or a random share of them when `size` is below 1, in a process for each core."""
    zones = list(EVERY_ZONE)
    random.Random(seed).shuffle(zones)
    if size < 1:
        zones = zones[: max(1, round(len(zones) * size))]
    aliases = other_names(zones)
    samples, step = round(SAMPLES * max(1.0, size)), 1 if size >= 1 else 30
    options = {**YEARS, "seed": seed, "samples": samples, "step": step, "aliases": aliases}
    # They end with this process, and with the block, also when that is told to stop.
    with multiprocessing.get_context("forkserver").Pool(min(os.cpu_count() or 1, len(zones))) as pool:
        swept = [
            pool.apply_async(sweep, (zones[first : first + ZONES_AT_ONCE],), options)
            for first in range(0, len(zones), ZONES_AT_ONCE)
        ]
        while not all(each.ready() for each in swept):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.1)
        report = _sum([each.get() for each in swept])
    numbers = {
        "zones": report.zones,
        "other names of one of them": len(aliases),
        "transitions": report.transitions,
        "schedules": report.schedules,
        "occurrences": report.occurrences,
        "failed": report.failed,
    }
    return Result("zones", database, seed, size, GOAL, not report.failed, numbers, note="; ".join(report.failures[:3]))


def _sum(reports: list[Report]) -> Report:
    names = ("zones", "transitions", "schedules", "occurrences", "failed")
    counts = {name: sum(getattr(report, name) for report in reports) for name in names}
    return Report(**counts, failures=[failure for report in reports for failure in report.failures])
