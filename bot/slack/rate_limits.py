"""Rate limiting of requests to Slack, on the monotonic clock."""

import asyncio
import time
from collections import deque
from collections.abc import Hashable

from bot.slack.outcomes import Retryable, Unknown

TIER_3_SPACING = 1.25
"""48 requests a minute of the 50 that Slack allows: the time that requests take on their way varies."""
USER_NAMES = "users.info for names"
"""The part of Slack's limit of users.info for those who are only shown. The rest is for asking who someone is."""
WORKSPACE_SPACING = {
    "chat.postMessage": 0.2,
    "chat.postEphemeral": 0.6,
    "chat.update": TIER_3_SPACING,
    "chat.delete": TIER_3_SPACING,
    "conversations.history": TIER_3_SPACING,
    "conversations.replies": TIER_3_SPACING,
    USER_NAMES: 2.0,
}
"""Seconds between two requests of a method in a workspace: 300 posts a minute, and tiers 4 and 3.

See docs.slack.dev, rate-limits.
"""
BURSTS = {USER_NAMES: 30}
"""How many requests may come at once after a rest: at most 60 for names in a minute, of the 100 that Slack allows."""
CHANNEL_SPACING = 1.0
"""Seconds between two posts to a channel."""
MAX_BACKOFF = 30.0


class RateLimiter:
    """Lets one request through every `spacing` seconds: groups take turns, and in a group the oldest goes first.

    After a rest, `burst` of them go through at once. However many requests of other groups wait, a
    group waits for at most one of each.
    """

    def __init__(self, spacing: float, burst: int = 1) -> None:
        self._spacing = spacing
        self._burst = burst
        self._rested_at = 0.0  # when a whole burst may come again
        self._waited_since = 0.0  # since when some request has been waiting all the time
        self._paused_until = 0.0
        self._failures = 0
        self._waiters: dict[Hashable, deque[asyncio.Future[None]]] = {}  # by group, the one whose turn is next first
        self._task: asyncio.Task[None] | None = None

    def record(self, outcome: object) -> None:
        """Pause, back off or go on, according to the outcome of a request."""
        match outcome:
            case Retryable(retry_after=float(seconds)):
                self.pause(seconds)
            case Retryable() | Unknown():
                self.back_off()
            case _:
                self.reset_backoff()

    async def acquire(self, group: Hashable = None) -> None:
        """Wait until the next request may be sent, and it is this one's turn."""
        await self.turn(group)

    def turn(self, group: Hashable = None) -> asyncio.Future[None]:
        """Return what is done when a request may be sent. If its owner ends it before, the next one has the turn."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self._waiters:
            self._waited_since = time.monotonic()
        self._waiters.setdefault(group, deque()).append(waiter)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._release_waiters())
        return waiter

    def pause(self, seconds: float) -> None:
        """Let nothing through for `seconds`."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    @property
    def is_paused(self) -> bool:
        """Whether requests are paused now: one that was let through before must not be sent."""
        return time.monotonic() < self._paused_until

    @property
    def free(self) -> int:
        """How many more requests may come at once now, before one has to wait."""
        if self._waiters or self.is_paused:
            return 0
        until_rested = max(0.0, self._rested_at - time.monotonic())
        return int(self._burst - until_rested / self._spacing) if until_rested else self._burst

    def back_off(self) -> None:
        """Let nothing through for a while, which doubles with each failure in a row."""
        self.pause(min(2.0 ** min(self._failures, 64), MAX_BACKOFF))  # 2.0**1024 overflows
        self._failures += 1

    def reset_backoff(self) -> None:
        """Start the backoff at its shortest again."""
        self._failures = 0

    def close(self) -> None:
        """Stop. The owners of requests that still wait must cancel them."""
        if self._task is not None:
            self._task.cancel()

    async def _release_waiters(self) -> None:
        while self._waiters:
            now = time.monotonic()
            next_at = max(self._paused_until, self._rested_at - (self._burst - 1) * self._spacing)
            if next_at > now:
                await asyncio.sleep(next_at - now)
                continue  # there may be a new pause
            waiter = self._next_waiter()
            if not waiter.done():  # else its owner needs it no more
                # A busy event loop is some milliseconds late: the next request doesn't wait for those, too.
                due_at = max(next_at, self._waited_since, now - self._spacing)
                self._rested_at = max(self._rested_at, due_at) + self._spacing
                waiter.set_result(None)

    def _next_waiter(self) -> asyncio.Future[None]:
        group = next(iter(self._waiters))
        waiters = self._waiters.pop(group)
        waiter = waiters.popleft()
        if waiters:
            self._waiters[group] = waiters  # behind the other groups
        return waiter
