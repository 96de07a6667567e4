"""The HTTP client for Slack: it follows no redirects, and reads no more than an answer can be.

A redirect is refused, because another host would get the token and what people wrote, and its answer would be taken for
Slack's. A body is read up to a limit, after decompression, and as UTF-8, whatever encoding it claims.
"""

import aiohttp
from aiohttp.connector import Connection
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env
from slack_sdk.web.async_client import AsyncWebClient

SLACK_API_URL = "https://slack.com/api/"
MAX_ANSWER_BYTES = 8_000_000
"""Several times what Slack sends: a page of a thousand channels, or of two hundred long messages."""
CONNECT_TIMEOUT = 5.0


class Redirected(aiohttp.ClientError):
    """The answer sends the request elsewhere. What became of it is not known."""


class AnswerTooLarge(aiohttp.ClientError):
    """The answer is larger than any of Slack's. What became of the request is not known."""


class BoundedResponse(aiohttp.ClientResponse):
    """A response that is no redirect, and whose body is not large."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Read the status and the headers. Raises Redirected."""
        started = await super().start(connection)
        if 300 <= self.status < 400:
            raise Redirected
        return started

    async def read(self) -> bytes:
        """Read the body. Raises AnswerTooLarge."""
        if self._body is None:
            body = bytearray()
            async for chunk in self.content.iter_any():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    self.close()
                    raise AnswerTooLarge
            self._body = bytes(body)
        return await super().read()

    def get_encoding(self) -> str:
        """Return the encoding of all that Slack sends."""
        return "utf-8"


def create_session(timeout: float, *traces: aiohttp.TraceConfig) -> aiohttp.ClientSession:
    """Create a session whose requests end after `timeout` seconds. It keeps no cookies."""
    return aiohttp.ClientSession(
        trace_configs=list(traces),
        timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT),
        response_class=BoundedResponse,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def proxy(api_url: str) -> str | None:
    """Return the proxy on the way to Slack, as HTTPS_PROXY names it; None for a Slack on this machine."""
    return load_http_proxy_from_env() if api_url == SLACK_API_URL else None


def create_api(token: str | None, *, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Create the SDK's client of Slack's API. It repeats nothing: the SDK would repeat a post after a reset."""
    api = AsyncWebClient(token, base_url=base_url, session=session, retry_handlers=[])
    api.proxy = proxy(base_url)  # the SDK would ask the proxy for a Slack on this machine, too
    return api
