"""Pauses: parsing when one ends, as people type it ("until 20 March", "2 weeks", "Monday"), and ending one."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from dateutil import parser
from dateutil.relativedelta import relativedelta

from bot.domain.schedules import Schedule

MAX_PAUSE = timedelta(days=366)
RECENT_PAST = timedelta(days=45)
"""A date without a year that was this recent is taken for a slip, not for the date in the next year."""

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_DAY = r"(?:the )?\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:,? \d{4})?"
_DATE = re.compile(rf"{_DAY} (?:of )?{_MONTH}{_YEAR}|{_MONTH} {_DAY}{_YEAR}")
_NUMERIC_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}))?")
_NUMERIC_SHORT_YEAR = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{1,2}")
_WEEKDAY = re.compile(r"(?:next )?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?")
_SPAN = re.compile(r"(?:for |in )?(a|one|two|three|four|\d{1,3}) (day|week|month)s?")
_NUMBER_WORDS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4}


class NoSuchDate(Exception):
    """What was typed is not a date that a pause can end on."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


class Ambiguous(NoSuchDate):
    """It can be read as two dates: 3/4."""


class NotInFuture(NoSuchDate):
    """It is today or earlier."""


class TooFar(NoSuchDate):
    """It is more than `MAX_PAUSE` ahead."""


def is_paused_on(schedule: Schedule, today: date) -> bool:
    """Whether the schedule is paused on the local date `today`."""
    return schedule.is_paused or (schedule.paused_until is not None and schedule.paused_until > today)


def without_pauses(schedule: Schedule, today: date) -> Schedule:
    """Return the schedule without a pause, and without skipped dates from `today` on.

    It is the same object if there are none.
    """
    upcoming_skips = frozenset(day for day in schedule.skipped_dates if day >= today)
    if not (upcoming_skips or is_paused_on(schedule, today)):
        return schedule
    return replace(schedule.resumed(), skipped_dates=schedule.skipped_dates - upcoming_skips)


def parse_pause_end(typed: str, *, today: date) -> date:
    """Return the date that was typed, which is later than `today` (both in the channel's zone).

    Raises NoSuchDate or a subclass of it.
    """
    words = re.sub("^(?:until|till) ", "", " ".join(typed.lower().strip(" .!").split()))
    day = _parse(words, typed, today)
    if day <= today:
        raise NotInFuture(typed)
    if day - today > MAX_PAUSE:
        raise TooFar(typed)
    return day


def _parse(words: str, typed: str, today: date) -> date:
    if words == "tomorrow":
        return today + timedelta(days=1)
    if words == "next week":
        return today + timedelta(days=7 - today.weekday())
    if match := _SPAN.fullmatch(words):
        count = _NUMBER_WORDS.get(match[1]) or int(match[1])
        return today + relativedelta(**{f"{match[2]}s": count})  # type: ignore[arg-type]
    if _WEEKDAY.fullmatch(words):
        return _parse_with_dateutil(words.removeprefix("next "), typed, today + timedelta(days=1))
    if _DATE.fullmatch(words):
        day = _parse_with_dateutil(re.sub("(?:of|the) ", "", words), typed, today)
        return day if re.search(r"\d{4}", words) else _roll_forward(day, today)
    return _parse_numeric(words, typed, today)


def _parse_numeric(words: str, typed: str, today: date) -> date:
    """Read a date in digits. Raises Ambiguous if it can be read as two dates."""
    if match := _NUMERIC_YEAR_FIRST.fullmatch(words):
        candidates = set(_valid_dates(int(match[1]), (int(match[2]), int(match[3]))))
    elif match := _NUMERIC.fullmatch(words):
        first, second = int(match[1]), int(match[2])
        candidates = set(_valid_dates(int(match[3] or today.year), (first, second), (second, first)))
        if match[3] is None:
            candidates = {_roll_forward(day, today) for day in candidates}
    elif _NUMERIC_SHORT_YEAR.fullmatch(words):
        raise Ambiguous(typed)
    else:
        raise NoSuchDate(typed)
    if len(candidates) > 1:
        raise Ambiguous(typed)
    if not candidates:
        raise NoSuchDate(typed)
    return candidates.pop()


def _valid_dates(year: int, *months_and_days: tuple[int, int]) -> Iterator[date]:
    for month, day in months_and_days:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _roll_forward(day: date, today: date) -> date:
    """Return the same day of next year if this year's is long past."""
    return day if day > today - RECENT_PAST else day + relativedelta(years=1)


def _parse_with_dateutil(words: str, typed: str, default: date) -> date:
    try:
        return parser.parse(words, default=datetime(default.year, default.month, default.day)).date()  # noqa: DTZ001 - a date
    except (ValueError, OverflowError):
        raise NoSuchDate(typed) from None
