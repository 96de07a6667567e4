"""A schedule in a sentence: "every second Friday at 16:00 (Berlin time), paused until 3 January"."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never

from bot.domain.schedules import EVERY_DAY, Daily, MonthlyOnDay, MonthlyOnWeekday, Rule, Schedule, Weekday, Weekly
from bot.views.format import city, join_and

MAX_DATES = 3
"""The most skipped dates that a sentence lists."""

_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_EVERY_MONTHS = {
    1: "each",
    2: "every second",
    3: "every third",
    4: "every fourth",
    6: "every sixth",
    12: "every twelfth",
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WORKING_DAYS = EVERY_DAY[:5]
_ZONES_WITHOUT_CITY = ("UTC", "GMT", "UCT", "Zulu", "Universal", "Greenwich")
_YEAR_OMITTED_WITHIN = timedelta(days=330)


def sentence(schedule: Schedule, *, now: datetime) -> str:
    """Tell when roundups come, as of `now` (aware): a pause, a start or a skipped date that is over is left out.

    It has no capital at its start and no full stop at its end, so that it fits into other sentences.
    """
    today = schedule.local_date(now)
    rule = _describe_rule(schedule.rule, schedule.starts_on)
    text = f"{rule} at {schedule.local_time:%H:%M} ({zone_name(schedule.zone)})"
    return ", ".join([text, *_exceptions(schedule, today)])


def zone_name(zone: str) -> str:
    """Return "Berlin time" for Europe/Berlin, and the bare name of a zone that is no place."""
    name = city(zone)
    return (
        name
        if name in _ZONES_WITHOUT_CITY or "/" in name or any(letter.isdigit() for letter in name)
        else f"{name} time"
    )


def day_and_month(day: date, *, today: date) -> str:
    """Return "3 January", with the year if that could be taken for another one."""
    text = f"{day.day} {_MONTHS[day.month - 1]}"
    return text if timedelta(0) <= day - today <= _YEAR_OMITTED_WITHIN else f"{text} {day.year}"


def _describe_rule(rule: Rule, starts_on: date) -> str:
    match rule:
        case Daily(weekdays) | Weekly(weekdays, 1):
            return _each_week(weekdays)
        case Weekly(weekdays, 2):
            return f"every second {_weekdays(weekdays)}"
        case Weekly(weekdays, every):
            return f"every {every} weeks on {_weekdays(weekdays)}"
        case MonthlyOnDay(day, every):
            or_last = " (or the last day)" if day > 28 else ""
            return f"on the {_ordinal(day)}{or_last} of {_months(every, starts_on)}"
        case MonthlyOnWeekday(nth, weekday, every):
            return f"on the {_ORDINALS[nth]} {_weekday_name(weekday)} of {_months(every, starts_on)}"
        case _:
            assert_never(rule)


def _each_week(weekdays: Sequence[Weekday]) -> str:
    if weekdays == EVERY_DAY:
        return "every day"
    return "every day from Monday to Friday" if weekdays == _WORKING_DAYS else f"every {_weekdays(weekdays)}"


def _weekdays(weekdays: Sequence[Weekday]) -> str:
    return join_and([_weekday_name(weekday) for weekday in weekdays])


def _months(every: int, starts_on: date) -> str:
    text = f"{_EVERY_MONTHS[every]} month"
    if every == 1:
        return text
    months = sorted((starts_on.month - 1 + step) % 12 for step in range(0, 12, every))
    return f"{text} ({join_and([_MONTHS[month] for month in months])})"


def _exceptions(schedule: Schedule, today: date) -> list[str]:
    if schedule.is_paused:
        return ["paused"]
    exceptions = []
    start = max(schedule.starts_on, schedule.paused_until or schedule.starts_on)
    if schedule.paused_until is not None and start == schedule.paused_until > today:
        exceptions.append(f"paused until {day_and_month(start, today=today)}")
    elif start > today:
        exceptions.append(f"from {day_and_month(start, today=today)} on")
    skipped = sorted(day for day in schedule.skipped_dates if day >= max(today, start))
    if skipped:
        dates = [day_and_month(day, today=today) for day in skipped[:MAX_DATES]]
        rest = len(skipped) - len(dates)
        if rest:
            dates.append("one more date" if rest == 1 else f"{rest} more dates")
        exceptions.append(f"but not on {join_and(dates)}")
    return exceptions


def _weekday_name(weekday: Weekday) -> str:
    return weekday.name.capitalize()


def _ordinal(number: int) -> str:
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
