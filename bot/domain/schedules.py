"""When a channel's roundups come: a weekday and a local time in a zone.

An occurrence is a local date and time. A local time that a clock change skips moves forward by the length of the gap;
one that a clock change repeats means the first of the two.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FALLBACK_ZONE = "UTC"


@dataclass(frozen=True)
class Weekly:
    """Once a week on `weekday` (Monday is 0) at the local time `at` in `zone` (an IANA name)."""

    weekday: int
    at: time
    zone: str

    def next_after(self, moment: datetime) -> datetime:
        """Return the first occurrence later than `moment` (aware), in UTC."""
        today = moment.astimezone(ZoneInfo(self.zone)).date()
        day = today + timedelta(days=(self.weekday - today.weekday()) % 7 - 7)
        while (occurrence := self._on(day)) <= moment:
            day += timedelta(days=7)
        return occurrence

    def latest(self, occurrence: datetime, moment: datetime) -> datetime:
        """Return the last occurrence that is not later than `moment`, starting from `occurrence`, an earlier one."""
        while (following := self.next_after(occurrence)) <= moment:
            occurrence = following
        return occurrence

    def _on(self, day: date) -> datetime:
        # fold=0 is the offset before a change: the first of a repeated hour, and in a skipped one the gap is added.
        return datetime.combine(day, self.at, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


FRIDAY_AFTERNOON = (4, time(16, 0))
"""Weekday and local time of the roundup that a channel gets with its first win."""


def is_zone(name: str | None) -> bool:
    """Whether `name` is an IANA zone that this machine knows."""
    if not name:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
