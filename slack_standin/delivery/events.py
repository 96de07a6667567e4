"""Events: which of them reach the bot, and their envelope.

An event is delivered when the manifest subscribes to it, its scope is granted, and, for events of a channel, the bot is
a member (our strict choice for renames and archiving too). Source: docs.slack.dev/reference/events, /apis/events-api.
"""

import secrets
from typing import Any

from slack_standin.delivery.transport import Answer, Delivery, Sender
from slack_standin.model.event_scopes import scopes_for
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.workspace import Channel, Person, Workspace

_WITHOUT_INSTALLATION = ("app_uninstalled", "tokens_revoked")
_ABOUT_CHANNELS = ("member_", "channel_", "group_")
_CHANNEL_TYPES = {"channels": "channel", "groups": "group", "im": "im", "mpim": "mpim"}


class Events:
    """Sends events to the bot."""

    def __init__(self, world: World, sender: Sender) -> None:
        self._world = world
        self._sender = sender

    async def tell(
        self, workspace: Workspace, event: dict[str, Any], channel: Channel | None = None, *, outside: bool = False
    ) -> Answer:
        """Deliver an event if it reaches the bot; `outside` means the bot hears of it without being a member."""
        delivery = self._delivery(workspace, event, channel)
        obstacle = self._obstacle(workspace, event["type"], channel, outside)
        if obstacle:
            return Answer(None, None, 0.0, obstacle, delivery)
        return await self._sender.deliver_event(delivery)

    def tell_in_background(
        self, workspace: Workspace, event: dict[str, Any], channel: Channel | None = None, *, outside: bool = False
    ) -> Answer:
        """Start delivering an event and return at once."""
        delivery = self._delivery(workspace, event, channel)
        obstacle = self._obstacle(workspace, event["type"], channel, outside)
        if not obstacle:
            self._sender.in_background(self._sender.deliver_event(delivery))
        return Answer(None, None, 0.0, obstacle, delivery)

    def tell_uninstalled(self, workspace: Workspace) -> list[Answer]:
        """The app is gone from a workspace: its token dies, and both events of it are on their way."""
        workspace.installed = False
        self._world.changes.signal()
        return [self.tell_in_background(workspace, event) for event in uninstalled_events(workspace)]

    def _obstacle(self, workspace: Workspace, event_type: str, channel: Channel | None, outside: bool) -> str | None:
        name, scopes = _subscription(event_type, channel)
        if not workspace.installed and event_type not in _WITHOUT_INSTALLATION:
            return "account_inactive"
        if name not in self._world.manifest.events:
            return "not_subscribed"
        if scopes and not workspace.scopes.intersection(scopes):
            return "missing_scope"
        if channel and not outside and workspace.bot_user_id not in channel.members:
            return "not_in_channel"
        return None

    def _delivery(self, workspace: Workspace, event: dict[str, Any], channel: Channel | None) -> Delivery:
        event_id = self._world.ids.make("Ev")
        enterprise_id = workspace.enterprise.id if workspace.enterprise else None
        event = {"event_ts": workspace.next_ts()} | event
        payload = {
            "token": self._world.verification_token,
            "team_id": workspace.team_id,
            "context_team_id": workspace.team_id,
            "context_enterprise_id": enterprise_id,
            "api_app_id": workspace.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self._world.clock.now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": enterprise_id,
                    "team_id": workspace.team_id,
                    "user_id": workspace.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{secrets.token_urlsafe(24)}",
        }
        return Delivery(event_id, "events_api", payload, workspace.team_id, channel=channel.id if channel else None)


def reaction_event(
    kind: str, workspace: Workspace, person: Person, channel: Channel, ts: str, *, name: str
) -> dict[str, Any]:
    """reaction_added or reaction_removed on a message; item_user is absent where the message has no user."""
    message = channel.find(ts)
    event: dict[str, Any] = {
        "type": kind,
        "user": person.id,
        "reaction": name,
        "item": {"type": "message", "channel": channel.id, "ts": ts},
        "event_ts": workspace.next_ts(),
    }
    if message and message.user:
        event["item_user"] = message.user
    return event


def uninstalled_events(workspace: Workspace) -> tuple[dict[str, Any], ...]:
    """The events of an uninstallation; Slack sends them in any order."""
    revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [workspace.bot_user_id]}}
    return revoked, {"type": "app_uninstalled"}


def membership_event(kind: str, channel: Channel, user_id: str) -> dict[str, Any]:
    """member_joined_channel or member_left_channel."""
    return {
        "type": kind,
        "user": user_id,
        "channel": channel.id,
        "channel_type": "C" if channel.public else "G",
        "team": channel.team_id,
    }


def message_event(channel: Channel, message: dict[str, Any]) -> dict[str, Any]:
    """The message event of a post (docs.slack.dev/reference/events/message)."""
    return message | {"channel": channel.id, "channel_type": _CHANNEL_TYPES[channel.family], "event_ts": message["ts"]}


def changed_event(workspace: Workspace, channel: Channel, message: Message, before: dict[str, Any]) -> dict[str, Any]:
    """message_changed (docs.slack.dev/reference/events/message/message_changed)."""
    event = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": workspace.next_ts()}
    return message_event(channel, event | {"message": message.to_slack(), "previous_message": before})


def deleted_event(workspace: Workspace, channel: Channel, before: dict[str, Any]) -> dict[str, Any]:
    """message_deleted (docs.slack.dev/reference/events/message/message_deleted)."""
    event = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": workspace.next_ts()}
    return message_event(channel, event | {"deleted_ts": before["ts"], "previous_message": before})


def _subscription(event_type: str, channel: Channel | None) -> tuple[str, tuple[str, ...]]:
    """The name under which a manifest subscribes to an event, and the scopes of which it needs one."""
    family = channel.family if channel else "channels"
    if event_type.startswith(_ABOUT_CHANNELS):
        return event_type, (f"{family}:read",)
    name = f"message.{family}" if event_type == "message" else event_type
    return name, scopes_for(name)
