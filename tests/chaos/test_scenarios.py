"""Four scenarios, small and with a fixed seed; with --deep all of them, five times as large.

`make chaos` runs them at full size.
"""

import importlib
from contextlib import nullcontext

import pytest

from tests.databases import KINDS, Databases, databases

SEED = 20
SIZES = {
    "kills": 0.006,
    "points": 0.02,
    "pauses": 0.02,
    "acks": 0.01,
    "postgres": 0.02,
    "start": 0.05,
    "zones": 0.004,
    "clock": 0.03,
    "outage": 0.01,
    "neighbours": 0.03,
    "lag": 0.1,
    "socket": 0.1,
    "disk": 0.04,
    "contention": 0.05,
    "odd_answers": 0.04,
    "skew": 0.02,
    "clock_back": 0.05,
}
USUAL = {("kills", "postgresql"), ("points", "sqlite"), ("start", "sqlite"), ("zones", "none")}
USUAL = {"kills", "points", "start", "zones", "clock_back"}
"""What runs without --deep: bots killed at any moment and at each crash point, many at once, and every clock change."""
CASES = [
    pytest.param(scenario, database, marks=() if (scenario, database) in USUAL else pytest.mark.deep)
    for scenario in SIZES
    for database in getattr(importlib.import_module(f"tests.chaos.scenarios.{scenario}"), "DATABASES", KINDS)
]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("scenario", "database"), CASES)
async def test_a_scenario_meets_its_goal(scenario: str, database: str, all_databases: Databases, is_deep: bool) -> None:
    module = importlib.import_module(f"tests.chaos.scenarios.{scenario}")
    size = SIZES[scenario] * (5 if is_deep else 1)
    # Only a server of its own may be restarted.
    with databases() if scenario == "postgres" else nullcontext(all_databases) as made:
        result = await module.run(made, database=database, seed=SEED, size=size)
    assert result.is_met, f"{result.summary()}\n{result.rerun_command}"
