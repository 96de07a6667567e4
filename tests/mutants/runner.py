"""Runs tests on a mutant until one fails: those that pass through its line, then the stateful test and the fuzz."""

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coverage import CoverageData

from tests.mutants.mutations import Mutation
from tests.project.paths import PROJECT

SUITE = ("domain", "unit", "storage", "services", "receivers", "e2e")
"""The folders of tests/ of which those tests are run that pass through a mutant's line."""
LAST = ("tests/stateful", "tests/fuzz")
"""Run on every mutant that no test of the suite notices: they pass through most lines, and take long."""
TEST_TIMEOUT = 60
"""Seconds for one test: a mutant may wait for ever."""
RUN_TIMEOUT = 1200
"""Seconds for all tests of a mutant; one that takes longer has been noticed."""


@dataclass
class Coverage:
    """Which tests of the suite run which lines."""

    tests: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)

    def tests_of(self, mutation: Mutation) -> list[str]:
        """Return the tests that may notice a mutation; for what runs at import, those that run any line of its file."""
        by_line = self.tests.get(mutation.path, {})
        chosen = set().union(*by_line.values()) if mutation.is_at_import else by_line.get(mutation.line, set())
        return sorted(chosen - self.failing, key=_cost)


def copy_project(to: Path) -> Path:
    """Copy what git knows of the project, so that mutants get in no one's way."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, to / name)
    return to


def measure(copy: Path) -> Coverage:
    """Run the suite once on the unchanged code."""
    arguments = ["-n", "4", "--dist", "loadgroup", "--cov=bot", "--cov-context=test", "--cov-report="]
    run = _pytest(copy, [f"tests/{folder}" for folder in SUITE], *arguments, "-rfE", deep=False)
    failing = {
        line.split(" ")[1] for line in run.stdout.splitlines() if line.startswith(("FAILED tests/", "ERROR tests/"))
    }
    data = CoverageData(str(copy / ".coverage"))
    data.read()
    tests: dict[str, dict[int, set[str]]] = {}
    for file in data.measured_files():
        by_line: dict[int, set[str]] = defaultdict(set)
        for line, contexts in data.contexts_by_lineno(file).items():
            by_line[line] = {context.partition("|")[0] for context in contexts if context}
        tests[Path(file).relative_to(copy).as_posix()] = by_line
    if not tests:
        raise RuntimeError(f"nothing was measured:\n{run.stdout[-3000:]}{run.stderr[-3000:]}")
    return Coverage(tests, failing)


def is_killed(
    copy: Path, mutation: Mutation, tests: Iterable[str], *, deep: bool, last: Sequence[str] = LAST
) -> str | None:
    """Return the test that notices a mutation, or None. With `deep`, the tests run in every deployment."""
    chosen = list(dict.fromkeys(test.partition("[")[0] for test in tests)) if deep else [*tests, *last]
    original = mutation.apply(copy)
    try:
        # asyncio would take what the other method raises for an error of a callback, and go on.
        timeout = (f"--timeout={TEST_TIMEOUT}", "--timeout-method=thread")
        run = _pytest(copy, chosen, "-x", "-n", "0", *timeout, "-rfE", deep=deep)
    except subprocess.TimeoutExpired:
        return "(all tests together took too long)"
    finally:
        (copy / mutation.path).write_text(original, encoding="utf-8")
    if run.returncode == 0:
        return None
    lines = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return lines[0].partition(" - ")[0] if lines else run.stdout.strip().rpartition("\n")[2]


def _pytest(copy: Path, tests: list[str], *arguments: str, deep: bool) -> subprocess.CompletedProcess[str]:
    (copy / "tests-to-run").write_text("\n".join(tests))
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "--tb=no",
            *arguments,
            *["--deep"] * deep,
            "@tests-to-run",
        ],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_TIMEOUT if "-x" in arguments else None,
    )


def _cost(test: str) -> tuple[int, str]:
    folder = test.split("/")[1]
    return (SUITE.index(folder), test)
