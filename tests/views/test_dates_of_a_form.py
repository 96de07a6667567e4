"""The next dates, as the form of a channel's settings shows them."""

from datetime import UTC, datetime

from bot.views.settings_form import dates

FRIDAY = datetime(2030, 3, 8, 15, tzinfo=UTC)


def test_ones_own_time_comes_with_its_day_only_where_that_is_another() -> None:
    assert dates([FRIDAY], "Europe/Berlin", "Europe/Berlin") == ["• Friday 8 March 2030, 16:00 in Berlin time"]
    assert dates([FRIDAY], "Europe/Berlin", "America/New_York") == [
        "• Friday 8 March 2030, 16:00 in Berlin time, for you 10:00"
    ]
    assert dates([FRIDAY], "Europe/Berlin", "Pacific/Auckland") == [
        "• Friday 8 March 2030, 16:00 in Berlin time, for you Saturday 9 March 2030, 04:00"
    ]
