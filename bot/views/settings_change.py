"""One line that tells a channel, its owner or the audit log what was changed, and by whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.audit_log import AuditAction, AuditEntry, Snapshot, Unavailability
from bot.domain.channel_settings import ChannelSettings, QuietPolicy, WorkspaceDefaults
from bot.domain.deliveries import DeliveryState
from bot.domain.wins import Mention
from bot.views.format import Message, Names, channel, city, context, date_and_time, escape, join_and, message, name
from bot.views.schedule import day_and_month, sentence

QUIET_POLICY_TEXT = {
    QuietPolicy.SILENT: "a quiet week passes in silence",
    QuietPolicy.LINE: "a quiet week gets one friendly line",
}
MAX_NAMED = 10
"""The most people that a line names; the others are counted."""
_UNAVAILABILITY_TEXT = {
    Unavailability.ARCHIVED: "archived this channel",
    Unavailability.DELETED: "deleted this channel",
}


def change_notice(entry: AuditEntry, names: Names, *, channel_id: str, now: datetime) -> Message:
    """Tell a channel what was changed in one line; `channel_id` may be another one that the roundup goes to."""
    text = line(entry, names, now=now)
    if channel_id != entry.channel_id:
        text = f"{_actor_name(entry, names)} lets the roundup of {channel(entry.channel_id or '')} come here"
    if entry.action is AuditAction.SETTINGS_CHANGED and _adds_pause(entry):
        text += ". No win is lost: they wait for the next roundup"
    if entry.action in _ACTIONS_WITH_NEXT_ROUNDUP and entry.next_due_at is not None and entry.next_due_at > now:
        text += f". Next roundup: {date_and_time(entry.next_due_at, _zone(entry))}"
    return message(f"{text}.", [context(f"{text}.")])


def line(entry: AuditEntry, names: Names, *, now: datetime) -> str:  # noqa: PLR0911 - one for each kind
    """Return what happened, escaped, without a full stop: "Ana moved the roundup to every Friday at 15:00"."""
    actor = _actor_name(entry, names)
    before, after = entry.before or {}, entry.after or {}
    match entry.action:
        case AuditAction.CONFIGURED:
            return f"{actor} gave this channel a roundup: {_schedule_text(ChannelSettings.from_json(after), now)}"
        case AuditAction.SETTINGS_CHANGED:
            old, new = ChannelSettings.from_json(before), ChannelSettings.from_json(after)
            return f"{actor} {_differences(old, new, names, now)}"
        case AuditAction.OWNER_CHANGED:
            return f"{actor} answers for this channel's roundup from now on"
        case AuditAction.POSTED_EARLY:
            return f"{actor} posted the roundup before its time ({_win_count(after)})"
        case AuditAction.DELIVERY_RESOLVED:
            return f"{actor} said what becomes of a message: {_RESOLUTIONS.get(after.get('state', ''), 'it is posted')}"
        case AuditAction.DEFAULTS_CHANGED:
            return f"{actor} chose what new channels begin with: {defaults(WorkspaceDefaults.from_json(after))}"
        case AuditAction.BOT_LEFT:
            return f"{_describe_departure(actor, entry)}. Its roundups rest, and no win is lost"
        case AuditAction.BOT_RETURNED:
            roundup_too = ", and so is its roundup" if entry.next_due_at is not None else ""
            return f"I am back in this channel{roundup_too}"
        case AuditAction.CHANNEL_ID_CHANGED:
            return "Slack gave this channel a new id; everything went with it"
        case AuditAction.BECAME_PRIVATE:
            return "This channel became private, so its roundup stays in it"


def _describe_departure(actor: str, entry: AuditEntry) -> str:
    unavailability = Unavailability((entry.after or {})["away"])
    if unavailability is not Unavailability.REMOVED:
        return f"{actor} {_UNAVAILABILITY_TEXT[unavailability]}"
    if entry.before is not None:  # it was archived, or so Slack said
        return "This channel is there again, but I am not in it any more"
    return "I am not in this channel any more"


_ACTIONS_WITH_NEXT_ROUNDUP = (AuditAction.CONFIGURED, AuditAction.SETTINGS_CHANGED, AuditAction.BOT_RETURNED)


def _adds_pause(entry: AuditEntry) -> bool:
    """Whether a pause or a skipped date came with a change."""
    old, new = (ChannelSettings.from_json(values or {}).schedule for values in (entry.before, entry.after))
    pauses = new.is_paused or new.paused_until is not None
    changed = (old.is_paused, old.paused_until) != (new.is_paused, new.paused_until)
    return (pauses and changed) or bool(new.skipped_dates - old.skipped_dates)


_RESOLUTIONS = {DeliveryState.POSTED: "it is there", DeliveryState.PENDING: "it is posted again"}


def _actor_name(entry: AuditEntry, names: Names) -> str:
    return "Somebody" if entry.actor_id is None else escape(name(Mention(entry.actor_id), names))


def _zone(entry: AuditEntry) -> str:
    return str((entry.after or {}).get("zone") or "UTC")


def _win_count(snapshot: Snapshot) -> str:
    return "1 win" if snapshot.get("wins") == 1 else f"{snapshot.get('wins')} wins"


def _schedule_text(settings: ChannelSettings, now: datetime) -> str:
    return escape(sentence(settings.schedule, now=now))


def defaults(workspace_defaults: WorkspaceDefaults) -> str:
    """Return the workspace's defaults in words."""
    zone = "whoever sets the channel up" if workspace_defaults.zone is None else city(workspace_defaults.zone)
    proposed = sentence(
        workspace_defaults.default_settings(zone="UTC", today=_EXAMPLE_MOMENT.date()).schedule, now=_EXAMPLE_MOMENT
    )
    when = proposed.partition(" (")[0]
    return f"{when} (time of {escape(zone)}), {QUIET_POLICY_TEXT[workspace_defaults.quiet_policy]}"


_EXAMPLE_MOMENT = datetime.fromisoformat("2030-01-01T00:00:00+00:00")


def _differences(before: ChannelSettings, after: ChannelSettings, names: Names, now: datetime) -> str:
    """Say what is different, in the order of what people would want to know first."""
    changes = _schedule_differences(before, after, now)
    if before.target_channel_id != after.target_channel_id:
        where = "in this channel again" if after.target_channel_id is None else f"in {channel(after.target_channel_id)}"
        changes.append(f"has the roundup come {where}")
    if before.quiet_policy != after.quiet_policy:
        changes.append(f"decided that {QUIET_POLICY_TEXT[after.quiet_policy]}")
    if before.wants_reminder != after.wants_reminder:
        changes.append(
            "asked for a line on the day before" if after.wants_reminder else "dropped the line on the day before"
        )
    if added := after.manager_ids - before.manager_ids:
        changes.append(f"lets {join_and(sorted_names(added, names))} change this too")
    if removed := before.manager_ids - after.manager_ids:
        changes.append(f"no longer lets {join_and(sorted_names(removed, names))} change this")
    return join_and(changes) if changes else "changed nothing that shows"


def _schedule_differences(before: ChannelSettings, after: ChannelSettings, now: datetime) -> list[str]:
    old, new = before.schedule, after.schedule
    changes = []
    if (old.rule, old.local_time, old.zone, old.starts_on) != (new.rule, new.local_time, new.zone, new.starts_on):
        moved = f"moved the roundup to {escape(sentence(new.resumed(), now=now))}"
        changes.append(moved)
    if (old.is_paused, old.paused_until) != (new.is_paused, new.paused_until):
        if new.is_paused:
            changes.append("paused the roundup")
        elif new.paused_until is not None:
            until = day_and_month(new.paused_until, today=new.local_date(now))
            changes.append(f"paused the roundup until {until}")
        else:
            changes.append("resumed the roundup")
    if skipped := sorted(new.skipped_dates - old.skipped_dates):
        changes.append(f"skipped the roundup of {_list_days(skipped)}")
    if restored := sorted(day for day in old.skipped_dates - new.skipped_dates if day >= new.local_date(now)):
        changes.append(f"brought the roundup of {_list_days(restored)} back")
    return changes


def _list_days(days: Sequence[object]) -> str:
    return join_and([f"{day:%A} {day.day} {day:%B}" for day in days])  # type: ignore[attr-defined]


def sorted_names(user_ids: Iterable[str], names: Names) -> list[str]:
    """Return people's names, escaped, in the order of the alphabet; of very many, the rest is counted."""
    labels = sorted(escape(name(Mention(user_id), names)) for user_id in user_ids)
    rest = len(labels) - MAX_NAMED
    return labels if rest <= 1 else [*labels[:MAX_NAMED], f"{rest} others"]
