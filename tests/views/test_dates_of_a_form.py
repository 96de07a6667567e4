"""The next dates, as the form of a channel's settings shows them."""

from datetime import UTC, date, datetime

from bot.views.settings_form import dates
from bot.views.translations import ENGLISH

FRIDAY = datetime(2030, 3, 8, 15, tzinfo=UTC)
TODAY = FRIDAY.date()


def in_zone(own_zone: str, *, today: date = TODAY) -> list[str]:
    return dates(ENGLISH, [FRIDAY], "Europe/Berlin", own_zone, today=today)


def test_ones_own_time_comes_with_its_day_only_where_that_is_another() -> None:
    assert in_zone("Europe/Berlin") == ["• Friday, March 8 at 16:00 (Berlin)"]
    assert in_zone("America/New_York") == ["• Friday, March 8 at 16:00 (Berlin), 10:00 your time"]
    assert in_zone("Pacific/Auckland") == ["• Friday, March 8 at 16:00 (Berlin), Saturday, March 9 at 04:00 your time"]


def test_a_date_that_is_a_year_away_has_its_year() -> None:
    assert in_zone("Europe/Berlin", today=date(2029, 3, 9)) == ["• Friday, March 8, 2030 at 16:00 (Berlin)"]
