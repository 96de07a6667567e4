"""Working hours: in everyone's own zone, also where clocks change and days are skipped."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.working_hours import next_working_day, next_working_moment
from tests.domain.test_schedules import ZONES
from tests.examples import examples


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Europe/Berlin", "2030-03-04T09:00", "2030-03-04T08:00"),  # a Monday, as it starts
        ("Europe/Berlin", "2030-03-04T16:59", "2030-03-04T15:59"),
        ("Europe/Berlin", "2030-03-04T17:00", "2030-03-05T08:00"),
        ("Europe/Berlin", "2030-03-04T08:59", "2030-03-04T08:00"),
        ("Europe/Berlin", "2030-03-09T16:00", "2030-03-11T08:00"),  # a day after Friday's roundup
        ("Europe/Berlin", "2030-03-30T16:00", "2030-04-01T07:00"),  # clocks go forward on Sunday
        ("Europe/Berlin", "2030-10-26T16:00", "2030-10-28T08:00"),  # and back
        ("America/New_York", "2030-03-09T12:00", "2030-03-11T13:00"),
        ("America/New_York", "2030-11-01T17:00", "2030-11-04T14:00"),
        ("Asia/Kolkata", "2030-03-04T18:00", "2030-03-05T03:30"),
        ("Australia/Lord_Howe", "2030-10-04T17:00", "2030-10-06T22:00"),  # half an hour forward
        ("Pacific/Kiritimati", "2030-03-10T12:00", "2030-03-10T19:00"),  # Monday comes there first
        ("Pacific/Apia", "2011-12-29T17:00", "2012-01-01T19:00"),  # December 30, a Friday, never was
        ("UTC", "2030-12-31T17:00", "2031-01-01T09:00"),
    ],
)
def test_what_comes_outside_of_working_hours_waits_for_the_next_ones(zone: str, local: str, expected: str) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    assert next_working_moment(moment, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Europe/Berlin", "2030-03-04T08:00", "2030-03-05T08:00"),  # before work, too: the day has had its note
        ("Europe/Berlin", "2030-03-04T12:00", "2030-03-05T08:00"),
        ("Europe/Berlin", "2030-03-08T12:00", "2030-03-11T08:00"),
        ("Europe/Berlin", "2030-03-29T12:00", "2030-04-01T07:00"),
        ("Pacific/Apia", "2011-12-29T12:00", "2012-01-01T19:00"),
    ],
)
def test_the_next_day_is_never_the_same_one(zone: str, local: str, expected: str) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    assert next_working_day(moment, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@settings(max_examples=examples(300), derandomize=True, database=None, deadline=None)
@given(st.integers(0, 50 * 365 * 24 * 60), st.sampled_from(ZONES))
def test_the_moment_is_soon_never_earlier_and_at_work_in_every_zone(minutes: int, zone: str) -> None:
    moment = datetime(1999, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = next_working_moment(moment, zone)
    local = found.astimezone(ZoneInfo(zone))
    assert moment <= found <= moment + timedelta(days=5)
    assert local.weekday() < 5
    assert 9 <= local.hour < 17
    assert next_working_moment(found, zone) == found
    following = next_working_day(moment, zone).astimezone(ZoneInfo(zone))
    assert following.date() > moment.astimezone(ZoneInfo(zone)).date()
    assert next_working_moment(following, zone) == following
