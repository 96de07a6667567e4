"""The ticker: APScheduler wakes it at an interval, and each tick runs the jobs.

Nothing depends on the moment of a tick: what is due is data (`channels.next_due_at`), and a late tick finds all of it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from apscheduler.schedulers.asyncio import AsyncIOScheduler

logger = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]


class Ticker:
    """Runs its jobs one after the other at each tick; a job that fails is logged, and runs again at the next one."""

    def __init__(self, jobs: Sequence[Job], *, seconds: float) -> None:
        self._jobs = jobs
        self._tick = asyncio.Event()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_job(
            self._wake_in_loop, "interval", seconds=seconds, coalesce=True, misfire_grace_time=None, max_instances=1
        )
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start ticking, the first time now."""
        self._scheduler.start()
        self._task = asyncio.create_task(self._run())
        self._tick.set()

    def wake(self) -> None:
        """Tick now."""
        self._tick.set()

    async def stop(self) -> None:
        """Stop ticking; a job that is running is cancelled between two of its transactions."""
        self._scheduler.shutdown(wait=False)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _wake_in_loop(self) -> None:
        # A coroutine, because APScheduler runs plain functions in a thread, where an asyncio.Event must not be touched.
        self._tick.set()

    async def _run(self) -> None:
        while True:
            await self._tick.wait()
            self._tick.clear()
            for job in self._jobs:
                try:
                    await job()
                except Exception:
                    # One failing job must not stop the loop.
                    logger.exception("a job failed; retrying it at the next tick")
