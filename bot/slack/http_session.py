"""The HTTP client for Slack: it follows no redirects, and reads no more than an answer can be.

A redirect is refused, because another host would get the token and what people wrote, and its answer would be taken for
Slack's. A body is read up to a limit, after decompression, and as UTF-8, whatever encoding it claims.
"""

import aiohttp
from aiohttp.connector import Connection

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
