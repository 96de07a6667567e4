"""Housekeeping: jobs that no one waits for, such as deleting what is kept for some days. APScheduler says when.

APScheduler goes by the machine's clock. If that is set back, housekeeping is late, by `MAX_SECONDS` at most; the jobs
that people wait for are the ticker's (docs/decisions/0015-ticks-are-counted.md).
"""

from collections.abc import Sequence

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.scheduling.ticker import Job, Ticker

MAX_SECONDS = 6 * 3600.0


class Housekeeping:
    """Runs its jobs now, and in the first minutes of each hour."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._ticker = Ticker(jobs, seconds=MAX_SECONDS)
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        # Not at the full hour, when roundups are due, and not all bots at the same moment.
        self._scheduler.add_job(self._wake, "cron", minute=5, jitter=120, coalesce=True, misfire_grace_time=None)

    def start(self) -> None:
        """Start."""
        self._ticker.start()
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop; a job that is running is cancelled between two of its transactions."""
        self._scheduler.shutdown(wait=False)
        await self._ticker.stop()

    async def _wake(self) -> None:
        # A coroutine, because APScheduler runs plain functions in a thread, where an asyncio.Event must not be touched.
        self._ticker.wake()
