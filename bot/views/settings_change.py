"""One line that tells a channel, its owner or the audit log what was changed, and by whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.audit_log import AuditAction, AuditEntry, Snapshot, Unavailability
from bot.domain.channel_settings import ChannelSettings, QuietPolicy, WorkspaceDefaults
from bot.domain.wins import Mention
from bot.views.format import Message, Names, channel, context, date_and_time, escape, listed, message, name, place
from bot.views.schedule import day_and_month, sentence

QUIET = {
    QuietPolicy.SILENT: "a quiet week passes in silence",
    QuietPolicy.LINE: "a quiet week gets one friendly line",
}
MOST_NAMED = 10
"""The most people that a line names; the others are counted."""
_GONE = {
    Unavailability.ARCHIVED: "archived this channel",
    Unavailability.DELETED: "deleted this channel",
}


def change_notice(change: AuditEntry, names: Names, *, channel_id: str, now: datetime) -> Message:
    """Tell a channel what was changed in one line; `channel_id` may be another one that the roundup goes to."""
    said = line(change, names, now=now)
    if channel_id != change.channel_id:
        said = f"{_actor(change, names)} lets the roundup of {channel(change.channel_id or '')} come here"
    if change.action is AuditAction.SETTINGS_CHANGED and _rests_more(change):
        said += ". No win is lost: they wait for the next roundup"
    if change.action in _ANNOUNCE and change.next_due_at is not None and change.next_due_at > now:
        said += f". Next roundup: {date_and_time(change.next_due_at, _zone(change))}"
    return message(f"{said}.", [context(f"{said}.")])


def line(change: AuditEntry, names: Names, *, now: datetime) -> str:  # noqa: PLR0911 - one for each kind
    """Return what happened, escaped, without a full stop: "Ana moved the roundup to every Friday at 15:00"."""
    actor = _actor(change, names)
    before, after = change.before or {}, change.after or {}
    match change.action:
        case AuditAction.CONFIGURED:
            return f"{actor} gave this channel a roundup: {_told(ChannelSettings.from_json(after), now)}"
        case AuditAction.SETTINGS_CHANGED:
            return f"{actor} {_differences(ChannelSettings.from_json(before), ChannelSettings.from_json(after), names, now)}"
        case AuditAction.OWNER_CHANGED:
            return f"{actor} answers for this channel's roundup from now on"
        case AuditAction.POSTED_EARLY:
            return f"{actor} posted the roundup before its time ({_wins(after)})"
        case AuditAction.DELIVERY_RESOLVED:
            return f"{actor} said what becomes of a message: {_DECISIONS.get(after.get('state', ''), 'it is posted')}"
        case AuditAction.DEFAULTS_CHANGED:
            return f"{actor} chose what new channels begin with: {defaults(WorkspaceDefaults.from_json(after))}"
        case AuditAction.BOT_LEFT:
            return f"{_left(actor, change)}. Its roundups rest, and no win is lost"
        case AuditAction.BOT_RETURNED:
            came_too = ", and so is its roundup" if change.next_due_at is not None else ""
            return f"I am back in this channel{came_too}"
        case AuditAction.CHANNEL_ID_CHANGED:
            return "Slack gave this channel a new id; everything went with it"
        case AuditAction.BECAME_PRIVATE:
            return "This channel became private, so its roundup stays in it"


def _left(actor: str, change: AuditEntry) -> str:
    away = Unavailability((change.after or {})["away"])
    if away is not Unavailability.REMOVED:
        return f"{actor} {_GONE[away]}"
    if change.before is not None:  # it was archived, or so Slack said
        return "This channel is there again, but I am not in it any more"
    return "I am not in this channel any more"


_ANNOUNCE = (AuditAction.CONFIGURED, AuditAction.SETTINGS_CHANGED, AuditAction.BOT_RETURNED)


def _rests_more(change: AuditEntry) -> bool:
    """Whether a pause or a skipped date came with a change."""
    old, new = (ChannelSettings.from_json(values or {}).schedule for values in (change.before, change.after))
    pauses = new.is_paused or new.paused_until is not None
    changed = (old.is_paused, old.paused_until) != (new.is_paused, new.paused_until)
    return (pauses and changed) or bool(new.skipped_dates - old.skipped_dates)


_DECISIONS = {"posted": "it is there", "pending": "it is posted again"}


def _actor(change: AuditEntry, names: Names) -> str:
    return "Somebody" if change.actor_id is None else escape(name(Mention(change.actor_id), names))


def _zone(change: AuditEntry) -> str:
    return str((change.after or {}).get("zone") or "UTC")


def _wins(values: Snapshot) -> str:
    return "1 win" if values.get("wins") == 1 else f"{values.get('wins')} wins"


def _told(setup: ChannelSettings, now: datetime) -> str:
    return escape(sentence(setup.schedule, now=now))


def defaults(chosen: WorkspaceDefaults) -> str:
    """Return the workspace's defaults in words."""
    zone = "whoever sets the channel up" if chosen.zone is None else place(chosen.zone)
    proposed = sentence(chosen.default_settings(zone="UTC", today=_SOME_DAY.date()).schedule, now=_SOME_DAY)
    when = proposed.partition(" (")[0]
    return f"{when} (time of {escape(zone)}), {QUIET[chosen.quiet_policy]}"


_SOME_DAY = datetime.fromisoformat("2030-01-01T00:00:00+00:00")


def _differences(before: ChannelSettings, after: ChannelSettings, names: Names, now: datetime) -> str:
    """Say what is different, in the order of what people would want to know first."""
    said = _of_schedule(before, after, now)
    if before.target_channel_id != after.target_channel_id:
        where = "in this channel again" if after.target_channel_id is None else f"in {channel(after.target_channel_id)}"
        said.append(f"has the roundup come {where}")
    if before.quiet_policy != after.quiet_policy:
        said.append(f"decided that {QUIET[after.quiet_policy]}")
    if before.wants_reminder != after.wants_reminder:
        said.append(
            "asked for a line on the day before" if after.wants_reminder else "dropped the line on the day before"
        )
    if added := after.manager_ids - before.manager_ids:
        said.append(f"lets {listed(named(added, names))} change this too")
    if removed := before.manager_ids - after.manager_ids:
        said.append(f"no longer lets {listed(named(removed, names))} change this")
    return listed(said) if said else "changed nothing that shows"


def _of_schedule(before: ChannelSettings, after: ChannelSettings, now: datetime) -> list[str]:
    old, new = before.schedule, after.schedule
    said = []
    if (old.rule, old.local_time, old.zone, old.starts_on) != (new.rule, new.local_time, new.zone, new.starts_on):
        moved = f"moved the roundup to {escape(sentence(new.resumed(), now=now))}"
        said.append(moved)
    if (old.is_paused, old.paused_until) != (new.is_paused, new.paused_until):
        if new.is_paused:
            said.append("paused the roundup")
        elif new.paused_until is not None:
            until = day_and_month(new.paused_until, today=new.local_date(now))
            said.append(f"paused the roundup until {until}")
        else:
            said.append("resumed the roundup")
    if skipped := sorted(new.skipped_dates - old.skipped_dates):
        said.append(f"skipped the roundup of {_days(skipped)}")
    if restored := sorted(day for day in old.skipped_dates - new.skipped_dates if day >= new.local_date(now)):
        said.append(f"brought the roundup of {_days(restored)} back")
    return said


def _days(days: Sequence[object]) -> str:
    return listed([f"{day:%A} {day.day} {day:%B}" for day in days])  # type: ignore[attr-defined]


def named(people: Iterable[str], names: Names) -> list[str]:
    """Return people's names, escaped, in the order of the alphabet; of very many, the rest is counted."""
    shown = sorted(escape(name(Mention(person), names)) for person in people)
    rest = len(shown) - MOST_NAMED
    return shown if rest <= 1 else [*shown[:MOST_NAMED], f"{rest} others"]
