"""A schedule is told in a sentence that leaves no doubt when roundups come."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings

from bot.domain.recurrence import Daily, MonthlyOnDay, MonthlyOnWeekday, Rule, Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.views.schedule import describe_schedule, zone_name
from bot.views.translations import ENGLISH
from tests.domain.test_schedules import moments, schedules

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday
NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
FRIDAYS = Schedule(Weekly((FRI,)), date(2030, 1, 1), time(16), "Europe/Berlin")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Daily(), "every day"),
        (Weekly(tuple(Weekday)), "every day"),
        (Daily((FRI, MON, TUE, WED, THU)), "every weekday"),
        (Daily((WED, MON)), "every Monday and Wednesday"),
        (Weekly((FRI,)), "every Friday"),
        (Weekly((FRI, MON, WED)), "every Monday, Wednesday, and Friday"),
        (Weekly((THU, MON), interval=2), "every other Monday and Thursday"),
        (Weekly((MON, TUE, WED, THU, FRI), interval=2), "every other Monday, Tuesday, Wednesday, Thursday, and Friday"),
        (Weekly((FRI,), interval=3), "every 3 weeks on Friday"),
        (MonthlyOnDay(1), "on the 1st of every month"),
        (MonthlyOnDay(2), "on the 2nd of every month"),
        (MonthlyOnDay(3), "on the 3rd of every month"),
        (MonthlyOnDay(11), "on the 11th of every month"),
        (MonthlyOnDay(22), "on the 22nd of every month"),
        (MonthlyOnDay(28), "on the 28th of every month"),
        (MonthlyOnDay(29), "on the 29th (or last day) of every month"),
        (
            MonthlyOnDay(31, interval=3),
            "on the 31st (or last day) every 3 months (January, April, July, and October)",
        ),
        (MonthlyOnWeekday(-1, FRI), "on the last Friday of every month"),
        (MonthlyOnWeekday(1, MON), "on the first Monday of every month"),
        (
            MonthlyOnWeekday(-1, FRI, interval=3),
            "on the last Friday every 3 months (January, April, July, and October)",
        ),
        (MonthlyOnWeekday(2, TUE, interval=6), "on the second Tuesday every 6 months (January and July)"),
        (MonthlyOnDay(5, interval=12), "every year on the 5th of January"),
    ],
)
def test_each_kind_of_rule_has_its_words(rule: Rule, said: str) -> None:
    assert describe_schedule(ENGLISH, replace(FRIDAYS, rule=rule), now=NOW) == f"{said} at 16:00 (Berlin time)"


@pytest.mark.parametrize(
    ("schedule", "rest"),
    [
        (FRIDAYS.paused(None), ", paused"),
        (FRIDAYS.paused(date(2031, 1, 3)), ", paused until January 3"),
        (FRIDAYS.paused(date(2031, 3, 8)), ", paused until March 8, 2031"),
        (FRIDAYS.paused(date(2030, 3, 4)), ""),
        (replace(FRIDAYS, starts_on=date(2030, 4, 1)), ", starting April 1"),
        (FRIDAYS.skipping(date(2030, 3, 8)), ", except March 8"),
        (FRIDAYS.skipping(date(2030, 3, 1)), ""),
        (
            FRIDAYS.skipping(*(date(2030, 3, day) for day in (8, 15, 22, 29))),
            ", except March 8, March 15, March 22, and 1 more date",
        ),
        (
            FRIDAYS.skipping(date(2030, 3, 8), date(2030, 4, 5)).paused(date(2030, 4, 1)),
            ", paused until April 1, except April 5",
        ),
    ],
)
def test_what_is_different_for_a_while_is_told_until_it_is_over(schedule: Schedule, rest: str) -> None:
    assert describe_schedule(ENGLISH, schedule, now=NOW) == f"every Friday at 16:00 (Berlin time){rest}"


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Berlin", "Berlin time"),
        ("America/New_York", "New York time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        *((name, name) for name in ("UTC", "Etc/GMT+5", "EST5EDT")),
    ],
)
def test_a_zone_has_the_name_of_its_place(zone: str, said: str) -> None:
    assert zone_name(ENGLISH, zone) == said


@settings(derandomize=True, database=None, deadline=None)
@given(schedules, moments)
def test_every_schedule_has_a_sentence(schedule: Schedule, now: datetime) -> None:
    assert f" at {schedule.local_time:%H:%M} (" in describe_schedule(ENGLISH, schedule, now=now)
