"""Slack's rate limits, each obeyed in one place. All of it runs on the monotonic clock."""

import asyncio
import heapq
import itertools
import time

from bot.slack.outcomes import Retryable, Unknown

WORKSPACE_SPACING = {
    "chat.postMessage": 0.2,
    "chat.postEphemeral": 0.6,
    "chat.update": 1.2,
    "chat.delete": 1.2,
    "conversations.history": 1.2,
    "conversations.replies": 1.2,
}
"""Seconds between two requests of a workspace: 300 posts a minute, and tiers 4 and 3 (docs.slack.dev, rate-limits)."""
CHANNEL_SPACING = 1.0
"""Seconds between two posts to a channel."""
MAX_BACKOFF = 30.0


class RateLimiter:
    """Lets one through every `spacing` seconds: the lowest `rank` first, then whoever has waited longest."""

    def __init__(self, spacing: float) -> None:
        self._spacing = spacing
        self._next_at = 0.0
        self._paused_until = 0.0
        self._failures = 0
        self._waiters: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._task: asyncio.Task[None] | None = None

    def record(self, outcome: object) -> None:
        """Take note of what became of a request, as far as the next ones have to wait for it."""
        match outcome:
            case Retryable(retry_after=float(seconds)):
                self.pause(seconds)
            case Retryable() | Unknown():
                self.back_off()
            case _:
                self.reset_backoff()

    async def acquire(self, *, priority: int) -> None:
        """Wait for one's turn."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiters, (priority, next(self._order), waiter))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._release_waiters())
        await waiter

    def pause(self, seconds: float) -> None:
        """Let nobody through for `seconds`."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)
        self._next_at = max(self._next_at, self._paused_until)

    @property
    def is_paused(self) -> bool:
        """Whether somebody who was let through must not go on: a pause has come meanwhile."""
        return time.monotonic() < self._paused_until

    def back_off(self) -> None:
        """Let nobody through for a while, twice as long with each failure in a row."""
        self.pause(min(2.0 ** min(self._failures, 64), MAX_BACKOFF))  # a float ends at 2**1024
        self._failures += 1

    def reset_backoff(self) -> None:
        """Forget the failures."""
        self._failures = 0

    def close(self) -> None:
        """Stop; whoever still waits is to be cancelled by its owner."""
        if self._task is not None:
            self._task.cancel()

    async def _release_waiters(self) -> None:
        while self._waiters:
            if (wait := self._next_at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
                continue  # a pause may have come meanwhile
            _, _, waiter = heapq.heappop(self._waiters)
            if not waiter.done():  # its owner may have been cancelled meanwhile
                self._next_at = time.monotonic() + self._spacing
                waiter.set_result(None)
