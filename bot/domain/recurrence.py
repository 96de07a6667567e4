"""Recurrence rules: the days that a schedule repeats, written as RFC 5545 writes them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import lru_cache

MONTH_INTERVALS = (1, 2, 3, 4, 6, 12)
"""The intervals of a monthly rule, so that its months are the same each year."""
MAX_WEEK_INTERVAL = 52
NTH_CHOICES = (1, 2, 3, 4, -1)
"""Which of a month's Fridays (say) a rule may mean: the first to the fourth, or the last."""
_SHORTEST_MONTH_DAYS = 28


class InvalidRule(ValueError):
    """The rule is not one that Winsome supports."""


class Weekday(IntEnum):
    """A day of the week, as `date.weekday()` counts them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6

    @property
    def code(self) -> str:
        """The weekday in a recurrence rule: "MO"."""
        return self.name[:2]


EVERY_DAY = tuple(Weekday)


@dataclass(frozen=True)
class Daily:
    """Every day, or each of `weekdays` only (in any order). Raises InvalidRule if there are none."""

    weekdays: tuple[Weekday, ...] = EVERY_DAY

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekdays", _sorted_weekdays(self.weekdays))

    @property
    def rrule(self) -> str:
        """The rule as RFC 5545 writes it."""
        return "FREQ=DAILY" if self.weekdays == EVERY_DAY else f"FREQ=DAILY;BYDAY={_weekday_codes(self.weekdays)}"

    longest_gap = timedelta(days=7)
    """An upper bound of the time from one of its days to the next."""

    def phase(self, _starts_on: date, not_after: date) -> date:
        """Return the latest day, `not_after` or earlier, from which the rule can be counted: any day will do."""
        return not_after


@dataclass(frozen=True)
class Weekly:
    """On each of `weekdays` (in any order), every `interval` weeks; a week begins on Monday.

    Raises InvalidRule if there is no weekday, or the interval is not from 1 to 52.
    """

    weekdays: tuple[Weekday, ...]
    interval: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekdays", _sorted_weekdays(self.weekdays))
        if not 1 <= self.interval <= MAX_WEEK_INTERVAL:
            raise InvalidRule(f"every {self.interval} weeks")

    @property
    def rrule(self) -> str:
        """The rule as RFC 5545 writes it."""
        return f"FREQ=WEEKLY{_interval_part(self.interval)};BYDAY={_weekday_codes(self.weekdays)}"

    @property
    def longest_gap(self) -> timedelta:
        """An upper bound of the time from one of its days to the next."""
        return timedelta(weeks=self.interval + 1)

    def phase(self, starts_on: date, not_after: date) -> date:
        """Return the latest Monday, `not_after` or earlier, of a week in which the rule has days."""
        monday = starts_on - timedelta(days=starts_on.weekday())
        days = 7 * self.interval
        return monday + timedelta(days=(not_after - monday).days // days * days)


class _Monthly:
    interval: int

    @property
    def longest_gap(self) -> timedelta:
        """An upper bound of the time from one of its days to the next."""
        return timedelta(days=31 * (self.interval + 1))

    def phase(self, starts_on: date, not_after: date) -> date:
        """Return the latest first of a month, `not_after` or earlier, in which the rule has days."""
        start, end = (day.year * 12 + day.month - 1 for day in (starts_on, not_after))
        months = start + (end - start) // self.interval * self.interval
        return date(months // 12, months % 12 + 1, 1)


@dataclass(frozen=True)
class MonthlyOnDay(_Monthly):
    """On the `day` of the month, or the last day of a shorter month, every `interval` months.

    Raises InvalidRule for a day that is not from 1 to 31, or an interval that is not in `MONTH_INTERVALS`.
    """

    day: int
    interval: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 31:
            raise InvalidRule(f"on day {self.day} of a month")
        _check_month_interval(self.interval)

    @property
    def rrule(self) -> str:
        """The rule as RFC 5545 writes it."""
        if self.day <= _SHORTEST_MONTH_DAYS:
            return f"FREQ=MONTHLY{_interval_part(self.interval)};BYMONTHDAY={self.day}"
        days = ",".join(str(day) for day in range(_SHORTEST_MONTH_DAYS, self.day + 1))
        return f"FREQ=MONTHLY{_interval_part(self.interval)};BYMONTHDAY={days};BYSETPOS=-1"


@dataclass(frozen=True)
class MonthlyOnWeekday(_Monthly):
    """On the first, second, third, fourth or (-1) last `weekday` of the month, every `interval` months.

    Raises InvalidRule for another `nth`, or an interval that is not in `MONTH_INTERVALS`.
    """

    nth: int
    weekday: Weekday
    interval: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekday", _sorted_weekdays([self.weekday])[0])
        if self.nth not in NTH_CHOICES:
            raise InvalidRule(f"on weekday number {self.nth} of a month")
        _check_month_interval(self.interval)

    @property
    def rrule(self) -> str:
        """The rule as RFC 5545 writes it."""
        return f"FREQ=MONTHLY{_interval_part(self.interval)};BYDAY={self.nth}{self.weekday.code}"


Rule = Daily | Weekly | MonthlyOnDay | MonthlyOnWeekday


@lru_cache(maxsize=1024)  # many channels have the same rule
def parse_rule(text: str) -> Rule:
    """Return the rule whose `rrule` is `text`. Raises InvalidRule for any other text."""
    for pattern, build in _RULE_PATTERNS:
        if match := pattern.fullmatch(text):
            rule = build(match)
            if rule.rrule == text:
                return rule
    raise InvalidRule(text[:100])


def _sorted_weekdays(weekdays: Iterable[int]) -> tuple[Weekday, ...]:
    try:
        ordered = tuple(sorted({Weekday(weekday) for weekday in weekdays}))
    except ValueError:
        raise InvalidRule("on a weekday that is none") from None
    if not ordered:
        raise InvalidRule("on no weekday")
    return ordered


def _check_month_interval(interval: int) -> None:
    if interval not in MONTH_INTERVALS:
        raise InvalidRule(f"every {interval} months")


def _interval_part(interval: int) -> str:
    return "" if interval == 1 else f";INTERVAL={interval}"


def _weekday_codes(weekdays: Iterable[Weekday]) -> str:
    return ",".join(weekday.code for weekday in weekdays)


_WEEKDAY_BY_CODE = {weekday.code: weekday for weekday in Weekday}
_CODE_PATTERN = f"(?:{'|'.join(_WEEKDAY_BY_CODE)})"
_INTERVAL_PATTERN = r"(?:;INTERVAL=(?P<every>[0-9]{1,2}))?"


def _parse_weekdays(match: re.Match[str]) -> tuple[Weekday, ...]:
    return tuple(_WEEKDAY_BY_CODE[code] for code in match["codes"].split(",")) if match["codes"] else EVERY_DAY


def _parse_interval(match: re.Match[str]) -> int:
    return int(match["every"] or 1)


_RULE_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Rule]], ...] = (
    (
        re.compile(rf"FREQ=DAILY(?:;BYDAY=(?P<codes>{_CODE_PATTERN}(?:,{_CODE_PATTERN})*))?"),
        lambda found: Daily(_parse_weekdays(found)),
    ),
    (
        re.compile(rf"FREQ=WEEKLY{_INTERVAL_PATTERN};BYDAY=(?P<codes>{_CODE_PATTERN}(?:,{_CODE_PATTERN})*)"),
        lambda found: Weekly(_parse_weekdays(found), _parse_interval(found)),
    ),
    (
        re.compile(
            rf"FREQ=MONTHLY{_INTERVAL_PATTERN};BYMONTHDAY=(?:[0-9]{{1,2}},)*(?P<day>[0-9]{{1,2}})(?:;BYSETPOS=-1)?"
        ),
        lambda found: MonthlyOnDay(int(found["day"]), _parse_interval(found)),
    ),
    (
        re.compile(rf"FREQ=MONTHLY{_INTERVAL_PATTERN};BYDAY=(?P<place>-?[0-9])(?P<code>{_CODE_PATTERN})"),
        lambda found: MonthlyOnWeekday(int(found["place"]), _WEEKDAY_BY_CODE[found["code"]], _parse_interval(found)),
    ),
)
