"""The HTTP transport: signed POSTs to the bot's request URL.

Source: docs.slack.dev/authentication/verifying-requests-from-slack, /apis/events-api (retry headers, x-slack-no-retry).
"""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urljoin

import aiohttp

from slack_standin.delivery.transport import Delivery, Outcome, Raw
from slack_standin.model.state import World

_FORM = "application/x-www-form-urlencoded"
_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 2


class HttpTransport:
    """Posts to the request URL and waits `world.ack_timeout` seconds for the response."""

    name = "http"

    def __init__(self, world: World) -> None:
        self._world = world
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the session."""
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """Close the session."""
        if self._session:
            await self._session.close()

    async def send(self, delivery: Delivery, attempt: int, reason: str | None) -> Outcome:
        """Post once, signed, and return the outcome."""
        raw = delivery.raw or Raw()
        url = self._world.url_for(delivery.kind, delivery.payload)
        content_type, body = _encoded(delivery)
        body = body if raw.body is None else raw.body
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        if raw.signed:
            headers |= self._signature(body)
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason or "unknown_error"}
        headers |= raw.headers
        post = self._post_event if delivery.kind == "events_api" else self._post
        try:
            return await asyncio.wait_for(post(url, body, headers), self._world.ack_timeout)
        except TimeoutError:
            return Outcome(error="operation_timeout", reason="http_timeout")
        except aiohttp.ClientSSLError:
            return Outcome(error="dispatch_failed", reason="ssl_error")
        except aiohttp.ClientError:
            return Outcome(error="dispatch_failed", reason="connection_failed")

    async def verify_url(self, challenge: str) -> bool:
        """Send the url_verification that Slack sends when a request URL is saved; true when it is answered."""
        payload = {"token": self._world.verification_token, "challenge": challenge, "type": "url_verification"}
        outcome = await self.send(Delivery("url_verification", "events_api", payload, ""), 0, None)
        answered = outcome.payload
        said = answered.get("challenge", answered.get("text")) if isinstance(answered, dict) else None
        return outcome.status == 200 and said == challenge

    async def _post_event(self, url: str | None, body: bytes, headers: dict[str, str]) -> Outcome:
        """Post an event: every 2xx status is a success, and two redirects are followed, with the same request."""
        for _ in range(_MAX_REDIRECTS + 1):
            outcome = await self._post(url, body, headers)
            if outcome.status and outcome.status // 100 == 2:
                return Outcome(outcome.status, outcome.payload)
            if outcome.redirect is None:
                return outcome
            url = outcome.redirect
        return replace(outcome, reason="too_many_redirects")

    async def _post(self, url: str | None, body: bytes, headers: dict[str, str]) -> Outcome:
        if not self._session or not url:
            return Outcome(error="dispatch_failed", reason="connection_failed")
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            answer = decode_body(await response.read(), is_json=response.content_type == "application/json")
            if response.status == 200:
                return Outcome(200, answer)
            no_retry = response.headers.get("x-slack-no-retry") == "1"
            location = response.headers.get("Location") if response.status in _REDIRECTS else None
            redirect = urljoin(url, location) if location else None
            return Outcome(response.status, answer, "dispatch_failed", "http_error", no_retry, redirect)

    def _signature(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        base = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self._world.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _encoded(delivery: Delivery) -> tuple[str, bytes]:
    match delivery.kind:
        case "slash_commands" if isinstance(delivery.payload, dict):
            return _FORM, urlencode(delivery.payload).encode()
        case "interactive":
            return _FORM, urlencode({"payload": json.dumps(delivery.payload)}).encode()
        case _:
            return "application/json", json.dumps(delivery.payload).encode()


def decode_body(content: bytes, *, is_json: bool = True) -> Any:
    """Parse a response body: JSON, or text to be shown unchanged; None if empty.

    What isn't called JSON is text, whatever it looks like (docs.slack.dev, implementing-slash-commands).
    """
    if not content.strip():
        return None
    as_text = {"text": content.decode(errors="replace")}
    if not is_json:
        return as_text
    try:
        decoded = json.loads(content)
    except ValueError:
        return as_text
    return decoded if isinstance(decoded, dict) else as_text
