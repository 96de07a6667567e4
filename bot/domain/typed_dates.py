"""Reads a date as people type it, and as the bot shows it: "9 Dec", "tues", "Friday, December 4 at 16:00 (Berlin)"."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RELATIVE = {"today": 0, "tomorrow": 1, "yesterday": -1}
_MAX_YEARS_TO_LEAP_DAY = 8

_TIME_OF_DAY = re.compile(
    r",? (?:(?:at|@) |(?=\d+(?::|\s?[ap]\.?m)))\d{1,2}(?:[:.]\d\d)?(?:\s?[ap]\.?m\.?)?"
    r"(?: \([^()]*\))?(?:, [^()]* your time)?$"
)
_SEPARATOR_AT_MONTH = re.compile(r"(?<=[a-z])[.,/()-]+|[,/()-]+(?=[a-z])|(?<=\d)\.(?=[a-z])|,|[()]")
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?P<month>[a-z]{3,})"
_YEAR = r"(?P<year>\d{4})"
_NAMED = (
    re.compile(rf"{_DAY}\.? ?{_MONTH}(?: {_YEAR})?"),
    re.compile(rf"{_MONTH} ?{_DAY}(?: {_YEAR})?"),
    re.compile(rf"{_YEAR} {_MONTH} {_DAY}"),
)
_MONTH_AND_YEAR = re.compile(rf"{_MONTH}\.?(?:,? {_YEAR})?")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_NUMERIC_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})\.?")
_NUMERIC = re.compile(r"(\d{1,2})[./-] ?(\d{1,2})(?:\.|[./-] ?(\d{4}))?")
_NUMERIC_SHORT_YEAR = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{1,2}")


class NoSuchDate(Exception):
    """What was typed is no date, or none that can be used."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


class NotInCalendar(NoSuchDate):
    """It is written as a date, but there is no such day: 31 April."""


class Ambiguous(NoSuchDate):
    """It can be read as two `days`: 3/4. There are more for a year of two digits, which are not listed."""

    def __init__(self, typed: str, days: Sequence[date] = ()) -> None:
        super().__init__(typed)
        self.days = days


class WrongWeekday(NoSuchDate):
    """It has a weekday (as `date.weekday()` counts) that is not the one of its date."""

    def __init__(self, typed: str, day: date, weekday: int) -> None:
        super().__init__(typed)
        self.day = day
        self.weekday = weekday


def parse_date(typed: str, *, today: date, is_past: bool = False) -> date:
    """Return the date that was typed. Without a year it is the next one that exists, from `today` on.

    One that `is_past` is the last one up to `today` instead. A time of day at the end is ignored. Raises NoSuchDate or
    a subclass of it.
    """
    text = _TIME_OF_DAY.sub("", " ".join(unicodedata.normalize("NFKC", typed).casefold().split()))
    if text in _RELATIVE:
        return today + timedelta(days=_RELATIVE[text])
    weekdays, others = [], []
    for word in _SEPARATOR_AT_MONTH.sub(" ", text).split():
        if (weekday := _index(word.removesuffix("s"), _WEEKDAYS)) is not None:
            weekdays.append(weekday)
        elif word not in ("the", "of", "on"):
            others.append(word)
    if len(weekdays) == 1 and others in ([], ["next"], ["this"]):
        if is_past:
            return today - timedelta(days=(today.weekday() - weekdays[0]) % 7)
        return today + timedelta(days=(weekdays[0] - today.weekday() - 1) % 7 + 1)
    candidates = _candidates(" ".join(others), typed, today, is_past=is_past)
    if candidates is None or len(weekdays) > 1:
        raise NoSuchDate(typed)
    if not candidates:
        raise NotInCalendar(typed)
    matching = {day for day in candidates if not weekdays or day.weekday() == weekdays[0]}
    if len(matching) == 1:
        return matching.pop()
    if len(candidates) > 1:
        raise Ambiguous(typed, sorted(candidates))
    raise WrongWeekday(typed, candidates.pop(), weekdays[0])


def parse_month(typed: str, *, today: date) -> date | None:
    """Return the first day of the month typed, "Dec" or "December 2026"; None for others.

    Without a year it is the next month of that name, or the one of `today`.
    """
    match = _MONTH_AND_YEAR.fullmatch(typed.casefold())
    month = match and _index(match["month"], _MONTHS)
    if match is None or month is None:
        return None
    year = int(match["year"] or today.year + (month + 1 < today.month))
    return date(year, month + 1, 1) if date.min.year <= year < date.max.year else None


def _candidates(words: str, typed: str, today: date, *, is_past: bool) -> set[date] | None:
    """Return each date that the words can mean; None if they are not written as a date.

    Raises Ambiguous for a year of two digits.
    """
    existing = partial(_existing, today=today, is_past=is_past)
    if match := _first_match(words):
        month = _index(match["month"], _MONTHS)
        return None if month is None else existing([(month + 1, int(match["day"]))], match["year"])
    if match := _DAY_OF_MONTH.fullmatch(words):
        days = existing([(month, int(match[1])) for month in range(1, 13)], None)
        return {max(days) if is_past else min(days)} if days else set()
    if match := _NUMERIC_YEAR_FIRST.fullmatch(words):
        return existing([(int(match[2]), int(match[3]))], match[1])
    if match := _NUMERIC.fullmatch(words):
        first, second = int(match[1]), int(match[2])
        return existing([(first, second), (second, first)], match[3])
    if _NUMERIC_SHORT_YEAR.fullmatch(words):
        raise Ambiguous(typed)
    return None


def _first_match(words: str) -> re.Match[str] | None:
    return next((match for pattern in _NAMED if (match := pattern.fullmatch(words))), None)


def _existing(months_and_days: Iterable[tuple[int, int]], year: str | None, *, today: date, is_past: bool) -> set[date]:
    """Return each of these days that exists, in the `year` or, without one, the next or the last time."""
    step = -1 if is_past else 1
    years = [int(year)] if year else [today.year + step * each for each in range(_MAX_YEARS_TO_LEAP_DAY + 1)]

    def is_meant(day: date) -> bool:
        return bool(year) or (day <= today if is_past else day >= today)

    dates = (next(filter(is_meant, _days(years, *each)), None) for each in months_and_days)
    return {day for day in dates if day is not None}


def _days(years: Iterable[int], month: int, day: int) -> Iterator[date]:
    for year in years:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _index(word: str, names: tuple[str, ...]) -> int | None:
    """Return which of the names a word is, or begins with at least three letters."""
    return next((index for index, name in enumerate(names) if len(word) >= 3 and name.startswith(word)), None)
