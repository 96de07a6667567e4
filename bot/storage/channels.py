"""Channels that have had a win or were set up, and when their roundups come."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from bot.domain.schedules import FRIDAY_AFTERNOON, Promise, Schedule, due_after_change, read_rule
from bot.storage.statements import FrequentInsert, insert
from bot.storage.tables import channels


@dataclass(frozen=True)
class Scheduled:
    """A channel with its schedule, when the next roundup is due (UTC; None: never), and the last one's local date."""

    team_id: str
    channel_id: str
    schedule: Schedule
    zone_is_stand_in: bool
    next_due_at: datetime | None
    told_on: date | None


@dataclass(frozen=True)
class WithoutZone:
    """A channel whose schedule waits for the zone of `set_up_by`."""

    team_id: str
    channel_id: str
    set_up_by: str


_had_win = FrequentInsert(
    channels, "team_id", "channel_id", "set_up_by", "set_up_at", "rule", "starts_on", "local_time", unless_there=True
)


def had_wins(connection: Connection, first: Mapping[tuple[str, str], tuple[str, datetime]]) -> None:
    """Give each channel (team id, channel id) a schedule with its first win: by whom, and when (UTC).

    The zone comes later, for that takes a request to Slack. A channel that has a schedule keeps it.
    """
    rule, at = FRIDAY_AFTERNOON
    rows = [
        (*channel, by, now, rule.text, now.astimezone(UTC).date(), f"{at:%H:%M}")
        for channel, (by, now) in first.items()
    ]
    _had_win.run(connection, rows)


def without_zone(connection: Connection, team_id: str) -> list[WithoutZone]:
    """Return the workspace's channels whose zone is still unknown."""
    query = select(channels).where(channels.c.team_id == team_id, channels.c.zone.is_(None))
    return [WithoutZone(row.team_id, row.channel_id, row.set_up_by) for row in connection.execute(query)]


def set_zone(connection: Connection, channel: WithoutZone, zone: str, *, is_stand_in: bool) -> None:
    """Start the channel's schedule in `zone` (an IANA name), unless it has one by now.

    It counts from the first win, so that a zone that came late moves no roundup.
    """
    query = _one(channel.team_id, channel.channel_id).where(channels.c.zone.is_(None))
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        return
    in_utc = _schedule(row, zone=zone)
    schedule = replace(in_utc, starts_on=in_utc.local_date(row.set_up_at))
    _update(
        connection,
        channel.team_id,
        channel.channel_id,
        zone=zone,
        zone_is_stand_in=is_stand_in,
        starts_on=schedule.starts_on,
        next_due_at=schedule.next_after(row.set_up_at),
    )


def due_if_set(
    connection: Connection, team_id: str, channel_id: str, schedule: Schedule, *, now: datetime
) -> datetime | None:
    """Return when (UTC) the next roundup would be due if `set_schedule` came `now`; None for never. Stores nothing."""
    return _due_after_change(connection.execute(_one(team_id, channel_id)).one_or_none(), schedule, now)


def set_schedule(
    connection: Connection, team_id: str, channel_id: str, schedule: Schedule, *, by: str, now: datetime
) -> datetime | None:
    """Store that `by` (a user id) gave the channel `schedule`, and return when (UTC) its next roundup is due.

    None: it will have none. What a change on the very day of a roundup does is told by `due_after_change`. The channel
    need not have had a win; its workspace must be known.
    """
    values = _columns(schedule)
    new = insert(connection.dialect, channels).values(
        team_id=team_id, channel_id=channel_id, set_up_by=by, set_up_at=now, **values
    )
    connection.execute(new.on_conflict_do_nothing())
    row = connection.execute(_one(team_id, channel_id).with_for_update()).one()
    due_at = _due_after_change(row, schedule, now)
    _update(connection, team_id, channel_id, **values, zone_is_stand_in=False, next_due_at=due_at)
    return due_at


_this = select(channels).where(channels.c.team_id == bindparam("team"), channels.c.channel_id == bindparam("channel"))
_due = _this.where(channels.c.next_due_at <= bindparam("now")).with_for_update(skip_locked=True)
_advance = (
    update(channels)
    .where(channels.c.team_id == bindparam("team"), channels.c.channel_id == bindparam("channel"))
    .values(next_due_at=bindparam("due"), told_on=bindparam("told"))
)


def due(connection: Connection, now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """Return (team id, channel id) of the channels whose roundup is due at `now`, the longest overdue first."""
    query = select(channels.c.team_id, channels.c.channel_id).where(channels.c.next_due_at <= now)
    return [
        (row.team_id, row.channel_id) for row in connection.execute(query.order_by(channels.c.next_due_at).limit(limit))
    ]


def claim_due(connection: Connection, team_id: str, channel_id: str, now: datetime) -> Scheduled | None:
    """Return the channel if its roundup is (still) due, held for this transaction; None if somebody else has it."""
    row = connection.execute(_due, {"team": team_id, "channel": channel_id, "now": now}).one_or_none()
    return None if row is None else _scheduled(row)


def by_id(connection: Connection, team_id: str, channel_id: str) -> Scheduled | None:
    """Return the channel with its schedule; None while it has no zone."""
    row = connection.execute(_this, {"team": team_id, "channel": channel_id}).one_or_none()
    return None if row is None or row.zone is None else _scheduled(row)


def advance(connection: Connection, channel: Scheduled, *, told: datetime | None, now: datetime) -> None:
    """Set the next due date to the first occurrence after `now`.

    `told` is the occurrence (UTC) that was written down as a roundup, if one was: its day never gets another one.
    """
    told_on = channel.told_on if told is None else channel.schedule.date_of(told)
    next_due_at = channel.schedule.next_after(now, beyond=told_on)
    this = {"team": channel.team_id, "channel": channel.channel_id}
    connection.execute(_advance, {**this, "due": next_due_at, "told": told_on})


def _one(team_id: str, channel_id: str) -> Select[Any]:
    return select(channels).where(channels.c.team_id == team_id, channels.c.channel_id == channel_id)


def _update(connection: Connection, team_id: str, channel_id: str, **values: Any) -> None:
    this = (channels.c.team_id == team_id) & (channels.c.channel_id == channel_id)
    connection.execute(update(channels).where(this).values(values))


def _due_after_change(row: Any, schedule: Schedule, now: datetime) -> datetime | None:
    promised = None
    if row is not None and row.next_due_at is not None:
        promised = Promise(row.next_due_at, _schedule(row).date_of(row.next_due_at))
    return due_after_change(schedule, now=now, promised=promised, told_on=None if row is None else row.told_on)


def _columns(schedule: Schedule) -> dict[str, Any]:
    """What the table holds of a schedule."""
    return {
        "rule": schedule.rule.text,
        "starts_on": schedule.starts_on,
        "local_time": f"{schedule.at:%H:%M}",
        "zone": schedule.zone,
        "paused_until": schedule.paused_until,
        "is_paused": schedule.is_paused,
        "skipped": json.dumps(sorted(day.isoformat() for day in schedule.skipped)),
    }


def _schedule(row: Any, zone: str | None = None) -> Schedule:
    return Schedule(
        rule=read_rule(row.rule),
        starts_on=row.starts_on,
        at=time.fromisoformat(row.local_time),
        zone=zone or row.zone,
        paused_until=row.paused_until,
        is_paused=row.is_paused,
        skipped=frozenset(date.fromisoformat(day) for day in json.loads(row.skipped)),
    )


def _scheduled(row: Any) -> Scheduled:
    return Scheduled(
        team_id=row.team_id,
        channel_id=row.channel_id,
        schedule=_schedule(row),
        zone_is_stand_in=row.zone_is_stand_in,
        next_due_at=row.next_due_at,
        told_on=row.told_on,
    )
