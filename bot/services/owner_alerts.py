"""Notes: direct messages to whoever set a channel up, each about all that needs them, or that they should know."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, literal, select, update

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.owner_alerts import OwnerAlert, StuckDelivery
from bot.domain.permissions import NO_CHANNEL, Action, Actor, ChannelRoles, check
from bot.storage import audit_log as changes
from bot.storage import channels as places
from bot.storage.bulk_insert import insert
from bot.storage.deliveries import OWNER_ALERT, Delivery, by_id, mark_posted, request_update, requeue
from bot.storage.enqueue import enqueue_owner_alert as add_note
from bot.storage.tables import audit, channels, deliveries, roundups, wins, without_notes

ONE_NOTE_FOR = timedelta(hours=1)
"""What comes within this time goes into the same note: an outage is told once."""


def owner(connection: Connection, delivery: Delivery) -> str | None:
    """Return who answers for the channel that the delivery belongs to.

    Where nobody does, it is the author of its win, or whoever had its roundup posted.
    """
    of = roundups.c.channel_id if delivery.roundup_id is not None else literal(delivery.channel_id)
    query = select(channels.c.set_up_by).where(channels.c.team_id == delivery.team_id, channels.c.channel_id == of)
    if delivery.roundup_id is not None:
        query = query.with_only_columns(func.coalesce(channels.c.set_up_by, roundups.c.posted_by))
        query = query.where(roundups.c.id == delivery.roundup_id)
    user_id: str | None = connection.execute(query).scalar_one_or_none()
    if user_id is None and delivery.win_id is not None:
        user_id = connection.execute(select(wins.c.author_id).where(wins.c.id == delivery.win_id)).scalar_one()
    return user_id


def tell(connection: Connection, delivery: Delivery, *, now: datetime) -> None:
    """Owe the owner of a delivery's channel a note about it, once; the note that they got lately takes it on.

    Where they were told already, that note is owed an update.
    """
    note_id = delivery.told_in
    if note_id is None:
        user_id = owner(connection, delivery)
        if user_id is None:
            return
        note_id = _note_for(connection, delivery.team_id, user_id, now)
        if note_id is None:
            return
        connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(told_in=note_id))
    request_update(connection, by_id(connection, note_id))


def tell_news(connection: Connection, change: AuditEntry, user_id: str, *, now: datetime) -> None:
    """Owe somebody a note about what happened to a channel of theirs; the note that they got lately takes it on."""
    if (note_id := _note_for(connection, change.team_id, user_id, now)) is not None:
        _also_tell(connection, change, note_id)


def go_on(connection: Connection, change: AuditEntry) -> None:
    """Add how it went on to the note that told last that the bot had left the channel, if one did."""
    left = (audit.c.team_id == change.team_id) & (audit.c.channel_id == change.channel_id)
    query = select(audit.c.told_in).where(left, audit.c.kind == AuditAction.BOT_LEFT.value).order_by(audit.c.id.desc())
    if (note_id := connection.scalars(query.limit(1)).first()) is not None:
        _also_tell(connection, change, note_id)


def _also_tell(connection: Connection, change: AuditEntry, note_id: int) -> None:
    connection.execute(update(audit).where(audit.c.id == change.id).values(told_in=note_id))
    request_update(connection, by_id(connection, note_id))


def are_stopped(connection: Connection, team_id: str, user_id: str) -> bool:
    """Whether somebody wants no notes."""
    query = select(without_notes).where(without_notes.c.team_id == team_id, without_notes.c.user_id == user_id)
    return connection.execute(query).first() is not None


def stop(connection: Connection, note: Delivery) -> None:
    """Send whoever got `note` no more of them; what is new shows on Home only."""
    row = {"team_id": note.team_id, "user_id": note.recipient}
    connection.execute(insert(connection.dialect, without_notes).values(row).on_conflict_do_nothing())
    request_update(connection, note)


def resume(connection: Connection, note: Delivery) -> None:
    """Send whoever got `note` such messages again, from now on."""
    this = (without_notes.c.team_id == note.team_id) & (without_notes.c.user_id == note.recipient)
    connection.execute(delete(without_notes).where(this))
    request_update(connection, note)


def _note_for(connection: Connection, team_id: str, user_id: str, now: datetime) -> int | None:
    """Return the note that tells somebody what is new; None where they want none."""
    if are_stopped(connection, team_id, user_id):
        return None
    return _lately(connection, team_id, user_id, now) or add_note(connection, team_id, user_id, now=now)


def _lately(connection: Connection, team_id: str, user_id: str, now: datetime) -> int | None:
    query = select(deliveries.c.id).where(
        deliveries.c.team_id == team_id,
        deliveries.c.recipient == user_id,
        deliveries.c.kind == OWNER_ALERT,
        deliveries.c.state.in_(("pending", "sending", "posted")),
        deliveries.c.created_at >= now - ONE_NOTE_FOR,
    )
    return connection.execute(query.order_by(deliveries.c.id.desc()).limit(1)).scalar_one_or_none()


def changed(connection: Connection, delivery: Delivery) -> None:
    """Owe an update to the note that told of a delivery, if one did."""
    if delivery.told_in is not None:
        request_update(connection, by_id(connection, delivery.told_in))


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


def read(connection: Connection, note: Delivery) -> OwnerAlert:
    """Return what a note tells of, as things are now."""
    query = (
        select(
            deliveries.c.key,
            deliveries.c.kind,
            func.coalesce(roundups.c.channel_id, deliveries.c.channel_id),
            deliveries.c.state,
            deliveries.c.error,
            roundups.c.due_at,
            channels.c.zone,
            deliveries.c.channel_id,
        )
        .outerjoin(roundups, roundups.c.id == deliveries.c.roundup_id)
        .outerjoin(
            channels,
            (channels.c.team_id == deliveries.c.team_id)
            & (channels.c.channel_id == func.coalesce(roundups.c.channel_id, deliveries.c.channel_id)),
        )
        .where(deliveries.c.told_in == note.id)
        .order_by(deliveries.c.id)
    )
    news = connection.scalars(select(audit.c.id).where(audit.c.told_in == note.id).order_by(audit.c.id))
    return OwnerAlert(
        tuple(StuckDelivery(*row) for row in connection.execute(query)),
        tuple(changes.by_id(connection, entry_id) for entry_id in news),
        is_opted_out=are_stopped(connection, note.team_id, note.recipient or ""),
    )


def channel_of(connection: Connection, delivery: Delivery) -> str:
    """Return the channel that a delivery belongs to: a roundup may go to another one."""
    if delivery.roundup_id is None:
        return delivery.channel_id
    found: str = connection.execute(
        select(roundups.c.channel_id).where(roundups.c.id == delivery.roundup_id)
    ).scalar_one()
    return found


def place_of(connection: Connection, delivery: Delivery) -> ChannelRoles:
    """Return what the permission to decide about a delivery depends on."""
    channel = places.by_id(connection, delivery.team_id, channel_of(connection, delivery))
    return replace(channel.roles if channel else NO_CHANNEL, owner_id=owner(connection, delivery))


def decide(connection: Connection, delivery: Delivery, *, is_there: bool, actor: Actor | None, now: datetime) -> bool:
    """Take a person's word on a delivery that is held (or parked, which is certainly not there), and write it down.

    `actor` None is whoever runs the bot. Returns False, and changes nothing, where it needs nobody any more. Raises
    NotAllowed.
    """
    if actor is not None:
        check(actor, Action.RESOLVE, place_of(connection, delivery))
    if is_there:
        decided = delivery.state == "held" and mark_posted(connection, delivery.id, None)
    else:
        decided = requeue(connection, delivery)
    if decided:
        changes.add(
            connection,
            AuditAction.DELIVERY_RESOLVED,
            team_id=delivery.team_id,
            channel_id=channel_of(connection, delivery),
            actor_id=None if actor is None else actor.user_id,
            before={"state": delivery.state},
            after={"state": "posted" if is_there else "pending"},
            now=now,
        )
        changed(connection, delivery)
    return decided
