"""Each local day and week has exactly one roundup, at the promised time, in zones of every kind.

tests/zones.py tells what is looked at; here a part of it, which is the same in every run.
"""

import random
from datetime import UTC, datetime

import pytest

from tests.zones import EVERY_ZONE, moment_of, sweep, transitions

REMARKABLE = (
    "Africa/Cairo",  # changes at midnight
    "America/Santiago",  # before midnight, so that a day may have two evenings
    "America/New_York",
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Apia",  # left a day out in 2011
    "Antarctica/Troll",  # by two hours
    "Africa/Casablanca",  # around Ramadan
    "Africa/El_Aaiun",
    "America/Nuuk",  # an evening moves past midnight
)
OTHERS = random.Random(2030).sample(EVERY_ZONE, 40)


@pytest.mark.parametrize("zone", REMARKABLE)
def test_each_minute_near_a_change_of_a_remarkable_zone(zone: str, is_deep: bool) -> None:
    report = sweep([zone], first_year=2029, last_year=2029, seed=1, step=1 if is_deep else 5)
    assert report.failures == []
    assert report.schedules > 20


def test_the_years_to_come_in_many_zones(is_deep: bool) -> None:
    others, last_year = (OTHERS, 2037) if is_deep else (OTHERS[:3], 2029)
    report = sweep([*REMARKABLE, *others], first_year=2026, last_year=last_year, seed=2, samples=10, step=30)
    assert report.failures == []
    assert report.transitions > (300 if is_deep else 50)
    assert report.occurrences > (30_000 if is_deep else 3_000)


def test_a_day_that_never_was_has_its_roundup_a_day_later_once() -> None:
    report = sweep(["Pacific/Apia"], first_year=2011, last_year=2011, seed=3, step=15)
    assert report.failures == []
    assert report.transitions == 3


def test_the_sweep_s_own_clock_on_the_wall() -> None:
    start, end = datetime(2030, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    assert [f"{change:%m-%d %H:%M}" for change in transitions("Europe/Berlin", start, end)] == [
        "03-31 01:00",
        "10-27 01:00",
    ]
    skipped, repeated = datetime(2030, 3, 31, 2, 30), datetime(2030, 10, 27, 2, 30)  # noqa: DTZ001 - as a wall shows it
    assert moment_of(skipped.date(), skipped.time(), "Europe/Berlin") == datetime(2030, 3, 31, 1, 30, tzinfo=UTC)
    assert moment_of(repeated.date(), repeated.time(), "Europe/Berlin") == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
