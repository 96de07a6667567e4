"""When looks back come: on the first of a month, a quarter or a year, at the channel's time, and once."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.editions import Edition, due_after, due_after_change, due_on, next_due, period_before
from bot.domain.schedule_changes import AnnouncedOccurrence
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from tests.domain.test_schedules import schedules
from tests.domain.test_setups import any_of_them

BERLIN = Schedule(FRIDAY_AFTERNOON[0], date(2029, 1, 1), time(16), "Europe/Berlin")
EVERY = frozenset(Edition)
MONTHLY = frozenset({Edition.MONTHLY})


def utc(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@any_of_them
@given(
    st.frozensets(st.sampled_from(Edition), min_size=1),
    schedules,
    st.datetimes(utc(2029, 1, 1).replace(tzinfo=None), utc(2031, 1, 1).replace(tzinfo=None)),
)
def test_each_comes_on_the_day_after_its_period_and_the_next_is_the_first_one(
    editions: frozenset[Edition], schedule: Schedule, naive: datetime
) -> None:
    after = naive.replace(tzinfo=UTC)
    found = next_due(editions, local_time=schedule.local_time, zone=schedule.zone, after=after)
    assert found is not None
    moment, due = found
    assert moment > after
    day = (moment.astimezone(ZoneInfo(schedule.zone)) + timedelta(hours=1)).date().replace(day=1)
    assert set(due) == {edition for edition in editions if due_on(edition, day)}
    for edition in due:
        start, end = period_before(edition, day)
        assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == edition.months
        assert end == day
    earlier = next_due(editions, local_time=schedule.local_time, zone=schedule.zone, after=after - timedelta(seconds=1))
    assert earlier is not None
    assert earlier[0] <= moment


def test_the_year_ends_with_all_three() -> None:
    assert next_due(EVERY, local_time=time(16), zone="Europe/Berlin", after=utc(2029, 12, 5)) == (
        utc(2030, 1, 1, 15),
        [Edition.MONTHLY, Edition.QUARTERLY, Edition.YEARLY],
    )
    assert period_before(Edition.QUARTERLY, date(2030, 1, 1)) == (date(2029, 10, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        (BERLIN, utc(2030, 4, 1, 14)),
        (BERLIN.paused(None), None),
        (BERLIN.turned_off(), None),
        (BERLIN.paused(date(2030, 4, 1)), utc(2030, 4, 1, 14)),
        (BERLIN.paused(date(2030, 4, 2)), utc(2030, 5, 1, 14)),
    ],
    ids=["on", "paused", "off", "paused until that day", "paused over that day"],
)
def test_none_comes_while_roundups_are_paused_or_off(schedule: Schedule, due: datetime | None) -> None:
    assert due_after(MONTHLY, schedule, now=utc(2030, 3, 4)) == due
    assert due_after(frozenset(), schedule, now=utc(2030, 3, 4)) is None


@pytest.mark.parametrize(
    ("at", "due"),
    [(time(18), utc(2030, 4, 1, 16)), (time(10), utc(2030, 4, 1, 14)), (time(16), utc(2030, 4, 1, 14))],
    ids=["later that day", "a time that is past", "the same"],
)
def test_a_change_on_its_day_does_not_lose_it(at: time, due: datetime) -> None:
    announced = AnnouncedOccurrence(utc(2030, 4, 1, 14), date(2030, 4, 1))
    noon = utc(2030, 4, 1, 10)
    assert due_after_change(MONTHLY, replace(BERLIN, local_time=at), now=noon, announced=announced) == due
    assert due_after_change(frozenset(), BERLIN, now=noon, announced=announced) is None
    paused = BERLIN.paused(date(2030, 4, 5))
    assert due_after_change(MONTHLY, paused, now=noon, announced=announced) == utc(2030, 5, 1, 14)
    yearly = due_after_change(frozenset({Edition.YEARLY}), BERLIN, now=noon, announced=announced)
    assert yearly == utc(2031, 1, 1, 15)


def test_one_that_is_overdue_stays_due() -> None:
    announced = AnnouncedOccurrence(utc(2030, 4, 1, 14), date(2030, 4, 1))
    assert due_after_change(MONTHLY, BERLIN, now=utc(2030, 4, 2, 8), announced=announced) == announced.due_at
