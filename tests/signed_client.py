"""Signs requests as Slack does, or wrongly, and sends them to the HTTP receiver."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.team import Team

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign as docs.slack.dev/authentication/verifying-requests-from-slack says."""
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def form(payload: Mapping[str, Any]) -> bytes:
    """A command's body."""
    return urlencode(payload).encode()


def command_payload(at: Team, text: str = "fixed the build", **changes: Any) -> dict[str, Any]:
    """Return what Slack sends when Ana types /win in #general."""
    return {
        "token": "old",
        "team_id": at.slack.team_id,
        "team_domain": "acme",
        "channel_id": at.general.id,
        "channel_name": "general",
        "user_id": at.ana.id,
        "user_name": "ana",
        "command": "/win",
        "text": text,
        "api_app_id": at.slack.app_id,
        "is_enterprise_install": "false",
        "response_url": f"{at.slack.origin}/commands/{at.slack.team_id}/1/none",
        "trigger_id": f"1.2.{text}",
        **changes,
    }


def payload_form(payload: Any) -> bytes:
    """A button's body."""
    return urlencode({"payload": json.dumps(payload)}).encode()


@dataclass(frozen=True)
class Response:
    status: int
    text: str
    headers: Mapping[str, str]

    def json(self) -> Any:
        return json.loads(self.text)


class SignedClient:
    """The bot's HTTP receiver, with its signing secret."""

    def __init__(self, url: str, secret: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._secret = secret
        self._session = session

    def signed_headers(self, body: bytes, *, age: float = 0, content_type: str = FORM) -> dict[str, str]:
        """The headers that Slack would send with `body`, `age` seconds ago."""
        timestamp = str(int(time.time() - age))
        return {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }

    async def send(self, body: Any, headers: Mapping[str, str], *, query: str = "", method: str = "POST") -> Response:
        """Send exactly this."""
        async with self._session.request(
            method, f"{self.url}{query}", data=body, headers=headers, allow_redirects=False
        ) as response:
            return Response(response.status, (await response.read()).decode(), dict(response.headers))

    async def command(self, payload: Mapping[str, Any], **more: str) -> Response:
        """Send a command, signed, with `more` headers."""
        body = form(payload)
        return await self.send(body, self.signed_headers(body) | more)

    async def button(self, payload: Mapping[str, Any]) -> Response:
        """Send a button press, signed."""
        body = payload_form(payload)
        return await self.send(body, self.signed_headers(body))

    async def event(self, payload: Any) -> Response:
        """Send an event, signed."""
        body = json.dumps(payload).encode()
        return await self.send(body, self.signed_headers(body, content_type=JSON))


@asynccontextmanager
async def open_signed_client(url: str, secret: str, *, connections: int = 32) -> AsyncIterator[SignedClient]:
    """Open a client that keeps its connections open."""
    connector = aiohttp.TCPConnector(limit=connections)
    timeout = aiohttp.ClientTimeout(total=30)  # a busy machine may need as long
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield SignedClient(url, secret, session)


async def raw_exchange(url: str, sent: bytes) -> bytes:
    """Send bytes to the server of `url` as they are, and return the first of what it says; b"" if it hangs up."""
    host, port = url.removeprefix("http://").partition("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(sent)
        await writer.drain()
        return await asyncio.wait_for(reader.read(64_000), 30)  # a busy machine may need as long
    except ConnectionError:
        return b""
    finally:
        writer.close()
