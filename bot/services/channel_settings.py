"""A channel's settings: who may change them, what is stored, what is announced, all in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import Connection

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.channel_settings import (
    ChannelSettings,
    ChannelUnreachable,
    Conflict,
    TargetForbidden,
    TurnsOff,
    UnknownTarget,
    WouldLeak,
)
from bot.domain.deliveries import DeliveryKind
from bot.domain.pause_dates import Period, without_pauses
from bot.domain.permissions import Action, Actor, check, may
from bot.domain.schedules import Schedule
from bot.domain.settings_form import SettingsFormData
from bot.services import workspace_roundups
from bot.services.idempotency import Done, ResultCode
from bot.storage import audit_log, channels, editions, users, workspaces
from bot.storage.channels import Channel
from bot.storage.enqueue import NewDelivery, enqueue


def save_form(
    connection: Connection,
    actor: Actor,
    team_id: str,
    channel_id: str,
    entries: SettingsFormData,
    *,
    sets_managers: bool,
    may_turn_off: bool,
    expected_revision: int,
    now: datetime,
) -> None:
    """Give a channel the settings that someone entered in the form.

    The managers stay as they are unless the form `sets_managers` and the actor still may do so. Raises InvalidForm,
    TurnsOff if it would turn roundups off and not `may_turn_off`, and what `change` raises; then nothing has changed.
    """
    channel = channels.lock(connection, team_id, channel_id)
    base = current_or_default(connection, channel, actor.user_id, now=now)
    if not (sets_managers and may(actor, Action.ASSIGN_MANAGERS, channel.roles)):
        entries = replace(entries, managers=tuple(sorted(base.manager_ids)))
    settings = entries.to_settings(base, channel_id=channel_id, today=entries.local_date(now))
    if not channel.is_known_public:
        settings = replace(settings, joins_workspace_roundup=False)
    if settings.schedule.is_off and not may_turn_off and channel.settings and not channel.schedule.is_off:
        raise TurnsOff
    change(connection, actor, team_id, channel_id, settings, now=now, expected_revision=expected_revision)


def current_or_default(connection: Connection, channel: Channel, user_id: str, *, now: datetime) -> ChannelSettings:
    """Return a channel's settings or, if it has none, the workspace's defaults in the zone of a user."""
    if channel.settings is not None:
        return channel.settings
    user = users.by_id(connection, channel.team_id, user_id)
    return workspaces.default_settings(connection, channel.team_id, zone=user.zone if user else None, now=now)


def change(
    connection: Connection,
    actor: Actor,
    team_id: str,
    channel_id: str,
    settings: ChannelSettings,
    *,
    now: datetime,
    expected_revision: int | None = None,
) -> AuditEntry | None:
    """Give a channel these settings, log that, and announce it in the channel; None if nothing changes.

    `expected_revision` is that of the settings that the actor has seen. Raises NotAllowed, Conflict, WouldLeak,
    UnknownTarget, TargetForbidden or ChannelUnreachable; then nothing has changed.
    """
    channel = channels.lock(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.roles)
    manager_ids = channel.settings.manager_ids if channel.settings else frozenset()
    if settings.manager_ids != manager_ids:
        check(actor, Action.ASSIGN_MANAGERS, channel.roles)
    if settings == channel.settings:  # also if the form is sent twice
        return None
    if expected_revision is not None and expected_revision != channel.revision:
        raise Conflict
    _check_target(connection, actor, channel, settings)
    due_at = channels.save_settings(connection, channel, settings, user_id=actor.user_id, now=now)
    workspace_roundups.follow_channel(connection, channel, now=now)
    if channel.settings and channel.settings.joins_workspace_roundup and not settings.joins_workspace_roundup:
        editions.request_workspace_updates(connection, team_id, channel_id)
    entry = audit_log.add(
        connection,
        AuditAction.SETTINGS_CHANGED if channel.settings else AuditAction.CONFIGURED,
        team_id=team_id,
        channel_id=channel_id,
        actor_id=actor.user_id,
        before=channel.settings.to_json() if channel.settings else None,
        after=settings.to_json(),
        next_due_at=due_at,
        now=now,
    )
    notified_channel_ids = [channel_id] if channel.unavailable_reason is None else []
    if settings.target_channel_id is not None and settings.target_channel_id != channel.posts_in:
        notified_channel_ids.append(settings.target_channel_id)
    notify_channels(connection, entry, notified_channel_ids, now=now)
    return entry


def _check_target(connection: Connection, actor: Actor, channel: Channel, settings: ChannelSettings) -> None:
    """Raise unless the actor may change the target channel too, the bot can post there, and nothing private leaks."""
    if settings.target_channel_id is None or settings.target_channel_id == (
        channel.settings and channel.settings.target_channel_id
    ):
        return
    target = channels.by_id(connection, channel.team_id, settings.target_channel_id)
    if target is None or target.synced_at is None or channel.synced_at is None:
        raise UnknownTarget
    if channel.is_private:
        raise WouldLeak
    if not may(actor, Action.CHANGE, target.roles):
        raise TargetForbidden
    if target.unavailable_reason is not None:
        raise ChannelUnreachable(target.unavailable_reason)


class PauseCode(ResultCode):
    """The result of a request to pause, skip or resume."""

    PAUSED = "paused"
    PAUSED_FOR_NONE = "paused_for_none"
    """Roundups are paused, and none would come in that time."""
    SKIPPED = "skipped"
    RESUMED = "resumed"
    ALREADY_PAUSED = "already_paused"
    """Exactly this pause is set already."""
    NOT_NEXT = "not_next"
    """The roundup to skip is no longer the next one."""
    NONE_THEN = "none_then"
    """No roundup is due in the time to skip."""
    OFF = "off"
    """Roundups are off, so there is nothing to pause."""
    NOT_PAUSED = "not_paused"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True)
class PauseResult:
    """The result; `until` is the local date with which the pause ends, if it has an end, `skipped` what is skipped."""

    code: PauseCode
    until: date | None = None
    skipped: tuple[date, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        until = {} if self.until is None else {"until": self.until.isoformat()}
        skipped = {"skipped": [day.isoformat() for day in self.skipped]} if self.skipped else {}
        return self.code.to_json() | until | skipped

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read a stored result. Raises KeyError, TypeError or ValueError for anything else."""
        code = PauseCode.from_json(data)
        skipped = data["skipped"] if code is PauseCode.SKIPPED else ()
        until = date.fromisoformat(data["until"]) if "until" in data else None
        return cls(code, until, tuple(date.fromisoformat(day) for day in skipped))


def pause(
    connection: Connection, actor: Actor, team_id: str, channel_id: str, *, until: date | None, now: datetime
) -> PauseResult:
    """Pause a channel's roundup until a local date, or (None) until someone resumes it. Raises NotAllowed."""
    channel = channels.lock(connection, team_id, channel_id)
    if channel.settings is None:
        return PauseResult(PauseCode.NOT_CONFIGURED)
    if channel.schedule.is_off:
        return PauseResult(PauseCode.OFF)
    if not _change_schedule(connection, actor, channel, lambda schedule: schedule.paused(until), now=now):
        return PauseResult(PauseCode.ALREADY_PAUSED, until)
    is_empty = until is not None and not _dates_before(channel, until, now)
    return PauseResult(PauseCode.PAUSED_FOR_NONE if is_empty else PauseCode.PAUSED, until)


def _dates_before(channel: Channel, end: date, now: datetime) -> list[date]:
    """Return the dates of the roundups before a local date that would come without a pause."""
    schedule = channel.schedule.resumed()
    # One that comes as announced before a change may be earlier than the schedule says now.
    found = (channel.next_due_at, schedule.next_after(now, after_date=channel.last_roundup_on))
    return schedule.upcoming_dates(min(filter(None, found), default=None), end)


def skip(
    connection: Connection, actor: Actor, team_id: str, channel_id: str, *, day: date, now: datetime
) -> PauseResult:
    """Skip the next roundup, if it is the one of the local date `day`. Raises NotAllowed."""
    channel = channels.lock(connection, team_id, channel_id)
    if channel.settings is None:
        return PauseResult(PauseCode.NOT_CONFIGURED)
    if channel.next_due_at is None or channel.schedule.date_of(channel.next_due_at) != day:
        return PauseResult(PauseCode.NOT_NEXT)
    return _skip(connection, actor, channel, day, now=now)


def skip_period(
    connection: Connection, actor: Actor, team_id: str, channel_id: str, *, period: Period, now: datetime
) -> PauseResult:
    """Skip the roundups of a week or a month; those before it come. Raises NotAllowed."""
    channel = channels.lock(connection, team_id, channel_id)
    if channel.settings is None:
        return PauseResult(PauseCode.NOT_CONFIGURED)
    first = channel.next_due_at or channel.schedule.next_after(now)
    days = [day for day in channel.schedule.upcoming_dates(first, period.end) if day >= period.first]
    return _skip(connection, actor, channel, *days, now=now) if days else PauseResult(PauseCode.NONE_THEN)


def _skip(connection: Connection, actor: Actor, channel: Channel, *days: date, now: datetime) -> PauseResult:
    _change_schedule(connection, actor, channel, lambda schedule: schedule.skipping(*days), now=now)
    return PauseResult(PauseCode.SKIPPED, skipped=days)


def resume(connection: Connection, actor: Actor, team_id: str, channel_id: str, *, now: datetime) -> PauseResult:
    """End a pause, and restore the skipped roundups that are still ahead. Raises NotAllowed."""
    channel = channels.lock(connection, team_id, channel_id)
    if channel.settings is None:
        return PauseResult(PauseCode.NOT_CONFIGURED)
    today = channel.schedule.local_date(now)
    has_changed = _change_schedule(
        connection, actor, channel, lambda schedule: without_pauses(schedule, today), now=now
    )
    return PauseResult(PauseCode.RESUMED if has_changed else PauseCode.NOT_PAUSED)


def turn_off(connection: Connection, actor: Actor, team_id: str, channel_id: str, *, now: datetime) -> Done:
    """Turn a channel's roundups off, if they are not. Raises NotAllowed."""
    channel = channels.lock(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.roles)
    if channel.settings is not None:
        _change_schedule(connection, actor, channel, Schedule.turned_off, now=now)
    return Done.DONE


def _change_schedule(
    connection: Connection, actor: Actor, channel: Channel, edit: Callable[[Schedule], Schedule], *, now: datetime
) -> bool:
    """Edit the schedule of a channel that has one; False if that changes nothing."""
    assert channel.settings is not None, "the caller has checked"
    settings = channel.settings.with_schedule(edit(channel.schedule))
    return change(connection, actor, channel.team_id, channel.channel_id, settings, now=now) is not None


def take_over(connection: Connection, actor: Actor, team_id: str, channel_id: str, *, now: datetime) -> Done:
    """Make the actor the owner of a channel's roundup, if it has one of someone else. Raises NotAllowed."""
    channel = channels.lock(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.roles)
    if channel.settings is None or channel.owner_id == actor.user_id:
        return Done.DONE
    channels.set_owner(connection, channel, owner_id=actor.user_id)
    entry = audit_log.add(
        connection,
        AuditAction.OWNER_CHANGED,
        team_id=team_id,
        channel_id=channel_id,
        actor_id=actor.user_id,
        before={"owner": channel.owner_id},
        after={"owner": actor.user_id},
        next_due_at=channel.next_due_at,
        now=now,
    )
    if channel.unavailable_reason is None:
        notify_channels(connection, entry, [channel_id], now=now)
    return Done.DONE


def notify_channels(connection: Connection, entry: AuditEntry, channel_ids: Sequence[str], *, now: datetime) -> None:
    """Enqueue the line about a change for these channels."""
    new = [NewDelivery(entry.team_id, channel_id, now, audit_id=entry.id) for channel_id in channel_ids]
    enqueue(connection, DeliveryKind.SETTINGS_CHANGE, new)
