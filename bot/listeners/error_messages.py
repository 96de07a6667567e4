"""What somebody is told whose request ended in an error: why it was refused, or a reference to an accident."""

import logging
import secrets

from slack_bolt.error import BoltUnhandledRequestError

from bot.domain.channel_settings import ChannelUnreachable, Conflict, TargetForbidden, UnknownTarget, WouldLeak
from bot.domain.permissions import NotAllowed, SlackUnavailable
from bot.domain.wins import InvalidWin, with_names
from bot.slack import command_text
from bot.views import ephemeral, refusals
from bot.views.format import Message

logger = logging.getLogger(__name__)

REFUSALS = (NotAllowed, SlackUnavailable, Conflict, WouldLeak, UnknownTarget, TargetForbidden, ChannelUnreachable)
"""What is no accident: somebody asks for what can't be done, and is told why."""


def words(error: Exception, *, who: object, typed: object = None) -> Message:
    """Return what the person is told, and log it; `typed` is what they wrote, and is given back after an accident."""
    if isinstance(error, InvalidWin):
        return ephemeral.refused(error)
    if isinstance(error, REFUSALS):
        logger.warning("refused: %s, asked for by %s", type(error).__name__, who)
        return refusals.refused(error)
    if isinstance(error, BoltUnhandledRequestError):
        return ephemeral.nobody_listens()
    reference = secrets.token_hex(4)
    logger.error("reference %s: a request failed", reference, exc_info=error)
    given_back = ""
    if isinstance(typed, str):
        plain, mentions = command_text.parse(typed)
        given_back = with_names(plain, {person.user_id: person.name or person.user_id for person in mentions})
    return ephemeral.accident(reference, words=given_back)
