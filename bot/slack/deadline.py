"""The time of a request: Slack waits three seconds for the answer to what a person does, whoever is asked meanwhile.

Everything that is asked or shown for one request shares one time, counted from when the request came in; so a slow
answer is waited for as long as there is any use in it. What nobody waits for begins a time of its own.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LOOKUP_BUDGET = 1.6
"""Seconds after which Slack has said who somebody is and what a channel is, or it is done without."""
RESPONSE_BUDGET = 2.6
"""Seconds after which what came of it is shown, or isn't: the rest is for the acknowledgement on its way."""

_started_at: ContextVar[float] = ContextVar("began")


@contextmanager
def start() -> Iterator[None]:
    """Count from now what is done within."""
    token = _started_at.set(asyncio.get_running_loop().time())
    try:
        yield
    finally:
        _started_at.reset(token)


def within(seconds: float) -> asyncio.Timeout:
    """Return a timeout (`async with`) that ends `seconds` after the request came in; from now where there is none."""
    return asyncio.timeout_at(_started_at.get(asyncio.get_running_loop().time()) + seconds)
