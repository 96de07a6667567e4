"""conversations.*: channels, their members and what was said in them."""

import time
from typing import Any

from bot.playground.standin.limits import Tier
from bot.playground.standin.messages import Message
from bot.playground.standin.methods.method import ApiError, Ask, Method
from bot.playground.standin.methods.paging import page
from bot.playground.standin.workspace import Channel

_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")
_TYPES = {"public_channel", "private_channel", "mpim", "im"}


def info(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.info"""
    channel = ask.known_channel()
    ask.require_scope(f"{_family(channel)}:read")
    body = _channel_to_slack(ask, channel)
    if ask.args.get("include_num_members"):
        body["num_members"] = len(channel.members)
    return {"channel": body}


def list_channels(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.list"""
    types = {one.strip() for one in (ask.text("types") or "public_channel").split(",")}
    if not types <= _TYPES:
        raise ApiError("invalid_types")
    if "private_channel" in types:
        ask.require_scope("groups:read")
    inside = ask.workspace.bot_user_id
    seen = [
        channel
        for channel in ask.workspace.channels.values()
        if _type(channel) in types
        and (channel.public or inside in channel.members)
        and not (channel.archived and ask.args.get("exclude_archived"))
    ]
    channels, cursor = page(ask, seen, default=100, most=1000)
    return {
        "channels": [_channel_to_slack(ask, channel) for channel in channels],
        "response_metadata": {"next_cursor": cursor},
    }


def members(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.members"""
    channel = ask.known_channel()
    ask.require_scope(f"{_family(channel)}:read")
    ids, cursor = page(ask, channel.members, default=100, most=1000)
    return {"members": list(ids), "response_metadata": {"next_cursor": cursor}}


def open_dm(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.open, for one person"""
    person = ask.workspace.people.get(ask.text("users"))
    if person is None:
        raise ApiError("user_not_found")
    return {"channel": {"id": ask.workspace.dm_between(person.id, ask.workspace.bot_user_id).id}}


def history(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.history: newest first, replies only when broadcast."""
    channel = ask.own_channel()
    ask.require_scope(f"{_family(channel)}:history")
    shown = [
        message
        for message in _visible(ask, channel.messages)
        if (not message.is_reply or message.broadcast) and _in_range(ask, message)
    ]
    return _messages(ask, shown[::-1])


def replies(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.replies: the parent, then its replies, oldest first."""
    channel = ask.own_channel()
    ask.require_scope(f"{_family(channel)}:history")
    message = channel.find(ask.text("ts"))
    parent = channel.find(message.thread_ts) if message and message.thread_ts else message
    if parent is None or not _visible(ask, [parent]):
        raise ApiError("thread_not_found")
    later = [reply for reply in _visible(ask, parent.replies) if _in_range(ask, reply)]
    return _messages(ask, [parent, *later])


def _visible(ask: Ask, messages: list[Message]) -> list[Message]:
    """What history shows: no ephemeral messages, none that is deleted without trace, none that is too fresh."""
    settled = time.monotonic() - ask.world.history_lag
    return [
        message
        for message in messages
        if not message.ephemeral_to and (not message.deleted or message.is_tombstone) and message.shown_at <= settled
    ]


def _in_range(ask: Ask, message: Message) -> bool:
    try:
        oldest, latest = (float(ask.args.get("oldest", 0)), float(ask.args.get("latest", "inf")))
    except ValueError:
        raise ApiError("invalid_ts_oldest") from None
    ts = float(message.ts)
    return oldest <= ts <= latest if ask.args.get("inclusive") else oldest < ts < latest


def _messages(ask: Ask, messages: list[Message]) -> dict[str, Any]:
    shown, cursor = page(ask, messages, default=100, most=999)
    with_metadata = bool(ask.args.get("include_all_metadata"))
    body: dict[str, Any] = {
        "messages": [message.to_slack(include_metadata=with_metadata) for message in shown],
        "has_more": bool(cursor),
    }
    if cursor:
        body["response_metadata"] = {"next_cursor": cursor}
    return body


def _channel_to_slack(ask: Ask, channel: Channel) -> dict[str, Any]:
    """docs.slack.dev/reference/objects/conversation-object"""
    body: dict[str, Any] = {
        "id": channel.id,
        "created": channel.created,
        "is_im": channel.is_im,
        "is_mpim": False,
        "is_archived": channel.archived,
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "context_team_id": channel.team_id,
    }
    if channel.is_im:
        others = [member for member in channel.members if member != ask.workspace.bot_user_id]
        return body | {"user": others[0] if others else ask.workspace.bot_user_id}
    return body | {
        "name": channel.name,
        "name_normalized": channel.name,
        "creator": channel.creator,
        "is_channel": True,
        "is_group": False,
        "is_private": channel.private,
        "is_general": False,
        "is_member": ask.workspace.bot_user_id in channel.members,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _family(channel: Channel) -> str:
    return "im" if channel.is_im else "groups" if channel.private else "channels"


def _type(channel: Channel) -> str:
    return "im" if channel.is_im else "private_channel" if channel.private else "public_channel"


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
        {"users": "text", "return_im": "flag", "prevent_creation": "flag"},
        required=("users",),
        scopes=("im:write",),
    ),
    Method(
        "conversations.history",
        history,
        Tier.THREE,
        {
            "channel": "text",
            "oldest": "text",
            "latest": "text",
            "inclusive": "flag",
            "limit": "number",
            "cursor": "text",
            "include_all_metadata": "flag",
        },
        required=("channel",),
        scopes=_HISTORY,
    ),
    Method(
        "conversations.replies",
        replies,
        Tier.THREE,
        {
            "channel": "text",
            "ts": "text",
            "oldest": "text",
            "latest": "text",
            "inclusive": "flag",
            "limit": "number",
            "cursor": "text",
            "include_all_metadata": "flag",
        },
        required=("channel", "ts"),
        scopes=_HISTORY,
    ),
)
