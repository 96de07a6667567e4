"""`make chaos` wreaks havoc, says what came of it, and keeps it in chaos-results/; `make chaos-table` prints it all."""

import argparse
import asyncio
import importlib.util
import random
import signal
import sys
import time
from dataclasses import replace

from tests.chaos.result import NO_DATABASE, ORDER, Result, kept, table
from tests.databases import KINDS, databases

ROWS = {name: f"tests.chaos.scenarios.{name}" for name in ORDER}
ROWS = {name: module for name, module in ROWS.items() if importlib.util.find_spec(module)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; all, if none is named")
    parser.add_argument("--db", choices=KINDS, help="one kind of database instead of both")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--size", type=float, default=1.0, help="5 makes each row five times as large")
    parser.add_argument("--table", action="store_true", help="print the table of what is kept, and run nothing")
    asked = parser.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        parser.error(f"there is no row {', '.join(unknown)}")
    if asked.table:
        print(table(kept()))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end with us
    met = True
    for row in asked.rows or ROWS:
        module = importlib.import_module(ROWS[row])
        for database in getattr(module, "DATABASES", KINDS):
            if asked.db in (None, database) or database == NO_DATABASE:
                result = _run(module, row, database, asked.seed, asked.size)
                result.keep()
                print(result.says(), flush=True)
                if not result.met:
                    print(f"Again: {result.again}", flush=True)
                met = met and result.met
    sys.exit(not met)


def _run(module: object, row: str, database: str, seed: int, size: float) -> Result:
    started = time.monotonic()
    with databases(durable=True) as made:
        result: Result = asyncio.run(module.run(made, database=database, seed=seed, size=size))  # type: ignore[attr-defined]
    return replace(result, seconds=time.monotonic() - started)


if __name__ == "__main__":
    main()
