"""`make mutants`: change the code in small ways, one at a time, and say which changes the suite does not notice.

With `--deep`, a change that the suite of `make test` does not notice is tried again with the same tests in every
deployment: on both databases, over both real transports.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.mutations import Mutation, find_mutations
from tests.mutants.runner import Coverage, copy_project, is_killed, measure
from tests.project.paths import PROJECT


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("-n", type=int, default=40, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--deep", action="store_true", help="try those that survive in every deployment")
    options = parser.parse_args()
    found = find_mutations(PROJECT)
    sample = random.Random(options.seed).sample(found, min(options.n, len(found)))
    print(f"{len(sample)} of {len(found)} mutants, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        copies = [copy_project(Path(folder).resolve() / str(number)) for number in range(options.jobs)]
        coverage = measure(copies[0])
        for test in sorted(coverage.failing):
            print(f"left out, for it fails without a mutant: {test}", flush=True)
        survivors = [mutation for mutation, killer in _run(copies, sample, coverage, deep=False) if killer is None]
        print(f"killed {len(sample) - len(survivors)} of {len(sample)}", flush=True)
        if not options.deep:
            return
        print("the survivors, in every deployment:", flush=True)
        missed = [mutation for mutation, killer in _run(copies, survivors, coverage, deep=True) if killer is not None]
    print(f"only other deployments kill {len(missed)}", flush=True)
    sys.exit(bool(missed))


def _run(
    copies: list[Path], sample: list[Mutation], coverage: Coverage, *, deep: bool
) -> Iterator[tuple[Mutation, str | None]]:
    """Yield each mutant with the test that killed it, as many at once as there are copies."""
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def kill(mutation: Mutation) -> tuple[str | None, int]:
        copy = free.get()
        try:
            tests = coverage.tests_of(mutation)
            return is_killed(copy, mutation, tests, deep=deep), len(tests)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as executor:
        for mutation, (killer, tests) in zip(sample, executor.map(kill, sample), strict=True):
            result = f"killed by {killer}" if killer else f"SURVIVED {tests} tests"
            print(f"{mutation}\n    {result}", flush=True)
            yield mutation, killer


if __name__ == "__main__":
    main()
