"""Each row of the table, small and with a fixed seed: `make chaos` runs them at their full size."""

import importlib

import pytest

from tests.databases import KINDS, Databases

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
}
CASES = [
    (row, database)
    for row in SIZES
    for database in getattr(importlib.import_module(f"tests.chaos.scenarios.{row}"), "DATABASES", KINDS)
]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("row", "database"), CASES)
async def test_what_a_row_promises_is_kept(row: str, database: str, all_databases: Databases) -> None:
    module = importlib.import_module(f"tests.chaos.scenarios.{row}")
    result = await module.run(all_databases, database=database, seed=SEED, size=SIZES[row])
    assert result.is_met, f"{result.summary()}\n{result.rerun_command}"
