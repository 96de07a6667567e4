"""conversations.*: channels, their members and messages."""

import time
from typing import Any

from slack_standin.api.methods.method import ApiError, Ask, Method
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
MAX_IN_A_GROUP = 8


def info(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.info"""
    channel = ask.known_channel()
    ask.require_scope(f"{channel.family}:read")
    body = channel_object(ask, channel)
    if ask.args.get("include_num_members"):
        body["num_members"] = len(channel.members)
    return {"channel": body}


def list_channels(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.list"""
    return _listed(ask, list(ask.workspace.channels.values()))


def members(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.members"""
    channel = ask.known_channel()
    ask.require_scope(f"{channel.family}:read")
    ids, cursor = page(ask, channel.members, default=100, most=1000)
    return {"members": list(ids), "response_metadata": {"next_cursor": cursor}}


def open_dm(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.open: for one person im:write, for up to eight mpim:write."""
    if "channel" in ask.args:
        return _opened(ask, _resumed(ask))
    ids = [each.strip() for each in ask.text("users").split(",") if each.strip()]
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
    if ask.args.get("prevent_creation") and not ask.workspace.direct_conversation(*ids, bot):
        raise ApiError("channel_not_found")
    return _opened(ask, ask.workspace.dm_between(ids[0], bot) if len(ids) == 1 else ask.workspace.group_of(*ids, bot))


def _resumed(ask: Ask) -> Channel:
    channel = ask.known_channel()
    if not (channel.is_im or channel.is_mpim):
        raise ApiError("method_not_supported_for_channel_type")
    ask.require_scope(f"{channel.family}:write")
    return channel


def _opened(ask: Ask, channel: Channel) -> dict[str, Any]:
    return {"channel": channel_object(ask, channel) if ask.args.get("return_im") else {"id": channel.id}}


def users_conversations(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/users.conversations: the bot's own, or those that it shares with a person."""
    user = ask.text("user") or ask.workspace.bot_user_id
    if user not in ask.workspace.people:
        raise ApiError("user_not_found")
    return _listed(ask, [channel for channel in ask.workspace.channels.values() if user in channel.members])


def history(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.history: newest first, replies only when broadcast."""
    channel = ask.own_channel()
    ask.require_scope(f"{channel.family}:history")
    shown = [
        message
        for message in _visible(ask, channel.messages)
        if (not message.is_reply or message.broadcast) and _in_range(ask, message)
    ]
    return _messages(ask, shown[::-1])


def replies(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.replies: the parent, then its replies, oldest first."""
    channel = ask.own_channel()
    ask.require_scope(f"{channel.family}:history")
    message = channel.find(ask.text("ts"))
    parent = channel.find(message.thread_ts) if message and message.thread_ts else message
    if parent is None or not _visible(ask, [parent]):
        raise ApiError("thread_not_found")
    later = [reply for reply in _visible(ask, parent.replies) if _in_range(ask, reply)]
    return _messages(ask, [parent, *later])


def _listed(ask: Ask, channels: list[Channel]) -> dict[str, Any]:
    """Return a page of the requested channels that the bot can see."""
    types = {one.strip() for one in (ask.text("types") or "public_channel").split(",")}
    if not types <= set(_TYPES):
        raise ApiError("invalid_types")
    for each in types:
        ask.require_scope(_TYPES[each])
    inside = ask.workspace.bot_user_id
    seen = [
        channel
        for channel in channels
        if _type(channel) in types
        and (channel.public or inside in channel.members)
        and not (channel.archived and ask.args.get("exclude_archived"))
    ]
    shown, cursor = page(ask, seen, default=100, most=1000)
    return {
        "channels": [channel_object(ask, channel) for channel in shown],
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


def channel_object(ask: Ask, channel: Channel) -> dict[str, Any]:
    """docs.slack.dev/reference/objects/conversation-object"""
    body: dict[str, Any] = {
        "id": channel.id,
        "created": channel.created,
        "is_im": channel.is_im,
        "is_mpim": channel.is_mpim,
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
        "topic": channel.topic,
        "purpose": channel.purpose,
    }


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
        {"users": "text", "channel": "text", "return_im": "flag", "prevent_creation": "flag"},
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
