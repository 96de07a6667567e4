"""The options of the fields for a roundup's settings, as values with their labels."""

from datetime import date, datetime

from bot.domain.channel_settings import QuietPolicy
from bot.domain.channel_state import ChannelState, schedule_state
from bot.domain.editions import Edition
from bot.domain.recurrence import MAX_WEEK_INTERVAL
from bot.domain.schedules import Schedule
from bot.domain.settings_form import (
    JOINS_WORKSPACE_ROUNDUP,
    MONTH_INTERVAL_OPTIONS,
    WEEKDAY_BY_CODE,
    Cadence,
    RoundupStatus,
)
from bot.domain.timezones import utc_offset
from bot.views.format import city, month_and_day
from bot.views.schedule import weekday_name
from bot.views.translations import Translations


def states(t: Translations, schedule: Schedule, today: date) -> dict[str, str]:
    """Return on and off; for a schedule that is paused on the local date `today`, resume, the pause, and off."""
    off: dict[str, str] = {RoundupStatus.OFF: t.gettext("Off (wins are still saved)")}
    if schedule_state(schedule, today) in (ChannelState.PAUSED, ChannelState.PAUSED_UNTIL):
        return {RoundupStatus.ON: t.gettext("Resume now"), RoundupStatus.PAUSED: state(t, schedule, today), **off}
    return {RoundupStatus.ON: t.gettext("On"), **off}


def state(t: Translations, schedule: Schedule, today: date) -> str:
    """Return whether roundups come, on the local date `today`: "Paused until March 20"."""
    match schedule_state(schedule, today):
        case ChannelState.OFF:
            return t.gettext("Off")
        case ChannelState.PAUSED:
            return t.gettext("Paused until someone resumes")
        case ChannelState.PAUSED_UNTIL if schedule.paused_until is not None:
            return t.gettext("Paused until {day}", day=month_and_day(t, schedule.paused_until, today=today))
    return t.gettext("On")


def cadences(t: Translations) -> dict[str, str]:
    """Return the types of rules."""
    return {
        Cadence.WEEKLY: t.gettext("Weekly"),
        Cadence.DAILY: t.gettext("Daily"),
        Cadence.ON_DAY: t.gettext("Monthly, on a date"),
        Cadence.ON_WEEKDAY: t.gettext("Monthly, on a weekday"),
    }


def days_of_week(t: Translations) -> dict[str, str]:
    """Return the options for weekdays."""
    return {code: weekday_name(t, weekday) for code, weekday in WEEKDAY_BY_CODE.items()}


def week_intervals(t: Translations) -> dict[str, str]:
    """Return the intervals of a weekly rule."""
    return {
        str(number): t.ngettext("Every week", "Every {count} weeks", number)
        for number in range(1, MAX_WEEK_INTERVAL + 1)
    }


def month_intervals(t: Translations) -> dict[str, str]:
    """Return the intervals of a monthly rule."""
    return {
        number: t.gettext("Every year")
        if number == "12"
        else t.ngettext("Every month", "Every {count} months", int(number))
        for number in MONTH_INTERVAL_OPTIONS
    }


def days_of_month(t: Translations) -> dict[str, str]:
    """Return the dates of a month."""
    return {
        str(day): str(day) if day <= 28 else t.gettext("{day} (or the last day of the month)", day=day)
        for day in range(1, 32)
    }


def weeks_of_month(t: Translations) -> dict[str, str]:
    """Return which of its weekdays a month's rule means."""
    return {
        "1": t.gettext("First"),
        "2": t.gettext("Second"),
        "3": t.gettext("Third"),
        "4": t.gettext("Fourth"),
        "-1": t.gettext("Last"),
    }


def quiet_policies(t: Translations) -> dict[str, str]:
    """Return the options for a roundup without wins."""
    return {
        QuietPolicy.SILENT: t.gettext("Don't post anything"),
        QuietPolicy.LINE: t.gettext("Post a short note (no names)"),
    }


def zone_label(name: str, now: datetime) -> str:
    """Return a time zone as an option: "Berlin (Europe), UTC+01:00"."""
    region, _, _ = name.partition("/")
    location = city(name) if region in (name, "Etc") else f"{city(name)} ({region})"
    return f"{location}, {utc_offset(name, now)}"


def reminders(t: Translations) -> dict[str, str]:
    """Return the options for the line on the day before."""
    return {"no": t.gettext("No reminder"), "yes": t.gettext("Post a reminder the day before")}


def more(t: Translations, *, is_public: bool) -> dict[str, str]:
    """Return what a channel may have beside its roundup; the workspace's roundup is for public channels."""
    editions: dict[str, str] = {
        Edition.MONTHLY: t.gettext("Look back every month"),
        Edition.QUARTERLY: t.gettext("Look back every quarter"),
        Edition.YEARLY: t.gettext("Look back every year"),
    }
    if not is_public:
        return editions
    return editions | {JOINS_WORKSPACE_ROUNDUP: t.gettext("Let the workspace roundup include this channel's wins")}
