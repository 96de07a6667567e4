"""Until when: the date that somebody means who types "until 20 March", "2 weeks" or "Monday"."""

import re
from datetime import date, datetime, timedelta

from dateutil import parser
from dateutil.relativedelta import relativedelta

LONGEST = timedelta(days=366)
JUST_OVER = timedelta(days=45)
"""A date without a year that was so lately is a slip, and not the one of next year."""

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:,? \d{4})?"
_DATE = re.compile(rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|{_DAY} (?:of )?{_MONTH}{_YEAR}|{_MONTH} {_DAY}{_YEAR})")
_WEEKDAY = re.compile(r"(?:next )?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?")
_SPAN = re.compile(r"(?:for )?(a|one|two|three|four|\d{1,3}) (day|week|month)s?")
_NUMBERS = re.compile(r"\d{1,4}[./-]\d{1,2}(?:[./-]\d{1,4})?")
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4}


class NoSuchDate(Exception):
    """What was `typed` is no date that a pause can end on."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


class Ambiguous(NoSuchDate):
    """It is read as two dates by different people: 3/4."""


class NotAhead(NoSuchDate):
    """It is over, or today."""


class TooFar(NoSuchDate):
    """It is more than a year ahead."""


def until(typed: str, *, today: date) -> date:
    """Return the date that was typed, which is later than `today` (both in the channel's zone).

    Raises NoSuchDate or one of its kinds.
    """
    words = " ".join(typed.lower().strip(" .!").split()).removeprefix("until ")
    day = _read(words, typed, today)
    if day <= today:
        raise NotAhead(typed)
    if day - today > LONGEST:
        raise TooFar(typed)
    return day


def _read(words: str, typed: str, today: date) -> date:
    if words == "tomorrow":
        return today + timedelta(days=1)
    if words == "next week":
        return today + timedelta(days=7 - today.weekday())
    if found := _SPAN.fullmatch(words):
        number = _COUNTS.get(found[1]) or int(found[1])
        return today + relativedelta(**{f"{found[2]}s": number})  # type: ignore[arg-type]
    if _WEEKDAY.fullmatch(words):
        return _parsed(words.removeprefix("next "), typed, today + timedelta(days=1))
    if _DATE.fullmatch(words):
        day = _parsed(words.replace(" of ", " "), typed, today)
        is_meant = re.search(r"\d{4}", words) or day > today - JUST_OVER
        return day if is_meant else day + relativedelta(years=1)
    raise Ambiguous(typed) if _NUMBERS.fullmatch(words) else NoSuchDate(typed)


def _parsed(words: str, typed: str, default: date) -> date:
    try:
        return parser.parse(words, default=datetime(default.year, default.month, default.day)).date()  # noqa: DTZ001 - a date
    except (ValueError, OverflowError):
        raise NoSuchDate(typed) from None
