"""Keeps what fails for one channel, person or message from stopping the job for all the others."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

logger = logging.getLogger(__name__)

REPEAT_SECONDS = 600.0
"""Seconds after which a ticker logs again what still fails in the same way: it tries that at every tick."""

_logged_at: ContextVar[dict[tuple[object, ...], float] | None] = ContextVar("logged_at", default=None)


@contextmanager
def repeats_logged_seldom() -> Iterator[None]:
    """Let tasks that are created inside log what fails in the same way at most every `REPEAT_SECONDS`."""
    token = _logged_at.set({})
    try:
        yield
    finally:
        _logged_at.reset(token)


@contextmanager
def logged_if_it_fails(what: str, **about: object) -> Iterator[None]:
    """Log an error as "could not ..." with these fields, and go on: the job's next run tries this one again."""
    try:
        yield
    except Exception as error:
        if _is_news(what, *about.values(), type(error)):
            logger.exception("could not %s", what, extra=about)


def _is_news(*failure: object) -> bool:
    """Whether a failure is to be logged, which is remembered."""
    logged_at = _logged_at.get()
    if logged_at is None:
        return True
    now = time.monotonic()
    for each in [each for each, at in logged_at.items() if now - at >= REPEAT_SECONDS]:
        del logged_at[each]
    return logged_at.setdefault(failure, now) == now
