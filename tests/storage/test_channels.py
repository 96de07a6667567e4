"""A channel's schedule: stored as it was given, and changed without losing or doubling a roundup, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, create_engine, insert, select, update

from bot.domain.changes import Away
from bot.domain.permissions import Actor
from bot.domain.schedules import Daily, MonthlyOnWeekday, Schedule, Weekday, Weekly
from bot.domain.setups import Setup
from bot.scheduling.jobs import post_now, write_due_roundups, write_roundup
from bot.storage import channels, workspaces
from bot.storage.database import Database
from bot.storage.tables import channels as table
from bot.storage.tables import roundups, wins
from bot.storage.workspaces import Workspace
from tests.domain.test_schedules import schedules
from tests.domain.test_setups import setups

ACME = Workspace("T1", None, "Acme", "https://acme.test/", "UBOT")
FRIDAYS = Schedule(Weekly((Weekday.FRIDAY,)), date(2030, 3, 4), time(16), "Europe/Berlin")
MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
GRACE = timedelta(hours=24)


def friday(hour: int, minute: int = 0) -> datetime:
    """Friday 8 March 2030 at that time in Berlin."""
    return datetime(2030, 3, 8, hour - 1, minute, tzinfo=UTC)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = create_engine(database_url)
    with engine.connect() as made:
        workspaces.save(made, ACME)
        yield made
    engine.dispose()


def change(connection: Connection, schedule: Schedule, now: datetime) -> datetime | None:
    return change_setup(connection, Setup(schedule), now)


def change_setup(connection: Connection, setup: Setup, now: datetime, channel_id: str = "C1") -> datetime | None:
    foreseen = channels.due_if_set(connection, "T1", channel_id, setup, now=now)
    due = channels.set_up(connection, channels.held(connection, "T1", channel_id), setup, by="UBEN", now=now)
    assert due == foreseen
    kept = channels.by_id(connection, "T1", channel_id)
    assert kept is not None
    assert (kept.setup, kept.next_due_at) == (setup, due)
    return due


def log_win(connection: Connection, now: datetime, channel_id: str = "C1") -> None:
    row = {"team_id": "T1", "channel_id": channel_id, "author_id": "UANA", "text": "a step", "created_at": now}
    connection.execute(insert(wins), row)


def beat(connection: Connection, now: datetime) -> bool:
    """The ticker's beat: whether a roundup was written down."""
    written = write_roundup(connection, team_id="T1", channel_id="C1", link=lambda _, ts: ts, grace=GRACE, now=now)
    return written is not None


def told(connection: Connection) -> list[datetime]:
    return list(connection.scalars(select(roundups.c.due_at).order_by(roundups.c.due_at)))


def in_use(connection: Connection, schedule: Schedule = FRIDAYS) -> None:
    """Set the channel up on Monday, and let it have a win."""
    change(connection, schedule, MONDAY)
    log_win(connection, MONDAY)


def test_a_channel_is_set_up_before_its_first_win(connection: Connection) -> None:
    assert change(connection, FRIDAYS, MONDAY) == friday(16)
    channels.add_all(connection, [("T1", "C1")])
    kept = channels.by_id(connection, "T1", "C1")
    assert kept is not None
    assert kept.schedule == FRIDAYS


def test_a_win_alone_sets_nothing_up(connection: Connection) -> None:
    channels.add_all(connection, [("T1", "C1")])
    log_win(connection, MONDAY)
    kept = channels.by_id(connection, "T1", "C1")
    assert kept is not None
    assert (kept.setup, kept.set_up_by, kept.next_due_at) == (None, None, None)
    assert not beat(connection, MONDAY + 10 * WEEK)


def test_the_first_friday_that_is_proposed_counts_from_the_local_date(connection: Connection) -> None:
    saturday_in_utc = datetime(2030, 3, 9, 0, 30, tzinfo=UTC)
    proposed = workspaces.proposal(connection, "T1", zone="Etc/GMT+12", now=saturday_in_utc)
    assert proposed.schedule.starts_on == date(2030, 3, 8)
    assert change_setup(connection, proposed, saturday_in_utc) == datetime(2030, 3, 9, 4, 0, tzinfo=UTC)


def test_a_pause_leaves_no_due_date_and_its_end_brings_it_back(connection: Connection) -> None:
    in_use(connection)
    assert change(connection, FRIDAYS.paused(None), MONDAY) is None
    assert channels.due(connection, MONDAY + 10 * WEEK, limit=10) == []
    assert not beat(connection, friday(16))
    assert change(connection, FRIDAYS.paused(date(2030, 4, 1)), MONDAY + WEEK) == datetime(2030, 4, 5, 14, tzinfo=UTC)
    assert change(connection, FRIDAYS, MONDAY + WEEK) == friday(16) + WEEK


@pytest.mark.parametrize("hour", [17, 15])
def test_after_the_roundup_of_the_day_a_new_time_brings_no_second_one(connection: Connection, hour: int) -> None:
    in_use(connection)
    assert beat(connection, friday(16))
    log_win(connection, friday(16, 1))
    later = replace(FRIDAYS, at=time(hour))
    assert change(connection, later, friday(16, 5)) == friday(hour) + WEEK
    assert not beat(connection, friday(18))
    assert change(connection, replace(FRIDAYS, rule=Daily(), at=time(17)), friday(16, 6)) == (
        friday(17) + timedelta(days=1)
    )
    assert told(connection) == [friday(16)]


def test_before_the_roundup_of_the_day_a_later_time_moves_it(connection: Connection) -> None:
    in_use(connection)
    assert change(connection, replace(FRIDAYS, at=time(17)), friday(15, 30)) == friday(17)
    assert not beat(connection, friday(16))
    assert beat(connection, friday(17))
    assert told(connection) == [friday(17)]


def test_an_earlier_time_that_is_over_keeps_today_s_promise_and_counts_from_the_next_one(
    connection: Connection,
) -> None:
    in_use(connection)
    assert change(connection, replace(FRIDAYS, at=time(15)), friday(15, 30)) == friday(16)
    assert beat(connection, friday(16))
    kept = channels.by_id(connection, "T1", "C1")
    assert kept is not None
    assert kept.next_due_at == friday(15) + WEEK


def test_a_roundup_that_is_overdue_is_not_lost_to_another_weekday(connection: Connection) -> None:
    in_use(connection)
    mondays = replace(FRIDAYS, rule=Weekly((Weekday.MONDAY,)))
    assert change(connection, mondays, friday(16, 1)) == friday(16)
    assert beat(connection, friday(16, 2))
    kept = channels.by_id(connection, "T1", "C1")
    assert kept is not None
    assert kept.next_due_at == friday(16) + timedelta(days=3)


def test_a_roundup_that_is_overdue_moves_to_a_later_time_of_its_day(connection: Connection) -> None:
    in_use(connection)
    assert change(connection, replace(FRIDAYS, at=time(17)), friday(16, 1)) == friday(17)
    assert beat(connection, friday(17))
    assert not beat(connection, friday(18))
    assert told(connection) == [friday(17)]


def test_a_day_that_is_skipped_or_paused_at_the_last_moment_has_none(connection: Connection) -> None:
    in_use(connection)
    assert change(connection, FRIDAYS.skipping(date(2030, 3, 8)), friday(16, 1)) == friday(16) + WEEK
    assert change(connection, FRIDAYS, friday(15)) == friday(16)
    assert change(connection, FRIDAYS.paused(date(2030, 3, 9)), friday(16, 1)) == friday(16) + WEEK
    assert told(connection) == []


def test_a_zone_further_west_does_not_repeat_the_day(connection: Connection) -> None:
    auckland = replace(FRIDAYS, zone="Pacific/Auckland")
    in_use(connection, auckland)
    at_four = datetime(2030, 3, 8, 3, 0, tzinfo=UTC)
    assert beat(connection, at_four)
    honolulu = replace(FRIDAYS, zone="Pacific/Honolulu")
    for minute, there in ((1, honolulu), (2, auckland), (3, replace(honolulu, at=time(17)))):
        due = change(connection, there, at_four + timedelta(minutes=minute))
        assert due is not None
        assert there.local_date(due) == date(2030, 3, 15)


def test_a_quiet_day_may_still_have_its_roundup_at_a_later_time(connection: Connection) -> None:
    change(connection, FRIDAYS, MONDAY)
    assert not beat(connection, friday(16))
    log_win(connection, friday(16, 3))
    assert change(connection, replace(FRIDAYS, at=time(17)), friday(16, 5)) == friday(17)


def test_a_clock_that_goes_back_brings_no_second_roundup(connection: Connection) -> None:
    in_use(connection)
    assert beat(connection, friday(16))
    log_win(connection, friday(16))
    assert change(connection, FRIDAYS, friday(15, 59)) == friday(16) + WEEK


def test_another_channel_s_schedule_stays(connection: Connection) -> None:
    in_use(connection)
    last_friday = replace(FRIDAYS, rule=MonthlyOnWeekday(-1, Weekday.FRIDAY))
    change_setup(connection, Setup(last_friday), MONDAY, "C2")
    first, second = (channels.by_id(connection, "T1", channel) for channel in ("C1", "C2"))
    assert first is not None
    assert second is not None
    assert (first.schedule, second.schedule) == (FRIDAYS, last_friday)
    assert second.next_due_at == datetime(2030, 3, 29, 15, 0, tzinfo=UTC)


async def test_a_schedule_that_nobody_can_read_any_more_delays_no_other_channel(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(database_url)

    def set_up(connection: Connection) -> None:
        workspaces.save(connection, ACME)
        for channel in ("C1", "C2", "C3"):
            change_setup(connection, Setup(FRIDAYS), MONDAY, channel)
            log_win(connection, MONDAY, channel)
        for channel, broken in (("C1", {"rule": "FREQ=SECONDLY"}), ("C2", {"zone": "Nowhere/Town"})):
            connection.execute(update(table).where(table.c.channel_id == channel).values(broken))

    await database.write(set_up)
    owed: list[tuple[str, str]] = []

    async def nothing_is_asked(team_id: str, channel_id: str) -> bool:
        raise AssertionError("the roundups stay in their own channels")

    await write_due_roundups(
        database,
        link=lambda _, ts: ts,
        grace=GRACE,
        clock=lambda: friday(16),
        owed=owed.append,
        survey=nothing_is_asked,
    )
    await database.close()
    assert owed == [("T1", "C3")]
    assert len(caplog.records) == 2


any_of_them = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example replaces the one before
)


@any_of_them
@given(schedules)
def test_any_schedule_is_stored_as_it_was_given(connection: Connection, schedule: Schedule) -> None:
    change(connection, schedule, MONDAY)


@any_of_them
@given(setups)
def test_any_settings_are_stored_as_they_were_given(connection: Connection, setup: Setup) -> None:
    change_setup(connection, setup, MONDAY)


def test_what_is_posted_at_the_very_moment_that_something_is_due_does_not_take_its_place(
    connection: Connection,
) -> None:
    due = change(connection, FRIDAYS, MONDAY)
    assert due == friday(16)
    for when in (due, due, due + timedelta(microseconds=1)):
        log_win(connection, MONDAY)
        ana = Actor("UANA", is_active=True, is_admin=True)
        assert post_now(connection, ana, "T1", "C1", up_to=10**9, link=lambda _, ts: ts, now=when) == 1
    log_win(connection, MONDAY)
    assert beat(connection, due)
    stored = connection.execute(select(roundups.c.due_at, roundups.c.posted_by).order_by(roundups.c.id)).all()
    assert [row.due_at for row in stored if row.posted_by is None] == [due]
    assert len({row.due_at for row in stored}) == 4


def test_a_channel_that_is_set_up_while_the_bot_is_away_waits_until_it_is_back(connection: Connection) -> None:
    channels.gone(connection, channels.held(connection, "T1", "C1"), Away.ARCHIVED)
    assert change(connection, FRIDAYS, MONDAY) is None
    assert channels.came_back(connection, channels.held(connection, "T1", "C1"), now=MONDAY) == friday(16)
