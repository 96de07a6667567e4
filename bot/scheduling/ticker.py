"""The ticker: runs the jobs again and again, at an interval of the monotonic clock.

Nothing depends on the moment of a tick: what is due is data (`channels.next_due_at`), and a late tick finds all of it.
The next tick comes whatever the machine's clock is set to, which is why this is not APScheduler's
(docs/decisions/0015-ticks-are-counted.md).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from bot.scheduling.one_by_one import repeats_logged_seldom

logger = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]


class Ticker:
    """Runs its jobs one after the other at each tick; a job that fails is logged, and runs again at the next one.

    `seconds` pass between two ticks, unless the jobs take longer: then the next one comes at once.
    """

    def __init__(self, jobs: Sequence[Job], *, seconds: float) -> None:
        self._jobs = jobs
        self._seconds = seconds
        self._woken = asyncio.Event()
        self._ended_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    @property
    def age(self) -> float:
        """Seconds since all jobs were run, or since this ticker was made."""
        return time.monotonic() - self._ended_at

    def start(self) -> None:
        """Start ticking, the first time now."""
        with repeats_logged_seldom():
            self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Tick now."""
        self._woken.set()

    async def stop(self) -> None:
        """Stop ticking; a job that is running is cancelled between two of its transactions."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()  # its clock is monotonic
        next_at = loop.time()
        while True:
            self._woken.clear()
            for job in self._jobs:
                try:
                    await job()
                except Exception:
                    # One failing job must not stop the loop.
                    logger.exception("a job failed; retrying it at the next tick")
            self._ended_at = time.monotonic()
            next_at = max(next_at + self._seconds, loop.time())
            try:
                async with asyncio.timeout_at(next_at):
                    await self._woken.wait()
            except TimeoutError:
                pass
