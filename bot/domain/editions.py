"""Editions: looks back at a month, a quarter or a year of a channel's wins."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.schedule_changes import AnnouncedOccurrence
from bot.domain.schedules import Schedule


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


def period_end(edition: Edition, starts_on: date) -> date:
    """Return the local date after the period that starts on `starts_on`, the first of a month."""
    months = starts_on.year * 12 + starts_on.month - 1 + edition.months
    return date(months // 12, months % 12 + 1, 1)


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


def due_after(editions: Collection[Edition], schedule: Schedule, *, now: datetime) -> datetime | None:
    """Return when (UTC) a channel's next edition is due; None without any, or while its roundups are off or paused.

    A pause until a date cancels the editions before that date.
    """
    if schedule.is_stopped:
        return None
    after = now
    if schedule.paused_until is not None:
        start = datetime.combine(schedule.paused_until, time(), ZoneInfo(schedule.zone)).astimezone(UTC)
        after = max(now, start - timedelta(microseconds=1))
    upcoming = next_due(editions, local_time=schedule.local_time, zone=schedule.zone, after=after)
    return upcoming[0] if upcoming else None


def due_after_change(
    editions: Collection[Edition], schedule: Schedule, *, now: datetime, announced: AnnouncedOccurrence | None
) -> datetime | None:
    """Return when (UTC) the next edition is due after a channel changes to these settings at `now`.

    `announced` is when one was due before. A change on its day, before it is created, does not lose it: it comes at the
    new time of that day, or as announced if that time is past.
    """
    due = due_after(editions, schedule, now=now)
    if announced is None or due is None or announced.day > schedule.local_date(now):
        return due
    is_paused = schedule.paused_until is not None and announced.day < schedule.paused_until
    if is_paused or not any(due_on(edition, announced.day) for edition in editions):
        return due
    moment = datetime.combine(announced.day, schedule.local_time, ZoneInfo(schedule.zone)).astimezone(UTC)
    return moment if moment > now else announced.due_at
