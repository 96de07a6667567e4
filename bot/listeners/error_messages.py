"""The message for a request that ended in an error: why it was refused, or a reference to what failed."""

import logging
import secrets
from typing import Any

from slack_bolt.error import BoltUnhandledRequestError

from bot.domain.channel_settings import ChannelUnreachable, Conflict, TargetForbidden, UnknownTarget, WouldLeak
from bot.domain.permissions import NotAllowed, SlackUnavailable
from bot.domain.win_limits import TooManyWins
from bot.domain.wins import InvalidWin
from bot.services.idempotency import AlreadyHandled
from bot.services.wins import Repeated
from bot.slack import command_text
from bot.storage.unavailable import DatabaseLost, DatabaseUnavailable
from bot.views import asking, ephemeral, refusals
from bot.views.format import Message
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)

REFUSALS = (NotAllowed, SlackUnavailable, Conflict, WouldLeak, UnknownTarget, TargetForbidden, ChannelUnreachable)
"""Errors that say why something can't be done."""


def error_message(error: Exception, *, user_id: object, typed: object = None) -> Message:
    """Return the message for an error, and log it; `typed` is what the person wrote, which is given back."""
    text = command_text.readable(typed) if isinstance(typed, str) else ""
    if isinstance(error, InvalidWin):
        return ephemeral.explain_invalid_win(ENGLISH, error)
    if isinstance(error, REFUSALS):
        logger.warning("refused", extra={"reason": type(error).__name__, "user": user_id})
        return ephemeral.with_text_to_copy(ENGLISH, refusals.explain_refusal(ENGLISH, error), text)
    if isinstance(error, Repeated | TooManyWins):
        return asking.just_saved(ENGLISH) if isinstance(error, Repeated) else asking.too_many(ENGLISH, error)
    if isinstance(error, AlreadyHandled):
        return ephemeral.already_handled(ENGLISH)
    if isinstance(error, BoltUnhandledRequestError):
        return ephemeral.unhandled(ENGLISH)
    return _failure(error, text)


def _failure(error: Exception, text: str) -> Message:
    if isinstance(error, DatabaseUnavailable):
        logger.error("the database is unavailable", extra={"reason": error.reason, "may_be_saved": error.may_be_saved})
        is_lost = isinstance(error, DatabaseLost)
        return ephemeral.database_unavailable(ENGLISH, may_be_saved=error.may_be_saved, is_lost=is_lost, text=text)
    reference = secrets.token_hex(4)
    logger.error("request failed", extra={"reference": reference}, exc_info=error)
    return ephemeral.internal_error(ENGLISH, reference, text=text)


def error_modal(error: Exception, user_id: str) -> dict[str, Any]:
    """Return the modal for an error, and log it."""
    return refusals.error_modal(ENGLISH, error_message(error, user_id=user_id))
