"""`make chaos` wreaks havoc, says what came of it, and keeps it in chaos-results/; `make chaos-table` prints it all."""

import argparse
import asyncio
import importlib.util
import random
import signal
import sys
import time
from dataclasses import replace

from tests.chaos.result import NO_DATABASE, ORDER, Result, load_results, table
from tests.databases import KINDS, databases

SCENARIOS = {name: f"tests.chaos.scenarios.{name}" for name in ORDER}
SCENARIOS = {name: module for name, module in SCENARIOS.items() if importlib.util.find_spec(module)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(SCENARIOS)}; all, if none is named")
    parser.add_argument("--db", choices=KINDS, help="one kind of database instead of both")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--size", type=float, default=1.0, help="5 makes each row five times as large")
    parser.add_argument("--table", action="store_true", help="print the table of what is kept, and run nothing")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(SCENARIOS):
        parser.error(f"there is no row {', '.join(unknown)}")
    if options.table:
        print(table(load_results()))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end with us
    all_met = True
    for scenario in options.rows or SCENARIOS:
        module = importlib.import_module(SCENARIOS[scenario])
        for database in getattr(module, "DATABASES", KINDS):
            if options.db in (None, database) or database == NO_DATABASE:
                result = _run(module, scenario, database, options.seed, options.size)
                result.save()
                print(result.summary(), flush=True)
                if not result.is_met:
                    print(f"Again: {result.rerun_command}", flush=True)
                all_met = all_met and result.is_met
    sys.exit(not all_met)


def _run(module: object, scenario: str, database: str, seed: int, size: float) -> Result:
    started = time.monotonic()
    with databases(durable=True) as made_databases:
        result: Result = asyncio.run(module.run(made_databases, database=database, seed=seed, size=size))  # type: ignore[attr-defined]
    return replace(result, seconds=time.monotonic() - started)


if __name__ == "__main__":
    main()
