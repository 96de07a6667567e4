"""Pauses: reading how long one lasts, as people type it ("until 20 March", "2 weeks", "next week"), and ending one."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dateutil.relativedelta import MO, relativedelta

from bot.domain.channel_state import ChannelState, schedule_state
from bot.domain.schedules import Schedule
from bot.domain.typed_dates import NoSuchDate, parse_date, parse_month

MAX_PAUSE = timedelta(days=366)
_ANY_DAY = date(2000, 1, 1)

_PREPOSITION = re.compile(r"(?P<preposition>until|till|'?til|through|thru|for|in)\s+", re.IGNORECASE)
_PERIOD = re.compile(r"(this|next) (week|month)")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER_WORDS = {"a": 1} | {word: number for number, word in enumerate(_NUMBERS, 1)}
_SHORT_UNITS = {"d": "day", "w": "week", "wk": "week", "mo": "month", "mth": "month", "y": "year", "yr": "year"}
_UNITS = "|".join(["day", "week", "month", "year", *_SHORT_UNITS])
_SPAN = re.compile(rf"(?:the )?(?:next )?(?:({'|'.join(_NUMBER_WORDS)}) |(\d{{1,3}}) ?)({_UNITS})s?")


class UnusablePause(NoSuchDate):
    """It is a date, `day`, but no pause can end on it."""

    def __init__(self, typed: str, day: date) -> None:
        super().__init__(typed)
        self.day = day


class NotInFuture(UnusablePause):
    """It is today or earlier."""


class TooFar(UnusablePause):
    """It is more than `MAX_PAUSE` ahead."""


@dataclass(frozen=True)
class Period:
    """A week or a month whose roundups are to be skipped: the local dates from `first` to the one before `end`."""

    first: date
    end: date


def without_pauses(schedule: Schedule, today: date) -> Schedule:
    """Return the schedule turned on, without a pause and without skipped dates from `today` on.

    It is the same object if there are none.
    """
    upcoming_skips = frozenset(day for day in schedule.skipped_dates if day >= today)
    if not (upcoming_skips or schedule_state(schedule, today) is not ChannelState.ON):
        return schedule
    return replace(schedule.resumed(), skipped_dates=schedule.skipped_dates - upcoming_skips)


def is_pause(typed: str) -> bool:
    """Whether a pause was typed, even one that can't be used; the answer is the same on every day."""
    try:
        parse_pause(typed, today=_ANY_DAY)
    except NoSuchDate as refusal:
        return type(refusal) is not NoSuchDate
    return True


def parse_pause(typed: str, *, today: date) -> date | Period:
    """Return the date with which the pause ends, later than `today` (both in the channel's zone).

    "next week" and "December" alone are a Period to skip; "until next week" ends with its first day, "through next
    week" after its last. Raises NoSuchDate or a subclass of it.
    """
    typed = typed.strip(" \t\n.!?")
    match = _PREPOSITION.match(typed)
    preposition = match["preposition"].lower() if match else ""
    rest = typed[match.end() :] if match else typed
    words = " ".join(rest.casefold().split())
    is_through = preposition in ("through", "thru")
    if (period := _parse_period(words, today)) is not None:
        if preposition in ("", "for", "in"):
            if period.first - today > MAX_PAUSE:
                raise TooFar(rest, period.first)
            return period
        day = period.end if is_through else period.first
    elif (span := _parse_span(words)) is not None:
        day = today + span
    else:
        day = parse_date(rest, today=today)
        if is_through and day - today <= MAX_PAUSE:
            day += timedelta(days=1)
    if day <= today:
        raise NotInFuture(rest, day)
    if day - today > MAX_PAUSE:
        raise TooFar(rest, day)
    return day


def _parse_period(words: str, today: date) -> Period | None:
    if (month := parse_month(words, today=today)) is not None:
        return Period(month, month + relativedelta(months=1))
    match = _PERIOD.fullmatch(words)
    if match is None:
        return None
    if match[2] == "week":
        first, length = today + relativedelta(weekday=MO(-1)), relativedelta(weeks=1)
    else:
        first, length = today.replace(day=1), relativedelta(months=1)
    if match[1] == "next":
        first += length
    return Period(first, first + length)


def _parse_span(words: str) -> relativedelta | None:
    if (match := _SPAN.fullmatch(words)) is None:
        return None
    number_word, number, unit = match.groups()
    count = _NUMBER_WORDS[number_word] if number_word else int(number)
    return relativedelta(**{f"{_SHORT_UNITS.get(unit, unit)}s": count})  # type: ignore[arg-type]
