"""The form in which a channel's roundup is set up, and what those see who may not change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.audit_log import AuditEntry, Unavailability
from bot.domain.channel_settings import ChannelSettings, QuietPolicy
from bot.domain.permissions import ChannelRoles
from bot.domain.schedules import MAX_WEEK_INTERVAL
from bot.domain.settings_form import (
    MAX_MANAGERS,
    MONTH_INTERVAL_OPTIONS,
    WEEKDAY_BY_CODE,
    Cadence,
    RoundupStatus,
    SettingsFormData,
)
from bot.domain.timezones import utc_offset
from bot.domain.wins import Mention
from bot.views import settings_change
from bot.views.format import Block, Names, capitalise_first, channel, city, context, escape, join_and, name, section
from bot.views.inputs import field, modal, multi_select, radio, select, warning, zone
from bot.views.refusals import UNAVAILABILITY_HELP
from bot.views.schedule import day_and_month, sentence, zone_name

CALLBACK = "setup"
TITLE = "Roundup settings"

_STATES: dict[str, str] = {RoundupStatus.ON: "On", RoundupStatus.OFF: "Off: nothing is posted, and no win is lost"}
_CADENCES: dict[str, str] = {
    Cadence.WEEKLY: "Weekly",
    Cadence.DAILY: "Daily",
    Cadence.ON_DAY: "Monthly, on a date",
    Cadence.ON_WEEKDAY: "Monthly, on a weekday",
}
_WEEKS = {"1": "Every week", "2": "Every second week"} | {
    str(number): f"Every {number} weeks" for number in range(3, MAX_WEEK_INTERVAL + 1)
}
_MONTHS = dict(
    zip(
        MONTH_INTERVAL_OPTIONS,
        (
            *("Every month", "Every second month", "Every third month (once a quarter)"),
            *("Every fourth month", "Every sixth month", "Once a year"),
        ),
        strict=True,
    )
)
DAYS_OF_WEEK = {code: weekday.name.capitalize() for code, weekday in WEEKDAY_BY_CODE.items()}
_PLACES = {"1": "First", "2": "Second", "3": "Third", "4": "Fourth", "-1": "Last"}
_DAYS = {str(day): str(day) if day <= 28 else f"{day} (or the last day of the month)" for day in range(1, 32)}
QUIET: dict[str, str] = {
    QuietPolicy.SILENT: "Nothing is posted",
    QuietPolicy.LINE: "One friendly line, which names nobody",
}
_REMINDS = {"no": "No reminder", "yes": "One line on the day before"}

ERRORS = {
    "weekdays": "Choose at least one day.",
    "at": "Choose a time, such as 16:00.",
    "zone": "Choose a time zone: type the name of a large city near you.",
    "posts_in": "Choose a channel.",
    "starts_on": "Choose a date.",
    "cadence": "Choose how often it comes.",
    "state": "Choose on or off.",
    "quiet": "Choose what happens in a quiet week.",
    "managers": f"Choose at most {MAX_MANAGERS} people.",
}
"""What is said under a field that is missing or wrong."""


@dataclass(frozen=True)
class Form:
    """What the form shows.

    `setup` is what the entries make (None while they make nothing), `dates` (UTC) the next roundups that it would
    have. `own_zone` is the reader's. `may_name` is whether they may say who else may change this. `lacks` are what the
    bot can't do here, in words that are escaped already.
    """

    channel_id: str
    entries: SettingsFormData
    setup: ChannelSettings | None
    dates: Sequence[datetime]
    own_zone: str | None
    may_name: bool
    place: ChannelRoles
    last_change: AuditEntry | None
    lacks: Sequence[str]
    now: datetime


def form(shown: Form, names: Names, *, keeps: str) -> dict[str, Any]:
    """Ask for a channel's settings; `keeps` comes back with what is entered."""
    entries = shown.entries
    blocks: list[Block] = [section(f"*The roundup of {channel(shown.channel_id)}*")]
    if shown.place.owner_id is None:
        blocks.append(
            section("Nobody has given this channel a roundup yet. This is what I propose: save it to say yes.")
        )
    blocks += [warning(each) for each in shown.lacks]
    blocks.append(radio("state", "Roundups", _states(shown), entries.state))
    blocks += _when(entries, shown.now)
    blocks.append(section(_promise(shown)))
    target: dict[str, Any] = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if entries.posts_in:
        target["initial_conversation"] = entries.posts_in
    blocks.append(field("posts_in", "Where the roundup is posted", target))
    blocks.append(select("quiet", "When there are no wins to tell", QUIET, entries.quiet, answers=False))
    if entries.cadence != Cadence.DAILY:
        blocks.append(select("reminds", "Before a roundup", _REMINDS, entries.reminds, answers=False))
    if shown.may_name:
        people: dict[str, Any] = {"type": "multi_users_select", "max_selected_items": MAX_MANAGERS}
        if entries.managers:
            people["initial_users"] = list(entries.managers)
        hint = "Workspace admins and whoever created the channel always may. Guests never may."
        blocks.append(field("managers", "Who else may change this", people, hint=hint, answers=False, optional=True))
    blocks += [context(line) for line in _who(shown.place, shown.last_change, names, shown.now)]
    return modal(CALLBACK, TITLE, blocks, private_metadata=keeps, submit="Save")


def _states(shown: Form) -> dict[str, str]:
    """On and off, and the pause that is there already."""
    until = shown.setup.schedule.paused_until if shown.setup else None
    is_over = until is None or (shown.setup is not None and until <= shown.setup.schedule.local_date(shown.now))
    if is_over and shown.entries.state != RoundupStatus.PAUSED:
        return dict(_STATES)
    told = "Paused" if until is None else f"Paused until {day_and_month(until, today=shown.now.date())}"
    return {RoundupStatus.ON: "On", RoundupStatus.PAUSED: told, RoundupStatus.OFF: _STATES[RoundupStatus.OFF]}


def _when(entries: SettingsFormData, now: datetime) -> list[Block]:
    blocks = [select("cadence", "How often", _CADENCES, entries.cadence)]
    match Cadence(entries.cadence):
        case Cadence.DAILY:
            blocks.append(multi_select("weekdays", "On which days", DAYS_OF_WEEK, entries.weekdays))
        case Cadence.WEEKLY:
            blocks.append(multi_select("weekdays", "On which days", DAYS_OF_WEEK, entries.weekdays))
            blocks.append(select("every_weeks", "In which weeks", _WEEKS, entries.every_weeks))
        case Cadence.ON_DAY:
            blocks.append(select("day", "On which day", _DAYS, entries.day))
            blocks.append(select("every_months", "In which months", _MONTHS, entries.every_months))
        case Cadence.ON_WEEKDAY:
            blocks.append(select("place", "Which one of the month", _PLACES, entries.place))
            blocks.append(select("weekday", "On which weekday", DAYS_OF_WEEK, entries.weekday))
            blocks.append(select("every_months", "In which months", _MONTHS, entries.every_months))
    if entries.needs_start_date:
        day: dict[str, Any] = {"type": "datepicker"}
        if entries.starts_on:
            day["initial_date"] = entries.starts_on
        blocks.append(field("starts_on", "Counted from the week or month of", day))
    at: dict[str, Any] = {"type": "timepicker"}
    if entries.at:
        at["initial_time"] = entries.at
    blocks.append(field("at", "At", at))
    shown = zone_label(entries.zone, now) if entries.zone else ""
    blocks.append(zone("zone", "In the time of", entries.zone, shown))
    return blocks


def zone_label(name: str, now: datetime) -> str:
    """Return a time zone as somebody recognises it: "Berlin (Europe), UTC+01:00"."""
    region, _, _ = name.partition("/")
    where = city(name) if region in (name, "Etc") else f"{city(name)} ({region})"
    return f"{where}, {utc_offset(name, now)}"


def _promise(shown: Form) -> str:
    """Say what the entries mean: the schedule in a sentence, and its next dates."""
    if shown.setup is None:
        return "_When that is complete, I say here when the next three come._"
    said = f"*{escape(capitalise_first(sentence(shown.setup.schedule, now=shown.now)))}*"
    if not shown.dates:
        return f"{said}\nNo roundup comes until it is switched on again. No win is lost meanwhile."
    return "\n".join([said, *dates(shown.dates, shown.setup.schedule.zone, shown.own_zone)])


def dates(moments: Sequence[datetime], zone: str, own_zone: str | None) -> list[str]:
    """Return a line for each roundup: its date in the channel's zone and, where that differs, in one's own."""
    lines = []
    for moment in moments:
        there = moment.astimezone(ZoneInfo(zone))
        line = f"• {_date(there)} in {escape(zone_name(zone))}" if zone != "UTC" else f"• {_date(there)} UTC"
        here = moment.astimezone(ZoneInfo(own_zone)) if own_zone else there
        if here.utcoffset() != there.utcoffset():
            line += f", for you {_date(here) if here.date() != there.date() else f'{here:%H:%M}'}"
        lines.append(line)
    return lines


def _date(local: datetime) -> str:
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M}"


def _who(where: ChannelRoles, last: AuditEntry | None, names: Names, now: datetime) -> list[str]:
    lines = []
    if where.owner_id is not None:
        lines.append(f"{_name(where.owner_id, names)} answers for this roundup, and is told when something goes wrong.")
    if last is not None:
        lines.append(f"Last change: {settings_change.line(last, names, now=now)}.")
    lines.append("Everybody here may see these settings with `/wins setup`. The channel is told of each change.")
    return lines


def _name(user_id: str, names: Names) -> str:
    return escape(name(Mention(user_id), names))


def settings(shown: Form, names: Names) -> dict[str, Any]:
    """Show a channel's settings to somebody who may not change them, and who may."""
    may = ["Workspace admins", *settings_change.sorted_names(shown.place.manager_ids - {shown.place.creator}, names)]
    if shown.place.creator:
        may.insert(1, f"{_name(shown.place.creator, names)} (who created this channel)")
    blocks: list[Block] = [section(f"*The roundup of {channel(shown.channel_id)}*")]
    blocks += [warning(each) for each in shown.lacks]
    if shown.place.owner_id is None or shown.setup is None:
        blocks.append(section("Nobody has given this channel a roundup yet. Wins are kept for its first one."))
    else:
        setup = shown.setup
        target = "this channel" if setup.target_channel_id is None else channel(setup.target_channel_id)
        said = [
            _promise(shown),
            f"It is posted in {target}; {settings_change.QUIET_POLICY_TEXT[setup.quiet_policy]}"
            + ("; one line comes on the day before." if setup.sends_reminder else "."),
        ]
        blocks += [section(line) for line in said]
    blocks.append(context(f"{join_and(may)} can change this."))
    blocks += [context(line) for line in _who(shown.place, shown.last_change, names, shown.now)]
    return modal(CALLBACK, TITLE, blocks)


def saved_unseen(away: Unavailability) -> dict[str, Any]:
    """Say that the settings are saved, where no line in the channel can."""
    return modal(CALLBACK, TITLE, [section(f"Saved. {UNAVAILABILITY_HELP[away]} The roundup begins when I am back.")])


def changed_meanwhile(last: AuditEntry | None, names: Names, *, now: datetime) -> str:
    """Warn whoever saves that somebody else did just now."""
    what = "" if last is None else f": {settings_change.line(last, names, now=now)}"
    return (
        f"These settings were changed while you had them open{what}. What you entered is still here: save again to put "
        "it in place."
    )


def cannot_see(scopes: Sequence[str]) -> dict[str, Any]:
    """Say what to do in a channel that the bot may know nothing of: it is not in it, or lacks these scopes."""
    said = "I can't see this channel. Type `/invite @Winsome` in it, and I propose a schedule to you right there."
    return modal(CALLBACK, TITLE, [section(_permission(scopes) if scopes else said)])


def lacks(away: Unavailability | None, target: Unavailability | None, scopes: Sequence[str]) -> list[str]:
    """Say what keeps roundups from coming, each with what to do: about the channel, its target, and missing scopes."""
    said = []
    if away is not None:
        said.append(f"{UNAVAILABILITY_HELP[away]} You can save this all the same: it begins when I am back.")
    if target is not None:
        said.append(f"About the channel that you chose below: {UNAVAILABILITY_HELP[target]}")
    if scopes:
        said.append(_permission(scopes))
    return said


def _permission(scopes: Sequence[str]) -> str:
    missing = join_and([f"`{escape(scope)}`" for scope in scopes])
    return f"I lack the permission {missing}. Whoever installed me can mend that: reinstall the app."
