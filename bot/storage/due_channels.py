"""Channels whose roundup, reminder or edition is due."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, bindparam, select, update

from bot.domain import editions
from bot.storage.channels import Channel, by_id, from_row, reminder_time, select_channel
from bot.storage.columns import any_pair_of
from bot.storage.tables import channels

_claim_edition = select_channel.where(channels.c.edition_due_at <= bindparam("now")).with_for_update(
    skip_locked=True, key_share=True
)
_claim_roundups = (
    select(channels)
    .where(
        any_pair_of(channels.c.team_id, channels.c.channel_id, "keys"),
        channels.c.next_due_at <= bindparam("now"),
    )
    .order_by(channels.c.team_id, channels.c.channel_id)
    .with_for_update(skip_locked=True, key_share=True)
)
_update_one = update(channels).where(
    channels.c.team_id == bindparam("team"), channels.c.channel_id == bindparam("channel")
)
_advance_roundup = _update_one.values(
    next_due_at=bindparam("due"), remind_at=bindparam("remind"), last_roundup_on=bindparam("last_roundup_on")
)
_advance_edition = _update_one.values(edition_due_at=bindparam("due"))
_clear_reminder = _update_one.where(channels.c.remind_at <= bindparam("now")).values(remind_at=None)


class DueChannel(NamedTuple):
    """A channel of which a roundup or an edition is due, since when (UTC), and whether it goes to another channel."""

    team_id: str
    channel_id: str
    has_other_target: bool
    due_at: datetime


def roundups_due(connection: Connection, now: datetime, *, limit: int) -> list[DueChannel]:
    """Return the channels whose roundup is due at `now`, the longest overdue first."""
    return _due(connection, channels.c.next_due_at, now, limit)


def claim_roundups(connection: Connection, keys: Collection[tuple[str, str]], now: datetime) -> list[Channel]:
    """Return those of the channels (team id, channel id) whose roundup is still due and that no other replica claimed.

    They are locked until the commit, and in the order of their ids.
    """
    return [from_row(row) for row in connection.execute(_claim_roundups, {"keys": keys, "now": now})]


def advance_roundups(
    connection: Connection, claimed: Sequence[tuple[Channel, datetime | None]], *, now: datetime
) -> None:
    """Set the next due date of each channel to the first occurrence after `now`.

    Beside it is the occurrence (UTC) that a roundup was created for, if any: its day gets no other one.
    """
    if claimed:
        connection.execute(_advance_roundup, [_advanced(channel, due_at, now) for channel, due_at in claimed])


def _advanced(channel: Channel, roundup_due_at: datetime | None, now: datetime) -> dict[str, Any]:
    assert channel.settings is not None, "a channel with a due roundup is set up"
    last_roundup_on = channel.last_roundup_on if roundup_due_at is None else channel.schedule.date_of(roundup_due_at)
    next_due_at = channel.schedule.next_after(now, after_date=last_roundup_on)
    remind_at = reminder_time(channel.settings, next_due_at, now)
    return _key(channel) | {"due": next_due_at, "remind": remind_at, "last_roundup_on": last_roundup_on}


def reminders_due(connection: Connection, now: datetime) -> list[tuple[str, str]]:
    """Return the channels (team id, channel id) whose reminder is due at `now`."""
    query = select(channels.c.team_id, channels.c.channel_id).where(channels.c.remind_at <= now)
    return [(row.team_id, row.channel_id) for row in connection.execute(query)]


def claim_reminder(connection: Connection, team_id: str, channel_id: str, now: datetime) -> Channel | None:
    """Clear a channel's due reminder, and return the channel; None if another replica did, or it was moved."""
    cleared = connection.execute(_clear_reminder, {"team": team_id, "channel": channel_id, "now": now})
    return by_id(connection, team_id, channel_id) if cleared.rowcount == 1 else None


def editions_due(connection: Connection, now: datetime, *, limit: int) -> list[DueChannel]:
    """Return the channels of which an edition is due at `now`, the longest overdue first."""
    return _due(connection, channels.c.edition_due_at, now, limit)


def claim_edition(connection: Connection, team_id: str, channel_id: str, now: datetime) -> Channel | None:
    """Return the channel, locked until the commit, if an edition is still due; None if another replica claimed it."""
    row = connection.execute(_claim_edition, {"team": team_id, "channel": channel_id, "now": now}).one_or_none()
    return None if row is None else from_row(row)


def advance_edition(connection: Connection, channel: Channel, *, now: datetime) -> None:
    """Set when the next edition is due, after `now`."""
    assert channel.settings is not None, "a channel that gets editions is set up"
    due_at = editions.due_after(channel.settings.editions, channel.schedule, now=now)
    connection.execute(_advance_edition, _key(channel) | {"due": due_at})


def _due(connection: Connection, due_at: Column[Any], now: datetime, limit: int) -> list[DueChannel]:
    has_other_target = channels.c.target_channel_id.is_not(None)
    query = select(channels.c.team_id, channels.c.channel_id, has_other_target, due_at)
    rows = connection.execute(query.where(due_at <= now).order_by(due_at).limit(limit))
    return [DueChannel(*row) for row in rows]


def _key(channel: Channel) -> dict[str, Any]:
    return {"team": channel.team_id, "channel": channel.channel_id}
