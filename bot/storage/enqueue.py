"""Enqueues deliveries, with one function for each kind. deliveries.py has what happens to them later."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from bot.domain.audit_log import AuditEntry
from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.storage.bulk_insert import BulkInsert
from bot.storage.deliveries import Lane
from bot.storage.tables import deliveries

_TO_POST = (DeliveryState.PENDING, PendingOp.POST)
_insert_announcements = BulkInsert(
    deliveries, "team_id", "channel_id", "key", "kind", "state", "pending_op", "created_at", "win_id", "response_url"
)


def enqueue_announcements(
    connection: Connection, announcements: Sequence[tuple[Lane, int, str | None, datetime]]
) -> list[str]:
    """Enqueue the announcements of wins and return their message keys.

    Each is the lane, the win's id, the command's response_url (for where the bot can't post), and when (UTC).
    """
    rows = [
        (*lane, new_message_key(now), DeliveryKind.ANNOUNCEMENT, *_TO_POST, now, win_id, response_url)
        for lane, win_id, response_url, now in announcements
    ]
    _insert_announcements.run(connection, rows)
    return [row[2] for row in rows]


def enqueue_roundup(
    connection: Connection, roundup_id: int, *, parts: int, team_id: str, channel_id: str, now: datetime
) -> None:
    """Enqueue each part of a roundup; the parts after the first are replies to it."""
    rows = [
        {**_new_row(DeliveryKind.ROUNDUP, team_id, channel_id, now), "roundup_id": roundup_id, "part": part}
        for part in range(parts)
    ]
    connection.execute(insert(deliveries), rows)


def enqueue_settings_change(
    connection: Connection, entry: AuditEntry, channel_ids: Collection[str], *, now: datetime
) -> None:
    """Enqueue a line about a settings change for each channel."""
    rows = [
        {**_new_row(DeliveryKind.SETTINGS_CHANGE, entry.team_id, channel_id, now), "audit_id": entry.id}
        for channel_id in channel_ids
    ]
    if rows:
        connection.execute(insert(deliveries), rows)


def enqueue_reminder(connection: Connection, team_id: str, channel_id: str, *, now: datetime) -> None:
    """Enqueue the line on the day before a channel's roundup."""
    connection.execute(insert(deliveries), _new_row(DeliveryKind.REMINDER, team_id, channel_id, now))


_insert_offer = BulkInsert(
    deliveries,
    *("team_id", "channel_id", "recipient_id", "key", "kind", "state", "pending_op", "created_at"),
    ignore_conflicts=True,
)


def enqueue_offer(connection: Connection, team_id: str, channel_id: str, user_id: str, *, now: datetime) -> None:
    """Enqueue the offer of a schedule, unless this user had one for this channel before."""
    row = (team_id, channel_id, user_id, new_message_key(now), DeliveryKind.OFFER, *_TO_POST, now)
    _insert_offer.run(connection, [row])


def enqueue_offer_again(connection: Connection, team_id: str, channel_id: str, user_id: str, *, now: datetime) -> None:
    """Enqueue the offer to a user who has just invited the bot, even after an earlier one."""
    in_channel = (deliveries.c.team_id == team_id) & (deliveries.c.channel_id == channel_id)
    is_same_offer = (deliveries.c.recipient_id == user_id) & (deliveries.c.kind == DeliveryKind.OFFER)
    is_finished = deliveries.c.state.in_(
        (DeliveryState.REJECTED, DeliveryState.CANCELLED, DeliveryState.POSTED, DeliveryState.NEEDS_REVIEW)
    )
    values = {"state": DeliveryState.PENDING, "pending_op": PendingOp.POST, "error": None, "created_at": now}
    requeue = update(deliveries).where(in_channel & is_same_offer & is_finished)
    if connection.execute(requeue.values(values | {"revision": deliveries.c.revision + 1})).rowcount == 0:
        enqueue_offer(connection, team_id, channel_id, user_id, now=now)


def enqueue_owner_alert(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> int:
    """Enqueue an owner alert, and return the id of the delivery."""
    row = {**_new_row(DeliveryKind.OWNER_ALERT, team_id, user_id, now), "recipient_id": user_id}
    alert_id: int = connection.execute(insert(deliveries), row).inserted_primary_key[0]  # type: ignore[index]
    return alert_id


def _new_row(kind: DeliveryKind, team_id: str, channel_id: str, now: datetime) -> dict[str, Any]:
    """Return the columns that every new delivery has."""
    return {
        "team_id": team_id,
        "channel_id": channel_id,
        "key": new_message_key(now),
        "kind": kind,
        "state": DeliveryState.PENDING,
        "pending_op": PendingOp.POST,
        "created_at": now,
    }


def new_message_key(now: datetime) -> str:
    """Return a key that can't be guessed. Keys of one time are neighbours in the index, which keeps commits small."""
    return f"{int(now.timestamp() * 1_000_000):014x}{secrets.token_hex(9)}"
