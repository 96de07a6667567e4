"""`make mutants`: change the code in small ways, one at a time, and say which changes the suite does not notice.

First it takes away each protection of protections.py, which the suite must miss. Then it tries a sample of all changes.

With `--deep`, a change that the suite of `make test` does not notice is tried again with the same tests in every
deployment: on both databases, over both real transports.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.mutations import Mutation, find_mutations
from tests.mutants.protections import PROTECTIONS
from tests.mutants.runner import Coverage, copy_project, is_killed, measure
from tests.project.paths import PROJECT


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("-n", type=int, default=40, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--protections", action="store_true", help="take away the protections, and try nothing else")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--deep", action="store_true", help="try those that survive in every deployment")
    options = parser.parse_args()
    found = find_mutations(PROJECT)
    sample = random.Random(options.seed).sample(found, min(options.n, len(found)))
    print(f"{len(sample)} of {len(found)} mutants, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        copies = [copy_project(Path(folder).resolve() / str(number)) for number in range(options.jobs)]
        unnoticed = _take_away(copies)
        if options.protections:
            sys.exit(bool(unnoticed))
        coverage = measure(copies[0])
        for test in sorted(coverage.failing):
            print(f"left out, for it fails without a mutant: {test}", flush=True)
        survivors = [mutation for mutation, killer in _run(copies, sample, coverage, deep=False) if killer is None]
        print(f"killed {len(sample) - len(survivors)} of {len(sample)}", flush=True)
        if not options.deep:
            sys.exit(bool(unnoticed))
        print("the survivors, in every deployment:", flush=True)
        missed = [mutation for mutation, killer in _run(copies, survivors, coverage, deep=True) if killer is not None]
    print(f"only other deployments kill {len(missed)}", flush=True)
    sys.exit(bool(missed or unnoticed))


class _Free:
    """The copies of the project that no mutant is tried in."""

    def __init__(self, copies: list[Path]) -> None:
        self._copies: SimpleQueue[Path] = SimpleQueue()
        for copy in copies:
            self._copies.put(copy)

    @contextmanager
    def copy(self) -> Iterator[Path]:
        """Wait for one, and give it back."""
        copy = self._copies.get()
        try:
            yield copy
        finally:
            self._copies.put(copy)


def _take_away(copies: list[Path]) -> int:
    """Take away each protection, and return how many no test misses."""
    unnoticed = 0
    mutations = [protection.mutation(copies[0]) for protection in PROTECTIONS]
    with ThreadPoolExecutor(len(copies)) as executor:
        free = _Free(copies)

        def kill(number: int) -> str | None:
            with free.copy() as copy:
                return is_killed(copy, mutations[number], PROTECTIONS[number].tests, deep=False, last=())

        for protection, killer in zip(PROTECTIONS, executor.map(kill, range(len(mutations))), strict=True):
            print(f"{protection.name}\n    {f'missed by {killer}' if killer else 'NOT MISSED'}", flush=True)
            unnoticed += killer is None
    print(f"missed {len(PROTECTIONS) - unnoticed} of {len(PROTECTIONS)} protections", flush=True)
    return unnoticed


def _run(
    copies: list[Path], sample: list[Mutation], coverage: Coverage, *, deep: bool
) -> Iterator[tuple[Mutation, str | None]]:
    """Yield each mutant with the test that killed it, as many at once as there are copies."""
    free = _Free(copies)

    def kill(mutation: Mutation) -> tuple[str | None, int]:
        with free.copy() as copy:
            tests = coverage.tests_of(mutation)
            return is_killed(copy, mutation, tests, deep=deep), len(tests)

    with ThreadPoolExecutor(len(copies)) as executor:
        for mutation, (killer, tests) in zip(sample, executor.map(kill, sample), strict=True):
            result = f"killed by {killer}" if killer else f"SURVIVED {tests} tests"
            print(f"{mutation}\n    {result}", flush=True)
            yield mutation, killer


if __name__ == "__main__":
    main()
