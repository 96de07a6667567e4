"""When a channel's roundups come: the days of a rule, at a local time in a zone, without those of a pause or skipped.

An occurrence is a local date and time. A local time that a clock change skips moves forward by the length of the gap;
one that a clock change repeats means the first of the two. What shows the next roundup and what makes it due is one
function, `Schedule.next_after`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

FALLBACK_ZONE = "UTC"
QUARTER = 3
"""The `every` of a monthly rule that comes once a quarter."""
MONTHS_APART = (1, 2, 3, 4, 6, 12)
"""What `every` of a monthly rule may be, so that its months are the same each year."""
MOST_WEEKS_APART = 52
PLACES = (1, 2, 3, 4, -1)
"""Which of a month's Fridays (say) a rule may name: the first to the fourth, or the last."""
_SHORTEST_MONTH = 28
_LAST_YEAR = 9998  # one before Python's calendar ends, so that no zone leads past its end


class RuleIsUnknown(ValueError):
    """What was asked for is no rule that Winsome keeps."""


class ScheduleIsImpossible(ValueError):
    """A part of a schedule is nothing that a clock or a calendar shows."""


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
    """Every day, or each of `weekdays` only (in any order). Raises RuleIsUnknown when there is none."""

    weekdays: tuple[Weekday, ...] = EVERY_DAY

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekdays", _in_order(self.weekdays))

    @property
    def text(self) -> str:
        """The rule as RFC 5545 writes it."""
        return "FREQ=DAILY" if self.weekdays == EVERY_DAY else f"FREQ=DAILY;BYDAY={_codes(self.weekdays)}"

    def anchor(self, starts_on: date, near: date) -> date:
        """Return the latest day, `near` or earlier, from which the rule counts as it does from `starts_on`."""
        return max(starts_on, near)


@dataclass(frozen=True)
class Weekly:
    """On each of `weekdays` (in any order), `every` so many weeks; a week begins on Monday.

    Raises RuleIsUnknown for no weekday, or a number of weeks that is not from 1 to 52.
    """

    weekdays: tuple[Weekday, ...]
    every: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekdays", _in_order(self.weekdays))
        if not 1 <= self.every <= MOST_WEEKS_APART:
            raise RuleIsUnknown(f"every {self.every} weeks")

    @property
    def text(self) -> str:
        """The rule as RFC 5545 writes it."""
        return f"FREQ=WEEKLY{_interval(self.every)};BYDAY={_codes(self.weekdays)}"

    def anchor(self, starts_on: date, near: date) -> date:
        """Return the latest day, `near` or earlier, from which the rule counts as it does from `starts_on`."""
        monday = starts_on - timedelta(days=starts_on.weekday())
        days = 7 * self.every
        return max(starts_on, monday + timedelta(days=(near - monday).days // days * days))


@dataclass(frozen=True)
class MonthlyOnDay:
    """On the `day` of the month, or the last day of a shorter month, `every` so many months.

    Raises RuleIsUnknown for a day that is not from 1 to 31, or a number of months that is not in `MONTHS_APART`.
    """

    day: int
    every: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 31:
            raise RuleIsUnknown(f"on day {self.day} of a month")
        _check_months(self.every)

    @property
    def text(self) -> str:
        """The rule as RFC 5545 writes it."""
        if self.day <= _SHORTEST_MONTH:
            return f"FREQ=MONTHLY{_interval(self.every)};BYMONTHDAY={self.day}"
        days = ",".join(str(day) for day in range(_SHORTEST_MONTH, self.day + 1))
        return f"FREQ=MONTHLY{_interval(self.every)};BYMONTHDAY={days};BYSETPOS=-1"

    def anchor(self, starts_on: date, near: date) -> date:
        """Return the latest day, `near` or earlier, from which the rule counts as it does from `starts_on`."""
        return _anchor_of_months(starts_on, near, self.every)


@dataclass(frozen=True)
class MonthlyOnWeekday:
    """On the first, second, third, fourth or (-1) last `weekday` of the month, `every` so many months.

    Raises RuleIsUnknown for another `place`, or a number of months that is not in `MONTHS_APART`.
    """

    place: int
    weekday: Weekday
    every: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekday", _in_order([self.weekday])[0])
        if self.place not in PLACES:
            raise RuleIsUnknown(f"on weekday number {self.place} of a month")
        _check_months(self.every)

    @property
    def text(self) -> str:
        """The rule as RFC 5545 writes it."""
        return f"FREQ=MONTHLY{_interval(self.every)};BYDAY={self.place}{self.weekday.code}"

    def anchor(self, starts_on: date, near: date) -> date:
        """Return the latest day, `near` or earlier, from which the rule counts as it does from `starts_on`."""
        return _anchor_of_months(starts_on, near, self.every)


Rule = Daily | Weekly | MonthlyOnDay | MonthlyOnWeekday


def read_rule(text: str) -> Rule:
    """Return the rule that `text` (a rule's `text`) stands for. Raises RuleIsUnknown for any other text."""
    for shape, make in _SHAPES:
        if found := shape.fullmatch(text):
            rule = make(found)
            if rule.text == text:
                return rule
    raise RuleIsUnknown(text[:100])


@dataclass(frozen=True)
class Schedule:
    """When a channel's roundups come: on the days of `rule`, at the local time `at` in `zone` (an IANA name).

    `starts_on` is the first local date that may have one; every second week, or third month, is counted from its own.
    There is none before the local date `paused_until`, none at all while `is_paused` (a pause with no end), and none on
    the local dates `skipped`. Raises ScheduleIsImpossible for a zone that is none, a time with seconds or a zone of
    its own, and for both kinds of pause together.
    """

    rule: Rule
    starts_on: date
    at: time
    zone: str
    paused_until: date | None = None
    is_paused: bool = False
    skipped: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not is_zone(self.zone):
            raise ScheduleIsImpossible(f"the zone {self.zone[:100]!r}")
        if self.at.tzinfo or self.at.second or self.at.microsecond:
            raise ScheduleIsImpossible(f"the local time {self.at.isoformat()}")
        if self.is_paused and self.paused_until is not None:
            raise ScheduleIsImpossible("a pause with an end and one without")

    def next_after(self, moment: datetime, *, beyond: date | None = None) -> datetime | None:
        """Return the first occurrence later than `moment` (aware), in UTC; None if there is none any more.

        With `beyond`, it is the first whose local date is later than that one, too.
        """
        return next(self._after(moment, beyond), None)

    def latest(self, occurrence: datetime, moment: datetime) -> datetime:
        """Return the last occurrence that is not later than `moment`, starting from `occurrence`, an earlier one."""
        while (following := self.next_after(occurrence)) is not None and following <= moment:
            occurrence = following
        return occurrence

    def falls_on(self, day: date) -> bool:
        """Whether the local date `day` has an occurrence."""
        return self.allows(day) and day >= self.starts_on and next(self._days(day), None) == day

    def allows(self, day: date) -> bool:
        """Whether neither a pause nor a skipped date forbids a roundup on the local date `day`."""
        return (
            not self.is_paused and day not in self.skipped and (self.paused_until is None or day >= self.paused_until)
        )

    def local_date(self, moment: datetime) -> date:
        """Return the date that `moment` (aware) has in the schedule's zone."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def date_of(self, occurrence: datetime) -> date:
        """Return the local date whose `occurrence` (aware) it is: a clock change may have moved it past midnight."""
        day = self.local_date(occurrence)
        before = day - timedelta(days=1)
        return before if self._on(day) != occurrence == self._on(before) else day

    def day_before(self, occurrence: datetime) -> datetime:
        """Return the moment (UTC) one local day before an `occurrence` (aware)."""
        return self._on(self.date_of(occurrence) - timedelta(days=1))

    def following(self, first: datetime | None, number: int) -> list[datetime]:
        """Return the next `number` roundups (UTC) of which `first` is the first; fewer if there are no more.

        No day has two of them, as the roundups that are really posted.
        """
        found: list[datetime] = []
        while first is not None and len(found) < number:
            found.append(first)
            first = self.next_after(first, beyond=self.date_of(first))
        return found

    def paused(self, until: date | None) -> "Schedule":
        """Return the schedule with a pause that ends before the local date `until`, or has no end (None)."""
        return replace(self, paused_until=until, is_paused=until is None)

    def resumed(self) -> "Schedule":
        """Return the schedule without a pause."""
        return replace(self, paused_until=None, is_paused=False)

    def skipping(self, *days: date) -> "Schedule":
        """Return the schedule without the local dates `days`."""
        return replace(self, skipped=self.skipped.union(days))

    def _after(self, moment: datetime, beyond: date | None = None) -> Iterator[datetime]:
        if self.is_paused:
            return
        # Two days before, for a clock change may have moved an occurrence by as much as a whole day.
        first = max(self.starts_on, self.local_date(moment) - timedelta(days=2))
        if self.paused_until is not None:
            first = max(first, self.paused_until)
        if beyond is not None:
            first = max(first, beyond + timedelta(days=1))
        for day in self._days(first):
            if day in self.skipped:
                continue
            occurrence = self._on(day)
            if occurrence > moment:
                yield occurrence
                moment = occurrence  # where a zone left a whole day out, two dates are one moment

    def _days(self, first: date) -> Iterator[date]:
        """Yield the days of the rule from `first` on. To get there takes no longer the older `starts_on` is."""
        if first.year > _LAST_YEAR:
            return
        anchor = self.rule.anchor(self.starts_on, first)
        for found in rrulestr(self.rule.text, dtstart=datetime.combine(anchor, time())):
            day = found.date()
            if day.year > _LAST_YEAR:
                return
            if day >= first:
                yield day

    def _on(self, day: date) -> datetime:
        # fold=0 is the offset before a change: the first of a repeated hour, and in a skipped one the gap is added.
        return datetime.combine(day, self.at, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True)
class Promise:
    """What a channel was told before its schedule changes: `due_at` (UTC), which is on the local date `day`."""

    due_at: datetime
    day: date


def due_after_change(
    schedule: Schedule, *, now: datetime, promised: Promise | None, told_on: date | None
) -> datetime | None:
    """Return when (UTC) the next roundup is due if a channel changes to `schedule` at `now`; None if there is none.

    `promised` is the roundup that it still waits for, `told_on` the local date of the last one that was written down.
    No day gets a second roundup, and a change on the very day, before its roundup is written down, does not lose it:
    it comes at the new time of that day, or as promised if that time is over. A pause or a skipped date does take it.
    """
    due = schedule.next_after(now, beyond=told_on)
    if promised is None or not schedule.allows(promised.day):
        return due
    if due is not None and schedule.date_of(due) <= promised.day:
        return due
    is_overdue = promised.due_at <= now
    is_today = promised.day <= schedule.local_date(now) and schedule.falls_on(promised.day)
    return promised.due_at if is_overdue or is_today else due


def is_zone(name: str | None) -> bool:
    """Whether `name` is an IANA zone that this machine knows."""
    if not name:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _in_order(weekdays: Iterable[int]) -> tuple[Weekday, ...]:
    try:
        found = tuple(sorted({Weekday(weekday) for weekday in weekdays}))
    except ValueError:
        raise RuleIsUnknown("on a weekday that is none") from None
    if not found:
        raise RuleIsUnknown("on no weekday")
    return found


def _check_months(every: int) -> None:
    if every not in MONTHS_APART:
        raise RuleIsUnknown(f"every {every} months")


def _anchor_of_months(starts_on: date, near: date, every: int) -> date:
    start, end = (day.year * 12 + day.month - 1 for day in (starts_on, near))
    months = start + (end - start) // every * every
    return max(starts_on, date(months // 12, months % 12 + 1, 1))


def _interval(every: int) -> str:
    return "" if every == 1 else f";INTERVAL={every}"


def _codes(weekdays: Iterable[Weekday]) -> str:
    return ",".join(weekday.code for weekday in weekdays)


_WEEKDAYS = {weekday.code: weekday for weekday in Weekday}
_CODE = f"(?:{'|'.join(_WEEKDAYS)})"
_EVERY = r"(?:;INTERVAL=(?P<every>[0-9]{1,2}))?"


def _weekdays(found: re.Match[str]) -> tuple[Weekday, ...]:
    return tuple(_WEEKDAYS[code] for code in found["codes"].split(",")) if found["codes"] else EVERY_DAY


def _every(found: re.Match[str]) -> int:
    return int(found["every"] or 1)


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Rule]], ...] = (
    (re.compile(rf"FREQ=DAILY(?:;BYDAY=(?P<codes>{_CODE}(?:,{_CODE})*))?"), lambda found: Daily(_weekdays(found))),
    (
        re.compile(rf"FREQ=WEEKLY{_EVERY};BYDAY=(?P<codes>{_CODE}(?:,{_CODE})*)"),
        lambda found: Weekly(_weekdays(found), _every(found)),
    ),
    (
        re.compile(rf"FREQ=MONTHLY{_EVERY};BYMONTHDAY=(?:[0-9]{{1,2}},)*(?P<day>[0-9]{{1,2}})(?:;BYSETPOS=-1)?"),
        lambda found: MonthlyOnDay(int(found["day"]), _every(found)),
    ),
    (
        re.compile(rf"FREQ=MONTHLY{_EVERY};BYDAY=(?P<place>-?[0-9])(?P<code>{_CODE})"),
        lambda found: MonthlyOnWeekday(int(found["place"]), _WEEKDAYS[found["code"]], _every(found)),
    ),
)

FRIDAY_AFTERNOON = (Weekly((Weekday.FRIDAY,)), time(16, 0))
"""Rule and local time of the roundup that is proposed where nobody chose another."""
