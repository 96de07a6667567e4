"""Channels that have had a win, and when their roundups come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, select, update

from bot.domain.schedules import FRIDAY_AFTERNOON, Weekly
from bot.storage.statements import FrequentInsert
from bot.storage.tables import channels


@dataclass(frozen=True)
class Scheduled:
    """A channel with its schedule and when the next roundup is due (UTC)."""

    team_id: str
    channel_id: str
    schedule: Weekly
    zone_is_stand_in: bool
    next_due_at: datetime


@dataclass(frozen=True)
class WithoutZone:
    """A channel whose schedule waits for the zone of `set_up_by`."""

    team_id: str
    channel_id: str
    set_up_by: str


_had_win = FrequentInsert(
    channels, "team_id", "channel_id", "set_up_by", "set_up_at", "weekday", "local_time", unless_there=True
)


def had_wins(connection: Connection, first: Mapping[tuple[str, str], tuple[str, datetime]]) -> None:
    """Give each channel (team id, channel id) a schedule with its first win: by whom, and when (UTC).

    The zone comes later, for that takes a request to Slack. A channel that has a schedule keeps it.
    """
    weekday, at = FRIDAY_AFTERNOON
    rows = [(*channel, by, now, weekday, f"{at:%H:%M}") for channel, (by, now) in first.items()]
    _had_win.run(connection, rows)


def without_zone(connection: Connection, team_id: str) -> list[WithoutZone]:
    """Return the workspace's channels whose zone is still unknown."""
    query = select(channels).where(channels.c.team_id == team_id, channels.c.zone.is_(None))
    return [WithoutZone(row.team_id, row.channel_id, row.set_up_by) for row in connection.execute(query)]


def set_zone(connection: Connection, channel: WithoutZone, zone: str, *, is_stand_in: bool) -> None:
    """Start the channel's schedule in `zone` (an IANA name), unless it has one by now.

    It counts from the first win, so that a zone that came late moves no roundup.
    """
    this = (channels.c.team_id == channel.team_id) & (channels.c.channel_id == channel.channel_id)
    row = connection.execute(select(channels).where(this, channels.c.zone.is_(None)).with_for_update()).one_or_none()
    if row is None:
        return
    due = Weekly(row.weekday, time.fromisoformat(row.local_time), zone).next_after(row.set_up_at)
    connection.execute(update(channels).where(this).values(zone=zone, zone_is_stand_in=is_stand_in, next_due_at=due))


def due(connection: Connection, now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """Return (team id, channel id) of the channels whose roundup is due at `now`, the longest overdue first."""
    query = select(channels.c.team_id, channels.c.channel_id).where(channels.c.next_due_at <= now)
    return [
        (row.team_id, row.channel_id) for row in connection.execute(query.order_by(channels.c.next_due_at).limit(limit))
    ]


def claim_due(connection: Connection, team_id: str, channel_id: str, now: datetime) -> Scheduled | None:
    """Return the channel if its roundup is (still) due, held for this transaction; None if somebody else has it."""
    query = select(channels).where(
        channels.c.team_id == team_id, channels.c.channel_id == channel_id, channels.c.next_due_at <= now
    )
    row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
    return None if row is None else _scheduled(row)


def by_id(connection: Connection, team_id: str, channel_id: str) -> Scheduled | None:
    """Return the channel with its schedule; None while it has no zone."""
    row = connection.execute(
        select(channels).where(channels.c.team_id == team_id, channels.c.channel_id == channel_id)
    ).one_or_none()
    return None if row is None or row.zone is None else _scheduled(row)


def advance(connection: Connection, channel: Scheduled, *, now: datetime) -> None:
    """Set the next due date to the first occurrence after `now`."""
    connection.execute(
        update(channels)
        .where(channels.c.team_id == channel.team_id, channels.c.channel_id == channel.channel_id)
        .values(next_due_at=channel.schedule.next_after(now))
    )


def _scheduled(row: Any) -> Scheduled:
    return Scheduled(
        team_id=row.team_id,
        channel_id=row.channel_id,
        schedule=Weekly(row.weekday, time.fromisoformat(row.local_time), row.zone),
        zone_is_stand_in=row.zone_is_stand_in,
        next_due_at=row.next_due_at,
    )
