"""A sweep over time zones: each local day and week that a schedule names has exactly one roundup, at the promised time.

What should come is told here by other means than the bot's own: days are counted on a calendar, and a local time is
turned into a moment by looking from UTC only, so no rule for repeated or skipped hours is taken over. A part of the
sweep runs with the tests; `python -m tests.zones` runs it for every zone, to 2037.
"""

import random
import sys
import time as stopwatch
from calendar import monthrange
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

from bot.domain.recurrence import (
    MONTH_INTERVALS,
    NTH_CHOICES,
    Daily,
    MonthlyOnDay,
    MonthlyOnWeekday,
    Rule,
    Weekday,
    Weekly,
)
from bot.domain.schedules import Schedule

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
EVERY_ZONE = sorted(available_timezones())
REPEATED_STEP = 15
"""Minutes between two that are looked at, where the same clock change comes again in another year."""
MAX_FAILURES = 20
"""The most that a report tells in words; it counts them all."""


@dataclass
class Report:
    """What a sweep looked at, and what was not as promised."""

    zones: int = 0
    transitions: int = 0
    schedules: int = 0
    occurrences: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)

    def add_failure(self, why: str) -> None:
        self.failed += 1
        if len(self.failures) < MAX_FAILURES:
            self.failures.append(why)


def sweep(
    zones: Sequence[str],
    *,
    first_year: int,
    last_year: int,
    seed: int,
    samples: int = 20,
    step: int = 1,
    aliases: Container[str] = (),
) -> Report:
    """Look at schedules in `zones` (IANA names) from the first to the last year, both included.

    Of each kind of clock change in a zone, every minute (or each `step` minutes) of the hours around the first, daily
    and weekly, and every `REPEATED_STEP` minutes around those of later years; the usual Friday in every week of all
    years; and `samples` schedules of any kind for each zone, at moments that follow from `seed`. The `aliases` among
    the zones are other names of one whose clock changes are looked at.
    """
    report = Report()
    start, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    for zone in zones:
        report.zones += 1
        kinds: set[tuple[timedelta, timedelta, time]] = set()
        for number, change in enumerate(() if zone in aliases else transitions(zone, start, end)):
            report.transitions += 1
            kind = (_offset(zone, change - MINUTE), _offset(zone, change), (change + _offset(zone, change)).time())
            # Others begin at another minute each time, so that all minutes are looked at over the years.
            every, first = (max(step, REPEATED_STEP), number % REPEATED_STEP) if kind in kinds else (step, 0)
            kinds.add(kind)
            _sweep_transition(zone, change, range(first, 24 * 60, every), report)
        _sweep_weeks(zone, start, end, report)
        rng = random.Random(f"{seed} {zone}")
        for _ in range(samples):
            _sweep_sample(zone, start, end, rng, report)
    return report


def other_names(zones: Sequence[str]) -> set[str]:
    """Return the zones that are other names of an earlier one: Python reads the same data for both."""
    seen, others = set(), set()
    for zone in zones:
        data = _data(zone)
        if data in seen:
            others.add(zone)
        seen.add(data)
    return others


def _data(zone: str) -> bytes:
    """Return what `ZoneInfo(zone)` is made of."""
    on_this_machine = (Path(folder, zone) for folder in TZPATH)
    found = next((path for path in on_this_machine if path.is_file()), None)
    return found.read_bytes() if found else files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()


def transitions(zone: str, start: datetime, end: datetime) -> list[datetime]:
    """Return the moments (UTC, to the second) from `start` to `end` that change what clocks in `zone` show."""
    found, at = [], start
    while at < end:
        later = min(at + DAY, end)
        if _offset(zone, at) != _offset(zone, later):
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if _offset(zone, middle) == _offset(zone, at) else (low, middle)
            found.append(high)
        at = later
    return found


def moment_of(day: date, at: time, zone: str) -> datetime:
    """Return the moment (UTC) that a clock on a wall in `zone` means by `day` and `at`.

    It is the first at which the clock shows them; if it never does, they are read with the offset that held before.
    """
    shown = datetime.combine(day, at)
    as_utc = shown.replace(tzinfo=UTC)
    before, after = _offset(zone, as_utc - 1.5 * DAY), _offset(zone, as_utc + 1.5 * DAY)
    readings = [as_utc - offset for offset in (before, after)]
    meant = [moment for moment in readings if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown]
    return min(meant) if meant else as_utc - before


def days_of(rule: Rule, starts_on: date, first: date) -> Iterator[date]:
    """Yield the days of `rule` from `first` on, found by looking at each page of a calendar."""
    day = max(starts_on, first)
    while True:
        if _matches(rule, starts_on, day):
            yield day
        day += DAY


def _matches(rule: Rule, starts_on: date, day: date) -> bool:
    months = (day.year - starts_on.year) * 12 + day.month - starts_on.month
    last = monthrange(day.year, day.month)[1]
    match rule:
        case Daily(weekdays):
            return day.weekday() in weekdays
        case Weekly(weekdays, every):
            return day.weekday() in weekdays and (_week(day) - _week(starts_on)) % every == 0
        case MonthlyOnDay(number, every):
            return months % every == 0 and day.day == min(number, last)
        case MonthlyOnWeekday(-1, weekday, every):
            return months % every == 0 and day.weekday() == weekday and day.day > last - 7
        case MonthlyOnWeekday(nth, weekday, every):
            return months % every == 0 and day.weekday() == weekday and (day.day - 1) // 7 + 1 == nth


def _week(day: date) -> int:
    """Number the weeks, which begin on Monday, from the first of the calendar."""
    return (day.toordinal() - 1) // 7


def _sweep_transition(zone: str, change: datetime, minutes: range, report: Report) -> None:
    """Look at those of the given minutes that are in the hours around a clock change."""
    before, after = _offset(zone, change - MINUTE), _offset(zone, change)
    width = abs(after - before) + timedelta(hours=1)
    local = (change + before).replace(tzinfo=None)
    for minute in minutes:
        if minute >= 2 * width / MINUTE:
            break
        shown = local - width + minute * MINUTE
        day, at = shown.date(), shown.time().replace(second=0, microsecond=0)
        start = change - 1.5 * DAY
        # The day before, that day and the day after; and that day and a week later.
        _compare(Schedule(Daily(), day - 9 * DAY, at, zone), start, 4, report, one_by_one=3)
        weekly = Weekly((Weekday(day.weekday()),))
        _compare(Schedule(weekly, day - 14 * DAY, at, zone), start, 2, report, one_by_one=1)


def _sweep_weeks(zone: str, start: datetime, end: datetime, report: Report) -> None:
    schedule = Schedule(Weekly((Weekday.FRIDAY,)), start.date(), time(16), zone)
    weeks = (end - start).days // 7
    found = _compare(schedule, start, weeks, report)
    for earlier, later in pairwise(found):
        weeks_apart = _week(schedule.local_date(later)) - _week(schedule.local_date(earlier))
        if weeks_apart != 1:
            report.add_failure(f"{zone}: {weeks_apart} weeks from {earlier} to {later}")


def _sweep_sample(zone: str, start: datetime, end: datetime, rng: random.Random, report: Report) -> None:
    starts_on = start.date() - rng.randrange(20 * 365) * DAY
    at = time(rng.randrange(24), rng.choice([0, 15, 30, 45, rng.randrange(60)]))
    moment = start + rng.random() * (end - start)
    _compare(Schedule(any_rule(rng), starts_on, at, zone), moment, 3, report)


def any_rule(rng: random.Random) -> Rule:
    """Make a rule of any kind."""
    weekdays = tuple(rng.sample(list(Weekday), rng.randint(1, 7)))
    months = rng.choice(MONTH_INTERVALS)
    rules: list[Rule] = [
        Daily(weekdays),
        Weekly(weekdays, rng.choice([1, 2, 3, 4, 6, 52])),
        MonthlyOnDay(rng.randint(1, 31), months),
        MonthlyOnWeekday(rng.choice(NTH_CHOICES), weekdays[0], months),
    ]
    return rng.choice(rules)


def _compare(
    schedule: Schedule, moment: datetime, number: int, report: Report, *, one_by_one: int = 4
) -> list[datetime]:
    """Compare the occurrences after `moment` with those of a calendar: as a list, and the first few one by one."""
    expected: list[datetime] = []
    for day in days_of(schedule.rule, schedule.starts_on, (moment - 3 * DAY).date()):
        due = moment_of(day, schedule.local_time, schedule.zone)
        if due > moment and due not in expected[-1:]:  # where a zone left a day out, two days may mean one moment
            expected.append(due)
        if len(expected) == number:
            break
    found = schedule.upcoming(schedule.next_after(moment), number)
    if found != expected:
        report.add_failure(f"{schedule} after {moment}: {found} instead of {expected}")
    at = moment
    for due in found[:one_by_one]:
        following = schedule.next_after(at)
        if following != due or due <= at or schedule.next_after(due - MICROSECOND) != due:
            report.add_failure(f"{schedule}: {following} follows {at} instead of {due}")
        at = due
    report.schedules += 1
    report.occurrences += len(found)
    return found


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _offset(zone: str, moment: datetime) -> timedelta:
    offset = moment.astimezone(_zone(zone)).utcoffset()
    assert offset is not None
    return offset


if __name__ == "__main__":
    began = stopwatch.monotonic()
    result = sweep(EVERY_ZONE, first_year=2026, last_year=2037, seed=1, samples=100)
    print(
        f"{result.zones} zones, {result.transitions} clock changes, {result.schedules} schedules, "
        f"{result.occurrences} roundups: {result.failed} not as promised, {stopwatch.monotonic() - began:.0f} s"
    )
    print(*result.failures, sep="\n")
    sys.exit(bool(result.failed))
