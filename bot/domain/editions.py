"""Editions: looks back at a month, a quarter or a year of a channel's wins."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo


class Edition(StrEnum):
    """A look back that a channel may choose."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def months(self) -> int:
        """How many months it looks back at."""
        return {Edition.MONTHLY: 1, Edition.QUARTERLY: 3, Edition.YEARLY: 12}[self]


def parse_editions(values: Iterable[str]) -> frozenset[Edition]:
    """Read stored editions. Raises ValueError for an unknown one."""
    return frozenset(map(Edition, values))


def due_on(edition: Edition, day: date) -> bool:
    """Whether an edition comes on this local date: on the first day after the period that it looks back at."""
    return day.day == 1 and (day.month - 1) % edition.months == 0


def period_before(edition: Edition, day: date) -> tuple[date, date]:
    """Return the first local date of the period that ends before `day`, the first of a month, and the date after it."""
    months = day.year * 12 + day.month - 1 - edition.months
    return date(months // 12, months % 12 + 1, 1), day


def next_due(
    editions: Collection[Edition], *, local_time: time, zone: str, after: datetime
) -> tuple[datetime, list[Edition]] | None:
    """Return when (UTC) the next edition after a moment is due, and which are due then; None without any.

    They come at the channel's local time; the shortest period first.
    """
    if not editions:
        return None
    local = after.astimezone(ZoneInfo(zone))
    months = local.year * 12 + local.month - 1
    for month in range(months, months + 14):
        day = date(month // 12, month % 12 + 1, 1)
        due = [edition for edition in Edition if edition in editions and due_on(edition, day)]
        moment = datetime.combine(day, local_time, ZoneInfo(zone)).astimezone(UTC)
        if due and moment > after:
            return moment, due
    raise AssertionError("each edition comes at least once a year")
