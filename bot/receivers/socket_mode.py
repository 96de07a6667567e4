"""The Socket Mode receiver: Slack sends requests over a connection that the bot opens, so it needs no public URL."""

import asyncio
import logging
import time

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.slack_errors import ErrorMeaning
from bot.receivers.dispatcher import Dispatcher
from bot.slack import answers, http_session
from bot.slack.answers import OddAnswer
from bot.slack.clients import TokenRefused
from bot.slack.errors import RATELIMITED, error_code, meaning, retry_after

logger = logging.getLogger(__name__)


HANDSHAKE_TIMEOUT = 30.0
RETRY_SECONDS = 30.0
"""Seconds until Slack is asked for an address again, if it doesn't say when."""


class _Client(SocketModeClient):
    """The SDK's client, but it connects to Slack alone, and uses each address that Slack gives it once.

    The SDK would follow redirects, wait for years if Slack asked for that, and try an address that fails for ever.
    """

    async def open_session(self) -> None:
        """Make the HTTP session that it connects with."""
        await self.aiohttp_client_session.close()
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._forget_address)
        self.aiohttp_client_session = http_session.create_session(HANDSHAKE_TIMEOUT, trace)

    async def _forget_address(self, *_: object) -> None:
        self.wss_uri = None

    async def issue_new_wss_url(self) -> str:
        """Return an address to connect to. Raises SlackApiError, an aiohttp error or OddAnswer."""
        while True:
            try:
                request = self.web_client.apps_connections_open(app_token=self.app_token)
                response = await answers.receive(request)
                return answers.socket_url(answers.body(response), self.web_client.base_url)
            except SlackApiError as error:
                if (code := error_code(error)) != RATELIMITED:
                    logger.warning("Slack gives no address to connect to", extra={"error": code})
                    raise
                seconds = retry_after(error.response.headers) or RETRY_SECONDS
            await asyncio.sleep(seconds)


class SocketModeReceiver:
    """Keeps a connection to Slack and answers the requests that come over it."""

    def __init__(self, dispatcher: Dispatcher, *, app_token: str, web_client: AsyncWebClient) -> None:
        self._dispatcher = dispatcher
        self._client = _Client(app_token=app_token, web_client=web_client)
        self._client.proxy = web_client.proxy
        self._client.socket_mode_request_listeners.append(self._handle)

    async def start(self) -> None:
        """Connect; try until Slack can be reached. Raises TokenRefused."""
        await self._client.open_session()
        await self._ask_for_address()
        await self._client.connect()  # type: ignore[no-untyped-call]

    async def _ask_for_address(self) -> None:
        """Ask for the first address: the SDK would ask for ever, whatever Slack says of the token."""
        try:
            self._client.wss_uri = await self._client.issue_new_wss_url()
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OddAnswer) as error:
            code = error_code(error)
            if meaning("apps.connections.open", code) in (ErrorMeaning.INVALID_TOKEN, ErrorMeaning.MISSING_SCOPE):
                raise TokenRefused("SLACK_APP_TOKEN", code) from None

    async def is_connected(self) -> bool:
        """Whether the connection is up."""
        return await self._client.is_connected()

    async def finish(self) -> None:
        """Accept no new requests, and answer those in flight."""
        self._client.socket_mode_request_listeners.clear()
        await self._dispatcher.join()

    async def close(self) -> None:
        """Close the connection."""
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
