"""What became of a request to Slack: done, certainly not done, refused, or unknown.

A post whose outcome is unknown must not be repeated, so that list is closed: no answer after the request was sent, an
answer that can't be read, a 5xx, and the errors with which Slack says that part of it may have happened
(docs.slack.dev, chat.postMessage: fatal_error, internal_error).
"""

from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

MAYBE_DONE = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
TRY_LATER = {"ratelimited", "rate_limited"}
DEFAULT_RETRY_AFTER = 30.0


@dataclass(frozen=True)
class Done:
    """Slack did it; `ts` names the message."""

    ts: str


@dataclass(frozen=True)
class NotDone:
    """Slack certainly did not do it, and may do it later: in `retry_after` seconds, where it said so."""

    error: str
    retry_after: float | None = None


@dataclass(frozen=True)
class Refused:
    """Slack certainly did not do it, and will not do it as things are."""

    error: str


@dataclass(frozen=True)
class Unknown:
    """Slack may or may not have done it."""

    error: str


Outcome = Done | NotDone | Refused | Unknown


async def call(client: AsyncWebClient, method: str, arguments: dict[str, Any]) -> Outcome:
    """Send one request, once, and say what became of it."""
    try:
        answer = await client.api_call(method, json=arguments)
    except SlackApiError as error:
        return _classified(error)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        return NotDone(type(error).__name__)
    except Exception as error:  # noqa: BLE001
        # A timeout, a reset, or an answer that the SDK can't make sense of: the request was sent.
        return Unknown(type(error).__name__)
    ts = answer.get("ts")
    return Done(ts) if isinstance(ts, str) else Unknown("no_ts")


def _classified(error: SlackApiError) -> Outcome:
    response = error.response
    if not hasattr(response, "status_code"):  # the SDK's own words for a body that is no JSON
        return Unknown("unreadable_answer")
    name = response.data.get("error") if isinstance(response.data, dict) else None
    if response.status_code == 429 or name in TRY_LATER:
        return NotDone("ratelimited", _retry_after(response.headers))
    if response.status_code >= 500 or not isinstance(name, str) or not name or name in MAYBE_DONE:
        return Unknown(name if isinstance(name, str) and name else f"status_{response.status_code}")
    return Refused(name)


def _retry_after(headers: Any) -> float:
    value = headers.get("Retry-After") or headers.get("retry-after") or ""
    return float(value) if value.isascii() and value.isdigit() else DEFAULT_RETRY_AFTER
