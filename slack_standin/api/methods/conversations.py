"""conversations.*: channels, their members and messages."""

import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from slack_standin.api.methods.channel_object import channel_object
from slack_standin.api.methods.method import ApiError, ArgKind, Ask, Method
from slack_standin.api.methods.paging import page
from slack_standin.model.messages import Message
from slack_standin.model.rate_limits import Tier
from slack_standin.model.workspace import Channel

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_TYPES = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "mpim": "mpim:read",
    "im": "im:read",
}
_OF_MESSAGES: Mapping[str, ArgKind] = {
    "channel": "text",
    "oldest": "text",
    "latest": "text",
    "inclusive": "flag",
    "limit": "number",
    "cursor": "text",
    "include_all_metadata": "flag",
}
MAX_IN_A_GROUP = 8
_TS = re.compile(r"\d+(\.\d+)?", re.ASCII)
MAX_PAGE = 999
"""The most that a page of conversations, members or messages holds."""


def info(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.info"""
    channel = ask.known_channel()
    ask.require_scope(f"{channel.family}:read")
    body = channel_object(ask, channel)
    if ask.args.get("include_num_members"):
        body["num_members"] = len(channel.members)
    if ask.args.get("include_locale"):
        body["locale"] = ask.workspace.bot.locale
    return {"channel": body}


def list_channels(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.list: with the number of members"""
    channels = list(ask.workspace.channels.values())
    return _listed(ask, channels, lambda channel: channel_object(ask, channel) | {"num_members": len(channel.members)})


def members(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.members"""
    channel = ask.known_channel()
    ask.require_scope(f"{channel.family}:read")
    ids, cursor = page(ask, channel.members, default=100, most=MAX_PAGE)
    return {"members": list(ids), "response_metadata": {"next_cursor": cursor}}


def open_dm(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.open: for one person im:write, for up to eight mpim:write."""
    if "channel" in ask.args:
        return _opened(ask, _resumed(ask), was_open=True)
    ids = ask.args.get("users", [])
    people = [ask.workspace.people.get(each) for each in ids]
    if not people:
        raise ApiError("users_list_not_supplied")
    if any(person is None for person in people):
        raise ApiError("user_not_found")
    if any(person and person.deleted for person in people):
        raise ApiError("user_disabled")
    if len(people) > MAX_IN_A_GROUP:
        raise ApiError("too_many_users")
    ask.require_scope("im:write" if len(people) == 1 else "mpim:write")
    bot = ask.workspace.bot_user_id
    was_open = ask.workspace.direct_conversation(*ids, bot) is not None
    if ask.args.get("prevent_creation") and not was_open:
        raise ApiError("channel_not_found")
    opened = ask.workspace.dm_between(ids[0], bot) if len(ids) == 1 else ask.workspace.group_of(*ids, bot)
    return _opened(ask, opened, was_open=was_open)


def _resumed(ask: Ask) -> Channel:
    channel = ask.known_channel()
    if not (channel.is_im or channel.is_mpim):
        raise ApiError("method_not_supported_for_channel_type")
    ask.require_scope(f"{channel.family}:write")
    return channel


def _opened(ask: Ask, channel: Channel, *, was_open: bool) -> dict[str, Any]:
    """The answer; only of a conversation between two it says whether it was open."""
    body = {"channel": channel_object(ask, channel) if ask.args.get("return_im") else {"id": channel.id}}
    return body | ({"no_op": True, "already_open": True} if was_open and channel.is_im else {})


def users_conversations(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/users.conversations: the bot's own, or those that it shares with a person.

    Who is a member goes without saying there, so that is_member is absent.
    """
    user = ask.text("user") or ask.workspace.bot_user_id
    if user not in ask.workspace.people:
        raise ApiError("user_not_found")
    channels = [channel for channel in ask.workspace.channels.values() if user in channel.members]
    return _listed(ask, channels, lambda channel: _without(channel_object(ask, channel), "is_member"))


def history(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.history: newest first, replies only when broadcast."""
    channel = ask.own_channel()
    ask.require_scope(f"{channel.family}:history")
    in_channel = [message for message in channel.messages if not message.is_reply or message.broadcast]
    shown = _in_range(ask, _visible(ask, in_channel))
    return _messages(ask, shown[::-1]) | {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}


def replies(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.replies: the parent, then its replies, oldest first."""
    channel = ask.own_channel()
    ask.require_scope(f"{channel.family}:history")
    message = channel.find(ask.text("ts"))
    parent = channel.find(message.thread_ts) if message and message.thread_ts else message
    if parent is None or not _visible(ask, [parent]):
        raise ApiError("thread_not_found")
    return _messages(ask, [parent, *_in_range(ask, _visible(ask, parent.replies))])


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in body.items() if each != name}


def _listed(ask: Ask, channels: list[Channel], shape: Callable[[Channel], dict[str, Any]]) -> dict[str, Any]:
    """Return a page of the requested channels that the bot can see.

    As in Slack, the filters leave out of a page what it holds, so that it can be short or empty before the last one.
    """
    types = {one.strip() for one in (ask.text("types") or "public_channel").split(",")}
    if not types <= set(_TYPES):
        raise ApiError("invalid_types")
    for each in types:
        ask.require_scope(_TYPES[each])
    inside = ask.workspace.bot_user_id
    seen = [channel for channel in channels if channel.public or inside in channel.members]
    on_page, cursor = page(ask, seen, default=100, most=MAX_PAGE)
    shown = [
        channel
        for channel in on_page
        if _type(channel) in types and not (channel.archived and ask.args.get("exclude_archived"))
    ]
    return {
        "channels": [shape(channel) for channel in shown],
        "response_metadata": {"next_cursor": cursor},
    }


def _visible(ask: Ask, messages: list[Message]) -> list[Message]:
    """Return what history shows: no ephemeral or fully deleted messages, and none newer than the history lag."""
    settled = time.monotonic() - ask.world.history_lag
    return [
        message
        for message in messages
        if not message.ephemeral_to and (not message.deleted or message.is_tombstone) and message.shown_at <= settled
    ]


def _in_range(ask: Ask, messages: list[Message]) -> list[Message]:
    """Return the messages between the times that are asked for."""
    oldest, latest = _time(ask, "oldest", 0.0), _time(ask, "latest", math.inf)
    inclusive = bool(ask.args.get("inclusive"))
    return [
        message
        for message in messages
        if oldest < float(message.ts) < latest or (inclusive and float(message.ts) in (oldest, latest))
    ]


def _time(ask: Ask, name: str, default: float) -> float:
    if name not in ask.args:
        return default
    if not _TS.fullmatch(ask.text(name)):
        raise ApiError(f"invalid_ts_{name}")
    return float(ask.text(name))


def _messages(ask: Ask, messages: list[Message]) -> dict[str, Any]:
    shown, cursor = page(ask, messages, default=100, most=MAX_PAGE)
    with_metadata = bool(ask.args.get("include_all_metadata"))
    body: dict[str, Any] = {
        "messages": [message.to_slack(include_metadata=with_metadata) for message in shown],
        "has_more": bool(cursor),
    }
    if cursor:
        body["response_metadata"] = {"next_cursor": cursor}
    return body


def _type(channel: Channel) -> str:
    private = "private_channel" if channel.private else "public_channel"
    return channel.family if channel.family in ("im", "mpim") else private


METHODS = (
    Method(
        "conversations.info",
        info,
        Tier.THREE,
        {"channel": "text", "include_locale": "flag", "include_num_members": "flag"},
        required=("channel",),
        scopes=_READ,
    ),
    Method(
        "conversations.list",
        list_channels,
        Tier.TWO,
        {"types": "text", "exclude_archived": "flag", "limit": "number", "cursor": "text"},
        scopes=_READ,
    ),
    Method(
        "conversations.members",
        members,
        Tier.FOUR,
        {"channel": "text", "limit": "number", "cursor": "text"},
        required=("channel",),
        scopes=_READ,
    ),
    Method(
        "conversations.open",
        open_dm,
        Tier.THREE,
        {"users": "ids", "channel": "text", "return_im": "flag", "prevent_creation": "flag"},
        scopes=("im:write", "mpim:write"),
    ),
    Method(
        "users.conversations",
        users_conversations,
        Tier.THREE,
        {
            "user": "text",
            "types": "text",
            "exclude_archived": "flag",
            "exclude_muted": "flag",
            "limit": "number",
            "cursor": "text",
        },
        scopes=_READ,
    ),
    Method(
        "conversations.history",
        history,
        Tier.THREE,
        _OF_MESSAGES,
        required=("channel",),
        scopes=_HISTORY,
    ),
    Method(
        "conversations.replies",
        replies,
        Tier.THREE,
        {**_OF_MESSAGES, "ts": "text"},
        required=("channel", "ts"),
        scopes=_HISTORY,
    ),
)
