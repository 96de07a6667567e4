"""What a delivery says at the moment of sending, and the arguments with which Slack is asked to post it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from bot.domain.deliveries import PendingOp
from bot.outbox.kinds import KINDS, Audience, Context
from bot.services import user_directory
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
    that it replies to. `unknown_ids` are the people in it of whom Slack hasn't said lately who they are.
    """

    subject: Any
    names: Mapping[str, str]
    parent_ts: str | None
    faces: Mapping[str, str] = field(default_factory=dict)
    unknown_ids: Sequence[str] = ()


class ToLoad(NamedTuple):
    """A delivery whose message is to be loaded, and the time (UTC) of that."""

    delivery: Delivery
    now: datetime


def load_each(connection: Connection, to_load: Sequence[ToLoad]) -> list[LoadedMessage]:
    """Read what each delivery is about. Those of a kind share their queries if `load_each` of the kind lets them."""
    subjects: list[Any] = [None] * len(to_load)
    for name in dict.fromkeys(each.delivery.kind for each in to_load):
        positions = [position for position, each in enumerate(to_load) if each.delivery.kind == name]
        loaded = KINDS[name].load_each(connection, [to_load[position] for position in positions])
        for position, subject in zip(positions, loaded, strict=True):
            subjects[position] = subject
    people = [() if subject is None else tuple(subject.user_ids) for subject in subjects]
    keys = {
        (each.delivery.team_id, user_id) for each, user_ids in zip(to_load, people, strict=True) for user_id in user_ids
    }
    known = users.by_keys(connection, keys) if keys else {}
    return [
        _loaded(connection, each, subject, user_ids, known)
        for each, subject, user_ids in zip(to_load, subjects, people, strict=True)
    ]


def _loaded(
    connection: Connection,
    to_load: ToLoad,
    subject: Any,
    user_ids: Sequence[str],
    known: Mapping[tuple[str, str], users.KnownUser],
) -> LoadedMessage:
    delivery, now = to_load
    kind = KINDS[delivery.kind]
    found = {user_id: known[key] for user_id in user_ids if (key := (delivery.team_id, user_id)) in known}
    shows_faces = kind.has_pictures and not delivery.is_plain
    return LoadedMessage(
        subject,
        {user_id: user.name for user_id, user in found.items()},
        kind.parent_ts(connection, delivery),
        {user_id: user.avatar_url for user_id, user in found.items() if user.avatar_url} if shows_faces else {},
        [
            user_id
            for user_id in dict.fromkeys(user_ids)
            if user_id not in found or now - found[user_id].synced_at > user_directory.MAX_AGE
        ],
    )


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
