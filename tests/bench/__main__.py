"""`make bench`: measure, print the table, and keep the numbers in bench-results/."""

import argparse
import json
import os
import platform
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from tests.bench import ack, burst, capacity, cheers, crowd, home, memory, rush, scale, scrape, search, start
from tests.bench.children import Bench, ready
from tests.bench.figures import table
from tests.bench.machine import LoadMonitor
from tests.databases import KINDS, databases

MODULES: tuple[ModuleType, ...] = (
    *(ack, capacity, scale, burst, memory, start),
    *(rush, search, home, cheers, scrape, crowd),
)
RESULTS = Path("bench-results")


def main() -> None:
    rows = sorted(row for module in MODULES for row in module.ROWS)
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, choices=rows, default=rows, metavar="ROW", help=f"of {rows}")
    parser.add_argument("--db", choices=KINDS, help="one kind of database instead of both")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end with us
    load_monitor = LoadMonitor()
    if load_monitor.was_busy:
        print("The machine is busy with something else: what waits for a second core or the disk suffers most.")
    figures = []
    with databases(durable=True) as made, ready("slack") as (_, slack):
        bench = Bench(slack, made, (options.db,) if options.db else KINDS)
        try:
            for module in MODULES:
                if set(module.ROWS) & set(options.rows):
                    measured = module.measure(bench, rounds=options.rounds)
                    figures += [figure for figure in measured if figure.row in options.rows]
        finally:
            print(table(figures), flush=True)  # also of the rows before one that fails
    machine = load_monitor.measurements()
    print(
        f"Load before {machine['load_before']}; {machine['stolen']:.0%} of the processors' time was stolen; "
        f"something waited for the disk {machine['waited_for_disk']:.0%} of the time."
    )

    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    results = {
        "at": now.isoformat(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "machine": machine,
        "figures": [figure.to_json() for figure in figures],
    }
    (RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
