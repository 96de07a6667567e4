"""When a channel's roundups come: the days of a rule, at a local time in a zone, except paused and skipped days.

An occurrence is a local date and time. A local time that a clock change skips moves forward by the length of the gap;
one that a clock change repeats means the first of the two. `Schedule.next_after` computes both the date that is shown
and the one that is due.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

from bot.domain.recurrence import Rule, Weekday, Weekly

FALLBACK_ZONE = "UTC"
_MAX_YEAR = 9998  # one before Python's calendar ends, as a zone may move a date past the end
_RULE_END = f";UNTIL={_MAX_YEAR}1231T000000"  # dateutil fails where the last week that it looks at is past the calendar


class InvalidSchedule(ValueError):
    """A part of a schedule is invalid: its zone, its local time or its pause."""


@dataclass(frozen=True)
class Schedule:
    """When a channel's roundups come: on the days of `rule`, at `local_time` in `zone` (an IANA name).

    `starts_on` is the first local date that may have one, and intervals of weeks or months count from it. There is none
    before the local date `paused_until`, none while `is_paused` (a pause with no end) or `is_off`, and none on
    `skipped_dates`. Raises InvalidSchedule for an unknown zone, a local time with seconds or a zone, and for more than
    one reason why there are none.
    """

    rule: Rule
    starts_on: date
    local_time: time
    zone: str
    paused_until: date | None = None
    is_paused: bool = False
    is_off: bool = False
    skipped_dates: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not is_zone(self.zone):
            raise InvalidSchedule(f"the zone {self.zone[:100]!r}")
        if self.local_time.tzinfo or self.local_time.second or self.local_time.microsecond:
            raise InvalidSchedule(f"the local time {self.local_time.isoformat()}")
        if self.is_paused + self.is_off + (self.paused_until is not None) > 1:
            raise InvalidSchedule("two reasons for no roundups at once")

    @property
    def is_stopped(self) -> bool:
        """Whether there are no roundups until someone resumes them."""
        return self.is_paused or self.is_off

    def next_after(self, moment: datetime, *, after_date: date | None = None) -> datetime | None:
        """Return the first occurrence later than `moment` (aware), in UTC; None if there are no more.

        With `after_date`, its local date is later than that, too.
        """
        return next(self._occurrences_after(moment, after_date), None)

    def latest(self, occurrence: datetime, moment: datetime) -> datetime:
        """Return the last occurrence that is not later than `moment`, beginning with `occurrence`, an earlier one.

        No day has two, also if `occurrence` was announced before the local time was changed.
        """
        for following in takewhile(lambda each: each <= moment, self._from(occurrence)):
            occurrence = following
        return occurrence

    def falls_on(self, day: date) -> bool:
        """Whether the local date `day` has an occurrence."""
        return self.allows(day) and day >= self.starts_on and next(self._rule_days(day), None) == day

    def allows(self, day: date) -> bool:
        """Whether the local date `day` is neither paused nor skipped."""
        return (
            not self.is_stopped
            and day not in self.skipped_dates
            and (self.paused_until is None or day >= self.paused_until)
        )

    def local_date(self, moment: datetime) -> date:
        """Return the date of `moment` (aware) in the schedule's zone."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def date_of(self, occurrence: datetime) -> date:
        """Return the local date of an `occurrence` (aware), which a clock change may have moved past midnight."""
        day = self.local_date(occurrence)
        before = day - timedelta(days=1)
        return before if self._occurrence_on(day) != occurrence == self._occurrence_on(before) else day

    def day_before(self, occurrence: datetime) -> datetime:
        """Return the time (UTC) one local day before an `occurrence` (aware)."""
        return self._occurrence_on(self.date_of(occurrence) - timedelta(days=1))

    def upcoming(self, first: datetime | None, count: int) -> list[datetime]:
        """Return the next `count` roundups (UTC), beginning with `first`; fewer if there are no more.

        No day has two.
        """
        return list(islice(self._from(first), count))

    def upcoming_dates(self, first: datetime | None, end: date) -> list[date]:
        """Return the local dates of the roundups before the date `end`, beginning with that of `first` (UTC)."""
        return list(takewhile(lambda day: day < end, map(self.date_of, self._from(first))))

    def _from(self, first: datetime | None) -> Iterator[datetime]:
        while first is not None:
            yield first
            first = self.next_after(first, after_date=self.date_of(first))

    def paused(self, until: date | None) -> "Schedule":
        """Return the schedule with a pause that ends before the local date `until`, or has no end (None)."""
        return replace(self, paused_until=until, is_paused=until is None, is_off=False)

    def turned_off(self) -> "Schedule":
        """Return the schedule turned off: no roundups until it is resumed."""
        return replace(self, paused_until=None, is_paused=False, is_off=True)

    def resumed(self) -> "Schedule":
        """Return the schedule without a pause, turned on."""
        return replace(self, paused_until=None, is_paused=False, is_off=False)

    def skipping(self, *days: date) -> "Schedule":
        """Return the schedule without the local dates `days`."""
        return replace(self, skipped_dates=self.skipped_dates.union(days))

    def _occurrences_after(self, moment: datetime, after_date: date | None = None) -> Iterator[datetime]:
        if self.is_stopped:
            return
        # Two days before, because a clock change may have moved an occurrence by as much as a whole day.
        first = max(self.starts_on, self.local_date(moment) - timedelta(days=2))
        if self.paused_until is not None:
            first = max(first, self.paused_until)
        if after_date is not None:
            first = max(first, after_date + timedelta(days=1))
        for day in self._rule_days(first):
            if day in self.skipped_dates:
                continue
            occurrence = self._occurrence_on(day)
            if occurrence > moment:
                yield occurrence
                moment = occurrence  # where a zone skips a whole day, two dates are the same moment

    def _rule_days(self, first: date) -> Iterator[date]:
        """Yield the days of the rule from `first` on, in a time that does not grow with the age of `starts_on`."""
        if first.year > _MAX_YEAR:
            return
        yield from self._days_from(max(self.starts_on, self.rule.phase(self.starts_on, first)), first)

    def _days_from(self, anchor: date, first: date) -> Iterator[date]:
        """Yield the days of the rule, counted from `anchor`, from `first` on."""
        for found in _occurrences(self.rule.rrule, anchor):
            day = found.date()
            if day >= first:
                yield day

    def date_before(self, day: date) -> date:
        """Return the last date of the rule before the local date `day`, as if the rule had always held."""
        first = day - self.rule.longest_gap
        days = self._days_from(self.rule.phase(self.starts_on, first), first)
        return max(takewhile(lambda each: each < day, days), default=first)

    def _occurrence_on(self, day: date) -> datetime:
        # fold=0 is the offset before a change: the first of a repeated hour, and in a skipped one the gap is added.
        return datetime.combine(day, self.local_time, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


@lru_cache(maxsize=256)  # many channels ask for the same week
def _occurrences(rule: str, anchor: date) -> Iterable[datetime]:
    """Return the days of a rule (as RFC 5545 writes it) from `anchor` on. Those that were asked for are kept."""
    return rrulestr(rule + _RULE_END, dtstart=datetime.combine(anchor, time()), cache=True)


def is_zone(name: str | None) -> bool:
    """Whether `name` is an IANA zone that this machine knows."""
    if not name:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


FRIDAY_AFTERNOON = (Weekly((Weekday.FRIDAY,)), time(16, 0))
"""The rule and local time that are proposed by default."""
