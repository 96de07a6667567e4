"""Enqueues deliveries. deliveries.py has what happens to them later."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from bot.domain.deliveries import DeliveryState, PendingOp
from bot.storage.bulk_insert import BulkInsert
from bot.storage.tables import deliveries


class NewDelivery(NamedTuple):
    """A message for a channel, and what it is about. A direct message has the recipient's id for `channel_id`.

    `response_url` is the command's, for a channel that the bot can't post in. `created_at` is UTC.
    """

    team_id: str
    channel_id: str
    created_at: datetime
    win_id: int | None = None
    roundup_id: int | None = None
    part: int = 0
    audit_id: int | None = None
    recipient_id: str | None = None
    response_url: str | None = None
    unsaved_win_id: int | None = None
    climb_id: int | None = None
    noted_roundup_id: int | None = None


_COLUMNS = ("key", "kind", "state", "pending_op", *NewDelivery._fields)
_insert = BulkInsert(deliveries, *_COLUMNS)
_insert_new = BulkInsert(deliveries, *_COLUMNS, ignore_conflicts=True)


def enqueue(
    connection: Connection, kind: str, new: Sequence[NewDelivery], *, ignore_conflicts: bool = False
) -> list[str]:
    """Enqueue messages of a kind, and return their keys.

    With `ignore_conflicts`, messages that a unique index forbids are left out; without, they raise IntegrityError.
    """
    rows = [(new_message_key(each.created_at), kind, DeliveryState.PENDING, PendingOp.POST, *each) for each in new]
    (_insert_new if ignore_conflicts else _insert).run(connection, rows)
    return [row[0] for row in rows]


def enqueue_again(connection: Connection, kind: str, new: NewDelivery) -> None:
    """Post a message to its recipient once more, or for the first time. One that is still pending stays as it is."""
    is_same = (
        (deliveries.c.team_id == new.team_id)
        & (deliveries.c.channel_id == new.channel_id)
        & (deliveries.c.recipient_id == new.recipient_id)
        & (deliveries.c.kind == kind)
    )
    is_finished = deliveries.c.state.in_(
        (DeliveryState.REJECTED, DeliveryState.CANCELLED, DeliveryState.POSTED, DeliveryState.NEEDS_REVIEW)
    )
    values = {
        "state": DeliveryState.PENDING,
        "pending_op": PendingOp.POST,
        "error": None,
        "created_at": new.created_at,
        "revision": deliveries.c.revision + 1,
    }
    if connection.execute(update(deliveries).where(is_same & is_finished).values(values)).rowcount == 0:
        enqueue(connection, kind, [new], ignore_conflicts=True)


def enqueue_once(connection: Connection, kind: str, new: NewDelivery) -> None:
    """Enqueue a message to its recipient, unless there was one of its kind before."""
    is_theirs = (deliveries.c.team_id == new.team_id) & (deliveries.c.recipient_id == new.recipient_id)
    query = select(deliveries.c.id).where(is_theirs, deliveries.c.kind == kind).limit(1)
    if connection.execute(query).first() is None:
        enqueue(connection, kind, [new])


def new_message_key(now: datetime) -> str:
    """Return a key that can't be guessed. Keys of one time are close in the index, which keeps commits small."""
    return f"{int(now.timestamp() * 1_000_000):014x}{secrets.token_hex(9)}"
