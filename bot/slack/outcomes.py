"""What became of a request to Slack: done, certainly not done, refused, or unknown.

A post whose outcome is unknown must not be repeated, so that list is closed: no answer after the request was sent, an
answer that can't be read, a 5xx, and the errors with which Slack says that part of it may have happened
(docs.slack.dev, chat.postMessage: fatal_error, internal_error).
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, ClassVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.errors import retry_after

AMBIGUOUS_ERRORS = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
RATE_LIMIT_ERRORS = {"ratelimited", "rate_limited"}
AUTH_ERRORS = {
    *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
    *("org_login_required", "ekm_access_denied", "team_access_not_granted"),
}
"""Slack lets the bot do nothing at all: that is not about this message, and may be over in a moment."""
DEFAULT_RETRY_AFTER = 30.0
AUTH_RETRY_AFTER = 60.0
"""Seconds until Slack is asked whether the bot is let in again."""


@dataclass(frozen=True)
class Succeeded:
    """Slack did it; `ts` names the message in `channel_id`, which is Slack's own name for where it went."""

    ts: str
    channel_id: str | None = None
    name: ClassVar[str] = "done"


@dataclass(frozen=True)
class Retryable:
    """Slack certainly did not do it, and may do it later: in `retry_after` seconds, where it said so."""

    error: str
    retry_after: float | None = None

    @property
    def name(self) -> str:
        """What it is counted as."""
        return "ratelimited" if self.error == "ratelimited" else "not_done"


@dataclass(frozen=True)
class Rejected:
    """Slack certainly did not do it, and will not do it as things are."""

    error: str
    name: ClassVar[str] = "refused"


@dataclass(frozen=True)
class Unknown:
    """Slack may or may not have done it."""

    error: str
    name: ClassVar[str] = "unknown"


Outcome = Succeeded | Retryable | Rejected | Unknown


async def call(client: AsyncWebClient, method: str, arguments: dict[str, Any]) -> Outcome:
    """Send one request that writes, once, and say what became of it."""
    response = await _send(client.api_call(method, json=arguments))
    if not isinstance(response, AsyncSlackResponse):
        return response
    ts, channel_id = response.get("ts") or response.get("message_ts"), response.get("channel")
    return (
        Succeeded(ts, channel_id if isinstance(channel_id, str) else None) if isinstance(ts, str) else Unknown("no_ts")
    )


async def get(
    client: AsyncWebClient, method: str, arguments: dict[str, Any]
) -> AsyncSlackResponse | Retryable | Rejected | Unknown:
    """Send one request that reads, and return Slack's answer, or why there is none."""
    return await _send(client.api_call(method, http_verb="GET", params=arguments))


async def _send(request: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse | Retryable | Rejected | Unknown:
    try:
        return await request
    except SlackApiError as error:
        return _classify(error)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        return Retryable(type(error).__name__)
    except Exception as error:  # noqa: BLE001
        # A timeout, a reset, or an answer that the SDK can't make sense of: the request was sent.
        return Unknown(type(error).__name__)


def _classify(error: SlackApiError) -> Retryable | Rejected | Unknown:
    response = error.response
    if not hasattr(response, "status_code"):  # the SDK's own words for a body that is no JSON
        return Unknown("unreadable_answer")
    error_code = response.data.get("error") if isinstance(response.data, dict) else None
    if response.status_code == 429 or error_code in RATE_LIMIT_ERRORS:
        seconds = retry_after(response.headers)
        return Retryable("ratelimited", DEFAULT_RETRY_AFTER if seconds is None else seconds)
    if (
        response.status_code >= 500
        or not isinstance(error_code, str)
        or not error_code
        or error_code in AMBIGUOUS_ERRORS
    ):
        return Unknown(error_code if isinstance(error_code, str) and error_code else f"status_{response.status_code}")
    return Retryable(error_code, AUTH_RETRY_AFTER) if error_code in AUTH_ERRORS else Rejected(error_code)
