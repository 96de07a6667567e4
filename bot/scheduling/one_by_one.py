"""Keeps what fails for one channel, person or message from stopping the job for all the others."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)


@contextmanager
def logged_if_it_fails(what: str, **about: object) -> Iterator[None]:
    """Log an error as "could not ..." with these fields, and go on: the job's next run tries this one again."""
    try:
        yield
    except Exception:
        logger.exception("could not %s", what, extra=about)
