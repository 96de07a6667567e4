"""The Socket Mode receiver: Slack sends requests over a connection that the bot opens, so it needs no public URL."""

import logging
import time

from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.receivers.dispatcher import Dispatcher

logger = logging.getLogger(__name__)


class SocketModeReceiver:
    """Keeps a connection to Slack and answers the requests that come over it."""

    def __init__(self, dispatcher: Dispatcher, *, app_token: str, web_client: AsyncWebClient) -> None:
        self._dispatcher = dispatcher
        self._client = SocketModeClient(app_token=app_token, web_client=web_client)
        self._client.socket_mode_request_listeners.append(self._handle)

    async def start(self) -> None:
        """Connect. Raises SlackApiError or an aiohttp error if Slack can't be reached or refuses the token."""
        await self._client.connect()  # type: ignore[no-untyped-call]

    async def is_connected(self) -> bool:
        """Whether the connection is up."""
        return await self._client.is_connected()

    async def close(self) -> None:
        """Accept no new requests, answer those in flight, and close the connection."""
        self._client.socket_mode_request_listeners.clear()
        await self._dispatcher.join()
        await self._client.close()  # type: ignore[no-untyped-call]

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        headers = {}
        if request.retry_attempt is not None:
            headers["x-slack-retry-num"] = str(request.retry_attempt)
        if request.retry_reason is not None:
            headers["x-slack-retry-reason"] = request.retry_reason
        started = time.time()
        response = await self._dispatcher.dispatch(request.payload, headers)
        await send_async_response(client, request, response, started)
