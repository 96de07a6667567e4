"""Reads a period of the past in a search: "since March", "last week", "2026", "between 1 March and today"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from bot.domain.typed_dates import Ambiguous, NoSuchDate, NotInCalendar, WrongWeekday, parse_date, parse_month

_DAY = timedelta(days=1)
_MAX_WORDS = 6
"""The most words of a date: "the last 12 months", "Friday, March 6th, 2026"."""
_YEARS = range(1900, 2100)
"""The years that can be searched: a typed date may have any, and the calendar ends."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_ISO_MONTH = re.compile(r"((?:19|20)\d\d)-(\d\d)")
_ISO_DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)}
_NUMBER = rf"\d{{1,3}}|{'|'.join(_NUMBERS)}"
_UNITS = r"(day|week|month|quarter|year)s?"
_UNIT = re.compile(rf"(?:the )?(this|last|past|previous) (?:({_NUMBER}) )?{_UNITS}", re.ASCII)
_AGO = re.compile(rf"({_NUMBER}|an?) {_UNITS} ago", re.ASCII)
_QUARTER = re.compile(r"q([1-4])(?: ((?:19|20)\d\d))?", re.ASCII)
_DAY_OF_MONTH = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th)? (?P<month>[^\W\d]+)|(?P<first>[^\W\d]+) \d{1,2}(?:st|nd|rd|th)?)(?:,? (?:19|20)\d\d)?"
)
_LENGTHS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}
_HAS_DAY = re.compile(r"\d|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*$", re.IGNORECASE)
_FROM, _AFTER, _BEFORE, _UNTIL = ("since", "from"), ("after",), ("before",), ("until", "till", "through", "to")
_WITHIN = ("in", "on", "during", "within")


@dataclass(frozen=True)
class Period:
    """The days from `since` to the one before `until`; None is an open end."""

    since: date | None = None
    until: date | None = None

    @property
    def last(self) -> date | None:
        """The last day."""
        return None if self.until is None else self.until - _DAY

    def within(self, other: "Period") -> "Period":
        """Return the days of both."""
        starts, ends = filter(None, (self.since, other.since)), filter(None, (self.until, other.until))
        return Period(max(starts, default=None), min(ends, default=None))


def read_period(words: Sequence[str], today: date) -> tuple[Period, int] | None:
    """Return the period with which `words` begin, and of how many words it is; None if they begin with none.

    Raises NoSuchDate for a date that can't be read, after a word such as "since".
    """
    keyword, rest = words[0].casefold(), words[1:]
    if keyword in _FROM and (read := _read_range(rest, today, _UNTIL)):
        return read[0], 1 + read[1]
    if keyword in _FROM and (start := _read_days(rest, today)):
        return Period(start[0][0]), 1 + start[1]
    if keyword == "between":
        read = _read_range(rest, today, ("and", "to"))
        return read and (read[0], 1 + read[1])
    if keyword in (*_AFTER, *_BEFORE, *_UNTIL[:3], *_WITHIN) and (days := _read_days(rest, today)):
        (first, end_day), count = days
        return _period(keyword, first, end_day), 1 + count
    bare = _read_bare(words, today)
    return bare and (Period(*bare[0]), bare[1])


def _period(keyword: str, first: date, end: date) -> Period:
    if keyword in _AFTER:
        return Period(since=end)
    if keyword in _BEFORE:
        return Period(until=first)
    return Period(until=end) if keyword in _UNTIL else Period(first, end)


Days = tuple[date, date]
"""The first day, and the one after the last."""


def _read_range(words: Sequence[str], today: date, joining: Sequence[str]) -> tuple[Period, int] | None:
    """Read two days or months with one of the `joining` words between them.

    The first is before the second: in "November to February" the November of the year before.
    """
    start = _read_days(words, today)
    first, rest = words[: start[1] if start else 0], words[start[1] if start else 0 :]
    if start is None or not rest or rest[0].casefold() not in joining:
        return None
    end = _read_days(rest[1:], today)
    if end is None:
        return None
    (since, _), (_, until) = start[0], end[0]
    if since >= until and (earlier := _read_days(first, until - _DAY)):
        since = earlier[0][0]
    return Period(since, until), len(first) + 1 + end[1]


def _read_bare(words: Sequence[str], today: date) -> tuple[Days, int] | None:
    """Read days that no word such as "since" introduces, if they are hardly meant as words to search for."""
    for count in range(min(_MAX_WORDS, len(words)), 0, -1):
        text = _joined(words[:count])
        days = _units(text, today) or _month(text, today, needs_year=True) or _quarter(text, today, needs_year=True)
        if days is None and _ISO_DAY.fullmatch(text):
            days = _day(text, today)
        if days is None and (match := _DAY_OF_MONTH.fullmatch(text)):
            days = _day_of_month(text, match["month"] or match["first"], today)
        if days is not None:
            return days, count
    return None


def _read_days(words: Sequence[str], today: date) -> tuple[Days, int] | None:
    for count in range(min(_MAX_WORDS, len(words)), 0, -1):
        text = _joined(words[:count])
        days = _units(text, today) or _month(text, today, needs_year=False) or _quarter(text, today, needs_year=False)
        if days is None and _HAS_DAY.search(text):
            try:
                days = _day(text, today)
            except (Ambiguous, NotInCalendar, WrongWeekday):
                raise  # it is written as a date
            except NoSuchDate:
                continue
        if days is not None:
            return days, count
    return None


def _joined(words: Sequence[str]) -> str:
    return " ".join(words).casefold().rstrip(",.")


def _units(text: str, today: date) -> Days | None:
    """Read "today", "last week", "the past 3 months", "2026"."""
    if text in ("today", "yesterday"):
        first = today if text == "today" else today - _DAY
        return first, first + _DAY
    if _YEAR.fullmatch(text):
        return date(int(text), 1, 1), date(int(text) + 1, 1, 1)
    if match := _AGO.fullmatch(text):
        number, unit = match.groups()
        first = _start(unit, today) - _length(unit, _count(number))
        return first, first + _length(unit, 1)
    match = _UNIT.fullmatch(text)
    if match is None:
        return None
    which, number, unit = match.groups()
    if number is not None:
        return None if which == "this" else (today - _length(unit, _count(number)), today + _DAY)
    first = _start(unit, today) - _length(unit, 0 if which == "this" else 1)
    return first, first + _length(unit, 1)


def _start(unit: str, today: date) -> date:
    """Return the first day of this week, month and so on."""
    return {
        "day": today,
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "quarter": today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        "year": today.replace(month=1, day=1),
    }[unit]


def _count(number: str) -> int:
    return 1 if number in ("a", "an") else _NUMBERS.get(number) or int(number)


def _length(unit: str, number: int) -> relativedelta:
    return _LENGTHS[unit] * number


def _month(text: str, today: date, *, needs_year: bool) -> Days | None:
    if match := _ISO_MONTH.fullmatch(text):
        first = date(int(match[1]), int(match[2]), 1) if 1 <= int(match[2]) <= 12 else None
    else:
        text = text.removeprefix("last ") if not needs_year else text
        first = None if needs_year and not text[-4:].isdecimal() else parse_month(text, today=today)
        if first is not None and first > today and not text[-4:].isdecimal():
            first -= relativedelta(years=1)
    return None if first is None or first.year not in _YEARS else (first, first + relativedelta(months=1))


def _quarter(text: str, today: date, *, needs_year: bool) -> Days | None:
    match = _QUARTER.fullmatch(text)
    if match is None or (needs_year and match[2] is None):
        return None
    first = date(int(match[2] or today.year), 3 * int(match[1]) - 2, 1)
    if match[2] is None and first > today:
        first -= relativedelta(years=1)
    return first, first + _length("quarter", 1)


def _day_of_month(text: str, month: str, today: date) -> Days | None:
    """Read "March 1", "1 March 2030"; None for other words with a number."""
    if parse_month(month, today=today) is None:
        return None
    try:
        return _day(text, today)
    except NoSuchDate:
        return None


def _day(text: str, today: date) -> Days | None:
    """Read a date; without a year it is the last one that is not in the future. Raises NoSuchDate."""
    before_today = text.startswith("last ")
    day = parse_date(text.removeprefix("last "), today=today - _DAY if before_today else today, is_past=True)
    if day.year not in _YEARS:
        raise NotInCalendar(text)
    return day, day + _DAY
