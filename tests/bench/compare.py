"""What an operation costs in this tree against another: `python -m tests.bench.compare TREE`, with TREE/.venv made.

Each tree measures itself in a process of its own, with its own code and databases; rounds take turns. Rows 1, 2, 4, 5
and 6 compare the CPU seconds of the bot's process (the database's own are not counted), row 7 its resident memory after
20,000 wins, row 8 the time from its start to the first ack.
"""

import argparse
import asyncio
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

ALONE, AT_ONCE = 2_000, 4_000
"""How many wins are logged in a round of rows 1 and 2."""
MEMORY_WINS = 20_000
FEW = 1_000
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.compare", description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rows", type=int, nargs="*", default=[1, 2, 4, 6, 8])
    options = parser.parse_args()
    here, there = Path.cwd(), options.tree.resolve()
    with ExitStack() as stack:
        sides = {tree: stack.enter_context(_side(tree, options.db, options.rows)) for tree in (there, here)}
        results: dict[Path, list[dict[str, float]]] = {tree: [] for tree in sides}
        for number in range(options.rounds):
            for tree in sides if number % 2 else reversed(sides):
                results[tree].append(_round(sides[tree]))
    print(f"{'figure':34}{'before':>12}{'now':>12}{'ratio':>8}  ratio by round")
    for name in results[here][0]:
        before, now = ([each[name] for each in results[tree]] for tree in (there, here))
        ratios = " ".join(f"{new / old:.2f}" for old, new in zip(before, now, strict=True))
        print(f"{name:34}{median(before):>12.3f}{median(now):>12.3f}{median(now) / median(before):>8.3f}  {ratios}")


@contextmanager
def _side(tree: Path, kind: str, rows: list[int]) -> Iterator["subprocess.Popen[str]"]:
    source = Path(__file__).read_text()
    command = [str(tree / ".venv/bin/python"), "-c", source, "side", kind, json.dumps(rows)]
    with subprocess.Popen(command, cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()


def _round(process: "subprocess.Popen[str]") -> dict[str, float]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("round\n")
    process.stdin.flush()
    figures: dict[str, float] = json.loads(process.stdout.readline())
    return figures


# What follows runs in either tree, so it uses only what both have.


def side(kind: str, rows: list[int]) -> None:
    """Measure this tree, a round for each line of standard input."""
    from tests.bench import scale, start
    from tests.bench.children import Bench, ready
    from tests.databases import databases

    scale.time = SimpleNamespace(perf_counter=time.process_time)  # type: ignore[assignment,attr-defined]
    with databases(durable=True) as made, ready("slack") as (_, slack):
        bench = Bench(slack, made, (kind,))
        small = bench.database(kind) if {4, 6} & set(rows) else ""
        if small:
            scale._past(small, FEW)
            scale._schedules(small, FEW)
        print("ready", flush=True)
        for _ in sys.stdin:
            figures: dict[str, float] = {}
            if {1, 2} & set(rows):
                figures |= _wins(bench, kind)
            if 4 in rows:
                figures["4: a roundup, CPU ms"] = 1e3 * scale._roundup(small)
            if 6 in rows:
                figures["6: a tick, CPU ms"] = 1e3 * asyncio.run(scale._tick(small))
            if 5 in rows:
                figures["5: 2,000 roundups due, CPU s"] = _burst(bench)
            if 7 in rows:
                with bench.winsome(bench.team_database(kind)) as ours:
                    bench.load(ours, requests=MEMORY_WINS, at_once=16)
                    figures["7: resident memory, MB"] = ours.resident / 1e6
            if 8 in rows:
                figures["8: start to first ack, ms"] = 1e3 * start._first_ack(bench, bench.database(kind))
            print(json.dumps(figures), flush=True)


def _wins(bench: Any, kind: str) -> dict[str, float]:
    figures = {}
    with bench.winsome(bench.team_database(kind)) as ours:
        bench.load(ours, requests=500, at_once=16)
        for name, requests, at_once in (
            ("1: a /win alone, CPU us", ALONE, 1),
            ("2: a /win of 16 at once, CPU us", AT_ONCE, 16),
        ):
            before = _cpu_seconds(ours.pid)
            bench.load(ours, requests=requests, at_once=at_once)
            figures[name] = 1e6 * (_cpu_seconds(ours.pid) - before) / requests
    return figures


def _burst(bench: Any) -> float:
    """Run row 5 and return the CPU seconds that its bot took."""
    burst = next(filter(None, map(_module, ("tests.bench.burst", "tests.bench.storm"))))
    spent: list[float] = []

    class Measured(burst.Bench):  # type: ignore[name-defined,misc]
        @contextmanager
        def winsome(self, *args: Any, **options: Any) -> Iterator[Any]:
            with super().winsome(*args, **options) as ours:
                yield ours
                spent.append(_cpu_seconds(ours.pid))

    burst.Bench = Measured
    burst.measure(bench, rounds=1)
    return spent[-1]


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


if __name__ == "__main__":
    if sys.argv[1:2] == ["side"]:
        side(sys.argv[2], json.loads(sys.argv[3]))
    else:
        main()
