"""Runs the machine for a number of steps, from a seed, and reports what broke."""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.reporting import with_reporter
from hypothesis.stateful import get_state_machine_test

from tests.stateful.machine import Machine

STEPS_PER_EXAMPLE = 80
"""In one life of the machine; the next begins with an empty database."""
MAX_EXAMPLES = 8


@dataclass
class Report:
    """What came of a run: `broken` holds, for each broken invariant, how to get there."""

    seed: int
    steps: int = 0
    seconds: float = 0.0
    violations: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """The report in a sentence."""
        rate = self.steps / self.seconds if self.seconds else 0.0
        return f"seed {self.seed}: {self.steps} steps, {rate:.0f} a second, {len(self.violations)} broken invariants"


def run(
    make_url: Callable[[], str],
    *,
    seed: int,
    steps: int,
    shrink: bool = False,
    until_broken: bool = False,
    report_progress: Callable[[str], object] = lambda _: None,
) -> Report:
    """Take at least so many steps on databases that `make_url` makes.

    The same seed takes the same steps where the same modules are imported: Hypothesis draws constants from them.

    With `shrink`, a way to a broken invariant is made as short as can be, which takes minutes. With `until_broken`, the
    first one is enough. `report_progress` is told how far it is.
    """
    report = Report(seed)
    began = time.monotonic()
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        batch = 0
        while report.steps < steps and not (until_broken and report.violations):
            before_batch = report.steps
            _batch(make_url(), report, seed=seed * 1_000_000 + batch, left=steps - report.steps, shrink=shrink)
            if report.steps == before_batch:
                raise RuntimeError(f"no step was taken: {report.violations[-1:]}")
            batch += 1
            report.seconds = time.monotonic() - began
            report_progress(report.summary)
    finally:
        logging.disable(before)
    return report


def _batch(url: str, report: Report, *, seed: int, left: int, shrink: bool) -> None:
    class Seeded(Machine):
        database_url = url
        steps = 0

    chosen = settings(
        max_examples=max(1, min(MAX_EXAMPLES, -(-left // STEPS_PER_EXAMPLE))),
        stateful_step_count=STEPS_PER_EXAMPLE,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
    )
    output: list[object] = []
    try:
        with with_reporter(output.append):
            seeded(seed)(get_state_machine_test(Seeded, settings=chosen))()
    except Exception as error:  # noqa: BLE001 - whatever broke is what is reported
        lines = "\n".join([*map(str, output), *getattr(error, "__notes__", [])]).splitlines()
        steps = "\n".join(line for line in lines if line != "state.all_is_well()")
        where = "".join(traceback.format_tb(error.__traceback__, limit=-4))
        report.violations.append(f"{steps}\n{where}{type(error).__name__}: {error}")
    report.steps += Seeded.steps
