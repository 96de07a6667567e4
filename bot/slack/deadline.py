"""The deadline of a request: Slack waits three seconds for the ack.

All lookups and responses for one request share one deadline, counted from its arrival. A background task, which no one
waits for, starts a deadline of its own.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LOOKUP_BUDGET = 1.6
"""Seconds from the start of a request until lookups of users and channels must be done; then it goes on without."""
RESPONSE_BUDGET = 2.6
"""Seconds from the start of a request until its result must be shown. The rest is for the ack on its way."""
ACK_SECONDS = 2.9
"""Seconds from the start of a request after which what its ack says may come too late for Slack to show it."""

_started_at: ContextVar[float] = ContextVar("started_at")


@contextmanager
def start() -> Iterator[None]:
    """Start a deadline for the code inside."""
    token = _started_at.set(asyncio.get_running_loop().time())
    try:
        yield
    finally:
        _started_at.reset(token)


def within(seconds: float) -> asyncio.Timeout:
    """Return a timeout (`async with`) that ends `seconds` after the request came in, or from now outside a request."""
    return asyncio.timeout_at(_started_at.get(asyncio.get_running_loop().time()) + seconds)


def is_over(seconds: float) -> bool:
    """Whether the `seconds` after the request came in are over; never outside a request."""
    left = seconds_left(seconds)
    return left is not None and left <= 0


def seconds_left(seconds: float) -> float | None:
    """Return how much is left of the `seconds` after the request came in, or None outside a request."""
    started_at = _started_at.get(None)
    return None if started_at is None else started_at + seconds - asyncio.get_running_loop().time()
