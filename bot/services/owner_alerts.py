"""Notes: direct messages to whoever set a channel up, each about all that needs them, or that they should know."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, literal, select, update

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.owner_alerts import OwnerAlert, StuckDelivery
from bot.domain.permissions import NO_CHANNEL, Action, Actor, ChannelRoles, check
from bot.slack.errors import POST_METHOD, meaning
from bot.storage import audit_log as changes
from bot.storage import channels as places
from bot.storage.bulk_insert import upsert
from bot.storage.deliveries import Delivery, by_id, mark_posted, request_update, requeue
from bot.storage.enqueue import enqueue_owner_alert as add_note
from bot.storage.tables import alert_opt_outs, audit_log, channels, deliveries, roundups, wins

ALERT_GROUPING_WINDOW = timedelta(hours=1)
"""What comes within this time goes into the same note: an outage is told once."""


def owner_of(connection: Connection, delivery: Delivery) -> str | None:
    """Return who answers for the channel that the delivery belongs to.

    Where nobody does, it is the author of its win, or whoever had its roundup posted.
    """
    channel_id = roundups.c.channel_id if delivery.roundup_id is not None else literal(delivery.channel_id)
    query = select(channels.c.set_up_by).where(
        channels.c.team_id == delivery.team_id, channels.c.channel_id == channel_id
    )
    if delivery.roundup_id is not None:
        query = query.with_only_columns(func.coalesce(channels.c.set_up_by, roundups.c.posted_by))
        query = query.where(roundups.c.id == delivery.roundup_id)
    user_id: str | None = connection.execute(query).scalar_one_or_none()
    if user_id is None and delivery.win_id is not None:
        user_id = connection.execute(select(wins.c.author_id).where(wins.c.id == delivery.win_id)).scalar_one()
    return user_id


def alert_about_delivery(connection: Connection, delivery: Delivery, *, now: datetime) -> None:
    """Owe the owner of a delivery's channel a note about it, once; the note that they got lately takes it on.

    Where they were told already, that note is owed an update.
    """
    alert_id = delivery.told_in
    if alert_id is None:
        user_id = owner_of(connection, delivery)
        if user_id is None:
            return
        alert_id = _current_alert_id(connection, delivery.team_id, user_id, now)
        if alert_id is None:
            return
        connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(told_in=alert_id))
    request_update(connection, by_id(connection, alert_id))


def alert_about_channel(connection: Connection, entry: AuditEntry, user_id: str, *, now: datetime) -> None:
    """Owe somebody a note about what happened to a channel of theirs; the note that they got lately takes it on."""
    if (alert_id := _current_alert_id(connection, entry.team_id, user_id, now)) is not None:
        _attach_to_alert(connection, entry, alert_id)


def follow_up(connection: Connection, entry: AuditEntry) -> None:
    """Add how it went on to the note that told last that the bot had left the channel, if one did."""
    is_same_channel = (audit_log.c.team_id == entry.team_id) & (audit_log.c.channel_id == entry.channel_id)
    query = (
        select(audit_log.c.told_in)
        .where(is_same_channel, audit_log.c.kind == AuditAction.BOT_LEFT)
        .order_by(audit_log.c.id.desc())
    )
    if (alert_id := connection.scalars(query.limit(1)).first()) is not None:
        _attach_to_alert(connection, entry, alert_id)


def _attach_to_alert(connection: Connection, entry: AuditEntry, alert_id: int) -> None:
    connection.execute(update(audit_log).where(audit_log.c.id == entry.id).values(told_in=alert_id))
    request_update(connection, by_id(connection, alert_id))


def is_opted_out(connection: Connection, team_id: str, user_id: str) -> bool:
    """Whether somebody wants no notes."""
    query = select(alert_opt_outs).where(alert_opt_outs.c.team_id == team_id, alert_opt_outs.c.user_id == user_id)
    return connection.execute(query).first() is not None


def opt_out(connection: Connection, alert: Delivery) -> None:
    """Send whoever got `note` no more of them; what is new shows on Home only."""
    row = {"team_id": alert.team_id, "user_id": alert.recipient}
    connection.execute(upsert(connection.dialect, alert_opt_outs).values(row).on_conflict_do_nothing())
    request_update(connection, alert)


def opt_in(connection: Connection, alert: Delivery) -> None:
    """Send whoever got `note` such messages again, from now on."""
    where = (alert_opt_outs.c.team_id == alert.team_id) & (alert_opt_outs.c.user_id == alert.recipient)
    connection.execute(delete(alert_opt_outs).where(where))
    request_update(connection, alert)


def _current_alert_id(connection: Connection, team_id: str, user_id: str, now: datetime) -> int | None:
    """Return the note that tells somebody what is new; None where they want none."""
    if is_opted_out(connection, team_id, user_id):
        return None
    return _recent_alert_id(connection, team_id, user_id, now) or add_note(connection, team_id, user_id, now=now)


def _recent_alert_id(connection: Connection, team_id: str, user_id: str, now: datetime) -> int | None:
    query = select(deliveries.c.id).where(
        deliveries.c.team_id == team_id,
        deliveries.c.recipient == user_id,
        deliveries.c.kind == DeliveryKind.OWNER_ALERT,
        deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.POSTED)),
        deliveries.c.created_at >= now - ALERT_GROUPING_WINDOW,
    )
    return connection.execute(query.order_by(deliveries.c.id.desc()).limit(1)).scalar_one_or_none()


def refresh_alert(connection: Connection, delivery: Delivery) -> None:
    """Owe an update to the note that told of a delivery, if one did."""
    if delivery.told_in is not None:
        request_update(connection, by_id(connection, delivery.told_in))


def was_alerted(connection: Connection, delivery: Delivery, error: str) -> bool:
    """Whether the owner knows already that Slack refuses messages in this channel for this reason."""
    query = select(deliveries.c.id).where(
        deliveries.c.team_id == delivery.team_id,
        deliveries.c.channel_id == delivery.channel_id,
        deliveries.c.state == DeliveryState.REJECTED,
        deliveries.c.error == error,
        deliveries.c.told_in.is_not(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def load(connection: Connection, alert: Delivery) -> OwnerAlert:
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
        .where(deliveries.c.told_in == alert.id)
        .order_by(deliveries.c.id)
    )
    entry_ids = connection.scalars(
        select(audit_log.c.id).where(audit_log.c.told_in == alert.id).order_by(audit_log.c.id)
    )
    return OwnerAlert(
        tuple(with_refusal(StuckDelivery(*row)) for row in connection.execute(query)),
        tuple(changes.by_id(connection, entry_id) for entry_id in entry_ids),
        is_opted_out=is_opted_out(connection, alert.team_id, alert.recipient or ""),
    )


def with_refusal(delivery: StuckDelivery) -> StuckDelivery:
    """Return the delivery with what its error means."""
    return replace(delivery, refusal=meaning(POST_METHOD, delivery.error))


def channel_of(connection: Connection, delivery: Delivery) -> str:
    """Return the channel that a delivery belongs to: a roundup may go to another one."""
    if delivery.roundup_id is None:
        return delivery.channel_id
    channel_id: str = connection.execute(
        select(roundups.c.channel_id).where(roundups.c.id == delivery.roundup_id)
    ).scalar_one()
    return channel_id


def roles_for(connection: Connection, delivery: Delivery) -> ChannelRoles:
    """Return what the permission to decide about a delivery depends on."""
    channel = places.by_id(connection, delivery.team_id, channel_of(connection, delivery))
    return replace(channel.roles if channel else NO_CHANNEL, owner_id=owner_of(connection, delivery))


def resolve(connection: Connection, delivery: Delivery, *, is_posted: bool, actor: Actor | None, now: datetime) -> bool:
    """Take a person's word on a delivery that is held (or parked, which is certainly not there), and write it down.

    `actor` None is whoever runs the bot. Returns False, and changes nothing, where it needs nobody any more. Raises
    NotAllowed.
    """
    if actor is not None:
        check(actor, Action.RESOLVE, roles_for(connection, delivery))
    if is_posted:
        is_resolved = delivery.state == DeliveryState.NEEDS_REVIEW and mark_posted(connection, delivery.id, None)
    else:
        is_resolved = requeue(connection, delivery)
    if is_resolved:
        changes.add(
            connection,
            AuditAction.DELIVERY_RESOLVED,
            team_id=delivery.team_id,
            channel_id=channel_of(connection, delivery),
            actor_id=None if actor is None else actor.user_id,
            before={"state": delivery.state},
            after={"state": DeliveryState.POSTED if is_posted else DeliveryState.PENDING},
            now=now,
        )
        refresh_alert(connection, delivery)
    return is_resolved
