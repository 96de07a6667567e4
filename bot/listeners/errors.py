"""The error handler: each kind of request shows its error in its own way.

A command gets text. A button gets a message through its response_url; one in a view gets a modal of its own. A
submitted modal gets the error under its first field, and keeps what was entered. An event gets no ack, so that Slack
sends it again.
"""

import logging
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.domain.permissions import SlackUnavailable
from bot.domain.text import words
from bot.listeners.dependencies import Dependencies
from bot.listeners.error_messages import error_message
from bot.services.cheers import MessageNotRecordedYet
from bot.services.idempotency import AlreadyHandled
from bot.slack import payloads, request_kind
from bot.slack.payloads import Malformed
from bot.storage.unavailable import DatabaseUnavailable
from bot.views import ephemeral, refusals
from bot.views.format import Message
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Handle every error that a listener raises, and every request that no listener takes."""

    @app.error
    async def handle_error(error: Exception, request: AsyncBoltRequest) -> BoltResponse:
        body: dict[str, Any] = request.body
        if isinstance(error, Malformed):
            logger.warning("malformed request", extra={"error": error, "user": _user_id(body)})
            if body.get("type") == "view_submission" and isinstance(body.get("view"), dict):
                return BoltResponse(
                    status=200, body=_first_field_error(ephemeral.form_was_tampered_with(ENGLISH), body["view"])
                )
            return BoltResponse(status=400, body="malformed request")
        if "command" in body:
            return BoltResponse(status=200, body=_error_message(error, body))
        if body.get("type") == "event_callback":
            return _event_response(error)
        if body.get("type") == "view_submission":
            return BoltResponse(status=200, body=_first_field_error(_error_message(error, body), body["view"]))
        if isinstance(response_url := body.get("response_url"), str):
            await deps.respond(response_url, _error_message(error, body))
        elif isinstance(trigger_id := body.get("trigger_id"), str):
            show = deps.modals.push if body.get("view", {}).get("type") == "modal" else deps.modals.open
            view = refusals.error_modal(ENGLISH, _error_message(error, body))
            await show(str(request_kind.workspace(body)), trigger_id, view)
        return BoltResponse(status=200, body="")


def _first_field_error(message: Message, view: dict[str, Any]) -> dict[str, Any]:
    blocks = view.get("blocks")
    blocks = blocks if isinstance(blocks, list) else []
    fields = [block for block in blocks if isinstance(block, dict) and block.get("type") == "input"]
    if not fields:
        return {"response_action": "update", "view": refusals.error_modal(ENGLISH, message)}
    return {"response_action": "errors", "errors": {fields[0].get("block_id"): refusals.plain_text(message)}}


def _event_response(error: Exception) -> BoltResponse:
    if isinstance(error, BoltUnhandledRequestError | AlreadyHandled):
        return BoltResponse(status=200, body="")
    if isinstance(error, DatabaseUnavailable):
        logger.error("event failed; Slack will retry it", extra={"reason": error.reason})
    elif not isinstance(error, MessageNotRecordedYet | SlackUnavailable):  # these pass by themselves
        logger.error("event failed; Slack will retry it", exc_info=error)
    return BoltResponse(status=503, body="")


def _user_id(body: dict[str, Any]) -> str | None:
    user = body.get("user")
    return payloads.optional_id(body, "user_id") or (
        payloads.optional_id(user, "id") if isinstance(user, dict) else None
    )


def _error_message(error: Exception, body: dict[str, Any]) -> Message:
    return error_message(error, user_id=_user_id(body), typed=_typed(body))


def _typed(body: dict[str, Any]) -> str | None:
    """Return the text of a win, or another command with what follows its first word."""
    command, text = body.get("command"), body.get("text")
    if not isinstance(command, str) or not isinstance(text, str):
        return None
    if command == "/win":
        return text
    return f"{command} {text}" if len(words(text)) > 1 else None
