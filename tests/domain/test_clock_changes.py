"""Schedules and zones: their names, and the times that clocks skip or repeat."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.domain.recurrence import Daily
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule, is_zone
from tests.domain.test_schedules import FROM, ZONES, coming, every_week, occurrences, transitions, upcoming


@pytest.mark.parametrize(
    ("zone", "day", "at", "shown"),
    [
        ("Europe/Berlin", date(2030, 3, 31), time(2, 30), "2030-03-31T03:30:00+02:00"),
        ("America/New_York", date(2030, 3, 10), time(2, 0), "2030-03-10T03:00:00-04:00"),
        ("Africa/Cairo", date(2030, 4, 26), time(0, 30), "2030-04-26T01:30:00+03:00"),
        ("America/Santiago", date(2030, 9, 8), time(0, 30), "2030-09-08T01:30:00-03:00"),
        ("Australia/Lord_Howe", date(2030, 10, 6), time(2, 15), "2030-10-06T02:45:00+11:00"),
        ("Pacific/Apia", date(2011, 12, 30), time(16, 0), "2011-12-31T16:00:00+14:00"),
    ],
)
def test_a_time_that_clocks_skip_moves_forward_by_the_gap(zone: str, day: date, at: time, shown: str) -> None:
    weekly = every_week(day.weekday(), at, zone)
    before = datetime.combine(day, time(0), UTC) - timedelta(days=3)
    assert coming(weekly, before).astimezone(ZoneInfo(zone)).isoformat() == shown


@pytest.mark.parametrize(
    ("zone", "day", "at", "shown"),
    [
        ("Europe/Berlin", date(2030, 10, 27), time(2, 30), "2030-10-27T02:30:00+02:00"),
        ("America/New_York", date(2030, 11, 3), time(1, 30), "2030-11-03T01:30:00-04:00"),
        ("America/Santiago", date(2030, 4, 6), time(23, 30), "2030-04-06T23:30:00-03:00"),
        ("Australia/Lord_Howe", date(2030, 4, 7), time(1, 45), "2030-04-07T01:45:00+11:00"),
    ],
)
def test_a_time_that_clocks_repeat_means_the_first_of_the_two(zone: str, day: date, at: time, shown: str) -> None:
    weekly = every_week(day.weekday(), at, zone)
    first = coming(weekly, datetime.combine(day, time(0), UTC) - timedelta(days=3))
    assert first.astimezone(ZoneInfo(zone)).isoformat() == shown
    assert coming(weekly, first) - first >= timedelta(days=6, hours=22), "the second one is not another week"
    assert coming(weekly, first + timedelta(minutes=1)) == coming(weekly, first)


@pytest.fixture
def zones(is_deep: bool) -> Sequence[str]:
    """All of them in the large size, otherwise an eighth."""
    return ZONES if is_deep else ZONES[::8]


def test_in_every_zone_each_local_week_near_a_change_has_one_roundup(zones: Sequence[str]) -> None:
    tried = 0
    for zone in zones:
        changes = transitions(zone)
        for change in changes:
            local = change.astimezone(ZoneInfo(zone))
            for minutes in (-90, -60, -30, -1, 0, 29, 31, 60):
                near = local.replace(tzinfo=None) + timedelta(minutes=minutes)
                weekly = every_week(near.weekday(), near.time().replace(second=0, microsecond=0), zone)
                found = occurrences(weekly, change - timedelta(days=9), 4)
                days = [one.astimezone(ZoneInfo(zone)).date() for one in found]
                assert all(later > earlier for earlier, later in pairwise(found)), (zone, near)
                steps = {(later - earlier).days for earlier, later in pairwise(days)}
                assert steps <= {6, 7, 8}, (zone, near, days)
                expected = near.date()
                assert any(abs((day - expected).days) <= 1 for day in days), (zone, near, days)
                tried += 1
    assert tried > 3 * len(zones)


def test_in_every_zone_the_usual_friday_is_a_friday_at_four(zones: Sequence[str]) -> None:
    rule, at = FRIDAY_AFTERNOON
    for zone in zones:
        for due in occurrences(Schedule(rule, FROM.date(), at, zone), FROM, 53 if zone.startswith("A") else 30):
            local = due.astimezone(ZoneInfo(zone))
            assert (local.weekday(), local.hour, local.minute) == (4, 16, 0), zone


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_zones_are_known_by_their_names(name: str) -> None:
    assert is_zone(name)


@pytest.mark.parametrize(
    "name",
    [
        *(None, "", " ", "Europe", "Europe/", "Nowhere/Town", "../UTC", "/etc/localtime", "Europe/../Europe/Berlin"),
        *(
            "x" * 5_000,
            "UTC\x00",
            "\ud800",
            "Ü",
            ".",
            "..",
            "tzdata",
            "zone.tab",
            "leapseconds",
            "Europe\\Berlin",
            "CON",
        ),
    ],
)
def test_what_is_no_zone_is_no_accident(name: str | None) -> None:
    assert not is_zone(name)


def test_an_occurrence_that_a_clock_change_moves_past_midnight_is_still_its_day_s() -> None:
    late = Schedule(Daily(), date(2030, 1, 1), time(23, 30), "America/Nuuk")
    saturday, sunday = upcoming(late, datetime(2030, 3, 30, 12, tzinfo=UTC), 2)
    assert saturday.astimezone(ZoneInfo("America/Nuuk")).isoformat() == "2030-03-31T00:30:00-01:00"
    assert late.next_after(saturday - timedelta(minutes=5)) == saturday
    assert (late.date_of(saturday), late.date_of(sunday)) == (date(2030, 3, 30), date(2030, 3, 31))
