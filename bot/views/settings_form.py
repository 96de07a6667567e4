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

CALLBACK_ID = "setup"
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
_ORDINALS = {"1": "First", "2": "Second", "3": "Third", "4": "Fourth", "-1": "Last"}
_DAYS = {str(day): str(day) if day <= 28 else f"{day} (or the last day of the month)" for day in range(1, 32)}
QUIET_POLICIES: dict[str, str] = {
    QuietPolicy.SILENT: "Nothing is posted",
    QuietPolicy.LINE: "One friendly line, which names nobody",
}
_REMINDERS = {"no": "No reminder", "yes": "One line on the day before"}

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
    data: SettingsFormData
    settings: ChannelSettings | None
    dates: Sequence[datetime]
    own_zone: str | None
    may_name_managers: bool
    roles: ChannelRoles
    last_change: AuditEntry | None
    warnings: Sequence[str]
    now: datetime


def form(page: Form, names: Names, *, private_metadata: str) -> dict[str, Any]:
    """Ask for a channel's settings; `keeps` comes back with what is entered."""
    data = page.data
    blocks: list[Block] = [section(f"*The roundup of {channel(page.channel_id)}*")]
    if page.roles.owner_id is None:
        blocks.append(
            section("Nobody has given this channel a roundup yet. This is what I propose: save it to say yes.")
        )
    blocks += [warning(each) for each in page.warnings]
    blocks.append(radio("state", "Roundups", _states(page), data.state))
    blocks += _schedule_fields(data, page.now)
    blocks.append(section(_schedule_preview(page)))
    target: dict[str, Any] = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if data.posts_in:
        target["initial_conversation"] = data.posts_in
    blocks.append(field("posts_in", "Where the roundup is posted", target))
    blocks.append(select("quiet", "When there are no wins to tell", QUIET_POLICIES, data.quiet, answers=False))
    if data.cadence != Cadence.DAILY:
        blocks.append(select("reminds", "Before a roundup", _REMINDERS, data.reminds, answers=False))
    if page.may_name_managers:
        people: dict[str, Any] = {"type": "multi_users_select", "max_selected_items": MAX_MANAGERS}
        if data.managers:
            people["initial_users"] = list(data.managers)
        hint = "Workspace admins and whoever created the channel always may. Guests never may."
        blocks.append(field("managers", "Who else may change this", people, hint=hint, answers=False, optional=True))
    blocks += [context(line) for line in _ownership_lines(page.roles, page.last_change, names, page.now)]
    return modal(CALLBACK_ID, TITLE, blocks, private_metadata=private_metadata, submit="Save")


def _states(page: Form) -> dict[str, str]:
    """On and off, and the pause that is there already."""
    until = page.settings.schedule.paused_until if page.settings else None
    is_over = until is None or (page.settings is not None and until <= page.settings.schedule.local_date(page.now))
    if is_over and page.data.state != RoundupStatus.PAUSED:
        return dict(_STATES)
    paused_label = "Paused" if until is None else f"Paused until {day_and_month(until, today=page.now.date())}"
    return {RoundupStatus.ON: "On", RoundupStatus.PAUSED: paused_label, RoundupStatus.OFF: _STATES[RoundupStatus.OFF]}


def _schedule_fields(data: SettingsFormData, now: datetime) -> list[Block]:
    blocks = [select("cadence", "How often", _CADENCES, data.cadence)]
    match Cadence(data.cadence):
        case Cadence.DAILY:
            blocks.append(multi_select("weekdays", "On which days", DAYS_OF_WEEK, data.weekdays))
        case Cadence.WEEKLY:
            blocks.append(multi_select("weekdays", "On which days", DAYS_OF_WEEK, data.weekdays))
            blocks.append(select("every_weeks", "In which weeks", _WEEKS, data.every_weeks))
        case Cadence.ON_DAY:
            blocks.append(select("day", "On which day", _DAYS, data.day))
            blocks.append(select("every_months", "In which months", _MONTHS, data.every_months))
        case Cadence.ON_WEEKDAY:
            blocks.append(select("place", "Which one of the month", _ORDINALS, data.place))
            blocks.append(select("weekday", "On which weekday", DAYS_OF_WEEK, data.weekday))
            blocks.append(select("every_months", "In which months", _MONTHS, data.every_months))
    if data.needs_start_date:
        day: dict[str, Any] = {"type": "datepicker"}
        if data.starts_on:
            day["initial_date"] = data.starts_on
        blocks.append(field("starts_on", "Counted from the week or month of", day))
    at: dict[str, Any] = {"type": "timepicker"}
    if data.at:
        at["initial_time"] = data.at
    blocks.append(field("at", "At", at))
    label = zone_label(data.zone, now) if data.zone else ""
    blocks.append(zone("zone", "In the time of", data.zone, label))
    return blocks


def zone_label(name: str, now: datetime) -> str:
    """Return a time zone as somebody recognises it: "Berlin (Europe), UTC+01:00"."""
    region, _, _ = name.partition("/")
    location = city(name) if region in (name, "Etc") else f"{city(name)} ({region})"
    return f"{location}, {utc_offset(name, now)}"


def _schedule_preview(page: Form) -> str:
    """Say what the entries mean: the schedule in a sentence, and its next dates."""
    if page.settings is None:
        return "_When that is complete, I say here when the next three come._"
    text = f"*{escape(capitalise_first(sentence(page.settings.schedule, now=page.now)))}*"
    if not page.dates:
        return f"{text}\nNo roundup comes until it is switched on again. No win is lost meanwhile."
    return "\n".join([text, *dates(page.dates, page.settings.schedule.zone, page.own_zone)])


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


def _ownership_lines(roles: ChannelRoles, last_change: AuditEntry | None, names: Names, now: datetime) -> list[str]:
    lines = []
    if roles.owner_id is not None:
        lines.append(
            f"{_user_name(roles.owner_id, names)} answers for this roundup, and is told when something goes wrong."
        )
    if last_change is not None:
        lines.append(f"Last change: {settings_change.line(last_change, names, now=now)}.")
    lines.append("Everybody here may see these settings with `/wins setup`. The channel is told of each change.")
    return lines


def _user_name(user_id: str, names: Names) -> str:
    return escape(name(Mention(user_id), names))


def settings(page: Form, names: Names) -> dict[str, Any]:
    """Show a channel's settings to somebody who may not change them, and who may."""
    editors = ["Workspace admins", *settings_change.sorted_names(page.roles.manager_ids - {page.roles.creator}, names)]
    if page.roles.creator:
        editors.insert(1, f"{_user_name(page.roles.creator, names)} (who created this channel)")
    blocks: list[Block] = [section(f"*The roundup of {channel(page.channel_id)}*")]
    blocks += [warning(each) for each in page.warnings]
    if page.roles.owner_id is None or page.settings is None:
        blocks.append(section("Nobody has given this channel a roundup yet. Wins are kept for its first one."))
    else:
        channel_settings = page.settings
        target = (
            "this channel"
            if channel_settings.target_channel_id is None
            else channel(channel_settings.target_channel_id)
        )
        lines = [
            _schedule_preview(page),
            f"It is posted in {target}; {settings_change.QUIET_POLICY_TEXT[channel_settings.quiet_policy]}"
            + ("; one line comes on the day before." if channel_settings.sends_reminder else "."),
        ]
        blocks += [section(line) for line in lines]
    blocks.append(context(f"{join_and(editors)} can change this."))
    blocks += [context(line) for line in _ownership_lines(page.roles, page.last_change, names, page.now)]
    return modal(CALLBACK_ID, TITLE, blocks)


def saved_while_away(unavailability: Unavailability) -> dict[str, Any]:
    """Say that the settings are saved, where no line in the channel can."""
    return modal(
        CALLBACK_ID,
        TITLE,
        [section(f"Saved. {UNAVAILABILITY_HELP[unavailability]} The roundup begins when I am back.")],
    )


def conflict_warning(last_change: AuditEntry | None, names: Names, *, now: datetime) -> str:
    """Warn whoever saves that somebody else did just now."""
    what = "" if last_change is None else f": {settings_change.line(last_change, names, now=now)}"
    return (
        f"These settings were changed while you had them open{what}. What you entered is still here: save again to put "
        "it in place."
    )


def no_access_modal(scopes: Sequence[str]) -> dict[str, Any]:
    """Say what to do in a channel that the bot may know nothing of: it is not in it, or lacks these scopes."""
    text = "I can't see this channel. Type `/invite @Winsome` in it, and I propose a schedule to you right there."
    return modal(CALLBACK_ID, TITLE, [section(_missing_scopes_text(scopes) if scopes else text)])


def warnings(
    unavailability: Unavailability | None, target_unavailability: Unavailability | None, scopes: Sequence[str]
) -> list[str]:
    """Say what keeps roundups from coming, each with what to do: about the channel, its target, and missing scopes."""
    lines = []
    if unavailability is not None:
        lines.append(f"{UNAVAILABILITY_HELP[unavailability]} You can save this all the same: it begins when I am back.")
    if target_unavailability is not None:
        lines.append(f"About the channel that you chose below: {UNAVAILABILITY_HELP[target_unavailability]}")
    if scopes:
        lines.append(_missing_scopes_text(scopes))
    return lines


def _missing_scopes_text(scopes: Sequence[str]) -> str:
    missing = join_and([f"`{escape(scope)}`" for scope in scopes])
    return f"I lack the permission {missing}. Whoever installed me can mend that: reinstall the app."
