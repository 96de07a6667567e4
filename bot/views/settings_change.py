"""Who changed what in a channel's settings, in sentences: for the channel, its owner and the audit log."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.domain.audit_log import AuditAction, AuditEntry, Unavailability
from bot.domain.channel_settings import ChannelSettings, QuietPolicy, WorkspaceDefaults
from bot.domain.deliveries import DeliveryState
from bot.domain.editions import Edition
from bot.views.format import (
    Message,
    Names,
    channel,
    context,
    escape,
    list_days,
    list_users,
    message,
    month_and_day,
    neutralise,
    user_name,
)
from bot.views.next_roundup import next_on
from bot.views.schedule import describe_rule, describe_schedule, zone_name
from bot.views.translations import Translations

MAX_NAMED = 10
"""The most people that a sentence names; the others are counted."""

_ACTIONS_WITH_NEXT_ROUNDUP = (AuditAction.CONFIGURED, AuditAction.SETTINGS_CHANGED, AuditAction.BOT_RETURNED)


def change_notice(t: Translations, entry: AuditEntry, names: Names, *, channel_id: str, now: datetime) -> Message:
    """Tell a channel what was changed; `channel_id` is the channel itself, or another one that gets its roundup."""
    if channel_id == entry.channel_id:
        lines = sentences(t, entry, names, now=now)
    else:
        lines = [
            t.gettext(
                "{actor} set {channel}'s roundup to post here.",
                actor=actor_name(t, entry, names),
                channel=channel(entry.channel_id or ""),
            )
        ]
    if entry.action is AuditAction.CONFIGURED:
        lines[0] = f":gear: {lines[0]}"
    footer = [_pause_reassurance(t, entry)] if entry.action is AuditAction.SETTINGS_CHANGED else []
    if entry.action in _ACTIONS_WITH_NEXT_ROUNDUP and entry.next_due_at is not None and entry.next_due_at > now:
        footer.append(next_on(t, entry.next_due_at, str((entry.after or {}).get("zone") or "UTC")))
    text = " ".join(filter(None, [*lines, *footer]))
    return message(text, [context(text)])


def _resolution(t: Translations, actor: str, before: str | None, after: str | None) -> str:
    """Return what a person decided about a delivery, by its states."""
    tries_again = after == DeliveryState.PENDING
    if before == DeliveryState.POSTED:  # Slack refused to update or delete it
        if tries_again:
            return t.gettext("{actor} asked me to try editing or deleting a message again.", actor=actor)
        return t.gettext("{actor} dismissed a message that I couldn't edit or delete.", actor=actor)
    if tries_again:
        return t.gettext("{actor} asked for a message to be posted again.", actor=actor)
    return t.gettext("{actor} confirmed that a message was posted.", actor=actor)


def _pause_reassurance(t: Translations, entry: AuditEntry) -> str:
    """Say where wins go, if a pause or a skipped date was added; "" otherwise."""
    old, new = (ChannelSettings.from_json(values or {}).schedule for values in (entry.before, entry.after))
    if (old.is_off, old.is_paused, old.paused_until) != (new.is_off, new.is_paused, new.paused_until):
        if new.is_stopped:
            return t.gettext("Wins are still saved.")
        if new.paused_until is not None:
            return t.gettext("Wins saved until then will be in the next roundup.")
    if new.skipped_dates - old.skipped_dates:  # perhaps not of the next roundup
        return t.gettext("Wins are still saved.")
    return ""


def sentences(t: Translations, entry: AuditEntry, names: Names, *, now: datetime) -> list[str]:  # noqa: PLR0911 - one for each action
    """Return what happened in whole sentences, escaped: "Ana moved the roundup to every Friday at 15:00 (UTC)."."""
    actor = actor_name(t, entry, names)
    before, after = entry.before or {}, entry.after or {}
    match entry.action:
        case AuditAction.CONFIGURED:
            schedule = escape(describe_schedule(t, ChannelSettings.from_json(after).schedule, now=now))
            done = t.gettext("{actor} set up a roundup for this channel: {schedule}.", actor=actor, schedule=schedule)
            settings = ChannelSettings.from_json(after)
            fresh = replace(settings, editions=frozenset(), joins_workspace_roundup=False, win_emoji=None)
            return [done, *_more_differences(t, actor, fresh, settings)]
        case AuditAction.SETTINGS_CHANGED:
            return _differences(
                t, actor, ChannelSettings.from_json(before), ChannelSettings.from_json(after), names=names, now=now
            )
        case AuditAction.OWNER_CHANGED:
            return [t.gettext("{actor} is now the contact for this channel's roundup.", actor=actor)]
        case AuditAction.POSTED_EARLY:
            return [
                t.ngettext(
                    "{actor} posted the roundup early ({count} win).",
                    "{actor} posted the roundup early ({count} wins).",
                    int(after.get("wins") or 0),
                    actor=actor,
                )
            ]
        case AuditAction.NEXT_ROUNDUP_CHANGED:
            return _next_roundup(t, actor, before, after)
        case AuditAction.DELIVERY_RESOLVED:
            return [_resolution(t, actor, before.get("state"), after.get("state"))]
        case AuditAction.DEFAULTS_CHANGED:
            return [t.gettext("{actor} changed the defaults for new channels.", actor=actor)]
        case AuditAction.BOT_LEFT:
            return [_departure(t, actor, entry), _after_departure(t, entry)]
        case AuditAction.BOT_RETURNED:
            return [t.gettext("I'm back in this channel.")]
        case AuditAction.CHANNEL_ID_CHANGED:
            return [t.gettext("Slack changed this channel's ID. Wins and settings moved with it.")]
        case AuditAction.BECAME_PRIVATE:
            return _privacy(t, ChannelSettings.from_json(before))


def _privacy(t: Translations, before: ChannelSettings) -> list[str]:
    """Say what ended when a channel became private."""
    sentences = []
    if before.target_channel_id is not None or not before.joins_workspace_roundup:
        sentences.append(t.gettext("This channel is now private, so its roundup will post here."))
    if before.joins_workspace_roundup:
        sentences.append(t.gettext("This channel is now private, so its wins aren't in the workspace roundup anymore."))
    return sentences


def _next_roundup(t: Translations, actor: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Say what was changed of one roundup alone."""
    told = []
    if after.get("note") != before.get("note"):
        note = neutralise(str(after.get("note") or ""), {})
        told.append(
            t.gettext("{actor} added a note to the next roundup: {note}", actor=actor, note=note)
            if note
            else t.gettext("{actor} removed the note from the next roundup.", actor=actor)
        )
    left, left_before = int(after.get("left") or 0), int(before.get("left") or 0)
    if left and (left != left_before or not told):  # perhaps other wins, but as many
        told.append(
            t.ngettext(
                "{actor} left {count} win for the roundup after the next one.",
                "{actor} left {count} wins for the roundup after the next one.",
                left,
                actor=actor,
            )
        )
    elif left_before and not left:
        told.append(t.gettext("{actor} put every win back into the next roundup.", actor=actor))
    return told


def _departure(t: Translations, actor: str, entry: AuditEntry) -> str:
    """Say why the bot can't post in a channel, which is named: the sentence is read elsewhere."""
    where = channel(entry.channel_id or "")
    match _unavailability(entry):
        case Unavailability.ARCHIVED:
            return t.gettext("{actor} archived {channel}.", actor=actor, channel=where)
        case Unavailability.DELETED:
            return t.gettext("{actor} deleted {channel}.", actor=actor, channel=where)
        case Unavailability.REMOVED if entry.before is not None:  # it was archived before
            return t.gettext("{channel} was unarchived, but I'm no longer in it.", channel=where)
        case Unavailability.REMOVED:
            return t.gettext("I was removed from {channel}.", channel=where)


def _after_departure(t: Translations, entry: AuditEntry) -> str:
    """Say what becomes of the roundups and wins of a channel that the bot can't post in."""
    if _unavailability(entry) is Unavailability.DELETED:
        return t.gettext("Its roundups have ended. Its wins are still saved.")
    return t.gettext("Roundups are on hold. Wins are still saved.")


def _unavailability(entry: AuditEntry) -> Unavailability:
    return Unavailability((entry.after or {})["unavailable_reason"])


def actor_name(t: Translations, entry: AuditEntry, names: Names) -> str:
    """Return the name of who made a change, escaped."""
    return t.pgettext("person", "Someone") if entry.actor_id is None else user_name(t, entry.actor_id, names)


def describe_defaults(t: Translations, defaults: WorkspaceDefaults) -> str:
    """Return the schedule of the workspace's defaults as a phrase, escaped."""
    zone = (
        t.pgettext("time zone", "in the time zone of the person who sets it up")
        if defaults.zone is None
        else zone_name(t, defaults.zone)
    )
    # The defaults have no start, and only weekly or monthly rules: any day serves for `starts_on`.
    return escape(describe_rule(t, defaults.rule, defaults.local_time, zone, starts_on=date.min))


def describe_workspace_roundup(t: Translations, defaults: WorkspaceDefaults) -> str:
    """Say where the workspace's own roundup is posted."""
    if defaults.roundup_channel_id is None:
        return t.gettext("There's no workspace roundup.")
    where = channel(defaults.roundup_channel_id)
    return t.gettext("The workspace roundup is posted in {channel}.", channel=where)


def describe_quiet_policy(t: Translations, policy: QuietPolicy) -> str:
    """Say what is posted if there are no wins."""
    if policy is QuietPolicy.SILENT:
        return t.gettext("Nothing is posted if there are no wins.")
    return t.gettext("A short note is posted if there are no wins.")


def describe_editions(t: Translations, editions: Collection[Edition]) -> list[str]:
    """Say which looks back are posted, if any are."""
    if not editions:
        return []
    return [t.gettext("Posts the {editions} look back.", editions=_list_editions(t, editions))]


def _list_editions(t: Translations, editions: Collection[Edition]) -> str:
    words = {
        Edition.MONTHLY: t.pgettext("look back", "monthly"),
        Edition.QUARTERLY: t.pgettext("look back", "quarterly"),
        Edition.YEARLY: t.pgettext("look back", "yearly"),
    }
    return t.join_and([word for edition, word in words.items() if edition in editions])


def _more_differences(t: Translations, actor: str, before: ChannelSettings, after: ChannelSettings) -> list[str]:
    """Return a sentence for each difference in what a channel has beside its roundup."""
    changes = []
    if added := after.editions - before.editions:
        changes.append(
            t.gettext("{actor} turned on the {editions} look back.", actor=actor, editions=_list_editions(t, added))
        )
    if removed := before.editions - after.editions:
        changes.append(
            t.gettext("{actor} turned off the {editions} look back.", actor=actor, editions=_list_editions(t, removed))
        )
    if before.joins_workspace_roundup != after.joins_workspace_roundup:
        changes.append(
            t.gettext("{actor} let the workspace roundup include this channel's wins.", actor=actor)
            if after.joins_workspace_roundup
            else t.gettext("{actor} took this channel's wins out of the workspace roundup.", actor=actor)
        )
    return [*changes, *_emoji_differences(t, actor, before.win_emoji, after.win_emoji)]


def _emoji_differences(t: Translations, actor: str, before: str | None, after: str | None) -> list[str]:
    if before == after:
        return []
    if after is None:
        return [t.gettext("{actor} turned off the emoji for wins.", actor=actor)]
    sentence = t.gettext(
        "{actor} made {emoji} the emoji for wins: reacting to a message with it suggests it as a win.",
        actor=actor,
        emoji=emoji(after),
    )
    return [sentence]


def emoji(name: str) -> str:
    """Return an emoji as Slack shows it, escaped."""
    return f":{escape(name)}:"


def _differences(
    t: Translations, actor: str, before: ChannelSettings, after: ChannelSettings, *, names: Names, now: datetime
) -> list[str]:
    """Return a sentence for each difference, the most important first."""
    changes = _schedule_differences(t, actor, before, after, now)
    if before.target_channel_id != after.target_channel_id:
        changes.append(
            t.gettext("{actor} set the roundup to post in this channel.", actor=actor)
            if after.target_channel_id is None
            else t.gettext(
                "{actor} set the roundup to post in {channel}.", actor=actor, channel=channel(after.target_channel_id)
            )
        )
    if before.quiet_policy != after.quiet_policy:
        changes.append(
            t.gettext("{actor} turned off the note for when there are no wins.", actor=actor)
            if after.quiet_policy is QuietPolicy.SILENT
            else t.gettext("{actor} turned on the note for when there are no wins.", actor=actor)
        )
    if before.wants_reminder != after.wants_reminder:
        changes.append(
            t.gettext("{actor} turned on the day-before reminder.", actor=actor)
            if after.wants_reminder
            else t.gettext("{actor} turned off the day-before reminder.", actor=actor)
        )
    changes += _more_differences(t, actor, before, after)
    if added := after.manager_ids - before.manager_ids:
        people = list_people(t, added, names)
        changes.append(
            t.gettext("{actor} gave {people} permission to change these settings.", actor=actor, people=people)
        )
    if removed := before.manager_ids - after.manager_ids:
        people = list_people(t, removed, names)
        changes.append(
            t.ngettext(
                "{actor} removed {people}'s permission to change these settings.",
                "{actor} removed permission to change these settings from {people}.",
                len(removed),
                actor=actor,
                people=people,
            )
        )
    return changes or [t.gettext("{actor} saved the settings without changes.", actor=actor)]


def _schedule_differences(
    t: Translations, actor: str, before: ChannelSettings, after: ChannelSettings, now: datetime
) -> list[str]:
    old, new = before.schedule, after.schedule
    today = new.local_date(now)
    changes = []
    if (old.rule, old.local_time, old.zone, old.starts_on) != (new.rule, new.local_time, new.zone, new.starts_on):
        schedule = escape(describe_schedule(t, new.resumed(), now=now))
        changes.append(t.gettext("{actor} moved the roundup to {schedule}.", actor=actor, schedule=schedule))
    if (old.is_off, old.is_paused, old.paused_until) != (new.is_off, new.is_paused, new.paused_until):
        if new.is_off:
            changes.append(t.gettext("{actor} turned roundups off.", actor=actor))
        elif new.is_paused:
            changes.append(t.gettext("{actor} paused roundups.", actor=actor))
        elif new.paused_until is not None:
            until = month_and_day(t, new.paused_until, today=today)
            changes.append(t.gettext("{actor} paused roundups until {day}.", actor=actor, day=until))
        elif old.is_off:
            changes.append(t.gettext("{actor} turned roundups on.", actor=actor))
        else:
            changes.append(t.gettext("{actor} resumed roundups.", actor=actor))
    if skipped := sorted(new.skipped_dates - old.skipped_dates):
        days = list_days(t, skipped, today=today)
        changes.append(
            t.ngettext(
                "{actor} skipped the roundup on {days}.",
                "{actor} skipped the roundups on {days}.",
                len(skipped),
                actor=actor,
                days=days,
            )
        )
    if restored := sorted(day for day in old.skipped_dates - new.skipped_dates if day >= today):
        days = list_days(t, restored, today=today)
        changes.append(
            t.ngettext(
                "{actor} restored the roundup on {days}.",
                "{actor} restored the roundups on {days}.",
                len(restored),
                actor=actor,
                days=days,
            )
        )
    return changes


def list_people(t: Translations, user_ids: Iterable[str], names: Names) -> str:
    """Return users' names in alphabetical order as a list, escaped; of very many, the others are counted."""
    ordered = sorted(user_ids, key=lambda user_id: user_name(t, user_id, names))
    return list_users(t, ordered, names, limit=MAX_NAMED)
