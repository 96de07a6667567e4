"""Resolving deliveries that need attention: a person says of one whether it was posted."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.audit_log import AuditAction
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.permissions import NO_CHANNEL, Action, Actor, check
from bot.services import owner_alerts
from bot.services.idempotency import ResultCode
from bot.storage import audit_log, channels, deliveries, refusals
from bot.storage import owner_alerts as alert_queries
from bot.storage.deliveries import Delivery

RESOLVABLE_KINDS = (DeliveryKind.ROUNDUP, DeliveryKind.EDITION, DeliveryKind.ANNOUNCEMENT)


class ResolveResult(ResultCode):
    """The result of resolving a delivery."""

    RESOLVED = "resolved"
    ALREADY_RESOLVED = "already_resolved"
    SEARCHED_AGAIN = "searched_again"
    """It isn't posted again now: the bot searches for it once more, as it does after each restart."""
    NOT_FOUND = "not_found"


def channel_of(connection: Connection, team_id: str, key: str) -> str | None:
    """Return the channel of the delivery that someone wants to resolve; None if there is none."""
    delivery = _resolvable(connection, team_id, key)
    return None if delivery is None else alert_queries.channel_of(connection, delivery)


def resolve_by_key(
    connection: Connection, *, team_id: str, key: str, is_posted: bool, actor: Actor, now: datetime
) -> ResolveResult:
    """Resolve the delivery of this key, and those that it stands for: see `resolve`. Raises NotAllowed."""
    delivery = _resolvable(connection, team_id, key)
    if delivery is None:
        return ResolveResult.NOT_FOUND
    channel_id = alert_queries.channel_of(connection, delivery)
    similar = [
        other
        for other in refusals.similar(connection, delivery)
        if alert_queries.channel_of(connection, other) == channel_id
    ]
    is_resolved = resolve(connection, delivery, is_posted=is_posted, actor=actor, now=now)
    for other in similar:
        (refusals.dismiss if is_posted else refusals.requeue)(connection, other)
    if is_resolved:
        return ResolveResult.RESOLVED
    is_unknown = delivery.state is DeliveryState.UNKNOWN
    return ResolveResult.SEARCHED_AGAIN if is_unknown else ResolveResult.ALREADY_RESOLVED


def resolve(connection: Connection, delivery: Delivery, *, is_posted: bool, actor: Actor | None, now: datetime) -> bool:
    """Mark a delivery as posted because a person has seen it, or post it again because it is not there; log that.

    If a change of it was refused, leave the message as it is, or try the change again.

    Without an `actor` it is the operator who says so. Returns False, and changes nothing, for a delivery that no
    longer needs a person, and for one that is not there if the bot searches for it: the search decides. Raises
    NotAllowed.
    """
    channel_id = alert_queries.channel_of(connection, delivery)
    if actor is not None:
        channel = channels.by_id(connection, delivery.team_id, channel_id)
        owner_id = alert_queries.owner_of(connection, delivery)
        check(actor, Action.RESOLVE, replace(channel.roles if channel else NO_CHANNEL, owner_id=owner_id))
    if is_posted:
        may_be_there = delivery.state in (DeliveryState.NEEDS_REVIEW, DeliveryState.UNKNOWN)
        is_resolved = (
            deliveries.mark_posted(connection, delivery.id, None)
            if may_be_there
            else refusals.dismiss(connection, delivery)
        )
    else:
        is_resolved = refusals.requeue(connection, delivery)
    if is_resolved:
        audit_log.add(
            connection,
            AuditAction.DELIVERY_RESOLVED,
            team_id=delivery.team_id,
            channel_id=channel_id,
            actor_id=None if actor is None else actor.user_id,
            before={"state": delivery.state},
            after={"state": DeliveryState.POSTED if is_posted else DeliveryState.PENDING},
            now=now,
        )
        owner_alerts.refresh_alert(connection, delivery)
    return is_resolved


def _resolvable(connection: Connection, team_id: str, key: str) -> Delivery | None:
    delivery = deliveries.by_key(connection, team_id, key)
    return delivery if delivery is not None and delivery.kind in RESOLVABLE_KINDS else None
