"""Channels: what Slack says of them, and their settings."""

import json
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, false, func, select, update

from bot.domain import editions
from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelSettings, QuietPolicy
from bot.domain.editions import parse_editions
from bot.domain.permissions import ChannelRoles
from bot.domain.recurrence import parse_rule
from bot.domain.schedule_changes import AnnouncedOccurrence, due_after_change
from bot.domain.schedules import Schedule
from bot.storage.bulk_insert import BulkInsert
from bot.storage.columns import any_of, any_pair_of
from bot.storage.tables import channels

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Channel:
    """A channel that Winsome has a row for. `settings`, `owner_id` and `configured_at` are None until it is set up.

    `creator` and `is_private` are None until the first conversations.info, at `synced_at`; `is_group` says that it is a
    group conversation. `next_due_at` (UTC) is None while no roundup is scheduled; `last_roundup_on` is the local date
    of the last scheduled one. `next_note` is what the user `next_note_by` says at the top of the next one.
    """

    team_id: str
    channel_id: str
    creator: str | None
    is_private: bool | None
    is_group: bool
    synced_at: datetime | None
    unavailable_reason: Unavailability | None
    settings: ChannelSettings | None
    owner_id: str | None
    configured_at: datetime | None
    revision: int
    next_due_at: datetime | None
    last_roundup_on: date | None
    next_note: str | None = None
    next_note_by: str | None = None
    edition_due_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The workspace and the channel."""
        return (self.team_id, self.channel_id)

    @property
    def schedule(self) -> Schedule:
        """The schedule of a channel that is set up."""
        assert self.settings is not None, "only channels that are set up have a schedule"
        return self.settings.schedule

    @property
    def roles(self) -> ChannelRoles:
        """What permissions depend on."""
        return ChannelRoles(self.creator, self.owner_id, self.settings.manager_ids if self.settings else frozenset())

    @property
    def is_known_public(self) -> bool:
        """Whether Slack has said that it is public; any other one may be private."""
        return self.is_private is False

    @property
    def posts_in(self) -> str:
        """The channel that its roundup is posted in."""
        return (self.settings and self.settings.target_channel_id) or self.channel_id


class ChannelReach(NamedTuple):
    """The part of a Channel that says who may see it and whether the bot can, for reading thousands of them at once.

    `is_synced`: Slack has described it. `is_public`: Slack has said lately that it is public.
    """

    channel_id: str
    is_private: bool | None
    unavailable_reason: Unavailability | None
    is_synced: bool
    is_public: bool


@dataclass(frozen=True)
class ConversationInfo:
    """What Slack says of a channel (docs.slack.dev, conversations.info)."""

    creator: str | None
    is_private: bool
    unavailable_reason: Unavailability | None


def unavailability(channel: Channel | None) -> Unavailability | None:
    """Return why the bot can't post in a channel, or None. One without a row is one that the bot isn't in."""
    return Unavailability.REMOVED if channel is None else channel.unavailable_reason


_insert_missing = BulkInsert(channels, "team_id", "channel_id", ignore_conflicts=True)


def ensure_exist(connection: Connection, channel_keys: Collection[tuple[str, str]]) -> None:
    """Add a row for each channel (team id, channel id) that has none."""
    _insert_missing.run(connection, list(channel_keys))


def mark_group(connection: Connection, team_id: str, channel_id: str) -> None:
    """Store that a channel is a group conversation, to which the bot can't be invited."""
    _update(connection, team_id, channel_id, is_group=True)


def save_info(connection: Connection, team_id: str, channel_id: str, info: ConversationInfo, *, now: datetime) -> None:
    """Store what Slack has just said of a channel, except availability: see `mark_unreachable`, `mark_reachable`."""
    values = {"creator": info.creator, "is_private": info.is_private, "synced_at": now}
    ensure_exist(connection, [(team_id, channel_id)])
    _update(connection, team_id, channel_id, **values)


def mark_not_visible(connection: Connection, team_id: str, channel_id: str) -> bool:
    """Store that a channel is private, because the bot does not see it. Returns whether it has a row."""
    return _update(connection, team_id, channel_id, is_private=True)


def order_by_staleness(connection: Connection, team_id: str, channel_ids: Iterable[str]) -> list[str]:
    """Return these channel ids by the time of their last conversations.info; the ones without it come first."""
    query = select(channels.c.channel_id, channels.c.synced_at).where(channels.c.team_id == team_id)
    synced_at = {row.channel_id: row.synced_at for row in connection.execute(query) if row.synced_at is not None}
    return sorted(channel_ids, key=lambda each: (each in synced_at, synced_at.get(each), each))


def is_known(connection: Connection, team_id: str, channel_id: str) -> bool:
    """Whether a channel has a row, also one whose settings can't be read."""
    query = select(channels.c.channel_id).where(channels.c.team_id == team_id, channels.c.channel_id == channel_id)
    return connection.execute(query).first() is not None


def by_id(connection: Connection, team_id: str, channel_id: str) -> Channel | None:
    """Return the channel, or None if it has no row."""
    row = connection.execute(select_channel, {"team": team_id, "channel": channel_id}).one_or_none()
    return None if row is None else from_row(row)


def by_keys(connection: Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Channel]:
    """Return those of these channels (team id, channel id) that have a row."""
    rows = connection.execute(_select_channels, {"keys": keys})
    return {(row.team_id, row.channel_id): from_row(row) for row in rows}


def lock(connection: Connection, team_id: str, channel_id: str) -> Channel:
    """Return the channel, added if it has no row, locked until the commit. The lock does not block new wins."""
    return from_row(_lock_row(connection, team_id, channel_id))


def lock_if_readable(connection: Connection, team_id: str, channel_id: str) -> Channel | None:
    """Lock the channel as `lock` does; None, and a line in the log, if its settings can't be read."""
    return _if_readable(_lock_row(connection, team_id, channel_id))


def of_team(connection: Connection, team_id: str, channel_ids: Collection[str] | None = None) -> list[Channel]:
    """Return every channel of the workspace, or those of `channel_ids`, in the order of their ids.

    One whose settings can't be read is logged and left out.
    """
    query = select(channels).where(channels.c.team_id == team_id).order_by(channels.c.channel_id)
    if channel_ids is not None:
        query = query.where(any_of(channels.c.channel_id, channel_ids))
    return [channel for row in connection.execute(query) if (channel := _if_readable(row)) is not None]


def archived(connection: Connection, team_id: str, channel_ids: Collection[str]) -> set[str]:
    """Return those of these channels (ids) that are archived."""
    is_archived = channels.c.unavailable_reason == Unavailability.ARCHIVED
    query = select(channels.c.channel_id).where(channels.c.team_id == team_id, is_archived)
    return set(connection.scalars(query.where(any_of(channels.c.channel_id, channel_ids))))


def reach_in_team(connection: Connection, team_id: str, *, public_since: datetime) -> list[ChannelReach]:
    """Return the reach of every channel of the workspace, in the order of their ids.

    One is public if Slack said so at `public_since` or later.
    """
    rows = connection.execute(_select_reach, {"team": team_id, "public_since": public_since}).all()
    return list(map(ChannelReach._make, rows))


def preview_next_due(
    connection: Connection, team_id: str, channel_id: str, settings: ChannelSettings, *, now: datetime
) -> datetime | None:
    """Return when (UTC) the next roundup would be due with these settings; None for never. Stores nothing."""
    channel = by_id(connection, team_id, channel_id)
    return _due_after_change(channel, settings, now)


def save_settings(
    connection: Connection, channel: Channel, settings: ChannelSettings, *, user_id: str, now: datetime
) -> datetime | None:
    """Store the settings of a locked channel, and return when (UTC) its next roundup is due; None for never.

    The first user to set the channel up becomes its owner. For a change on the day of a roundup see `due_after_change`.
    """
    due_at = _due_after_change(channel, settings, now)
    _update(
        connection,
        channel.team_id,
        channel.channel_id,
        **_columns(settings),
        **({} if channel.settings else {"owner_id": user_id, "configured_at": now}),
        revision=channels.c.revision + 1,
        next_due_at=due_at,
        remind_at=reminder_time(settings, due_at, now),
        edition_due_at=_edition_after_change(channel, settings, now),
    )
    return due_at


def set_owner(connection: Connection, channel: Channel, *, owner_id: str) -> None:
    """Change the owner of a channel."""
    values = {"owner_id": owner_id, "revision": channels.c.revision + 1}
    _update(connection, channel.team_id, channel.channel_id, **values)


def set_next_note(connection: Connection, channel: Channel, *, note: str | None, user_id: str | None) -> None:
    """Store what someone says at the top of a channel's next roundup; None for nothing."""
    _update(connection, channel.team_id, channel.channel_id, next_note=note, next_note_by=user_id if note else None)


def mark_unreachable(connection: Connection, channel: Channel, reason: Unavailability) -> None:
    """Store that the bot can't post in a channel. No roundup is due there, and its wins stay open."""
    values = {"unavailable_reason": reason, "next_due_at": None, "remind_at": None, "edition_due_at": None}
    _update(connection, channel.team_id, channel.channel_id, **values)


def mark_reachable(connection: Connection, channel: Channel, *, now: datetime) -> datetime | None:
    """Resume the schedule of a channel that the bot can post in again.

    Returns when (UTC) its next roundup is due.
    """
    values: dict[str, Any] = {"unavailable_reason": None}
    due_at = None
    if (settings := channel.settings) is not None:
        due_at = channel.schedule.next_after(now, after_date=channel.last_roundup_on)
        edition_due_at = editions.due_after(settings.editions, settings.schedule, now=now)
        remind_at = reminder_time(settings, due_at, now)
        values |= {"next_due_at": due_at, "remind_at": remind_at, "edition_due_at": edition_due_at}
    _update(connection, channel.team_id, channel.channel_id, **values)
    return due_at


def keep_to_itself(connection: Connection, channel: Channel) -> None:
    """Post a channel's roundup in the channel itself, and its wins in no workspace's roundup."""
    values = {"target_channel_id": None, "joins_workspace_roundup": False, "revision": channels.c.revision + 1}
    _update(connection, channel.team_id, channel.channel_id, **values)


_said_public = channels.c.is_private.is_(False) & (channels.c.synced_at >= bindparam("public_since"))
_select_reach = (
    select(
        channels.c.channel_id,
        channels.c.is_private,
        channels.c.unavailable_reason,
        channels.c.synced_at.is_not(None),
        func.coalesce(_said_public, false()),
    )
    .where(channels.c.team_id == bindparam("team"))
    .order_by(channels.c.channel_id)
)
select_channel = select(channels).where(
    channels.c.team_id == bindparam("team"), channels.c.channel_id == bindparam("channel")
)

_select_channels = select(channels).where(any_pair_of(channels.c.team_id, channels.c.channel_id, "keys"))


def reminder_time(settings: ChannelSettings, due_at: datetime | None, now: datetime) -> datetime | None:
    """Return when (UTC) the reminder of a roundup is due; None if there is none, or its time has passed."""
    if due_at is None or not settings.sends_reminder:
        return None
    remind_at = settings.schedule.day_before(due_at)
    return remind_at if remind_at > now else None


def _lock_row(connection: Connection, team_id: str, channel_id: str) -> Any:
    ensure_exist(connection, [(team_id, channel_id)])
    locked = select_channel.with_for_update(key_share=True)
    return connection.execute(locked, {"team": team_id, "channel": channel_id}).one()


def _update(connection: Connection, team_id: str, channel_id: str, **values: Any) -> bool:
    """Set these columns of a channel. Returns whether it has a row."""
    where = (channels.c.team_id == team_id) & (channels.c.channel_id == channel_id)
    return connection.execute(update(channels).where(where).values(values)).rowcount > 0


def _due_after_change(channel: Channel | None, settings: ChannelSettings, now: datetime) -> datetime | None:
    if channel is not None and channel.unavailable_reason is not None:
        return None
    if channel is None or channel.settings is None:
        return settings.schedule.next_after(now, after_date=None if channel is None else channel.last_roundup_on)
    announced = _announced(channel, channel.next_due_at)
    return due_after_change(settings.schedule, now=now, announced=announced, last_roundup_on=channel.last_roundup_on)


def _edition_after_change(channel: Channel, settings: ChannelSettings, now: datetime) -> datetime | None:
    if channel.unavailable_reason is not None:
        return None
    announced = _announced(channel, channel.edition_due_at)
    return editions.due_after_change(settings.editions, settings.schedule, now=now, announced=announced)


def _announced(channel: Channel, due_at: datetime | None) -> AnnouncedOccurrence | None:
    return None if due_at is None else AnnouncedOccurrence(due_at, channel.schedule.date_of(due_at))


def _columns(settings: ChannelSettings) -> dict[str, Any]:
    """Return the columns of the settings."""
    schedule = settings.schedule
    return {
        "rrule": schedule.rule.rrule,
        "starts_on": schedule.starts_on,
        "local_time": f"{schedule.local_time:%H:%M}",
        "zone": schedule.zone,
        "paused_until": schedule.paused_until,
        "is_paused": schedule.is_paused,
        "is_off": schedule.is_off,
        "skipped_dates": json.dumps(sorted(day.isoformat() for day in schedule.skipped_dates)),
        "target_channel_id": settings.target_channel_id,
        "quiet_policy": settings.quiet_policy.value,
        "wants_reminder": settings.wants_reminder,
        "manager_ids": json.dumps(sorted(settings.manager_ids)),
        "win_emoji": settings.win_emoji,
        "editions": json.dumps(sorted(settings.editions)),
        "joins_workspace_roundup": settings.joins_workspace_roundup,
    }


def _settings(row: Any) -> ChannelSettings | None:
    if row.rrule is None:
        return None
    schedule = Schedule(
        rule=parse_rule(row.rrule),
        starts_on=row.starts_on,
        local_time=time.fromisoformat(row.local_time),
        zone=row.zone,
        paused_until=row.paused_until,
        is_paused=row.is_paused,
        is_off=row.is_off,
        skipped_dates=frozenset(date.fromisoformat(day) for day in json.loads(row.skipped_dates)),
    )
    return ChannelSettings(
        schedule,
        target_channel_id=row.target_channel_id,
        quiet_policy=QuietPolicy(row.quiet_policy),
        wants_reminder=row.wants_reminder,
        manager_ids=frozenset(json.loads(row.manager_ids)),
        win_emoji=row.win_emoji,
        editions=parse_editions(json.loads(row.editions)),
        joins_workspace_roundup=row.joins_workspace_roundup,
    )


def _if_readable(row: Any) -> Channel | None:
    try:
        return from_row(row)
    except Exception:
        logger.exception("could not read a channel", extra={"workspace": row.team_id, "channel": row.channel_id})
        return None


def from_row(row: Any) -> Channel:
    """Return a row of the table as a channel."""
    return Channel(
        team_id=row.team_id,
        channel_id=row.channel_id,
        creator=row.creator,
        is_private=row.is_private,
        is_group=row.is_group,
        synced_at=row.synced_at,
        unavailable_reason=row.unavailable_reason,
        settings=_settings(row),
        owner_id=row.owner_id,
        configured_at=row.configured_at,
        revision=row.revision,
        next_due_at=row.next_due_at,
        last_roundup_on=row.last_roundup_on,
        next_note=row.next_note,
        next_note_by=row.next_note_by,
        edition_due_at=row.edition_due_at,
    )
