"""What a delivery says at the moment of sending: what it tells of is read, and put into words."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.domain.notes import Note
from bot.domain.roundups import Part
from bot.domain.wins import Win
from bot.storage import cheers, deliveries, notes, people, roundups, wins
from bot.storage.deliveries import Delivery
from bot.storage.tables import win_cheers
from bot.views.announcement import announcement
from bot.views.format import Message
from bot.views.note import note
from bot.views.roundup import Link, roundup

EVENT_TYPE = "winsome_delivery"


def subject(connection: Connection, delivery: Delivery) -> Win | Part | Note:
    """Read what the delivery tells of."""
    if delivery.kind == deliveries.NOTE:
        return notes.read(connection, delivery)
    if delivery.win_id is not None:
        win = wins.by_id(connection, delivery.team_id, delivery.win_id)
        assert win is not None, "a win is never deleted while a message tells of it"
        return win
    assert delivery.roundup_id is not None, "every other delivery tells of a roundup"
    return roundups.part(connection, delivery.roundup_id, delivery.part)


def message(connection: Connection, delivery: Delivery, *, link: Link, now: datetime) -> Message | None:
    """Put the delivery into words, as things are now; None when there is nothing to tell, because all was undone."""
    told = subject(connection, delivery)
    if isinstance(told, Note):
        return note(told) if told.matters else None
    names = people.names(connection, delivery.team_id, told.people)
    if isinstance(told, Part):
        return roundup(told, names, key=delivery.key, link=link, now=now) if told.wins else None
    if told.undone:
        return None
    pressed = cheers.who_cheered(connection, win_cheers, [told.id], source=cheers.BUTTON)[told.id]
    return announcement(told, names, key=delivery.key, pressed_by=pressed)


def post(connection: Connection, delivery: Delivery, said: Message) -> dict[str, Any]:
    """Return the arguments of chat.postMessage: the key in the metadata makes the message recognisable."""
    arguments = _inert(said) | {
        "channel": delivery.channel_id,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": delivery.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    parent = deliveries.parent_ts(connection, delivery)
    return arguments if parent is None else arguments | {"thread_ts": parent}


def change(delivery: Delivery, said: Message) -> dict[str, Any]:
    """Return the arguments of chat.update."""
    return _inert(said) | {"channel": delivery.channel_id, "ts": delivery.ts}


def _inert(said: Message) -> dict[str, Any]:
    """Keep Slack from finding mentions and addresses in the text by itself."""
    return said | {"parse": "none"}
