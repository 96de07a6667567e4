"""The time that the bot has to stop, which everything that has to end shares."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable

from bot import log

logger = logging.getLogger(__name__)

STOP_SECONDS = 9.0
"""For everything that has to end; `docker stop` kills a process after ten."""
KILL_SECONDS = 9.5
"""From the signal until the process ends, whatever hangs. A kill loses nothing: see docs/reliability.md."""
LOG_SECONDS = 0.4
"""What it takes at most to log that something hangs, at the end of that time."""
LEAST_SECONDS = 0.1
"""What everything gets, even if all time is used up."""


class Stopping:
    """Counts down from the first time that it is asked."""

    def __init__(self) -> None:
        self._ends_at: float | None = None

    def seconds_left(self, *, reserve: float = 0.0) -> float:
        """Return the seconds that are left without `reserve`, which is for what ends later."""
        if self._ends_at is None:
            self._ends_at = time.monotonic() + STOP_SECONDS
        return max(LEAST_SECONDS, self._ends_at - time.monotonic() - reserve)

    async def limit(
        self, end: Callable[[], Awaitable[object]], *, reserve: float = 0.0, seconds: float = STOP_SECONDS
    ) -> None:
        """Wait for `end` at most `seconds`, and no longer than there is time."""
        try:
            async with asyncio.timeout(min(seconds, self.seconds_left(reserve=reserve))):
                await end()
        except TimeoutError:
            logger.warning("stopping without waiting any longer", extra={"for": getattr(end, "__qualname__", end)})


def end_process_later() -> None:
    """End the process after `KILL_SECONDS`, unless it has ended by then."""
    timer = threading.Timer(max(0.0, KILL_SECONDS - LOG_SECONDS), _end_process)
    timer.daemon = True
    timer.start()


def _end_process() -> None:
    # In a thread: what hangs may be the log itself, such as a pipe that is full.
    said = threading.Thread(target=_say_so, daemon=True)
    try:
        said.start()
        said.join(LOG_SECONDS)
    finally:  # also where there is no room for another thread
        os._exit(1)


def _say_so() -> None:
    logger.error("something hangs: ending without it")
    log.flush()
