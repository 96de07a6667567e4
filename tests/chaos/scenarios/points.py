"""A bot dies at one point of its work while one fault strikes its posts: every point with every fault.

A first run under each fault writes down the points that there are. What is posted is a roundup in two parts.
"""

import asyncio
import itertools
import random
from dataclasses import dataclass

from tests.chaos.bots import bots
from tests.chaos.crash_points import CrashPoints
from tests.chaos.faults import FAULT_KINDS, FaultKind
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Verdict, open_scenario
from tests.databases import Databases

GOAL = "every named crash point x every fault x both databases: 0 lost, 0 doubled"
NO_FAULT = FaultKind("none", None)
WINS = 21
PARTS = 2
FAULT_TIMES = 2
SETTLE_SECONDS = 1.0
TIMEOUT_SECONDS = 120.0
CONCURRENCY = 4


@dataclass(frozen=True)
class Case:
    """A fault and a point; without a point nothing crashes."""

    fault: FaultKind
    point: str | None = None

    def __str__(self) -> str:
        return f"{self.fault.name} x {self.point}"


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Try every case, or a random share of them when `size` is below 1."""
    rng = random.Random(seed)
    faults = [NO_FAULT, *FAULT_KINDS]
    if size < 1:
        faults = rng.sample(faults, max(2, round(len(faults) * size)))
    clean = [Case(fault) for fault in faults]
    passed = await _try_all(databases, database, clean)
    cases = [Case(case.fault, point) for case, (_, points) in zip(clean, passed, strict=True) for point in points]
    if size < 1:
        cases = rng.sample(cases, min(len(cases), max(4, round(len(cases) * size))))
    cases *= max(1, round(size))
    outcomes = await _try_all(databases, database, cases)
    bad = [case for case, (verdict, _) in zip(cases, outcomes, strict=True) if not verdict.is_clean]
    verdicts = [verdict for verdict, _ in itertools.chain(passed, outcomes)]
    numbers = {
        "lost": sum(verdict.lost for verdict in verdicts),
        "doubled": sum(verdict.doubled for verdict in verdicts),
        "unsettled": sum(verdict.unsettled for verdict in verdicts),
        "untrue": sum(verdict.not_in_slack for verdict in verdicts),
        "faults": len(faults),
        "points": len({case.point for case in cases}),
        "cases": len(cases),
    }
    note = f"Failed: {'; '.join(str(case) for case in bad[:5])}" if bad else ""
    is_met = all(verdict.is_clean for verdict in verdicts)
    return Result("points", database, seed, size, GOAL, is_met, numbers, note=note)


async def _try_all(databases: Databases, database: str, cases: list[Case]) -> list[tuple[Verdict, list[str]]]:
    semaphore = asyncio.Semaphore(CONCURRENCY)

    async def one(case: Case) -> tuple[Verdict, list[str]]:
        async with semaphore:
            return await _try(databases, database, case)

    return await asyncio.gather(*(one(case) for case in cases))


async def _try(databases: Databases, database: str, case: Case) -> tuple[Verdict, list[str]]:
    async with open_scenario(databases, database) as scenario:
        scenario.fill(1, wins_each=WINS)
        scenario.clock.move_to(DUE)
        if case.fault.kind:
            scenario.slack.fault("chat.postMessage", case.fault.kind, times=FAULT_TIMES, **case.fault.options)
        crash_points = CrashPoints(scenario.folder / "points", case.point)
        with bots(scenario.bot_options(settle=SETTLE_SECONDS, before_run=crash_points)) as (bot,):
            bot.start()
            settled = asyncio.create_task(scenario.wait_until_settled(within=TIMEOUT_SECONDS, roundups=PARTS))
            while not settled.done():
                if not bot.is_alive:  # it has met its point
                    bot.start(scenario.bot_options(settle=SETTLE_SECONDS))
                await asyncio.sleep(0.02)
            await settled
        points = (scenario.folder / "points").read_text().splitlines()
        return scenario.judge(parts=PARTS), list(dict.fromkeys(points))
