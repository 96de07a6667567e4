"""The HTTP receiver: POST /slack/events takes commands, interactions and events, if Slack signed them.

The dispatcher hands them to Bolt, and Bolt calls a listener: bot/listeners/win.py for a `/win`. This file limits
the size of the body (connections.py the time for it), verifies Slack's signature, parses, and then dispatches: a
request that is not Slack's gets a 4xx. Nothing in a request can select another receiver.
"""

import json
import logging
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_to_bytes

from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.receivers.dispatcher import Dispatcher

logger = logging.getLogger(__name__)

MAX_BYTES = 1_000_000
PATH = "/slack/events"
MAX_FIELDS = 100
UNSIGNED_LOG_SECONDS = 60.0
RETRY_HEADERS = ("x-slack-retry-num", "x-slack-retry-reason")


def create_app(dispatcher: Dispatcher, signing_secret: str, *, now: Callable[[], float] = time.time) -> web.Application:
    """Return the web application; `now` is what signatures are compared with. Raises ValueError for an empty secret."""
    if not signing_secret:
        raise ValueError("the HTTP receiver needs a signing secret")
    verifier = SignatureVerifier(signing_secret, clock=SimpleNamespace(now=now))  # type: ignore[arg-type]
    unsigned = _Unsigned()

    async def events(request: web.Request) -> web.Response:
        body = await request.read()
        if not _is_signed(verifier, request, body):
            unsigned.log()
            return web.Response(status=401, text="not signed by Slack")
        try:
            payload = _parse(body, request.content_type)
        except (ValueError, RecursionError):
            return web.Response(status=400, text="malformed request")
        if isinstance(payload, dict) and payload.get("type") == "url_verification":
            return web.json_response({"challenge": str(payload.get("challenge", ""))})
        if isinstance(payload, dict) and "ssl_check" in payload:
            return web.Response()
        headers = {name: request.headers[name] for name in RETRY_HEADERS if name in request.headers}
        response = await dispatcher.dispatch(payload, headers)
        content_type = response.headers.get("content-type", ["text/plain;charset=utf-8"])[0]
        # As bytes: aiohttp would look for a way to send a str.
        body = response.body.encode()
        return web.Response(status=response.status, body=body, headers={"content-type": content_type})

    app = web.Application(client_max_size=MAX_BYTES)
    app.router.add_post(PATH, events)
    return app


class _Unsigned:
    """Logs that there are requests that Slack didn't sign: once a minute, because anyone can send them."""

    def __init__(self) -> None:
        self._logged_at = -UNSIGNED_LOG_SECONDS

    def log(self) -> None:
        now = time.monotonic()
        if now - self._logged_at >= UNSIGNED_LOG_SECONDS:
            self._logged_at = now
            logger.warning(
                "refused a request that isn't signed by Slack. If Slack sent it, SLACK_SIGNING_SECRET is wrong, or a "
                "proxy changes the body or the X-Slack-* headers"
            )


def _is_signed(verifier: SignatureVerifier, request: web.Request, body: bytes) -> bool:
    """Whether Slack signed this within the last five minutes (docs.slack.dev, verifying-requests-from-slack)."""
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16 and signature.isascii()):
        return False
    try:
        return verifier.is_valid(body, timestamp, signature)
    except ValueError:
        return False


def _parse(body: bytes, content_type: str) -> Any:
    """Return the payload of a body that is JSON, a form, or a form with a JSON `payload` field. Raises ValueError."""
    text = body.decode("utf-8")
    if content_type == "application/json":
        return json.loads(text)
    form = _parse_form(text)
    return json.loads(form["payload"]) if "payload" in form and "command" not in form else form


def _parse_form(text: str) -> dict[str, str]:
    """Return the fields of a form, as `dict(parse_qsl(...))` does, which takes twice as long. Raises ValueError."""
    if text.count("&") >= MAX_FIELDS:
        raise ValueError("too many fields")
    pairs = (field.partition("=") for field in text.split("&") if field)
    return {_unquote(name): _unquote(value) for name, _, value in pairs}


def _unquote(text: str) -> str:
    """Return `text` as `urllib.parse.unquote_plus` does, which takes twice as long."""
    if "+" in text:
        text = text.replace("+", " ")
    return unquote_to_bytes(text).decode(errors="replace") if "%" in text else text
