"""What a delivery says at the moment of sending, and the arguments with which Slack is asked to post it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.domain.deliveries import PendingOp
from bot.outbox.kinds import KINDS, Audience, Context
from bot.storage import users
from bot.storage.deliveries import Delivery
from bot.views.format import Message
from bot.views.permalinks import Permalink

EVENT_TYPE = "winsome_delivery"
"""The type of the metadata in which a message carries its delivery's key."""


@dataclass(frozen=True)
class LoadedMessage:
    """What a delivery is about, as it is now: `subject` is None if there is nothing left to say.

    `names` are those in the message and `faces` the addresses of their pictures, by user id; `parent_ts` is the message
    that it replies to.
    """

    subject: Any
    names: Mapping[str, str]
    parent_ts: str | None
    faces: Mapping[str, str] = field(default_factory=dict)


def load(connection: Connection, delivery: Delivery, *, now: datetime) -> LoadedMessage:
    """Read what the delivery is about."""
    kind = KINDS[delivery.kind]
    subject = kind.load(connection, delivery, now=now)
    user_ids = () if subject is None else tuple(subject.user_ids)
    names = users.names(connection, delivery.team_id, user_ids) if user_ids else {}
    shows_faces = user_ids and kind.has_pictures and not delivery.is_plain
    faces = users.avatars(connection, delivery.team_id, user_ids) if shows_faces else {}
    return LoadedMessage(subject, names, kind.parent_ts(connection, delivery), faces)


def render(delivery: Delivery, loaded: LoadedMessage, *, permalink: Permalink, now: datetime) -> Message | None:
    """Put a delivery into words; None if there is nothing left to say."""
    if loaded.subject is None:
        return None
    return KINDS[delivery.kind].render(loaded.subject, Context(delivery, loaded.names, permalink, now, loaded.faces))


def method(delivery: Delivery) -> str:
    """Return the method of Slack's API for the delivery's next operation."""
    if delivery.pending_op == PendingOp.UPDATE:
        return "chat.update"
    if delivery.pending_op == PendingOp.DELETE:
        return "chat.delete"
    is_ephemeral = KINDS[delivery.kind].audience is Audience.RECIPIENT_IN_CHANNEL
    return "chat.postEphemeral" if is_ephemeral else "chat.postMessage"


def post_arguments(delivery: Delivery, message: Message, *, parent_ts: str | None) -> dict[str, Any]:
    """Return the arguments of the post. The key in the metadata is what the reconciler searches history for.

    An ephemeral message has no metadata, as it is in no history.
    """
    arguments = _without_parsing(message) | {"channel": delivery.channel_id}
    if parent_ts is not None:
        arguments["thread_ts"] = parent_ts
    if KINDS[delivery.kind].audience is Audience.RECIPIENT_IN_CHANNEL:
        return arguments | {"user": delivery.recipient_id}
    return arguments | {
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": delivery.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }


def update_arguments(delivery: Delivery, message: Message) -> dict[str, Any]:
    """Return the arguments of chat.update."""
    return _without_parsing(message) | {"channel": delivery.channel_id, "ts": delivery.ts}


def _without_parsing(message: Message) -> dict[str, Any]:
    """Keep Slack from finding mentions and addresses in the text by itself."""
    return message | {"parse": "none"}
