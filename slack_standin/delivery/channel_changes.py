"""Changes of channels and of who is in them, each with the events that tell of it. People and the bot make the same."""

from dataclasses import dataclass
from typing import Any

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
    body = {"id": channel.id, "name": name, "created": channel.created, "creator": creator}
    return channel, [] if private else [Notice({"type": "channel_created", "channel": body}, outside=True)]


def join(workspace: Workspace, channel: Channel, user: str, inviter: str | None = None) -> list[Notice]:
    """Make someone (or the bot's user) a member."""
    if user not in channel.members:
        channel.members.append(user)
    workspace.touch_channel(channel)
    event = membership_event("member_joined_channel", channel, user)
    return [Notice(event | ({"inviter": inviter} if inviter else {}))]


def leave(workspace: Workspace, channel: Channel, user: str) -> list[Notice]:
    """End a membership; the bot still hears of its own."""
    channel.members.remove(user)
    workspace.touch_channel(channel)
    own = user == workspace.bot_user_id
    left = Notice({"type": f"{_prefix(channel)}_left", "channel": channel.id}, outside=True)
    return [*([left] if own else []), Notice(membership_event("member_left_channel", channel, user), outside=own)]


def archive(workspace: Workspace, channel: Channel, user: str, *, archived: bool) -> list[Notice]:
    """Archive a channel, or bring it back."""
    channel.archived = archived
    workspace.touch_channel(channel)
    kind = f"{_prefix(channel)}_{'archive' if archived else 'unarchive'}"
    return [Notice({"type": kind, "channel": channel.id, "user": user})]


def rename(workspace: Workspace, channel: Channel, name: str) -> list[Notice]:
    """Rename a channel."""
    channel.previous_names.insert(0, channel.name)
    channel.name = name
    workspace.touch_channel(channel)
    body = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}
    return [Notice({"type": f"{_prefix(channel)}_rename", "channel": body})]


def describe(workspace: Workspace, channel: Channel, user: str, what: str, words: str) -> list[Notice]:
    """Set the `topic` or the `purpose` of a channel, which Slack says there."""
    description = {"value": words, "creator": user, "last_set": int(workspace.clock.now().timestamp())}
    setattr(channel, what, description)
    workspace.touch_channel(channel)
    subtype = f"{_prefix(channel)}_{what}"
    message = workspace.add_message(channel, f"<@{user}> set the channel {what}: {words}", user=user, subtype=subtype)
    return [Notice(message_event(channel, message.to_slack() | {what: words}))]


def _prefix(channel: Channel) -> str:
    """The first word of the names of its events."""
    return "channel" if channel.public else "group"
