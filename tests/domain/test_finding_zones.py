"""Someone types where they are, and finds the time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.schedules import is_zone
from bot.domain.timezones import MAX_RESULTS, all_zones, search, utc_offset
from tests.domain.test_setups import any_of_them


def test_every_zone_is_one_that_the_clocks_know() -> None:
    assert len(all_zones()) > 300
    for zone in all_zones():
        assert ZoneInfo(zone).key == zone
        assert is_zone(zone)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        *(("new york", "America/New_York"), ("New_York", "America/New_York"), ("york", "America/New_York")),
        *(("kolk", "Asia/Kolkata"), ("utc", "UTC"), (" UTC ", "UTC"), ("berlin", "Europe/Berlin")),
        *(
            ("europe/berlin", "Europe/Berlin"),
            ("Berlin Europe", "Europe/Berlin"),
            ("buenos", "America/Argentina/Buenos_Aires"),
        ),
    ],
)
def test_what_was_meant_comes_first(typed: str, first: str) -> None:
    assert search(typed)[0] == first


@any_of_them
@given(
    st.one_of(
        st.text(max_size=30), st.sampled_from(["a", "e", "/", "_", "am", "america", "\x00", "\ud800", "(", "x" * 5000])
    )
)
def test_whatever_is_typed_finds_zones_or_nothing(typed: str) -> None:
    found = search(typed)
    assert len(found) <= MAX_RESULTS
    assert len(set(found)) == len(found)
    assert all(is_zone(zone) for zone in found)


def test_who_types_nothing_sees_some_that_many_know_and_their_own_first() -> None:
    assert search("")[0] == "America/Los_Angeles"
    assert {"UTC", "Europe/Berlin", "Asia/Kolkata"} <= set(search(" "))
    assert search("", first=["Asia/Tokyo"])[0] == "Asia/Tokyo"
    assert sorted(search("", first=["Asia/Tokyo"])) == sorted(search(""))


def test_the_distance_from_utc_is_that_of_the_day() -> None:
    winter, summer = datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 7, 1, tzinfo=UTC)
    assert [utc_offset("Europe/Berlin", day) for day in (winter, summer)] == ["UTC+01:00", "UTC+02:00"]
    assert utc_offset("Asia/Kolkata", winter) == "UTC+05:30"
    assert utc_offset("America/St_Johns", winter) == "UTC-03:30"
    assert utc_offset("UTC", winter) == "UTC+00:00"
