"""The workspace's roundup: wins of the public channels that agreed to it, each person once."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from bot.domain.channel_settings import WorkspaceDefaults
from bot.domain.edition_composition import Candidate, ToldAgain, choose_workspace_opening, compose_workspace
from bot.domain.roundups import RoundupKind
from bot.domain.schedule_changes import AnnouncedOccurrence, due_after_change
from bot.domain.schedules import FALLBACK_ZONE, Schedule
from bot.services.editions import measure
from bot.services.roundups import abandon
from bot.storage import channels, editions, roundups, workspaces
from bot.storage.channels import Channel

FIRST_DAY = date(2024, 1, 1)
"""The Monday from which every other week is counted."""
USUAL_PERIOD = timedelta(days=7)
LONGEST_PERIOD = timedelta(days=40)


class _Period(NamedTuple):
    """The wins saved from `start` to before `due_at` (UTC); `starts_on` is its first local date."""

    start: datetime
    due_at: datetime
    starts_on: date


def schedule_of(connection: Connection, team_id: str, defaults: WorkspaceDefaults) -> Schedule:
    """Return when the workspace's roundup comes: by the default rule, in the zone of its channel if there is none."""
    zone = defaults.zone
    if zone is None and defaults.roundup_channel_id is not None:
        zone = roundups.zone_of(channels.by_id(connection, team_id, defaults.roundup_channel_id))
    return _schedule_in(defaults, zone or FALLBACK_ZONE)


def _schedule_in(defaults: WorkspaceDefaults, zone: str) -> Schedule:
    return Schedule(defaults.rule, FIRST_DAY, defaults.local_time, zone)


def next_due(connection: Connection, team_id: str, defaults: WorkspaceDefaults, *, now: datetime) -> datetime | None:
    """Return when (UTC) the workspace's next roundup is due; None if it has none. No day gets a second one."""
    if defaults.roundup_channel_id is None:
        return None
    schedule = schedule_of(connection, team_id, defaults)
    return schedule.next_after(now, after_date=_last_on(connection, team_id, schedule))


def due_if_changed(
    connection: Connection, team_id: str, defaults: WorkspaceDefaults, *, before: Schedule, now: datetime
) -> datetime | None:
    """Return when (UTC) the workspace's next roundup is due if it changes to `defaults` at `now`; None if it has none.

    `before` is its schedule until then. A change on its day does not lose it, and no day gets a second one: see
    `due_after_change`. The workspace is locked until the commit.
    """
    due_at = workspaces.lock_roundup(connection, team_id)
    if defaults.roundup_channel_id is None:
        return None
    schedule = schedule_of(connection, team_id, defaults)
    return due_after_change(
        schedule,
        now=now,
        announced=None if due_at is None else AnnouncedOccurrence(due_at, before.date_of(due_at)),
        last_roundup_on=_last_on(connection, team_id, schedule),
    )


def follow_channel(connection: Connection, channel: Channel, *, now: datetime) -> None:
    """Move the workspace's next roundup if it goes by the zone of its channel, and that has changed.

    `channel` is any channel as it was before its settings changed.
    """
    defaults, _ = workspaces.defaults(connection, channel.team_id)
    if defaults.zone is not None or defaults.roundup_channel_id != channel.channel_id:
        return
    before = _schedule_in(defaults, roundups.zone_of(channel))
    if before != schedule_of(connection, channel.team_id, defaults):
        due_at = due_if_changed(connection, channel.team_id, defaults, before=before, now=now)
        workspaces.set_roundup_due(connection, channel.team_id, due_at)


def _last_on(connection: Connection, team_id: str, schedule: Schedule) -> date | None:
    """Return the date, in the schedule's zone, of the last roundup of the workspace; None if it had none."""
    last_due_at = editions.last_workspace_due_at(connection, team_id)
    return None if last_due_at is None else schedule.local_date(last_due_at)


def channels_to_tell(connection: Connection, team_id: str, *, now: datetime) -> set[str]:
    """Return the channels whose wins the roundup that is due would tell, so that Slack can be asked about them."""
    due_at = workspaces.roundup_due_at(connection, team_id)
    if due_at is None or due_at > now:
        return set()
    period = _period(connection, team_id, due_at, now)
    allowed = editions.taking_part(connection, team_id)
    candidates, told = _compose(connection, team_id, period, allowed)
    channel_of = {each.win.id: each.win.channel_id for each in candidates}
    return {channel_id for each in told if (channel_id := channel_of[each.win_id]) is not None}


def create_due(
    connection: Connection, *, team_id: str, asked: Collection[str], grace: timedelta, now: datetime
) -> str | None:
    """Store the workspace's roundup that is due, enqueue its message, and set when the next one is due.

    It tells wins of those channels that Slack was `asked` about, as far as they are public. Returns the channel that it
    is posted in, or None if there is nothing to post. One that is longer overdue than `grace` is abandoned, and the
    owner of its channel gets an alert, or if that has none, the admin who was the last to change the defaults.
    """
    due_at = workspaces.claim_roundup(connection, team_id, now)
    if due_at is None:
        return None
    defaults, _ = workspaces.defaults(connection, team_id)
    channel_id = _create(connection, team_id, defaults, due_at, asked=asked, grace=grace, now=now)
    workspaces.set_roundup_due(connection, team_id, next_due(connection, team_id, defaults, now=now))
    return channel_id


def _create(
    connection: Connection,
    team_id: str,
    defaults: WorkspaceDefaults,
    due_at: datetime,
    *,
    asked: Collection[str],
    grace: timedelta,
    now: datetime,
) -> str | None:
    """Store the roundup and enqueue its message. Returns its channel, or None if there is nothing to post."""
    if defaults.roundup_channel_id is None:
        return None
    period = _period(connection, team_id, due_at, now)
    allowed = editions.taking_part(connection, team_id).intersection(asked)
    _, told = _compose(connection, team_id, period, allowed)
    if not told:
        return None
    channel = channels.lock(connection, team_id, defaults.roundup_channel_id)
    last = editions.last_workspace_opening(connection, team_id)
    roundup_id = editions.create(
        connection,
        channel,
        RoundupKind.WORKSPACE,
        told,
        target_channel_id=channel.channel_id,
        due_at=period.due_at,
        starts_on=period.starts_on,
        opening=str(choose_workspace_opening(period.starts_on, int(last) if last else None)),
        now=now,
    )
    if now - period.due_at > grace:
        abandon(connection, roundup_id, now=now)
    return channel.channel_id


def _period(connection: Connection, team_id: str, due_at: datetime, now: datetime) -> _Period:
    """Return the period of the roundup that is due; if several are, that of the last one."""
    defaults, _ = workspaces.defaults(connection, team_id)
    schedule = schedule_of(connection, team_id, defaults)
    due_at = schedule.latest(due_at, now)
    day = schedule.date_of(due_at)  # which may have an earlier time by now
    start, upcoming = due_at - USUAL_PERIOD, schedule.next_after(due_at - LONGEST_PERIOD)
    while upcoming is not None and schedule.date_of(upcoming) < day:
        start, upcoming = upcoming, schedule.next_after(upcoming)
    last_due_at = editions.last_workspace_due_at(connection, team_id)
    if last_due_at is not None and schedule.local_date(last_due_at) == schedule.date_of(start):
        start = min(start, last_due_at)  # it was moved to later in the day after that one
    return _Period(start, due_at, schedule.local_date(start))


def _compose(
    connection: Connection, team_id: str, period: _Period, channel_ids: Collection[str]
) -> tuple[list[Candidate], list[ToldAgain]]:
    found = editions.candidates(connection, team_id, channel_ids, period.start, period.due_at)
    told_before = editions.told_in_workspace(connection, [win.id for win in found])
    candidates = measure(connection, team_id, [win for win in found if win.id not in told_before])
    return candidates, compose_workspace(candidates, starts_on=period.starts_on)
