"""Responding to one person through the response_url of their request.

This replaces Bolt's `respond()`, which follows redirects and posts again after a reset. Here: https on exactly
hooks.slack.com (or exactly the stand-in's origin), one attempt, no redirects, one second.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.slack import http_session

logger = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=1)
SLACK_HOOKS = "https://hooks.slack.com"

Respond = Callable[..., Awaitable[bool]]
"""respond(response_url, message, replace=False, in_channel=False, thread_ts=None): whether Slack took it."""


def create_respond(session: aiohttp.ClientSession, slack_api_url: str) -> Respond:
    """Return the function. `slack_api_url` tells whether Slack is a stand-in on loopback."""
    origin = SLACK_HOOKS if slack_api_url == http_session.SLACK_API_URL else _origin(slack_api_url)
    proxy = http_session.proxy(slack_api_url)

    async def respond(
        response_url: str,
        message: dict[str, Any],
        *,
        replace: bool = False,
        in_channel: bool = False,
        thread_ts: str | None = None,
    ) -> bool:
        if origin is None or _origin(response_url) != origin:
            logger.warning("refused a response_url outside Slack")
            return False
        body = message | {
            "response_type": "in_channel" if in_channel else "ephemeral",
            "replace_original": replace,
            "parse": "none",
            "unfurl_links": False,
            "unfurl_media": False,
            **({} if thread_ts is None else {"thread_ts": thread_ts}),
        }
        try:
            request = session.post(response_url, json=body, timeout=TIMEOUT, allow_redirects=False, proxy=proxy)
            async with request as response:
                if response.status != 200:
                    logger.warning("response_url rejected the message", extra={"status": response.status})
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError) as error:
            logger.warning("response_url failed; the message may be lost", extra={"error": type(error).__name__})
            return False

    return respond


def _origin(url: str) -> str | None:
    """Return the scheme, host and port of `url`; None if it has user information or no host, or is not http(s)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or "@" in parts.netloc or parts.scheme not in ("http", "https"):
        return None
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port is not None else "")
