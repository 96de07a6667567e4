"""reactions.*: emoji under messages."""

import re
from collections.abc import Mapping
from typing import Any

from slack_standin.api.methods.method import ApiError, ArgKind, Ask, Method
from slack_standin.delivery.events import reaction_event
from slack_standin.model.messages import Message
from slack_standin.model.rate_limits import Tier
from slack_standin.model.workspace import Channel

EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")
_TS = re.compile(r"\d+\.\d+", re.ASCII)
MAX_KINDS = 23
"""Different emoji on one message (docs.slack.dev/reference/methods/reactions.add, too_many_emoji)."""
USERS_SHOWN = 25
"""Without `full` the list of users may be cut short; Slack doesn't document where."""


def reactions_get(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/reactions.get"""
    channel, message = _target(ask)
    body = message.to_slack()
    if message.reactions:
        body["reactions"] = message.reactions_to_slack(None if ask.args.get("full") else USERS_SHOWN)
    return {"type": "message", "channel": channel.id, "message": body | {"permalink": message.permalink}}


def reactions_add(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/reactions.add"""
    channel, message = _changeable_target(ask)
    add_reaction(message, ask.text("name"), ask.workspace.bot_user_id)
    _tell(ask, "reaction_added", channel, message)
    return {}


def reactions_remove(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/reactions.remove"""
    channel, message = _changeable_target(ask)
    remove_reaction(message, ask.text("name"), ask.workspace.bot_user_id)
    _tell(ask, "reaction_removed", channel, message)
    return {}


def add_reaction(message: Message, name: str, user_id: str) -> None:
    """Put a user's emoji under a message, refusing as reactions.add does."""
    if not EMOJI.fullmatch(name):
        raise ApiError("invalid_name")
    users = message.reactions.get(name, [])
    if user_id in users:
        raise ApiError("already_reacted")
    if not users and len(message.reactions) >= MAX_KINDS:
        raise ApiError("too_many_emoji")
    message.reactions[name] = [*users, user_id]


def remove_reaction(message: Message, name: str, user_id: str) -> None:
    """Take a user's emoji away from a message, refusing as reactions.remove does."""
    users = message.reactions.get(name, [])
    if user_id not in users:
        raise ApiError("no_reaction")
    users.remove(user_id)
    if not users:
        del message.reactions[name]


def _target(ask: Ask) -> tuple[Channel, Message]:
    """The message that a call is about. The stand-in keeps no reactions of files and their comments."""
    if "file" in ask.args or "file_comment" in ask.args:
        raise ApiError("file_not_found" if "file" in ask.args else "file_comment_not_found")
    if not (ask.text("channel") and ask.text("timestamp")):
        raise ApiError("no_item_specified")
    channel = ask.own_channel()
    if not _TS.fullmatch(ask.text("timestamp")):
        raise ApiError("bad_timestamp")
    message = channel.find(ask.text("timestamp"))
    if message is None or message.deleted:
        raise ApiError("message_not_found")
    return channel, message


def _changeable_target(ask: Ask) -> tuple[Channel, Message]:
    """The message that a call changes."""
    channel, message = _target(ask)
    if channel.archived:
        raise ApiError("is_archived")
    return channel, message


def _tell(ask: Ask, kind: str, channel: Channel, message: Message) -> None:
    ask.workspace.touch(message)
    event = reaction_event(kind, ask.workspace, ask.workspace.bot, channel, message.ts, name=ask.text("name"))
    ask.events.tell_in_background(ask.workspace, event, channel)


_ITEM: Mapping[str, ArgKind] = dict.fromkeys(("channel", "timestamp", "file", "file_comment"), "text")
METHODS = (
    Method(
        "reactions.get",
        reactions_get,
        Tier.THREE,
        {**_ITEM, "full": "flag"},
        scopes=("reactions:read",),
    ),
    Method(
        "reactions.add",
        reactions_add,
        Tier.THREE,
        {"channel": "text", "timestamp": "text", "name": "text"},
        required=("channel", "timestamp", "name"),
        scopes=("reactions:write",),
    ),
    Method(
        "reactions.remove",
        reactions_remove,
        Tier.TWO,
        {**_ITEM, "name": "text"},
        required=("name",),
        scopes=("reactions:write",),
    ),
)
