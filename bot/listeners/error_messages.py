"""What somebody is told whose request ended in an error: why it was refused, or a reference to an accident."""

import logging
import secrets

from slack_bolt.error import BoltUnhandledRequestError

from bot.domain.channel_settings import ChannelUnreachable, Conflict, TargetForbidden, UnknownTarget, WouldLeak
from bot.domain.permissions import NotAllowed, SlackUnavailable
from bot.domain.wins import InvalidWin, with_names
from bot.services.idempotency import AlreadyHandled
from bot.slack import command_text
from bot.views import ephemeral, refusals
from bot.views.format import Message
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)

REFUSALS = (NotAllowed, SlackUnavailable, Conflict, WouldLeak, UnknownTarget, TargetForbidden, ChannelUnreachable)
"""What is no accident: somebody asks for what can't be done, and is told why."""


def error_message(error: Exception, *, user_id: object, typed: object = None) -> Message:
    """Return what the person is told, and log it; `typed` is what they wrote, and is given back after an accident."""
    if isinstance(error, InvalidWin):
        return ephemeral.explain_invalid_win(ENGLISH, error)
    if isinstance(error, REFUSALS):
        logger.warning("refused", extra={"reason": type(error).__name__, "user": user_id})
        return refusals.explain_refusal(ENGLISH, error)
    if isinstance(error, AlreadyHandled):
        return ephemeral.already_handled(ENGLISH)
    if isinstance(error, BoltUnhandledRequestError):
        return ephemeral.unhandled(ENGLISH)
    reference = secrets.token_hex(4)
    logger.error("request failed", extra={"reference": reference}, exc_info=error)
    typed_text = ""
    if isinstance(typed, str):
        plain, mentions = command_text.parse(typed)
        typed_text = with_names(plain, {mention.user_id: mention.name or mention.user_id for mention in mentions})
    return ephemeral.internal_error(ENGLISH, reference, text=typed_text)
