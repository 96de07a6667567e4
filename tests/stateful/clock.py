"""Time that passes by itself: every sleeper wakes at once, and every clock has moved on."""

import asyncio
import selectors
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from bot.outbox import reconciler, sender
from bot.services import readers
from bot.slack import rate_limits
from slack_standin.model import rate_limits as slack_limits

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)


class Deadlock(Exception):
    """Everyone waits for someone else."""


class _NoSelector(selectors.SelectSelector):
    """Waits for no socket (the machine has none): the time that it was to wait has passed."""

    on_wait: Any = None

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Deadlock
        self.on_wait(timeout)
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time leaps to the next moment at which someone wakes."""

    def __init__(self) -> None:
        selector = _NoSelector()
        selector.on_wait = self._leap
        self._passed = 0.0
        super().__init__(selector)

    def time(self) -> float:
        return self._passed

    def _leap(self, seconds: float) -> None:
        # Less than the loop's own resolution might never add up to anything.
        self._passed += max(seconds, 1e-6) if seconds else 0.0


class Clock:
    """The time of the world, and the bot's own clock, which may be wrong. `moved` is what passed at a leap."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.leapt = timedelta()
        self.skew = timedelta()

    def true_now(self) -> datetime:
        """The true time: Slack's."""
        return MONDAY + self.leapt + timedelta(seconds=self._loop.time())

    def now(self) -> datetime:
        """What the bot takes for the time."""
        return self.true_now() + self.skew


def monotonic(loop: Loop) -> AbstractContextManager[Any]:
    """For as long as this is entered, the monotonic clock of the bot and of Slack's limits is the loop's."""
    stack = ExitStack()
    for module in (rate_limits, sender, reconciler, readers, slack_limits):
        stack.enter_context(patch.object(module, "time", SimpleNamespace(monotonic=loop.time)))
    return stack
