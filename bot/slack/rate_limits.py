"""Slack's rate limits, each obeyed in one place. All of it runs on the monotonic clock."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Mapping

from bot.slack.outcomes import NotDone, Unknown

PER_WORKSPACE = {
    "chat.postMessage": 0.2,
    "chat.postEphemeral": 0.6,
    "chat.update": 1.2,
    "chat.delete": 1.2,
    "conversations.history": 1.2,
    "conversations.replies": 1.2,
}
"""Seconds between two requests of a workspace: 300 posts a minute, and tiers 4 and 3 (docs.slack.dev, rate-limits)."""
PER_CHANNEL = 1.0
"""Seconds between two posts to a channel."""
LONGEST_BACKOFF = 30.0


class Turnstiles:
    """One turnstile for each limit of Slack's: a method in a workspace. `spacing` is by method, in seconds."""

    def __init__(self, spacing: Mapping[str, float]) -> None:
        self._spacing = spacing
        self._made: dict[tuple[str, str], Turnstile] = {}

    def of(self, team_id: str, method: str) -> "Turnstile":
        """Return the turnstile of a method in a workspace."""
        key = (team_id, method)
        if key not in self._made:
            self._made[key] = Turnstile(self._spacing[method])
        return self._made[key]

    def close(self) -> None:
        """Close every one of them."""
        for turnstile in self._made.values():
            turnstile.close()


class Turnstile:
    """Lets one through every `spacing` seconds: the lowest `rank` first, then whoever has waited longest."""

    def __init__(self, spacing: float) -> None:
        self._spacing = spacing
        self._opens_at = 0.0
        self._paused_until = 0.0
        self._failures = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._letting_through: asyncio.Task[None] | None = None

    def heed(self, outcome: object) -> None:
        """Take note of what became of a request, as far as the next ones have to wait for it."""
        match outcome:
            case NotDone(retry_after=float(seconds)):
                self.pause(seconds)
            case NotDone() | Unknown():
                self.failed()
            case _:
                self.succeeded()

    async def turn(self, *, rank: int) -> None:
        """Wait for one's turn."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._order), mine))
        if self._letting_through is None or self._letting_through.done():
            self._letting_through = asyncio.create_task(self._let_through())
        await mine

    def pause(self, seconds: float) -> None:
        """Let nobody through for `seconds`."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)
        self._opens_at = max(self._opens_at, self._paused_until)

    @property
    def is_paused(self) -> bool:
        """Whether somebody who was let through must not go on: a pause has come meanwhile."""
        return time.monotonic() < self._paused_until

    def failed(self) -> None:
        """Let nobody through for a while, twice as long with each failure in a row."""
        self.pause(min(2.0 ** min(self._failures, 64), LONGEST_BACKOFF))  # a float ends at 2**1024
        self._failures += 1

    def succeeded(self) -> None:
        """Forget the failures."""
        self._failures = 0

    def close(self) -> None:
        """Stop; whoever still waits is to be cancelled by its owner."""
        if self._letting_through is not None:
            self._letting_through.cancel()

    async def _let_through(self) -> None:
        while self._waiting:
            if (wait := self._opens_at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
                continue  # a pause may have come meanwhile
            _, _, first = heapq.heappop(self._waiting)
            if not first.done():  # its owner may have been cancelled meanwhile
                self._opens_at = time.monotonic() + self._spacing
                first.set_result(None)
