"""Housekeeping: what nobody waits for, such as deleting what is kept for some days, every hour by APScheduler.

APScheduler goes by the machine's clock: where that is set back, housekeeping is late by as much. What people wait for
is the ticker's (docs/decisions/0014-ticks-are-counted.md).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.scheduling.ticker import Job


class Housekeeping:
    """Runs each job every hour, the first time now. APScheduler logs what fails, and runs it again."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for job in jobs:
            self._scheduler.add_job(
                job, "interval", hours=1, next_run_time=datetime.now(UTC), coalesce=True, misfire_grace_time=None
            )

    def start(self) -> None:
        """Start."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop; a job that is running is cancelled between two of its transactions."""
        self._scheduler.shutdown(wait=False)
