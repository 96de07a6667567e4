"""What every request passes between a receiver (HTTP or Socket Mode) and Bolt.

A request of a workspace that the bot does not serve is refused here. A payload that Bolt can't route gets a 400.
Requests in flight are counted, so that a stopping bot can finish them.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot import log
from bot.slack import command_text, deadline, request_kind
from bot.slack.clients import SlackClients
from bot.slack.response_url import Respond
from bot.views import ephemeral, refusals
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)


class Dispatcher:
    """Hands requests to Bolt. `on_ack` gets the seconds that each took."""

    def __init__(
        self, app: AsyncApp, *, clients: SlackClients, respond: Respond, on_ack: Callable[[float], None]
    ) -> None:
        self._app = app
        self._clients = clients
        self._respond = respond
        self._on_ack = on_ack
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def dispatch(self, payload: Any, headers: Mapping[str, str]) -> BoltResponse:
        """Answer one verified request. `headers` are those of Slack that Bolt needs: x-slack-retry-*."""
        started = time.monotonic()
        self._in_flight += 1
        self._idle.clear()
        try:
            team_id = request_kind.workspace(payload)
            with deadline.start(), log.bound(workspace=team_id, request=request_kind.request_id(payload)):
                return await self._dispatch(payload, headers, is_served=team_id in self._clients)
        finally:
            self._on_ack(time.monotonic() - started)
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def join(self) -> None:
        """Wait until no request is in flight."""
        await self._idle.wait()

    async def _dispatch(self, payload: Any, headers: Mapping[str, str], *, is_served: bool) -> BoltResponse:
        kind = request_kind.kind(payload)
        if kind is None:
            return BoltResponse(status=400, body="malformed request")
        if not is_served:
            return await self._reject(kind, payload)
        if kind == request_kind.NOTICE:
            logger.warning("notice from Slack", extra={"type": payload["type"]})
            return BoltResponse(status=200, body="")
        try:
            # Not mode="http": Bolt's parser takes a command that contains "payload" for a button press.
            request = AsyncBoltRequest(mode="socket_mode", body=payload, headers=dict(headers))
            response = await self._app.async_dispatch(request)
        except Exception:
            # The error handler takes what listeners raise. This is Bolt itself, which can't parse the payload.
            logger.warning("could not route a request", exc_info=True)
            return BoltResponse(status=400, body="malformed request")
        if kind == request_kind.COMMAND and await self._has_answered_late(payload, response):
            return BoltResponse(status=200, body="")
        return response

    async def _has_answered_late(self, payload: dict[str, Any], response: BoltResponse) -> bool:
        """Whether a command's answer was sent through its response_url, because Slack no longer shows that of an ack.

        Else the person would not learn whether it is saved, nor get their text back.
        """
        response_url, is_answer = payload.get("response_url"), response.status == 200 and response.body
        if not is_answer or not isinstance(response_url, str) or not deadline.is_over(deadline.ACK_SECONDS):
            return False
        logger.warning("answered too late for an ack")
        return await self._respond(response_url, json.loads(response.body))

    async def _reject(self, kind: str, payload: dict[str, Any]) -> BoltResponse:
        logger.warning("refused a request from another workspace")
        if kind == request_kind.COMMAND:
            text = command_text.readable(typed) if isinstance(typed := payload.get("text"), str) else ""
            return BoltResponse(status=200, body=ephemeral.unknown_workspace(ENGLISH, text=text))
        if payload.get("type") == "view_submission":
            modal = refusals.error_modal(ENGLISH, ephemeral.unknown_workspace(ENGLISH))
            return BoltResponse(status=200, body={"response_action": "update", "view": modal})
        if kind == request_kind.INTERACTION and isinstance(response_url := payload.get("response_url"), str):
            await self._respond(response_url, ephemeral.unknown_workspace(ENGLISH))
        return BoltResponse(status=200, body="")
