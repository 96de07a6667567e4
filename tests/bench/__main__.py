"""`make bench`: measure, print the table, and keep the numbers in bench-results/."""

import argparse
import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from tests.bench import ack, capacity, memory
from tests.bench.children import Bench, server
from tests.bench.figures import table
from tests.databases import KINDS, databases

MODULES: tuple[ModuleType, ...] = (ack, capacity, memory)
RESULTS = Path("bench-results")


def main() -> None:
    rows = sorted(row for module in MODULES for row in module.ROWS)
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, choices=rows, default=rows, metavar="ROW", help=f"of {rows}")
    parser.add_argument("--db", choices=KINDS, help="one kind of database instead of both")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()

    figures = []
    with databases() as made, server("slack") as slack:
        bench = Bench(slack.says, made, (asked.db,) if asked.db else KINDS)
        for module in MODULES:
            if set(module.ROWS) & set(asked.rows):
                figures += module.measure(bench, rounds=asked.rounds)
    figures = [figure for figure in figures if figure.row in asked.rows]
    print(table(figures))

    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    kept = {"at": now.isoformat(), "python": platform.python_version(), "figures": [each.as_json() for each in figures]}
    (RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json").write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
