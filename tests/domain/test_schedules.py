"""When roundups come: on which days of which rules, at a local time, wherever clocks are changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import islice, pairwise
from timeit import timeit
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.recurrence import (
    EVERY_DAY,
    MONTH_INTERVALS,
    NTH_CHOICES,
    Daily,
    InvalidRule,
    MonthlyOnDay,
    MonthlyOnWeekday,
    Rule,
    Weekday,
    Weekly,
    parse_rule,
)
from bot.domain.schedules import FRIDAY_AFTERNOON, InvalidSchedule, Schedule, is_zone
from tests.zones import days_of

FROM, YEARS = datetime(2026, 11, 1, tzinfo=UTC), 3
WEEK = timedelta(days=7)
ZONES = sorted(zone for zone in available_timezones() if is_zone(zone) and not zone.startswith(("right/", "posix/")))
always_the_same = settings(derandomize=True, database=None, deadline=None)


def every_week(weekday: int, at: time, zone: str) -> Schedule:
    return Schedule(Weekly((Weekday(weekday),)), date(1999, 1, 1), at, zone)


def occurrences(schedule: Schedule, start: datetime, number: int) -> list[datetime]:
    found: list[datetime] = []
    for _ in range(number):
        following = schedule.next_after(start)
        assert following is not None
        start = following
        found.append(start)
    return found


def coming(schedule: Schedule, moment: datetime) -> datetime:
    return occurrences(schedule, moment, 1)[0]


def transitions(zone: str) -> list[datetime]:
    """The moments (to the hour) in the coming years at which clocks in `zone` are changed."""
    found, at = [], FROM
    while at < FROM + timedelta(days=365 * YEARS):
        later = at + timedelta(days=5)
        if _offset(zone, at) != _offset(zone, later):
            low, high = at, later
            while high - low > timedelta(minutes=15):
                middle = low + (high - low) / 2
                low, high = (middle, high) if _offset(zone, middle) == _offset(zone, low) else (low, middle)
            found.append(high)
        at = later
    return found


def _offset(zone: str, moment: datetime) -> timedelta | None:
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize(
    ("weekly", "after", "due"),
    [
        (every_week(4, time(16), "UTC"), "2030-03-04T09:00+00:00", "2030-03-08T16:00+00:00"),
        (every_week(4, time(16), "UTC"), "2030-03-08T15:59:59.999999+00:00", "2030-03-08T16:00+00:00"),
        (every_week(4, time(16), "UTC"), "2030-03-08T16:00+00:00", "2030-03-15T16:00+00:00"),
        (every_week(4, time(16), "Europe/Berlin"), "2030-03-04T09:00+00:00", "2030-03-08T15:00+00:00"),
        (every_week(4, time(16), "Pacific/Auckland"), "2030-03-04T09:00+00:00", "2030-03-08T03:00+00:00"),
        (every_week(4, time(16), "Pacific/Kiritimati"), "2030-03-08T01:59+00:00", "2030-03-08T02:00+00:00"),
        (every_week(4, time(16), "Asia/Kathmandu"), "2030-03-04T09:00+00:00", "2030-03-08T10:15+00:00"),
        (every_week(0, time(0), "America/New_York"), "2030-03-04T04:59+00:00", "2030-03-04T05:00+00:00"),
        (every_week(6, time(23, 59), "Pacific/Pago_Pago"), "2030-03-04T09:00+00:00", "2030-03-04T10:59+00:00"),
    ],
)
def test_the_next_one_is_the_first_that_is_later(weekly: Schedule, after: str, due: str) -> None:
    found = coming(weekly, datetime.fromisoformat(after))
    assert found == datetime.fromisoformat(due)
    assert found.tzinfo is UTC


moments = st.integers(946_684_800, 2_143_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
weeklies = st.builds(
    every_week, st.integers(0, 6), st.builds(time, st.integers(0, 23), st.integers(0, 59)), st.sampled_from(ZONES)
)


@always_the_same
@given(weeklies, moments)
def test_the_next_one_is_strictly_later_and_within_a_week_and_its_change(weekly: Schedule, moment: datetime) -> None:
    due = coming(weekly, moment)
    assert due > moment
    assert due - moment <= WEEK + timedelta(hours=25)
    assert coming(weekly, due) > due
    assert coming(weekly, due - timedelta(microseconds=1)) == due


@always_the_same
@given(weeklies, moments, st.timedeltas(timedelta(0), timedelta(days=6)))
def test_a_moment_between_two_leads_to_the_same_one(weekly: Schedule, moment: datetime, wait: timedelta) -> None:
    due = coming(weekly, moment)
    meanwhile = min(moment + wait, due - timedelta(microseconds=1))
    assert coming(weekly, meanwhile) == due


@always_the_same
@given(weeklies, moments, st.sampled_from(ZONES))
def test_the_zone_in_which_somebody_asks_makes_no_difference(weekly: Schedule, moment: datetime, zone: str) -> None:
    assert coming(weekly, moment.astimezone(ZoneInfo(zone))) == coming(weekly, moment)


# Rules of every kind. 2030-01-01 is a Tuesday.

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday
NEW_YEAR = date(2030, 1, 1)


def at_nine(rule: Rule, starts_on: date = NEW_YEAR, **rest: Any) -> Schedule:
    return Schedule(rule, starts_on, time(9), "Europe/Berlin", **rest)


def upcoming(schedule: Schedule, moment: datetime, number: int) -> list[datetime]:
    return schedule.upcoming(schedule.next_after(moment), number)


def first_days(schedule: Schedule, number: int, after: date = NEW_YEAR) -> list[str]:
    found = upcoming(schedule, datetime.combine(after, time(0), ZoneInfo(schedule.zone)), number)
    return [f"{schedule.date_of(occurrence):%a %Y-%m-%d}" for occurrence in found]


@pytest.mark.parametrize(
    ("rule", "text", "days"),
    [
        (Daily(), "FREQ=DAILY", "Tue 2030-01-01, Wed 2030-01-02, Thu 2030-01-03"),
        (
            Daily((MON, TUE, WED, THU, FRI)),
            "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
            "Tue 2030-01-01, Wed 2030-01-02, Thu 2030-01-03, Fri 2030-01-04, Mon 2030-01-07",
        ),
        (Weekly((FRI,)), "FREQ=WEEKLY;BYDAY=FR", "Fri 2030-01-04, Fri 2030-01-11, Fri 2030-01-18"),
        (
            Weekly((THU, MON), interval=2),
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
            "Thu 2030-01-03, Mon 2030-01-14, Thu 2030-01-17, Mon 2030-01-28",
        ),
        (Weekly((SUN,), interval=3), "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU", "Sun 2030-01-06, Sun 2030-01-27"),
        (MonthlyOnDay(15), "FREQ=MONTHLY;BYMONTHDAY=15", "Tue 2030-01-15, Fri 2030-02-15, Fri 2030-03-15"),
        (
            MonthlyOnDay(31),
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
            "Thu 2030-01-31, Thu 2030-02-28, Sun 2030-03-31, Tue 2030-04-30",
        ),
        (
            MonthlyOnDay(30),
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
            "Wed 2030-01-30, Thu 2030-02-28, Sat 2030-03-30",
        ),
        (MonthlyOnWeekday(-1, FRI), "FREQ=MONTHLY;BYDAY=-1FR", "Fri 2030-01-25, Fri 2030-02-22, Fri 2030-03-29"),
        (MonthlyOnWeekday(1, MON), "FREQ=MONTHLY;BYDAY=1MO", "Mon 2030-01-07, Mon 2030-02-04, Mon 2030-03-04"),
        (MonthlyOnWeekday(4, TUE), "FREQ=MONTHLY;BYDAY=4TU", "Tue 2030-01-22, Tue 2030-02-26"),
        (
            MonthlyOnDay(31, interval=3),
            "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
            "Thu 2030-01-31, Tue 2030-04-30, Wed 2030-07-31, Thu 2030-10-31",
        ),
        (
            MonthlyOnWeekday(-1, FRI, interval=3),
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR",
            "Fri 2030-01-25, Fri 2030-04-26, Fri 2030-07-26",
        ),
    ],
)
def test_each_kind_of_rule_has_its_days_and_its_text(rule: Rule, text: str, days: str) -> None:
    assert first_days(at_nine(rule), days.count(",") + 1) == days.split(", ")
    assert rule.rrule == text
    assert parse_rule(text) == rule


def test_the_last_day_of_february_is_the_29th_in_a_leap_year() -> None:
    assert first_days(at_nine(MonthlyOnDay(31)), 1, date(2032, 2, 1)) == ["Sun 2032-02-29"]
    assert first_days(at_nine(MonthlyOnDay(29, interval=12), date(2030, 2, 1)), 3) == [
        "Thu 2030-02-28",
        "Fri 2031-02-28",
        "Sun 2032-02-29",
    ]


def test_every_second_week_is_counted_from_the_first_one_however_long_ago() -> None:
    one, other = date(2001, 1, 1), date(2001, 1, 8)
    found = [first_days(at_nine(Weekly((FRI,), interval=2), start), 2) for start in (one, other)]
    assert sorted(day for days in found for day in days) == [
        "Fri 2030-01-04",
        "Fri 2030-01-11",
        "Fri 2030-01-18",
        "Fri 2030-01-25",
    ]


def test_a_quarter_is_counted_from_the_month_it_started_in() -> None:
    assert first_days(at_nine(MonthlyOnDay(5, interval=3), date(2003, 2, 17)), 4) == [
        "Tue 2030-02-05",
        "Sun 2030-05-05",
        "Mon 2030-08-05",
        "Tue 2030-11-05",
    ]


def test_nothing_comes_before_the_first_day() -> None:
    assert first_days(at_nine(Daily(), date(2030, 3, 5)), 1) == ["Tue 2030-03-05"]
    assert first_days(at_nine(Weekly((MON, FRI), interval=2), date(2030, 1, 2)), 2) == [
        "Fri 2030-01-04",
        "Mon 2030-01-14",
    ]


def test_a_pause_ends_on_its_date_and_moves_no_second_week() -> None:
    every_second = at_nine(Weekly((FRI,), interval=2))
    assert first_days(every_second.paused(date(2030, 1, 18)), 2) == ["Fri 2030-01-18", "Fri 2030-02-01"]
    assert first_days(every_second.paused(date(2030, 1, 19)), 1) == ["Fri 2030-02-01"]
    assert every_second.paused(date(2030, 1, 19)).resumed() == every_second


def test_a_pause_without_an_end_has_no_next_roundup_until_it_is_taken_back() -> None:
    paused = at_nine(Daily()).paused(None)
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    assert paused.next_after(moment) is None
    assert upcoming(paused, moment, 3) == []
    assert not paused.allows(NEW_YEAR)
    assert first_days(paused.resumed(), 1) == ["Tue 2030-01-01"]


def test_skipped_dates_have_none_and_the_others_keep_theirs() -> None:
    fridays = at_nine(Weekly((FRI,))).skipping(date(2030, 1, 11)).skipping(date(2030, 1, 18), date(2030, 1, 19))
    assert first_days(fridays, 3) == ["Fri 2030-01-04", "Fri 2030-01-25", "Fri 2030-02-01"]
    assert fridays.falls_on(date(2030, 1, 4))
    assert not any(fridays.falls_on(date(2030, 1, day)) for day in (3, 11, 18))
    assert not fridays.falls_on(date(2029, 12, 28))


def test_beyond_a_day_that_is_done_comes_the_following_one() -> None:
    daily = at_nine(Daily())
    before_nine = datetime(2030, 1, 1, 7, tzinfo=UTC)
    following = daily.next_after(before_nine, after_date=date(2030, 1, 1))
    assert following == datetime(2030, 1, 2, 8, tzinfo=UTC)
    assert daily.next_after(before_nine, after_date=date(2029, 12, 31)) == datetime(2030, 1, 1, 8, tzinfo=UTC)


def test_a_day_has_one_also_if_that_was_announced_for_an_earlier_time() -> None:
    daily = at_nine(Daily())
    at_eight = datetime(2030, 1, 1, 7, tzinfo=UTC)
    assert daily.latest(at_eight, datetime(2030, 1, 1, 12, tzinfo=UTC)) == at_eight
    assert daily.latest(at_eight, datetime(2030, 1, 2, 12, tzinfo=UTC)) == datetime(2030, 1, 2, 8, tzinfo=UTC)


def test_a_rule_ends_with_the_calendar() -> None:
    yearly = at_nine(MonthlyOnDay(1, interval=12))
    assert yearly.next_after(datetime(9997, 1, 1, 12, tzinfo=UTC)) == datetime(9998, 1, 1, 8, tzinfo=UTC)
    assert yearly.next_after(datetime(9998, 1, 1, 12, tzinfo=UTC)) is None
    assert at_nine(Daily()).paused(date.max).next_after(datetime(2030, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("interval", range(1, 53))
def test_a_rule_of_weeks_ends_quietly_wherever_its_last_week_begins(interval: int) -> None:
    for weekday in Weekday:
        weekly = Schedule(Weekly((weekday,), interval), date(2030, 1, 1), time(16), "UTC")
        last = weekly.upcoming(weekly.next_after(datetime(9998, 1, 1, tzinfo=UTC)), 60)[-1]
        assert last.year == 9998
        assert weekly.next_after(last) is None


def test_a_start_long_ago_takes_no_longer() -> None:
    rules = (
        Daily(),
        Weekly((FRI,), interval=2),
        MonthlyOnDay(31, interval=3),
        MonthlyOnWeekday(-1, FRI),
    )
    for rule in rules:
        old = at_nine(rule, date(1, 1, 1))
        took = timeit(partial(old.next_after, datetime(2030, 5, 5, tzinfo=UTC)), number=20) / 20
        assert took < 0.01, rule


@pytest.mark.parametrize(
    "text",
    [
        *("", "FREQ=WEEKLY", "FREQ=YEARLY", "FREQ=HOURLY", "freq=daily", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;INTERVAL=2"),
        *("FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=FR,MO", "FREQ=WEEKLY;BYDAY=FR,FR", "FREQ=WEEKLY;BYDAY=FR\n"),
        *("FREQ=WEEKLY;INTERVAL=0;BYDAY=FR", "FREQ=WEEKLY;INTERVAL=1;BYDAY=FR", "FREQ=WEEKLY;INTERVAL=53;BYDAY=FR"),
        *("FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY"),
        *("FREQ=MONTHLY;BYDAY=5FR", "FREQ=MONTHLY;BYDAY=0FR", "FREQ=MONTHLY;BYDAY=FR", "FREQ=MONTHLY;BYDAY=-2FR"),
        *("FREQ=MONTHLY;INTERVAL=5;BYDAY=1FR", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "RRULE:FREQ=DAILY"),
    ],
)
def test_any_other_text_is_no_rule(text: str) -> None:
    with pytest.raises(InvalidRule):
        parse_rule(text)


@pytest.mark.parametrize(
    "make",
    [
        *(lambda: Weekly(()), lambda: Daily(()), lambda: Weekly((7,)), lambda: Weekly((FRI,), interval=0)),  # type: ignore[arg-type]
        *(lambda: MonthlyOnDay(0), lambda: MonthlyOnDay(32), lambda: MonthlyOnDay(1, interval=5)),
        *(
            lambda: MonthlyOnWeekday(5, FRI),
            lambda: MonthlyOnWeekday(1, 9),  # type: ignore[arg-type]
            lambda: MonthlyOnWeekday(1, FRI, interval=7),
        ),
    ],
)
def test_what_no_calendar_has_is_no_rule(make: Callable[[], Rule]) -> None:
    with pytest.raises(InvalidRule):
        make()


@pytest.mark.parametrize(
    "wrong",
    [
        *({"zone": "Nowhere/Town"}, {"zone": ""}, {"local_time": time(9, 0, 1)}, {"local_time": time(9, tzinfo=UTC)}),
        {"is_paused": True, "paused_until": NEW_YEAR},
        {"is_off": True, "paused_until": NEW_YEAR},
        {"is_off": True, "is_paused": True},
    ],
)
def test_what_no_clock_shows_is_no_schedule(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSchedule):
        replace(at_nine(Daily()), **wrong)


some_weekdays = st.sets(st.sampled_from(list(Weekday)), min_size=1).map(tuple)
some_months = st.sampled_from(MONTH_INTERVALS)
rules = st.one_of(
    st.builds(Daily, some_weekdays),
    st.builds(Weekly, some_weekdays, st.integers(1, 52)),
    st.builds(MonthlyOnDay, st.integers(1, 31), some_months),
    st.builds(MonthlyOnWeekday, st.sampled_from(NTH_CHOICES), st.sampled_from(list(Weekday)), some_months),
)
days = st.dates(date(1990, 1, 1), date(2037, 12, 31))
schedules = st.builds(
    Schedule,
    rules,
    days,
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    st.sampled_from(ZONES),
    paused_until=st.none() | days,
    skipped_dates=st.frozensets(days, max_size=3),
)


@always_the_same
@given(rules)
def test_every_rule_is_read_back_as_it_was_written(rule: Rule) -> None:
    assert parse_rule(rule.rrule) == rule
    assert hash(parse_rule(rule.rrule)) == hash(rule)


@always_the_same
@given(schedules, moments, st.integers(0, 6))
def test_previews_and_what_comes_are_the_same(schedule: Schedule, moment: datetime, number: int) -> None:
    found = upcoming(schedule, moment, number)
    assert found == occurrences(schedule, moment, number)
    assert all(earlier < later for earlier, later in pairwise([moment, *found]))


@always_the_same
@given(schedules, moments)
def test_every_occurrence_is_on_a_day_of_the_rule_that_is_allowed(schedule: Schedule, moment: datetime) -> None:
    for occurrence in upcoming(schedule, moment, 3):
        day = schedule.date_of(occurrence)
        if _offset(schedule.zone, occurrence - timedelta(days=2)) == _offset(schedule.zone, occurrence):
            assert schedule.falls_on(day)
            assert schedule.allows(day)
            assert day >= schedule.starts_on


@always_the_same
@given(rules, days, days)
def test_the_days_of_a_rule_are_those_of_the_calendar(rule: Rule, starts_on: date, first: date) -> None:
    utc = Schedule(rule, starts_on, time(0), "UTC")
    found = upcoming(utc, datetime.combine(first, time(0), UTC) - timedelta(microseconds=1), 3)
    assert [moment.date() for moment in found] == list(islice(days_of(rule, starts_on, first), 3))


def test_the_usual_rule_is_friday_and_every_day_is_seven() -> None:
    assert FRIDAY_AFTERNOON[0].rrule == "FREQ=WEEKLY;BYDAY=FR"
    assert Daily() == Daily(EVERY_DAY) == Daily(tuple(reversed(EVERY_DAY)))
