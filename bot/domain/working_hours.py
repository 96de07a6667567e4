"""When someone is at work: Monday to Friday, 9:00 to 17:00 in their own zone."""

from datetime import UTC, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

STARTS_AT, ENDS_AT = time(9), time(17)
_WORKDAYS = range(5)  # Monday to Friday


def next_working_moment(moment: datetime, zone: str) -> datetime:
    """Return `moment` (aware) if it is in the working hours of the IANA zone, or else when they start next, in UTC."""
    local = moment.astimezone(ZoneInfo(zone))
    if local.weekday() in _WORKDAYS and STARTS_AT <= local.time() < ENDS_AT:
        return moment.astimezone(UTC)
    return _next_start(moment, zone)


def next_working_day(moment: datetime, zone: str) -> datetime:
    """Return when (UTC) the working hours of the first day after that of `moment` (aware) start, in the IANA zone."""
    tz = ZoneInfo(zone)
    today = moment.astimezone(tz).date()
    start = _next_start(moment, zone)
    return start if start.astimezone(tz).date() > today else _next_start(start, zone)


def _next_start(moment: datetime, zone: str) -> datetime:
    tz = ZoneInfo(zone)
    today = moment.astimezone(tz).date()
    for days in count():
        day = today + timedelta(days=days)
        start = datetime.combine(day, STARTS_AT, tz).astimezone(UTC)
        is_skipped = start.astimezone(tz).date() != day  # by a zone that has crossed the date line
        if day.weekday() in _WORKDAYS and start > moment and not is_skipped:
            return start
    raise AssertionError("some day is a workday")
