"""Changes of channels and of who is in them, each with its message in the channel and the events that tell of it.

People and the bot make the same changes. Source: docs.slack.dev/reference/events/message#subtypes.
"""

from dataclasses import dataclass
from typing import Any

from slack_standin.block_kit.markup import stored
from slack_standin.delivery.events import membership_event, message_event
from slack_standin.model.workspace import Channel, Workspace


@dataclass(frozen=True)
class Notice:
    """An event; `outside` means that the bot hears of it without being a member."""

    event: dict[str, Any]
    outside: bool = False


def create(workspace: Workspace, name: str, creator: str, *, private: bool) -> tuple[Channel, list[Notice]]:
    """Create a channel with its creator in it; of a public one the bot hears."""
    channel = workspace.add_channel(workspace.ids.make("C"), name, private=private, creator=creator, members=[creator])
    joined = _say(workspace, channel, creator, "join", "has joined the channel")
    body = {"id": channel.id, "name": name, "created": channel.created, "creator": creator}
    return channel, [joined, *([] if private else [Notice({"type": "channel_created", "channel": body}, outside=True)])]


def join(workspace: Workspace, channel: Channel, user: str, inviter: str | None = None) -> list[Notice]:
    """Make someone (or the bot's user) a member."""
    if user not in channel.members:
        channel.members.append(user)
    workspace.touch_channel(channel)
    further = {"inviter": inviter} if inviter else {}
    said = _say(workspace, channel, user, "join", "has joined the channel", **further)
    return [said, Notice(membership_event("member_joined_channel", channel, user) | further)]


def leave(workspace: Workspace, channel: Channel, user: str) -> list[Notice]:
    """End a membership; the bot still hears of its own."""
    channel.members.remove(user)
    workspace.touch_channel(channel)
    said = _say(workspace, channel, user, "leave", "has left the channel")
    own = user == workspace.bot_user_id
    left = Notice({"type": f"{_prefix(channel)}_left", "channel": channel.id}, outside=True)
    return [said, *([left] if own else []), Notice(membership_event("member_left_channel", channel, user), outside=own)]


def archive(workspace: Workspace, channel: Channel, user: str, *, archived: bool) -> list[Notice]:
    """Archive a channel, or bring it back."""
    channel.archived = archived
    workspace.touch_channel(channel)
    change, words = ("archive", "archived the channel") if archived else ("unarchive", "un-archived the channel")
    said = _say(workspace, channel, user, change, words, members=list(channel.members))
    return [said, Notice({"type": f"{_prefix(channel)}_{change}", "channel": channel.id, "user": user})]


def rename(workspace: Workspace, channel: Channel, name: str, user: str) -> list[Notice]:
    """Rename a channel."""
    old_name, channel.name = channel.name, name
    channel.previous_names.insert(0, old_name)
    workspace.touch_channel(channel)
    body = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}
    words = f'has renamed the channel from "{old_name}" to "{name}"'
    said = _say(workspace, channel, user, "name", words, old_name=old_name, name=name)
    return [said, Notice({"type": f"{_prefix(channel)}_rename", "channel": body})]


def describe(workspace: Workspace, channel: Channel, user: str, what: str, words: str) -> list[Notice]:
    """Set the `topic` or the `purpose` of a channel, whose text is escaped as that of messages."""
    words = stored(words)
    description = {"value": words, "creator": user, "last_set": int(workspace.clock.now().timestamp())}
    setattr(channel, what, description)
    workspace.touch_channel(channel)
    return [_say(workspace, channel, user, what, f"set the channel {what}: {words}", **{what: words})]


def _say(workspace: Workspace, channel: Channel, user: str, change: str, words: str, **further: Any) -> Notice:
    """Say in a channel what someone changed there; `further` are the fields of that subtype."""
    subtype = f"{_prefix(channel)}_{change}"
    message = workspace.add_message(channel, f"<@{user}> {words}", user=user, subtype=subtype, further=further)
    return Notice(message_event(channel, message.to_slack()))


def _prefix(channel: Channel) -> str:
    """The first word of the names of its events."""
    return "channel" if channel.public else "group"
