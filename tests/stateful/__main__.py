"""`python -m tests.stateful`: take many random steps, and say whether an invariant broke."""

import argparse
import sys

from tests.databases import KINDS, databases
from tests.stateful.running import run


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.stateful", description=__doc__)
    parser.add_argument("--db", choices=KINDS, default="sqlite")
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shrink", action="store_true", help="make the way to a broken invariant short")
    options = parser.parse_args()
    with databases() as made:
        report = run(
            lambda: made.make(options.db),
            seed=options.seed,
            steps=options.steps,
            shrink=options.shrink,
            report_progress=progress,
        )
    for violation in report.violations:
        print(violation)
    print(f"{options.db}, {report.summary}")
    sys.exit(bool(report.violations))


if __name__ == "__main__":
    main()
