"""Reading Slack's answers. They are input: no field is trusted to be there, or to have the documented type.

All that the bot takes from an answer passes here before it is used or stored.
"""

import re
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.workspaces import Workspace
from bot.slack import payloads
from bot.slack.payloads import Malformed, Payload

ODD = "odd_answer"
"""The reason that is given after an odd answer."""
ODD_ERROR = "odd_error"
"""Stands for the `error` of a refusal that is no code."""
_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
MAX_NAME = 200
MAX_URL = 500
MAX_CURSOR = 1000
MAX_SCOPES = 5000


class OddAnswer(Exception):
    """An answer that Slack would not give: it can't be read, or a field is missing or has a wrong value."""


@dataclass(frozen=True)
class Page:
    """One page of a list; `cursor` is that of the next one, empty for the last."""

    entries: list[Payload]
    cursor: str


async def receive(request: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Return the response to a request of the SDK that succeeded; its `data` is an object.

    Raises SlackApiError (Slack refuses the request), aiohttp.ClientError, TimeoutError or OddAnswer.
    """
    try:
        response = await request
    except (SlackApiError, aiohttp.ClientError, TimeoutError):
        raise
    except Exception as error:
        raise OddAnswer(type(error).__name__) from error  # the SDK can't make sense of it
    if not isinstance(response.data, dict) or response.data.get("ok") is not True:
        raise OddAnswer("ok")
    return response


def body(response: AsyncSlackResponse) -> Payload:
    """Return the object that a response of `receive` holds."""
    assert isinstance(response.data, dict), "`receive` has checked it"
    return response.data


def error(data: object) -> str | None:
    """Return the error of a refusal, which is a code; `ODD_ERROR` for anything else, None if there is none."""
    found = data.get("error") if isinstance(data, dict) else None
    if found is None or found == "":
        return None
    return found if isinstance(found, str) and _CODE.fullmatch(found) else ODD_ERROR


def message_ts(answer: Payload) -> str | None:
    """Return the ts of the message that was posted or found, or None."""
    for name in ("ts", "message_ts"):
        if answer.get(name):
            try:
                return payloads.ts(answer, name)
            except Malformed:
                return None
    return None


def channel_id(answer: Payload) -> str | None:
    """Return the id of the channel that a message was posted in; None for an object, or nothing."""
    return payloads.optional_id(answer, "channel")


def user(answer: Payload) -> Payload:
    """Return the user object. Raises Malformed."""
    return payloads.nested(answer, "user")


def conversation(answer: Payload) -> Payload:
    """Return the conversation object. Raises Malformed."""
    found = payloads.nested(answer, "channel")
    is_direct = found.get("is_im") is True or found.get("is_mpim") is True
    _check_flags(found, *(() if is_direct else ("is_member", "is_private")))
    return found


def conversations(answer: Payload) -> Page:
    """Return a page of conversations, without those that can't be read. Raises Malformed."""
    page = _page(answer, "channels")
    return Page([each for each in page.entries if _is_listed_conversation(each)], page.cursor)


def _is_listed_conversation(found: Payload) -> bool:
    try:
        payloads.slack_id(found, "id")
        _check_flags(found)
    except Malformed:
        return False
    return True


def _check_flags(found: Payload, *needed: str) -> None:
    """Check what says whether the bot can post in a conversation, and who may see it. Raises Malformed."""
    for name in ("is_archived", "is_member", "is_private"):
        if not isinstance(found.get(name, None if name in needed else False), bool):
            raise Malformed(name)


def messages(answer: Payload) -> Page:
    """Return a page of messages. Raises Malformed, also if it can't be said which messages are not there."""
    page = _page(answer, "messages")
    if len(page.entries) < len(answer["messages"]) or (answer.get("has_more") and not page.cursor):
        raise Malformed("messages")
    return page


def metadata_key(message: Payload, event_type: str) -> str | None:
    """Return the `key` in the metadata of a message; None if it has no metadata of this type. Raises Malformed."""
    if message.get("metadata") in (None, {}):
        return None
    metadata = payloads.nested(message, "metadata")
    if payloads.text(metadata, "event_type") != event_type:
        return None
    key = payloads.text(payloads.nested(metadata, "event_payload"), "key")
    if not _KEY.fullmatch(key):
        raise Malformed("key")
    return key


def thread_ts(answer: Payload) -> str | None:
    """Read the ts of a message's thread from its permalink; None if it isn't in a thread. Raises Malformed."""
    try:
        found = parse_qs(urlsplit(_url(answer, "permalink")).query).get("thread_ts")
    except ValueError:
        raise Malformed("permalink") from None
    return None if found is None else payloads.ts({"thread_ts": found[0]}, "thread_ts")


def socket_url(answer: Payload, api_url: str) -> str:
    """Return the address of a Socket Mode connection: at slack.com, or at a stand-in's. Raises OddAnswer."""
    try:
        value = _url(answer, "url", schemes=("wss", "ws"))
        parts, api = urlsplit(value), urlsplit(api_url)
    except (Malformed, ValueError):
        raise OddAnswer("url") from None
    is_slacks = parts.scheme == "wss" and parts.netloc.endswith(".slack.com") and parts.username is None
    is_standins = api.scheme == "http" and (parts.scheme, parts.netloc) == ("ws", api.netloc)
    if not is_slacks and not is_standins:
        raise OddAnswer("url")
    return value


def view_id(answer: Payload) -> str:
    """Return the id of the view that is shown. Raises OddAnswer."""
    try:
        return payloads.slack_id(payloads.nested(answer, "view"), "id")
    except Malformed as error:
        raise OddAnswer(*error.args) from None


def workspace(response: AsyncSlackResponse) -> Workspace:
    """Return the workspace of the token that auth.test was asked with. Raises OddAnswer."""
    answer = body(response)
    name, scopes = answer.get("team"), str(response.headers.get("x-oauth-scopes", ""))
    try:
        return Workspace(
            team_id=payloads.slack_id(answer, "team_id"),
            enterprise_id=payloads.optional_id(answer, "enterprise_id"),
            name=payloads.clean(name)[:MAX_NAME] if isinstance(name, str) else "",
            url=f"{_url(answer, 'url').rstrip('/')}/",
            bot_user_id=payloads.slack_id(answer, "user_id"),
            scopes=scopes if scopes.isprintable() and len(scopes) <= MAX_SCOPES else "",
        )
    except Malformed as error:
        raise OddAnswer(*error.args) from None


def _page(answer: Payload, name: str) -> Page:
    entries = answer.get(name)
    if not isinstance(entries, list):
        raise Malformed(name)
    more = answer.get("response_metadata") or {}
    cursor = more.get("next_cursor") or "" if isinstance(more, Mapping) else None
    if not isinstance(cursor, str) or not cursor.isprintable() or len(cursor) > MAX_CURSOR:
        raise Malformed("next_cursor")
    return Page([each for each in entries if isinstance(each, Mapping)], cursor)


def _url(answer: Payload, name: str, *, schemes: Sequence[str] = ("https", "http")) -> str:
    """Return an address that can stand in a message and in a database. Raises Malformed."""
    value = payloads.text(answer, name)
    is_url = value.partition("://")[0] in schemes and len(value) <= MAX_URL and value.isascii() and value.isprintable()
    if not is_url or any(each in value for each in ' <>|"\\'):
        raise Malformed(name)
    return value
