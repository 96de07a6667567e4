"""What a change to a schedule does to the roundup that was announced before it."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.schedules import Schedule


@dataclass(frozen=True)
class AnnouncedOccurrence:
    """The next roundup that was announced before a schedule changes: `due_at` (UTC), on the local date `day`."""

    due_at: datetime
    day: date


def due_after_change(
    schedule: Schedule, *, now: datetime, announced: AnnouncedOccurrence | None, last_roundup_on: date | None
) -> datetime | None:
    """Return when (UTC) the next roundup is due if a channel changes to `schedule` at `now`; None if there is none.

    `announced` is the roundup that was due next, `last_roundup_on` the local date of the last one that was created.
    No day gets a second roundup. A change on the day of a roundup, before it is created, does not lose it: it comes at
    the new time of that day, or as announced if that time is past. A pause or a skipped date does cancel it.
    """
    due = schedule.next_after(now, after_date=last_roundup_on)
    if announced is None or not schedule.allows(announced.day):
        return due
    if due is not None and schedule.date_of(due) <= announced.day:
        return due
    is_overdue = announced.due_at <= now
    is_today = announced.day <= schedule.local_date(now) and schedule.falls_on(announced.day)
    return announced.due_at if is_overdue or is_today else due
