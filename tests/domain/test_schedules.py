"""When roundups come: a weekday and a local time, wherever clocks are changed."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.schedules import FRIDAY_AFTERNOON, Weekly, is_zone

FROM, YEARS = datetime(2026, 11, 1, tzinfo=UTC), 3
WEEK = timedelta(days=7)
ZONES = sorted(zone for zone in available_timezones() if is_zone(zone) and not zone.startswith(("right/", "posix/")))
always_the_same = settings(derandomize=True, database=None, deadline=None)


def occurrences(weekly: Weekly, start: datetime, number: int) -> list[datetime]:
    found: list[datetime] = []
    for _ in range(number):
        start = weekly.next_after(start)
        found.append(start)
    return found


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
        (Weekly(4, time(16), "UTC"), "2030-03-04T09:00+00:00", "2030-03-08T16:00+00:00"),
        (Weekly(4, time(16), "UTC"), "2030-03-08T15:59:59.999999+00:00", "2030-03-08T16:00+00:00"),
        (Weekly(4, time(16), "UTC"), "2030-03-08T16:00+00:00", "2030-03-15T16:00+00:00"),
        (Weekly(4, time(16), "Europe/Berlin"), "2030-03-04T09:00+00:00", "2030-03-08T15:00+00:00"),
        (Weekly(4, time(16), "Pacific/Auckland"), "2030-03-04T09:00+00:00", "2030-03-08T03:00+00:00"),
        (Weekly(4, time(16), "Pacific/Kiritimati"), "2030-03-08T01:59+00:00", "2030-03-08T02:00+00:00"),
        (Weekly(4, time(16), "Asia/Kathmandu"), "2030-03-04T09:00+00:00", "2030-03-08T10:15+00:00"),
        (Weekly(0, time(0), "America/New_York"), "2030-03-04T04:59+00:00", "2030-03-04T05:00+00:00"),
        (Weekly(6, time(23, 59), "Pacific/Pago_Pago"), "2030-03-04T09:00+00:00", "2030-03-04T10:59+00:00"),
    ],
)
def test_the_next_one_is_the_first_that_is_later(weekly: Weekly, after: str, due: str) -> None:
    assert weekly.next_after(datetime.fromisoformat(after)) == datetime.fromisoformat(due)
    assert weekly.next_after(datetime.fromisoformat(after)).tzinfo is UTC


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
    weekly = Weekly(day.weekday(), at, zone)
    before = datetime.combine(day, time(0), UTC) - timedelta(days=3)
    assert weekly.next_after(before).astimezone(ZoneInfo(zone)).isoformat() == shown


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
    weekly = Weekly(day.weekday(), at, zone)
    first = weekly.next_after(datetime.combine(day, time(0), UTC) - timedelta(days=3))
    assert first.astimezone(ZoneInfo(zone)).isoformat() == shown
    assert weekly.next_after(first) - first >= timedelta(days=6, hours=22), "the second one is not another week"
    assert weekly.next_after(first + timedelta(minutes=1)) == weekly.next_after(first)


def test_in_every_zone_each_local_week_near_a_change_has_one_roundup() -> None:
    tried = 0
    for zone in ZONES:
        changes = transitions(zone)
        for change in changes:
            local = change.astimezone(ZoneInfo(zone))
            for minutes in (-90, -60, -30, -1, 0, 29, 31, 60):
                near = local.replace(tzinfo=None) + timedelta(minutes=minutes)
                weekly = Weekly(near.weekday(), near.time().replace(second=0, microsecond=0), zone)
                found = occurrences(weekly, change - timedelta(days=9), 4)
                days = [one.astimezone(ZoneInfo(zone)).date() for one in found]
                assert all(later > earlier for earlier, later in pairwise(found)), (zone, near)
                steps = {(later - earlier).days for earlier, later in pairwise(days)}
                assert steps <= {6, 7, 8}, (zone, near, days)
                expected = near.date()
                assert any(abs((day - expected).days) <= 1 for day in days), (zone, near, days)
                tried += 1
    assert tried > 1_000


def test_in_every_zone_the_usual_friday_is_a_friday_at_four() -> None:
    weekday, at = FRIDAY_AFTERNOON
    for zone in ZONES:
        for due in occurrences(Weekly(weekday, at, zone), FROM, 53 if zone.startswith("A") else 30):
            local = due.astimezone(ZoneInfo(zone))
            assert (local.weekday(), local.hour, local.minute) == (4, 16, 0), zone


moments = st.integers(946_684_800, 2_143_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
weeklies = st.builds(
    Weekly, st.integers(0, 6), st.builds(time, st.integers(0, 23), st.integers(0, 59)), st.sampled_from(ZONES)
)


@always_the_same
@given(weeklies, moments)
def test_the_next_one_is_strictly_later_and_within_a_week_and_its_change(weekly: Weekly, moment: datetime) -> None:
    due = weekly.next_after(moment)
    assert due > moment
    assert due - moment <= WEEK + timedelta(hours=25)
    assert weekly.next_after(due) > due
    assert weekly.next_after(due - timedelta(microseconds=1)) == due


@always_the_same
@given(weeklies, moments, st.timedeltas(timedelta(0), timedelta(days=6)))
def test_a_moment_between_two_leads_to_the_same_one(weekly: Weekly, moment: datetime, wait: timedelta) -> None:
    due = weekly.next_after(moment)
    meanwhile = min(moment + wait, due - timedelta(microseconds=1))
    assert weekly.next_after(meanwhile) == due


@always_the_same
@given(weeklies, moments, st.sampled_from(ZONES))
def test_the_zone_in_which_somebody_asks_makes_no_difference(weekly: Weekly, moment: datetime, zone: str) -> None:
    assert weekly.next_after(moment.astimezone(ZoneInfo(zone))) == weekly.next_after(moment)


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
