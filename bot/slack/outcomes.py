"""The outcomes of a request to Slack: succeeded, retryable, rejected or unknown.

A post whose outcome is unknown must not be repeated, so that list is closed: no response after the request was sent,
an unreadable response, a 5xx, and the errors that say that part of it may have happened (OUTCOME_UNKNOWN in errors.py).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.slack_errors import ErrorMeaning
from bot.slack import answers
from bot.slack.answers import OddAnswer
from bot.slack.errors import RATELIMITED, meaning, retry_after
from bot.slack.payloads import Malformed, Payload

DEFAULT_RETRY_AFTER = 30.0
AUTH_RETRY_AFTER = 60.0
"""Seconds until a request that failed for its token is tried again."""


@dataclass(frozen=True)
class Succeeded:
    """Slack did it. `ts` is the message, `channel_id` the channel that Slack put it in."""

    ts: str
    channel_id: str | None = None
    name: ClassVar[str] = "done"


@dataclass(frozen=True)
class Retryable:
    """Slack certainly did not do it, and may do it later: after `retry_after` seconds, if it said so."""

    error: str
    retry_after: float | None = None

    @property
    def name(self) -> str:
        """The label in metrics and logs."""
        return RATELIMITED if self.error == RATELIMITED else "not_done"


@dataclass(frozen=True)
class Rejected:
    """Slack certainly did not do it, and won't do it later either. `meaning` is None for an error without one."""

    error: str
    meaning: ErrorMeaning | None = None

    @property
    def name(self) -> str:
        """The label in metrics and logs. A message that is refused for its blocks may go again without pictures."""
        return "blocks_refused" if self.meaning is ErrorMeaning.BLOCKS_REFUSED else "refused"


@dataclass(frozen=True)
class Unknown:
    """Slack may or may not have done it."""

    error: str
    name: ClassVar[str] = "unknown"


Outcome = Succeeded | Retryable | Rejected | Unknown
Failure = Retryable | Rejected | Unknown
T = TypeVar("T")


async def call(client: AsyncWebClient, method: str, arguments: dict[str, Any]) -> Outcome:
    """Send one request that writes, once, and return its outcome. `arguments` with a `ts` change that message."""
    answer = await _send(method, client.api_call(method, json=arguments))
    if isinstance(answer, Failure):
        return answer
    ts = arguments.get("ts") or answers.message_ts(answer)
    return Unknown("no_ts") if ts is None else Succeeded(ts, answers.channel_id(answer))


async def get(
    client: AsyncWebClient, method: str, arguments: dict[str, Any], read: Callable[[Payload], T]
) -> T | Failure:
    """Send one request that reads, and return what `read` makes of Slack's answer, or why there is none."""
    answer = await _send(method, client.api_call(method, http_verb="GET", params=arguments))
    if isinstance(answer, Failure):
        return answer
    try:
        return read(answer)
    except Malformed:
        return Unknown(answers.ODD)


async def _send(method: str, request: Awaitable[AsyncSlackResponse]) -> Payload | Failure:
    try:
        return answers.body(await answers.receive(request))
    except OddAnswer:
        return Unknown(answers.ODD)
    except SlackApiError as error:
        return _classify(method, error)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        return Retryable(type(error).__name__)
    except Exception as error:  # noqa: BLE001
        # A timeout, a reset, or a redirect: the request was sent.
        return Unknown(type(error).__name__)


def _classify(method: str, error: SlackApiError) -> Failure:
    response = error.response
    if not hasattr(response, "status_code"):  # the body was no JSON, and the SDK put words of its own in its place
        return Unknown("unreadable_answer")
    code = answers.error(response.data)
    error_meaning = meaning(method, code)
    if response.status_code == 429 or error_meaning is ErrorMeaning.RATE_LIMITED:
        seconds = retry_after(response.headers)
        return Retryable(RATELIMITED, DEFAULT_RETRY_AFTER if seconds is None else seconds)
    if response.status_code >= 500 or code is None or error_meaning is ErrorMeaning.OUTCOME_UNKNOWN:
        return Unknown(code or f"status_{response.status_code}")
    if error_meaning in (ErrorMeaning.INVALID_TOKEN, ErrorMeaning.ACCESS_DENIED):
        return Retryable(code, AUTH_RETRY_AFTER)
    return Rejected(code, error_meaning)
