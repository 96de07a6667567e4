"""What the Home tab reads of channels: their status, their last roundups, and roundups that need attention.

The cost of these queries does not grow with the number of wins or roundups.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select

from bot.domain.deliveries import DeliveryState
from bot.domain.home import ChannelStatus, LastRoundup
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.permissions import Action, Actor, may
from bot.domain.roundups import REGULAR
from bot.storage import users
from bot.storage.channels import Channel
from bot.storage.deliveries import is_stuck_roundup
from bot.storage.tables import channels, deliveries, roundups


def channel_statuses(
    connection: Connection, team_id: str, visible_channels: Sequence[Channel], actor: Actor | None
) -> list[ChannelStatus]:
    """Return the status of channels that `actor` may see: those with problems first, then by due time.

    Their last roundups are not read yet: see `with_last_roundup`.
    """
    inactive_ids = users.inactive(
        connection, team_id, {channel.owner_id for channel in visible_channels if channel.owner_id}
    )
    statuses = [
        ChannelStatus(
            channel_id=channel.channel_id,
            settings=channel.settings,
            unavailable_reason=channel.unavailable_reason,
            next_due_at=channel.next_due_at,
            owner_id=channel.owner_id,
            is_owner_inactive=channel.owner_id in inactive_ids,
            may_change=actor is not None and may(actor, Action.CHANGE, channel.roles),
        )
        for channel in visible_channels
    ]
    return sorted(statuses, key=_urgency)


def _urgency(status: ChannelStatus) -> tuple[bool, bool, datetime, str]:
    never = datetime.max.replace(tzinfo=UTC)
    return (not status.needs_attention, not status.is_on, status.next_due_at or never, status.channel_id)


_last_roundup = (
    select(roundups.c.due_at, deliveries.c.ts, deliveries.c.attempted_at, deliveries.c.state)
    .join(deliveries, (deliveries.c.roundup_id == roundups.c.id) & (deliveries.c.part == 0))
    .where(roundups.c.team_id == bindparam("team"), roundups.c.channel_id == bindparam("channel"))
    .where(roundups.c.kind.in_(REGULAR))
    .order_by(roundups.c.due_at.desc())
    .limit(1)
)


def with_last_roundup(connection: Connection, team_id: str, status: ChannelStatus) -> ChannelStatus:
    """Return the status with the channel's last roundup."""
    row = connection.execute(_last_roundup, {"team": team_id, "channel": status.channel_id}).one_or_none()
    if row is None:
        return status
    posted_at = datetime.fromtimestamp(float(row.ts), UTC) if row.ts else row.attempted_at
    return replace(
        status,
        last_roundup=LastRoundup(row.due_at, posted_at if row.state == DeliveryState.POSTED else None, row.state),
    )


def stuck_roundups(connection: Connection, team_id: str, channel_ids: Collection[str]) -> list[StuckDelivery]:
    """Return the deliveries of these channels' roundups that need attention, the oldest first.

    `target_channel_id` is left out if it is none of these channels.
    """
    query = (
        select(
            deliveries.c.key,
            deliveries.c.kind,
            roundups.c.channel_id,
            deliveries.c.state,
            deliveries.c.error,
            roundups.c.due_at,
            channels.c.zone,
            deliveries.c.channel_id,
            deliveries.c.ts,
        )
        .join(roundups, roundups.c.id == deliveries.c.roundup_id)
        .join(channels, (channels.c.team_id == roundups.c.team_id) & (channels.c.channel_id == roundups.c.channel_id))
        .where(
            deliveries.c.team_id == team_id,
            is_stuck_roundup,
            roundups.c.channel_id.in_(sorted(channel_ids)),
        )
        .order_by(deliveries.c.id)
    )
    stuck_deliveries = (StuckDelivery(*row) for row in connection.execute(query))
    return [
        delivery if delivery.target_channel_id in channel_ids else replace(delivery, target_channel_id=None)
        for delivery in stuck_deliveries
    ]
