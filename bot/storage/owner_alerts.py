"""Owner alerts: what each mentions, who gets it, and who wants none."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, case, delete, false, func, literal, select, update

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.deliveries import MAY_BE_POSTED, DeliveryKind, DeliveryState
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.roundups import RoundupKind
from bot.storage.bulk_insert import upsert
from bot.storage.columns import any_of
from bot.storage.deliveries import Delivery, select_all
from bot.storage.delivery_conditions import is_announcement, is_refused_change, is_to_look_at
from bot.storage.refusals import shows_hidden
from bot.storage.tables import alert_opt_outs, audit_log, channels, deliveries, roundups, win_people, wins


def channel_of(connection: Connection, delivery: Delivery) -> str:
    """Return the channel that a delivery belongs to: a roundup may be posted in another one."""
    if delivery.roundup_id is None:
        return delivery.channel_id
    query = select(roundups.c.channel_id).where(roundups.c.id == delivery.roundup_id)
    return connection.execute(query).scalar_one_or_none() or delivery.channel_id


is_of_workspace = roundups.c.kind == RoundupKind.WORKSPACE
_last_to_set_defaults = (
    select(audit_log.c.actor_id)
    .where(
        audit_log.c.team_id == roundups.c.team_id,
        audit_log.c.action == AuditAction.DEFAULTS_CHANGED,
        audit_log.c.actor_id.is_not(None),
    )
    .order_by(audit_log.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_owner_of_roundup = func.coalesce(
    channels.c.owner_id, roundups.c.posted_by, case((is_of_workspace, _last_to_set_defaults))
)


def owner_of(connection: Connection, delivery: Delivery) -> str | None:
    """Return the owner of the channel that a delivery belongs to.

    Without one, return the author of its win, the person who posted its roundup early or, if it is the workspace's
    roundup, the admin who was the last to change the defaults, and so when and where that comes.
    """
    channel_id = roundups.c.channel_id if delivery.roundup_id is not None else literal(delivery.channel_id)
    query = select(channels.c.owner_id).where(
        channels.c.team_id == delivery.team_id, channels.c.channel_id == channel_id
    )
    if delivery.roundup_id is not None:
        query = query.with_only_columns(_owner_of_roundup)
        query = query.where(roundups.c.id == delivery.roundup_id)
    user_id: str | None = connection.execute(query).scalar_one_or_none()
    if user_id is None and delivery.win_id is not None:
        user_id = connection.execute(select(wins.c.author_id).where(wins.c.id == delivery.win_id)).scalar_one_or_none()
    return user_id


def attach_delivery(connection: Connection, delivery: Delivery, alert_id: int) -> None:
    """Mention a delivery in an alert."""
    connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(alert_id=alert_id))


def attach_entry(connection: Connection, entry: AuditEntry, alert_id: int) -> None:
    """Mention an audit entry in an alert."""
    connection.execute(update(audit_log).where(audit_log.c.id == entry.id).values(alert_id=alert_id))


_first = deliveries.alias("first_part")
_thread_of_roundup = select(_first.c.ts).where(
    deliveries.c.part > 0,
    _first.c.roundup_id == deliveries.c.roundup_id,
    _first.c.part == 0,
    _first.c.channel_id == deliveries.c.channel_id,
)
_names_others = select(win_people.c.win_id).where(win_people.c.win_id == wins.c.id).exists()
_thread_of_win = select(wins.c.thread_ts).where(is_announcement, wins.c.id == deliveries.c.win_id, ~_names_others)
_thread_ts = func.coalesce(
    _thread_of_roundup.correlate(deliveries).scalar_subquery(), _thread_of_win.correlate(deliveries).scalar_subquery()
)
"""The thread that a message is in, unless someone in its win may be unnamed, whom the thread may name."""

_select_stuck = (
    select(
        deliveries.c.key,
        deliveries.c.kind,
        func.coalesce(roundups.c.channel_id, deliveries.c.channel_id),
        deliveries.c.state,
        deliveries.c.error,
        roundups.c.due_at,
        channels.c.zone,
        deliveries.c.channel_id,
        deliveries.c.ts,
        shows_hidden,
        func.coalesce(is_of_workspace, false()),
        _thread_ts,
    )
    .outerjoin(roundups, roundups.c.id == deliveries.c.roundup_id)
    .outerjoin(
        channels,
        (channels.c.team_id == deliveries.c.team_id)
        & (channels.c.channel_id == func.coalesce(roundups.c.channel_id, deliveries.c.channel_id)),
    )
    .order_by(deliveries.c.id)
)


def stuck_deliveries(connection: Connection, alert_id: int) -> list[StuckDelivery]:
    """Return the deliveries that an alert mentions, as they are now, the oldest first."""
    return _stuck(connection, deliveries.c.alert_id == alert_id)


def to_look_at(connection: Connection, alert_id: int) -> list[Delivery]:
    """Return the deliveries that an alert mentions and that aren't settled or were given up, the oldest first."""
    return select_all(connection, deliveries.c.alert_id == alert_id, is_to_look_at)


def stuck_by_id(connection: Connection, ids: Collection[int]) -> list[StuckDelivery]:
    """Return these deliveries, the oldest first."""
    return _stuck(connection, any_of(deliveries.c.id, ids))


def refused_changes(connection: Connection, team_id: str, channel_ids: Collection[str]) -> list[StuckDelivery]:
    """Return the messages in these channels whose last update or deletion Slack refused, the oldest first."""
    return _stuck(
        connection, is_refused_change, deliveries.c.team_id == team_id, any_of(deliveries.c.channel_id, channel_ids)
    )


def _stuck(connection: Connection, *conditions: ColumnElement[bool]) -> list[StuckDelivery]:
    return [StuckDelivery(*row) for row in connection.execute(_select_stuck.where(*conditions))]


_can_be_updated = deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.POSTED))


def can_be_updated(connection: Connection, alert_id: int) -> bool:
    """Whether an alert can still be updated: it is posted, or will be."""
    query = select(deliveries.c.id).where(deliveries.c.id == alert_id, _can_be_updated)
    return connection.execute(query).first() is not None


def recent_alert_id(connection: Connection, team_id: str, user_id: str, *, since: datetime) -> int | None:
    """Return the newest alert to someone that was enqueued at `since` or later and can still be updated."""
    query = select(deliveries.c.id).where(
        deliveries.c.team_id == team_id,
        deliveries.c.recipient_id == user_id,
        deliveries.c.kind == DeliveryKind.OWNER_ALERT,
        _can_be_updated,
        deliveries.c.created_at >= since,
    )
    return connection.execute(query.order_by(deliveries.c.id.desc()).limit(1)).scalar_one_or_none()


_WITH_OPT_OUT = (DeliveryKind.OWNER_ALERT, DeliveryKind.NOT_SHARED, DeliveryKind.NOT_REMOVED, DeliveryKind.JOINED)


def unconfirmed(connection: Connection, team_id: str, user_id: str, message_ts: str) -> Delivery | None:
    """Return the direct message to someone, of unknown outcome and with a button to stop such messages, that may be the
    one at `message_ts`: it was sent nearest to then. None if there is none.
    """
    found = select_all(
        connection,
        deliveries.c.team_id == team_id,
        deliveries.c.channel_id == user_id,
        deliveries.c.kind.in_(_WITH_OPT_OUT),
        deliveries.c.state.in_(MAY_BE_POSTED),
    )
    posted_at = datetime.fromtimestamp(float(message_ts), UTC)
    return min(found, key=lambda each: abs((each.attempted_at or each.created_at) - posted_at), default=None)


def departure_alert_id(connection: Connection, team_id: str, channel_id: str) -> int | None:
    """Return the alert that mentions the last time that the bot left the channel, if one does."""
    is_same_channel = (audit_log.c.team_id == team_id) & (audit_log.c.channel_id == channel_id)
    query = select(audit_log.c.alert_id).where(is_same_channel, audit_log.c.action == AuditAction.BOT_LEFT)
    alert_id: int | None = connection.scalars(query.order_by(audit_log.c.id.desc()).limit(1)).first()
    return alert_id


def was_alerted(connection: Connection, delivery: Delivery, error: str) -> bool:
    """Whether an alert already mentions a message in this channel that Slack rejected for this reason."""
    query = select(deliveries.c.id).where(
        deliveries.c.team_id == delivery.team_id,
        deliveries.c.channel_id == delivery.channel_id,
        deliveries.c.state == DeliveryState.REJECTED,
        deliveries.c.error == error,
        deliveries.c.alert_id.is_not(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def is_opted_out(connection: Connection, team_id: str, user_id: str) -> bool:
    """Whether someone wants no alerts."""
    query = select(alert_opt_outs).where(alert_opt_outs.c.team_id == team_id, alert_opt_outs.c.user_id == user_id)
    return connection.execute(query).first() is not None


def opt_out(connection: Connection, team_id: str, user_id: str) -> None:
    """Store that someone wants no alerts."""
    row = {"team_id": team_id, "user_id": user_id}
    connection.execute(upsert(connection.dialect, alert_opt_outs).values(row).on_conflict_do_nothing())


def opt_in(connection: Connection, team_id: str, user_id: str) -> None:
    """Store that someone wants alerts again."""
    where = (alert_opt_outs.c.team_id == team_id) & (alert_opt_outs.c.user_id == user_id)
    connection.execute(delete(alert_opt_outs).where(where))
