"""What the Home tab reads of channels: their status, their last roundups, and roundups that need attention.

The cost of these queries does not grow with the number of wins or roundups.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, false, select

from bot.domain.deliveries import DeliveryState
from bot.domain.home import ChannelStatus, LastRoundup
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.permissions import Action, Actor, may
from bot.domain.roundups import REGULAR
from bot.storage import channels as channel_queries
from bot.storage import users as user_queries
from bot.storage.columns import any_of
from bot.storage.delivery_conditions import is_stuck_roundup
from bot.storage.owner_alerts import is_of_workspace
from bot.storage.tables import channels, deliveries, roundups, users


class ListedChannel(NamedTuple):
    """What of a channel decides where Home lists it, for reading thousands of them at once."""

    channel_id: str
    needs_attention: bool


_is_on = channels.c.rrule.is_not(None) & ~channels.c.is_paused & ~channels.c.is_off
_is_owner_inactive = (
    select(users.c.user_id)
    .where(users.c.team_id == channels.c.team_id, users.c.user_id == channels.c.owner_id, users.c.is_active.is_(False))
    .exists()
)
_needs_attention = _is_on & (channels.c.unavailable_reason.is_not(None) | _is_owner_inactive)
_select_listed = (
    select(channels.c.channel_id, _needs_attention)
    .where(channels.c.team_id == bindparam("team"), any_of(channels.c.channel_id, "channels"))
    .order_by(
        _needs_attention.desc(),
        _is_on.desc(),
        channels.c.next_due_at.is_(None),
        channels.c.next_due_at,
        channels.c.channel_id,
    )
)


def listed(connection: Connection, team_id: str, channel_ids: Collection[str]) -> list[ListedChannel]:
    """Return these channels, those with problems first (as `ChannelStatus.needs_attention` says), then by due time."""
    rows = connection.execute(_select_listed, {"team": team_id, "channels": sorted(channel_ids)})
    return [ListedChannel(row[0], bool(row[1])) for row in rows]


def statuses(
    connection: Connection, team_id: str, channel_ids: Collection[str], actor: Actor | None
) -> dict[str, ChannelStatus]:
    """Return the status of channels that `actor` may see, by their ids."""
    seen = channel_queries.of_team(connection, team_id, channel_ids)
    inactive_ids = user_queries.inactive(connection, team_id, {each.owner_id for each in seen if each.owner_id})
    last_roundups = _last_roundups(connection, team_id, channel_ids)
    unreadable = set(channel_ids) - {channel.channel_id for channel in seen}
    return {
        each: ChannelStatus(each, None, None, None, None, False, False, is_readable=False) for each in unreadable
    } | {
        channel.channel_id: ChannelStatus(
            channel_id=channel.channel_id,
            settings=channel.settings,
            unavailable_reason=channel.unavailable_reason,
            next_due_at=channel.next_due_at,
            owner_id=channel.owner_id,
            is_owner_inactive=channel.owner_id in inactive_ids,
            may_change=actor is not None and may(actor, Action.CHANGE, channel.roles),
            last_roundup=last_roundups.get(channel.channel_id),
        )
        for channel in seen
    }


_of_channel = roundups.alias()
_last_of_channel = (
    select(_of_channel.c.id)
    .where(_of_channel.c.team_id == channels.c.team_id, _of_channel.c.channel_id == channels.c.channel_id)
    .where(_of_channel.c.kind.in_(REGULAR))
    .order_by(_of_channel.c.due_at.desc())
    .limit(1)
    .scalar_subquery()
)
_last_ids = select(_last_of_channel).where(
    channels.c.team_id == bindparam("team"), any_of(channels.c.channel_id, "channels")
)
_select_last_roundups = (
    select(roundups.c.channel_id, roundups.c.due_at, deliveries.c.ts, deliveries.c.attempted_at, deliveries.c.state)
    .join(deliveries, (deliveries.c.roundup_id == roundups.c.id) & (deliveries.c.part == 0))
    .where(roundups.c.id.in_(_last_ids.select_from(channels)))
)


def _last_roundups(connection: Connection, team_id: str, channel_ids: Collection[str]) -> dict[str, LastRoundup]:
    rows = connection.execute(_select_last_roundups, {"team": team_id, "channels": sorted(channel_ids)})
    return {row.channel_id: _last_roundup(row) for row in rows}


def _last_roundup(row: Any) -> LastRoundup:
    posted_at = datetime.fromtimestamp(float(row.ts), UTC) if row.ts else row.attempted_at
    return LastRoundup(row.due_at, posted_at if row.state == DeliveryState.POSTED else None, row.state)


def stuck_roundups(connection: Connection, team_id: str, channel_ids: Collection[str]) -> list[StuckDelivery]:
    """Return the deliveries of these channels' roundups that need attention, the oldest first.

    `target_channel_id` is left out if it isn't one of these channels.
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
            false(),  # it isn't posted, so it shows nothing
            is_of_workspace,
        )
        .join(roundups, roundups.c.id == deliveries.c.roundup_id)
        .join(channels, (channels.c.team_id == roundups.c.team_id) & (channels.c.channel_id == roundups.c.channel_id))
        .where(
            deliveries.c.team_id == team_id,
            is_stuck_roundup,
            any_of(roundups.c.channel_id, channel_ids),
        )
        .order_by(deliveries.c.id)
    )
    stuck_deliveries = (StuckDelivery(*row) for row in connection.execute(query))
    return [
        delivery if delivery.target_channel_id in channel_ids else replace(delivery, target_channel_id=None)
        for delivery in stuck_deliveries
    ]
