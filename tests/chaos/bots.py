"""Bots to be killed: real processes that run the bot's own `app.run`, each forked from one that has imported it.

The fork saves a second at each start. Nothing in the bot knows of this: what its waits take is shortened from here,
and a `Seam` may stand around what it speaks with.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

from bot import app, log
from bot.config import Settings
from bot.slack import rate_limits
from tests.forks import forkserver

REQUEST_TIMEOUT = 0.5
SETTLE_SECONDS = 2.0
"""Seconds: longer than a request and the slowest of the faults together."""
FAST_TIMING = app.Timing(
    tick=0.1,
    request_timeout=REQUEST_TIMEOUT,
    per_workspace=dict.fromkeys(rate_limits.WORKSPACE_SPACING, 0.0),
    per_channel=0.0,
)
CONSTANT_OVERRIDES: Mapping[str, float] = {
    "bot.storage.leader_election.POLL_SECONDS": 0.5,
    "bot.slack.rate_limits.MAX_BACKOFF": 0.1,
    "bot.outbox.sender.RETRY_SECONDS": 0.2,
}
"""What a bot waits for in its own good time, and how many seconds it takes here."""
STOP_TIMEOUT = 10.0
"""Seconds that a bot has to stop by itself."""

BeforeRun = Callable[[], object]
"""Called in the bot's process before it runs: it may stand around what the bot speaks with."""


@dataclass(frozen=True)
class MachineClock:
    """The clock of a bot's machine, as all of Python reads it: the real one and the seconds in `file`.

    The monotonic clocks are left alone, as they are when someone sets a clock.
    """

    file: Path

    def set(self, off: timedelta) -> None:
        """Let the machine's clock be so far from the real time."""
        fresh = self.file.with_name(f"{self.file.name}.new")
        fresh.write_text(f"{off.total_seconds():.3f}")
        fresh.replace(self.file)

    def rule(self) -> None:
        """Set the clock of this process now, and whenever the file says so."""
        off = self._off()
        traveller = time_machine.travel(datetime.now(UTC) + off, tick=True).start()

        def follow(off: timedelta) -> None:
            while True:
                time.sleep(0.02)
                before, off = off, self._off()
                if off != before:
                    traveller.shift(off - before)

        threading.Thread(target=follow, args=(off,), daemon=True).start()

    def _off(self) -> timedelta:
        return timedelta(seconds=float(self.file.read_text()))


@dataclass(frozen=True)
class BotOptions:
    """All that a bot's process is told. `clock_file` is where the stand-in keeps how far its clock was moved.

    With a `machine_clock`, the bot has the product's own clock, on a machine whose clock that is.
    """

    settings: Settings
    clock_file: Path
    log: Path
    pace: app.Timing = FAST_TIMING
    waits: Mapping[str, float] = field(default_factory=lambda: dict(CONSTANT_OVERRIDES))
    before_run: BeforeRun | None = None
    machine_clock: MachineClock | None = None


@dataclass(frozen=True)
class ShiftedClock:
    """The stand-in's clock as another process reads it: real time, and the seconds in a file."""

    file: Path

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self.file.read_text()))


def run_bot(options: BotOptions) -> None:
    """Be the bot, until it is killed or its parent is gone."""
    with options.log.open("ab") as log_file:
        os.dup2(log_file.fileno(), 1)
        os.dup2(log_file.fileno(), 2)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name, seconds in options.waits.items():
        module, _, constant = name.rpartition(".")
        assert hasattr(sys.modules[module], constant), name
        setattr(sys.modules[module], constant, seconds)
    log.set_up(options.settings.log_level)
    if options.machine_clock:
        options.machine_clock.rule()
    if options.before_run:
        options.before_run()
    clock = app.utc_now if options.machine_clock else ShiftedClock(options.clock_file).now
    app.run(options.settings, clock=clock, timing=options.pace)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "a bot is started by a row"
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Bot:
    """One replica through its lives."""

    options: BotOptions
    kills: int = 0
    _process: Any = field(default=None, repr=False)

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int:
        """Its process."""
        pid: int = self._process.pid
        return pid

    @property
    def exit_code(self) -> int | None:
        """How its last life ended."""
        code: int | None = self._process.exitcode
        return code

    def start(self, options: BotOptions | None = None) -> None:
        """Begin a life, with other orders for this one if given."""
        assert not self.is_alive, "it lives already"
        self._process = forkserver.Process(target=run_bot, args=(options or self.options,), daemon=True)
        self._process.start()

    def kill(self) -> bool:
        """SIGKILL; False if it was not alive any more."""
        if not self.is_alive:
            return False
        self._process.kill()
        self._process.join(STOP_TIMEOUT)
        self.kills += 1
        return True

    def pause(self) -> None:
        """SIGSTOP: it stands still, and keeps its connections and locks."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def stop(self) -> bool:
        """Ask it to stop as an operator does; False if it had to be killed."""
        if not self.is_alive:
            return True
        self._process.terminate()
        self._process.join(STOP_TIMEOUT)
        if stopped := not self.is_alive:
            return stopped
        self._process.kill()
        self._process.join(STOP_TIMEOUT)
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self.is_alive:
            os.kill(self._process.pid, number)


@contextmanager
def bots(options: BotOptions, *, replicas: int = 1) -> Iterator[list[Bot]]:
    """Replicas that do not live yet, and at the end do not any more."""
    replica_list = [Bot(options) for _ in range(replicas)]
    try:
        yield replica_list
    finally:
        for bot in replica_list:
            if bot.is_alive:
                bot.kill()
