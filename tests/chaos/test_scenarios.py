"""A few scenarios, small and with a fixed seed; with --deep all of them, five times as large.

`make chaos` runs them at full size.
"""

import importlib
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest

from tests.databases import KINDS, Databases, databases
from tests.project.paths import PROJECT

SEED = 20
SIZES = {
    "kills": 0.006,
    "notes_and_editions": 0.01,
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
    "stalled": 0.02,
    "unwritable": 0.03,
    "skew": 0.02,
    "clock_back": 0.05,
    "flood": 0.1,
    "slow_names": 0.1,
}
USUAL = {
    ("kills", "postgresql"),
    ("notes_and_editions", "sqlite"),
    ("points", "sqlite"),
    ("start", "sqlite"),
    ("clock_back", "sqlite"),
}
"""What runs without --deep: bots killed at any moment, also as notes and looks back come due, and at each crash point,
many at once, and a clock set back.

The sweep over time zones has its small size in tests/domain/test_zones.py.
"""
IN_SECONDS = {"neighbours", "stalled", "flood", "slow_names", "contention"}
"""Those whose goals are seconds, which other tests on the machine would take from them."""


def _marks(scenario: str, database: str) -> list[pytest.MarkDecorator]:
    deep = [] if (scenario, database) in USUAL else [pytest.mark.deep]
    return [*deep, pytest.mark.alone] if scenario in IN_SECONDS else deep


CASES = [
    pytest.param(scenario, database, marks=_marks(scenario, database))
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


@pytest.mark.timeout(180)
def test_a_scenario_that_is_told_to_stop_ends_with_all_its_processes() -> None:
    command = [sys.executable, "-m", "tests.chaos", "zones"]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, start_new_session=True)
    try:
        while len(_processes_of(process.pid)) < 3:  # it, and those that sweep
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 1
        deadline = time.monotonic() + 30
        while _processes_of(process.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert _processes_of(process.pid) == []
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _processes_of(session: int) -> list[str]:
    """The processes of a session that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, _group, its_session = path.read_text().rpartition(")")[2].split()[:4]
            if int(its_session) == session and state != "Z":
                found.append(path.parent.name)
    return found
