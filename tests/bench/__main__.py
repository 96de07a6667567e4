"""`make bench`: measure, print the table, and keep the numbers in bench-results/."""

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from tests.bench import ack, capacity, memory, start
from tests.bench.children import Bench, ready
from tests.bench.figures import table
from tests.databases import KINDS, databases

MODULES: tuple[ModuleType, ...] = (ack, capacity, memory, start)
RESULTS = Path("bench-results")
QUIET = 0.5
"""The load average above which a run begins with a warning."""


def main() -> None:
    rows = sorted(row for module in MODULES for row in module.ROWS)
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, choices=rows, default=rows, metavar="ROW", help=f"of {rows}")
    parser.add_argument("--db", choices=KINDS, help="one kind of database instead of both")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()

    load = os.getloadavg()[0]
    if load > QUIET:
        print(f"The machine is busy (load {load:.1f}): what waits for a second core or the disk suffers most.")
    figures = []
    with databases() as made, ready("slack") as (_, slack):
        bench = Bench(slack, made, (asked.db,) if asked.db else KINDS)
        for module in MODULES:
            if set(module.ROWS) & set(asked.rows):
                figures += module.measure(bench, rounds=asked.rounds)
    figures = [figure for figure in figures if figure.row in asked.rows]
    print(table(figures))

    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    kept = {
        "at": now.isoformat(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_before": load,
        "figures": [figure.as_json() for figure in figures],
    }
    (RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json").write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
