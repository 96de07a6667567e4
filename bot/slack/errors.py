"""The one error door: each kind of request is answered in its own way, for status 200 alone is not always an answer.

A command gets text. A button gets words through its response_url. An event gets no ack, so that Slack sends it again.
"""

import logging
import secrets
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.domain.wins import Refused, named
from bot.slack import text
from bot.slack.answers import Answer
from bot.slack.cheer import NotKnownYet
from bot.slack.payloads import Malformed
from bot.views import private
from bot.views.format import Message

logger = logging.getLogger(__name__)


def register(app: AsyncApp, *, answer: Answer) -> None:
    """Take every error that a listener raises, and every request that nothing listens to."""

    @app.error
    async def answered(error: Exception, request: AsyncBoltRequest) -> BoltResponse:
        body: dict[str, Any] = request.body
        if isinstance(error, Malformed):
            return BoltResponse(status=400, body="malformed request")
        if "command" in body:
            return BoltResponse(status=200, body=_words(error, body))
        if body.get("type") == "event_callback":
            return _event(error)
        if isinstance(response_url := body.get("response_url"), str):
            await answer(response_url, _words(error, body))
        return BoltResponse(status=200, body="")


def _event(error: Exception) -> BoltResponse:
    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=200, body="")
    if not isinstance(error, NotKnownYet):
        logger.error("an event was not taken in, Slack will send it again", exc_info=error)
    return BoltResponse(status=503, body="")


def _words(error: Exception, body: dict[str, Any]) -> Message:
    if isinstance(error, Refused):
        return private.refused(error)
    if isinstance(error, BoltUnhandledRequestError):
        return private.nobody_listens()
    reference = secrets.token_hex(4)
    logger.error("reference %s: a request failed", reference, exc_info=error)
    typed = body.get("text") if "command" in body else None
    words = ""
    if isinstance(typed, str):
        plain, mentions = text.read(typed)
        words = named(plain, {person.user_id: person.label or person.user_id for person in mentions})
    return private.accident(reference, words=words)
