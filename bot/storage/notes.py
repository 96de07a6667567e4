"""Notes: direct messages to whoever set a channel up, each about all the deliveries that need them by then."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from bot.domain.notes import Matter, Note
from bot.storage.deliveries import NOTE, POST, Delivery, again, by_id, new_key, posted, refresh
from bot.storage.tables import channels, deliveries, roundups

ONE_NOTE_FOR = timedelta(hours=1)
"""What comes within this time goes into the same note: an outage is told once."""


def owner(connection: Connection, delivery: Delivery) -> str:
    """Return who set up the channel that the delivery belongs to."""
    query = select(channels.c.set_up_by).where(
        channels.c.team_id == delivery.team_id, channels.c.channel_id == delivery.channel_id
    )
    user_id: str = connection.execute(query).scalar_one()
    return user_id


def tell(connection: Connection, delivery: Delivery, *, now: datetime) -> None:
    """Owe the owner of a delivery's channel a note about it, once; the note that they got lately takes it on.

    Where they were told already, that note is owed an update.
    """
    note_id = delivery.told_in
    if note_id is None:
        user_id = owner(connection, delivery)
        note_id = _lately(connection, delivery.team_id, user_id, now) or _add(connection, delivery, user_id, now)
        connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(told_in=note_id))
    refresh(connection, by_id(connection, note_id))


def _lately(connection: Connection, team_id: str, user_id: str, now: datetime) -> int | None:
    query = select(deliveries.c.id).where(
        deliveries.c.team_id == team_id,
        deliveries.c.recipient == user_id,
        deliveries.c.state.in_(("pending", "sending", "posted")),
        deliveries.c.created_at >= now - ONE_NOTE_FOR,
    )
    return connection.execute(query.order_by(deliveries.c.id.desc()).limit(1)).scalar_one_or_none()


def _add(connection: Connection, delivery: Delivery, user_id: str, now: datetime) -> int:
    row = {
        "team_id": delivery.team_id,
        "channel_id": user_id,
        "recipient": user_id,
        "key": new_key(now),
        "kind": NOTE,
        "state": "pending",
        "todo": POST,
        "created_at": now,
    }
    note_id: int = connection.execute(insert(deliveries), row).inserted_primary_key[0]  # type: ignore[index]
    return note_id


def changed(connection: Connection, delivery: Delivery) -> None:
    """Owe an update to the note that told of a delivery, if one did."""
    if delivery.told_in is not None:
        refresh(connection, by_id(connection, delivery.told_in))


def is_told(connection: Connection, delivery: Delivery, error: str) -> bool:
    """Whether the owner knows already that Slack refuses messages in this channel for this reason."""
    query = select(deliveries.c.id).where(
        deliveries.c.team_id == delivery.team_id,
        deliveries.c.channel_id == delivery.channel_id,
        deliveries.c.state == "parked",
        deliveries.c.error == error,
        deliveries.c.told_in.is_not(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def read(connection: Connection, note: Delivery) -> Note:
    """Return what a note tells of, as things are now."""
    query = (
        select(
            deliveries.c.key,
            deliveries.c.kind,
            deliveries.c.channel_id,
            deliveries.c.state,
            deliveries.c.error,
            roundups.c.due_at,
            channels.c.zone,
        )
        .outerjoin(roundups, roundups.c.id == deliveries.c.roundup_id)
        .outerjoin(
            channels,
            (channels.c.team_id == deliveries.c.team_id) & (channels.c.channel_id == deliveries.c.channel_id),
        )
        .where(deliveries.c.told_in == note.id)
        .order_by(deliveries.c.id)
    )
    return Note(tuple(Matter(*row) for row in connection.execute(query)))


def decide(connection: Connection, delivery: Delivery, *, is_there: bool) -> bool:
    """Take a person's word on a delivery that is held (or parked, which is certainly not there).

    Returns False, and changes nothing, where it needs nobody any more.
    """
    if is_there:
        decided = delivery.state == "held" and posted(connection, delivery.id, None)
    else:
        decided = again(connection, delivery)
    if decided:
        changed(connection, delivery)
    return decided
