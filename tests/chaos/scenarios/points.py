"""A bot dies at one point of its work while one fault strikes its posts: every point with every fault.

A first run under each fault writes down the points that there are. What is posted is a roundup in two parts.
"""

import asyncio
import itertools
import random
from dataclasses import dataclass

from tests.chaos.bots import bots
from tests.chaos.crash_points import Points
from tests.chaos.faults import FAULT_KINDS, FaultKind
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Judgement, scene
from tests.databases import Databases

GOAL = "every named crash point x every fault x both databases: 0 lost, 0 doubled"
NONE = FaultKind("none", None)
WINS = 21
PARTS = 2
STRIKES = 2
SETTLE = 1.0
WITHIN = 30.0
AT_ONCE = 4


@dataclass(frozen=True)
class Case:
    """A fault and a point; without a point nothing crashes."""

    fault: FaultKind
    point: str | None = None

    def __str__(self) -> str:
        return f"{self.fault.name} x {self.point}"


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Try every case, or a random share of them when `size` is below 1."""
    chance = random.Random(seed)
    faults = [NONE, *FAULT_KINDS]
    if size < 1:
        faults = chance.sample(faults, max(2, round(len(faults) * size)))
    clean = [Case(fault) for fault in faults]
    passed = await _try_all(databases, database, clean)
    cases = [Case(case.fault, point) for case, (_, points) in zip(clean, passed, strict=True) for point in points]
    if size < 1:
        cases = chance.sample(cases, min(len(cases), max(4, round(len(cases) * size))))
    cases *= max(1, round(size))
    outcomes = await _try_all(databases, database, cases)
    bad = [case for case, (judged, _) in zip(cases, outcomes, strict=True) if not judged.is_clean]
    everything = [judged for judged, _ in itertools.chain(passed, outcomes)]
    numbers = {
        "lost": sum(judged.lost for judged in everything),
        "doubled": sum(judged.doubled for judged in everything),
        "unsettled": sum(judged.unsettled for judged in everything),
        "untrue": sum(judged.untrue for judged in everything),
        "faults": len(faults),
        "points": len({case.point for case in cases}),
        "cases": len(cases),
    }
    note = f"Failed: {'; '.join(str(case) for case in bad[:5])}" if bad else ""
    met = all(judged.is_clean for judged in everything)
    return Result("points", database, seed, size, GOAL, met, numbers, note=note)


async def _try_all(databases: Databases, database: str, cases: list[Case]) -> list[tuple[Judgement, list[str]]]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> tuple[Judgement, list[str]]:
        async with gate:
            return await _try(databases, database, case)

    return await asyncio.gather(*(one(case) for case in cases))


async def _try(databases: Databases, database: str, case: Case) -> tuple[Judgement, list[str]]:
    async with scene(databases, database) as made:
        made.fill(1, wins_each=WINS)
        made.clock.move_to(DUE)
        if case.fault.kind:
            made.slack.fault("chat.postMessage", case.fault.kind, times=STRIKES, **case.fault.options)
        seam = Points(made.folder / "points", case.point)
        with bots(made.orders(settle=SETTLE, seam=seam)) as (bot,):
            bot.start()
            settled = asyncio.create_task(made.settled(within=WITHIN, roundups=PARTS))
            while not settled.done():
                if not bot.is_alive:  # it has met its point
                    bot.start(made.orders(settle=SETTLE))
                await asyncio.sleep(0.02)
            await settled
        points = (made.folder / "points").read_text().splitlines()
        return made.judge(parts=PARTS), list(dict.fromkeys(points))
