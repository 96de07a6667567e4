"""Whatever date the bot shows can be typed into `/wins pause until`, and is read as that date."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import get_type_hints
from zoneinfo import ZoneInfo

import pytest

from bot.domain.typed_dates import parse_date
from bot.views import format as views_format
from bot.views import settings_form
from bot.views.format import (
    date_and_time,
    full_date,
    list_days,
    local_date_and_time,
    month_and_day,
    weekday_and_date,
)
from bot.views.pause import _example
from bot.views.translations import ENGLISH

TODAYS = [date(2030, 3, 5), date(2027, 12, 31), date(2028, 2, 29), date(2031, 3, 1), date(2026, 11, 29)]
ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def at_noon(day: date, zone: str = "UTC") -> datetime:
    return datetime.combine(day, time(12), tzinfo=ZoneInfo(zone))


def fallback(token: str) -> str:
    return re.sub(r"<!date\^[^|]*\|([^>]*)>", r"\1", token)


def form_line(day: date, today: date) -> str:
    (line,) = settings_form.dates(ENGLISH, [at_noon(day)], "UTC", "Asia/Kolkata", today=today)
    return line.removeprefix("• ")


def form_line_of_another_day(day: date, today: date) -> str:
    (line,) = settings_form.dates(ENGLISH, [at_noon(day)], "UTC", "Pacific/Kiritimati", today=today)
    return line.removeprefix("• ")


def as_slack_shows_it(day: date) -> str:
    """How Slack itself shows a date token to a reader with a 12-hour clock."""
    return f"{day:%A, %B} {day.day}{ORDINALS.get(day.day, 'th')} at 4:00 PM"


WITH_YEAR: dict[str, Callable[[date, date], str]] = {
    "full_date": lambda day, _: full_date(ENGLISH, day),
    "month_and_day": lambda day, today: month_and_day(ENGLISH, day, today=today),
    "weekday_and_date": lambda day, today: weekday_and_date(ENGLISH, day, today=today),
    "list_days": lambda day, today: list_days(ENGLISH, [day], today=today),
    "local_date_and_time": lambda day, today: local_date_and_time(
        ENGLISH, at_noon(day), "America/Argentina/Buenos_Aires", today=today
    ),
    "a line of the form": form_line,
    "a line of the form, another day for the reader": form_line_of_another_day,
    "a date picker": lambda day, _: day.isoformat(),
}
WITHOUT_YEAR: dict[str, Callable[[date, date], str]] = {
    "weekday_and_date without a year": lambda day, _: weekday_and_date(ENGLISH, day),
    "local_date_and_time without a year": lambda day, _: local_date_and_time(ENGLISH, at_noon(day), "Asia/Tokyo"),
    "date_and_time": lambda day, _: fallback(date_and_time(ENGLISH, at_noon(day), "UTC")),
    "the example of /wins pause": lambda day, _: _example(day).strip("`").removeprefix("/wins pause until "),
    "Slack": lambda day, _: as_slack_shows_it(day),
}


@pytest.mark.parametrize("today", TODAYS, ids=str)
@pytest.mark.parametrize("name", [*WITH_YEAR, *WITHOUT_YEAR])
def test_each_date_of_a_year_is_read_as_it_is_shown(name: str, today: date) -> None:
    # A date that is shown without its year is another one after a whole year.
    shown, last = (WITH_YEAR[name], 366) if name in WITH_YEAR else (WITHOUT_YEAR[name], 364)
    for day in (today + timedelta(days=ahead) for ahead in range(1, last + 1)):
        assert parse_date(shown(day, today), today=today) == day, shown(day, today)


def test_every_function_that_shows_a_date_is_tried_here() -> None:
    tried = {name.split()[0] for name in [*WITH_YEAR, *WITHOUT_YEAR]}
    shows_dates = {
        name
        for name, function in inspect.getmembers(views_format, inspect.isfunction)
        if function.__module__ == views_format.__name__
        and not name.startswith("_")
        and {date, datetime} & set(get_type_hints(function).values())
    }
    assert shows_dates - {"list_days"} <= tried
    assert datetime(2030, 1, 1, tzinfo=UTC) == at_noon(date(2030, 1, 1)) - timedelta(hours=12)
