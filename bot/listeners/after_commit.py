"""What is read after a commit and only adds to the answer: if that fails, the person still learns what was saved."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from bot.domain.permissions import SlackUnavailable
from bot.slack import deadline

logger = logging.getLogger(__name__)

T = TypeVar("T")


async def in_time(extra: Awaitable[T], otherwise: T) -> T:
    """Return what only adds to the answer to a change that is saved, or `otherwise` if it can't be had in time.

    It is saved, so the person must not be told anything else.
    """
    try:
        async with deadline.within(deadline.RESPONSE_BUDGET):
            return await extra
    except (TimeoutError, DBAPIError, SlackUnavailable) as error:
        logger.warning("an answer about a saved change says less", extra={"error": type(error).__name__})
        return otherwise
