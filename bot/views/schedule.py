"""A schedule in words: "every other Friday at 16:00 (Berlin time), paused until January 3"."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import assert_never

from babel.dates import get_day_names, get_month_names

from bot.domain.recurrence import EVERY_DAY, Daily, MonthlyOnDay, MonthlyOnWeekday, Rule, Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.views.format import city, month_and_day
from bot.views.translations import Translations

MAX_DATES = 3
"""The most skipped dates that are listed."""

_WORKING_DAYS = EVERY_DAY[:5]
_ZONES_WITHOUT_CITY = ("UTC", "GMT", "UCT", "Zulu", "Universal", "Greenwich")


def describe_schedule(t: Translations, schedule: Schedule, *, now: datetime) -> str:
    """Say when roundups are posted, as of `now` (aware); a pause, start or skipped date in the past is left out.

    It is a phrase, without a capital and a full stop, for use inside a message. It is not escaped.
    """
    zone = zone_name(t, schedule.zone)
    text = describe_rule(t, schedule.rule, schedule.local_time, zone, starts_on=schedule.starts_on)
    today = schedule.local_date(now)
    if schedule.is_off:
        return t.pgettext("schedule", "{schedule}, turned off", schedule=text)
    if schedule.is_paused:
        return t.pgettext("schedule", "{schedule}, paused", schedule=text)
    start = max(schedule.starts_on, schedule.paused_until or schedule.starts_on)
    if start > today:
        day = month_and_day(t, start, today=today)
        if start == schedule.paused_until:
            text = t.pgettext("schedule", "{schedule}, paused until {day}", schedule=text, day=day)
        else:
            text = t.pgettext("schedule", "{schedule}, starting {day}", schedule=text, day=day)
    skipped = sorted(day for day in schedule.skipped_dates if day >= max(today, start))
    return _without(t, text, skipped, today) if skipped else text


def _without(t: Translations, schedule: str, skipped: Sequence[date], today: date) -> str:
    days = [month_and_day(t, day, today=today) for day in skipped[:MAX_DATES]]
    more = len(skipped) - len(days)
    if not more:
        return t.pgettext("schedule", "{schedule}, except {days}", schedule=schedule, days=t.join_and(days))
    return t.npgettext(
        "schedule",
        "{schedule}, except {days}, and {count} more date",
        "{schedule}, except {days}, and {count} more dates",
        more,
        schedule=schedule,
        days=", ".join(days),
    )


def describe_rule(t: Translations, rule: Rule, local_time: time, zone: str, *, starts_on: date) -> str:
    """Return a rule at a local time as a phrase; `zone` says whose time it is, `starts_on` decides the months."""
    at = f"{local_time:%H:%M}"
    match rule:
        case Daily(weekdays) | Weekly(weekdays, 1):
            return _each_week(t, weekdays, at, zone)
        case Weekly(weekdays, 2):
            days = _weekdays(t, weekdays)
            return t.pgettext(
                "schedule", "every other {weekdays} at {time} ({zone})", weekdays=days, time=at, zone=zone
            )
        case Weekly(weekdays, interval):
            return t.npgettext(
                "schedule",
                "every week on {weekdays} at {time} ({zone})",
                "every {count} weeks on {weekdays} at {time} ({zone})",
                interval,
                weekdays=_weekdays(t, weekdays),
                time=at,
                zone=zone,
            )
        case MonthlyOnDay(day, interval) if day > 28:
            text = t.pgettext("day of the month", "{ordinal} (or last day)", ordinal=_ordinal(t, day))
            return _monthly(t, text, interval, at=at, zone=zone, starts_on=starts_on)
        case MonthlyOnDay(day, interval):
            return _monthly(t, _ordinal(t, day), interval, at=at, zone=zone, starts_on=starts_on)
        case MonthlyOnWeekday(nth, weekday, interval):
            return _monthly(
                t, _nth_weekday(t, nth, weekday_name(t, weekday)), interval, at=at, zone=zone, starts_on=starts_on
            )
        case _:
            assert_never(rule)


def _each_week(t: Translations, weekdays: Sequence[Weekday], at: str, zone: str) -> str:
    if weekdays == EVERY_DAY:
        return t.pgettext("schedule", "every day at {time} ({zone})", time=at, zone=zone)
    if weekdays == _WORKING_DAYS:
        return t.pgettext("schedule", "every weekday at {time} ({zone})", time=at, zone=zone)
    days = _weekdays(t, weekdays)
    return t.pgettext("schedule", "every {weekdays} at {time} ({zone})", weekdays=days, time=at, zone=zone)


def _monthly(t: Translations, day: str, interval: int, *, at: str, zone: str, starts_on: date) -> str:
    month_names = get_month_names("wide", locale=t.locale)
    months = t.join_and([month_names[month] for month in sorted(_months(starts_on, interval))])
    match interval:
        case 1:
            return t.pgettext("schedule", "on the {day} of every month at {time} ({zone})", day=day, time=at, zone=zone)
        case 2:
            return t.pgettext(
                "schedule",
                "on the {day} of every other month ({months}) at {time} ({zone})",
                day=day,
                months=months,
                time=at,
                zone=zone,
            )
        case 12:
            return t.pgettext(
                "schedule",
                "every year on the {day} of {month} at {time} ({zone})",
                day=day,
                month=months,
                time=at,
                zone=zone,
            )
    return t.npgettext(
        "schedule",
        "on the {day} of every month ({months}) at {time} ({zone})",
        "on the {day} every {count} months ({months}) at {time} ({zone})",
        interval,
        day=day,
        months=months,
        time=at,
        zone=zone,
    )


def _months(starts_on: date, interval: int) -> list[int]:
    return [(starts_on.month - 1 + step) % 12 + 1 for step in range(0, 12, interval)]


def _weekdays(t: Translations, weekdays: Sequence[Weekday]) -> str:
    return t.join_and([weekday_name(t, weekday) for weekday in weekdays])


def weekday_name(t: Translations, weekday: Weekday) -> str:
    """Return "Friday"."""
    return str(get_day_names("wide", locale=t.locale)[weekday])


def zone_name(t: Translations, zone: str) -> str:
    """Return "Berlin time" for Europe/Berlin, and the bare name of a zone without a city."""
    name = city(zone)
    if name in _ZONES_WITHOUT_CITY or "/" in name or any(letter.isdigit() for letter in name):
        return name
    return t.pgettext("time zone", "{city} time", city=name)


def _nth_weekday(t: Translations, nth: int, weekday: str) -> str:
    match nth:
        case 1:
            return t.pgettext("day of the month", "first {weekday}", weekday=weekday)
        case 2:
            return t.pgettext("day of the month", "second {weekday}", weekday=weekday)
        case 3:
            return t.pgettext("day of the month", "third {weekday}", weekday=weekday)
        case 4:
            return t.pgettext("day of the month", "fourth {weekday}", weekday=weekday)
    return t.pgettext("day of the month", "last {weekday}", weekday=weekday)


def _ordinal(t: Translations, number: int) -> str:
    match t.locale.ordinal_form(number):
        case "one":
            return t.pgettext("day of the month, ordinal form one", "{number}st", number=number)
        case "two":
            return t.pgettext("day of the month, ordinal form two", "{number}nd", number=number)
        case "few":
            return t.pgettext("day of the month, ordinal form few", "{number}rd", number=number)
    return t.pgettext("day of the month, ordinal form other", "{number}th", number=number)
