"""What a delivery says at the moment of sending: what it tells of is read, and put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
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
from bot.views.format import Message, Names
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


@dataclass(frozen=True)
class Prepared:
    """A delivery as it is told now: `said` is None when there is nothing to tell, because all was undone.

    `names` are those that it uses, by user id; `parent_ts` is what it replies to.
    """

    told: Win | Part | Note
    names: Mapping[str, str]
    said: Message | None
    parent_ts: str | None


def prepare(connection: Connection, delivery: Delivery, *, link: Link, now: datetime) -> Prepared:
    """Read what the delivery tells of, and put it into words."""
    told = subject(connection, delivery)
    names = people.names(connection, delivery.team_id, told.people)
    said = _words(connection, delivery, told, names, link=link, now=now)
    return Prepared(told, names, said, deliveries.parent_ts(connection, delivery))


def _words(
    connection: Connection, delivery: Delivery, told: Win | Part | Note, names: Names, *, link: Link, now: datetime
) -> Message | None:
    if isinstance(told, Note):
        return note(told) if told.matters else None
    if isinstance(told, Part):
        return roundup(told, names, key=delivery.key, link=link, now=now) if told.wins else None
    if told.undone:
        return None
    pressed = cheers.who_cheered(connection, win_cheers, [told.id], source=cheers.BUTTON)[told.id]
    return announcement(told, names, key=delivery.key, pressed_by=pressed)


def post(delivery: Delivery, said: Message, *, parent_ts: str | None) -> dict[str, Any]:
    """Return the arguments of chat.postMessage: the key in the metadata makes the message recognisable."""
    arguments = _inert(said) | {
        "channel": delivery.channel_id,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": delivery.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return arguments if parent_ts is None else arguments | {"thread_ts": parent_ts}


def change(delivery: Delivery, said: Message) -> dict[str, Any]:
    """Return the arguments of chat.update."""
    return _inert(said) | {"channel": delivery.channel_id, "ts": delivery.ts}


def _inert(said: Message) -> dict[str, Any]:
    """Keep Slack from finding mentions and addresses in the text by itself."""
    return said | {"parse": "none"}
