"""Parsing Slack's events: about channels, people and reactions. Those about messages: see message_payloads.py."""

from dataclasses import dataclass

from bot.slack.payloads import Payload, nested, optional_id, request_key, slack_id, text, ts


@dataclass(frozen=True)
class ChannelEvent:
    """An event about a channel, or about the membership of `user_id` in it. `actor_id` is who did it, if known.

    `new_channel_id` is set if Slack has given the channel another id.
    """

    team_id: str
    channel_id: str
    user_id: str | None
    actor_id: str | None
    new_channel_id: str | None


@dataclass(frozen=True)
class Reaction:
    """A reaction that was added to a message or removed from it at `event_ts` (Slack's ts).

    `author_id` is who wrote the message, if Slack says so.
    """

    team_id: str
    user_id: str
    channel_id: str
    message_ts: str
    emoji: str
    event_ts: str
    author_id: str | None = None


def channel_event(payload: Payload) -> ChannelEvent:
    """Read an event about a channel: someone joined or left, or it was archived, deleted or given another id.

    Raises Malformed.
    """
    event = nested(payload, "event")
    is_id_change = event.get("type") == "channel_id_changed"
    is_membership = str(event.get("type")).startswith("member_")
    actor = "inviter" if is_membership else "user" if event.get("user") else "actor_id"
    return ChannelEvent(
        team_id=slack_id(payload, "team_id"),
        channel_id=slack_id(event, "old_channel_id" if is_id_change else "channel"),
        user_id=slack_id(event, "user") if is_membership else None,
        actor_id=optional_id(event, actor),
        new_channel_id=slack_id(event, "new_channel_id") if is_id_change else None,
    )


def event_key(payload: Payload) -> str:
    """Return the idempotency key of an event. Raises Malformed."""
    return request_key("event", text(payload, "event_id"))


def event_user(payload: Payload) -> tuple[str, str]:
    """Return the workspace and the user that an event is about. Raises Malformed."""
    return slack_id(payload, "team_id"), slack_id(nested(payload, "event"), "user")


def reaction(payload: Payload) -> Reaction | None:
    """Read a reaction_added or reaction_removed event; None if it is not on a message. Raises Malformed."""
    event = nested(payload, "event")
    item = nested(event, "item")
    if item.get("type") != "message":
        return None
    return Reaction(
        team_id=slack_id(payload, "team_id"),
        user_id=slack_id(event, "user"),
        channel_id=slack_id(item, "channel"),
        message_ts=ts(item, "ts"),
        emoji=text(event, "reaction")[:100],
        event_ts=ts(event, "event_ts"),
        author_id=optional_id(event, "item_user"),
    )
