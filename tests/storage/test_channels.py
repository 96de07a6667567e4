"""A channel's schedule: stored as it was given, and changed without losing or doubling a roundup, on both databases."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, create_engine, insert, select, update
from sqlalchemy.exc import OperationalError

from bot.domain.audit_log import AuditAction, Unavailability
from bot.domain.channel_settings import ChannelSettings, QuietPolicy
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.permissions import Actor
from bot.domain.recurrence import Daily, MonthlyOnWeekday, Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.domain.workspaces import Workspace
from bot.scheduling.due_roundups import DueRoundups
from bot.services import channel_membership
from bot.services.channel_settings import notify_channels
from bot.services.roundups import create_due, post_now
from bot.storage import audit_log, channels, deliveries, due_channels, status, workspaces
from bot.storage.database import Database
from bot.storage.status import DueTimes
from bot.storage.tables import channels as table
from bot.storage.tables import roundups, wins
from tests.domain.test_schedules import schedules
from tests.domain.test_setups import setups
from tests.single import next_in_lane

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
    opened = create_engine(database_url)
    with opened.connect() as made:
        workspaces.save(made, ACME)
        yield made
    opened.dispose()


def change(connection: Connection, schedule: Schedule, now: datetime) -> datetime | None:
    return change_setup(connection, ChannelSettings(schedule), now)


def change_setup(
    connection: Connection, setup: ChannelSettings, now: datetime, channel_id: str = "C1"
) -> datetime | None:
    foreseen = channels.preview_next_due(connection, "T1", channel_id, setup, now=now)
    due = channels.save_settings(
        connection, channels.lock(connection, "T1", channel_id), setup, user_id="UBEN", now=now
    )
    assert due == foreseen
    kept = channels.by_id(connection, "T1", channel_id)
    assert kept is not None
    assert (kept.settings, kept.next_due_at) == (setup, due)
    return due


def save_win(connection: Connection, now: datetime, channel_id: str = "C1") -> None:
    row = {"team_id": "T1", "channel_id": channel_id, "author_id": "UANA", "text": "a step", "created_at": now}
    connection.execute(insert(wins), {**row, "is_open": True})


def beat(connection: Connection, now: datetime) -> bool:
    """The ticker's beat: whether a roundup was written down."""
    written = create_due(connection, channel_keys=[("T1", "C1")], grace=GRACE, now=now)
    return bool(written)


def told(connection: Connection) -> list[datetime]:
    return list(connection.scalars(select(roundups.c.due_at).order_by(roundups.c.due_at)))


def in_use(connection: Connection, schedule: Schedule = FRIDAYS) -> None:
    """Set the channel up on Monday, and let it have a win."""
    change(connection, schedule, MONDAY)
    save_win(connection, MONDAY)


def test_a_channel_is_set_up_before_its_first_win(connection: Connection) -> None:
    assert change(connection, FRIDAYS, MONDAY) == friday(16)
    channels.ensure_exist(connection, [("T1", "C1")])
    kept = channels.by_id(connection, "T1", "C1")
    assert kept is not None
    assert kept.schedule == FRIDAYS


def test_a_win_alone_sets_nothing_up(connection: Connection) -> None:
    channels.ensure_exist(connection, [("T1", "C1")])
    save_win(connection, MONDAY)
    kept = channels.by_id(connection, "T1", "C1")
    assert kept is not None
    assert (kept.settings, kept.owner_id, kept.next_due_at) == (None, None, None)
    assert not beat(connection, MONDAY + 10 * WEEK)


def test_the_first_friday_that_is_proposed_counts_from_the_local_date(connection: Connection) -> None:
    saturday_in_utc = datetime(2030, 3, 9, 0, 30, tzinfo=UTC)
    proposed = workspaces.default_settings(connection, "T1", zone="Etc/GMT+12", now=saturday_in_utc)
    assert proposed.schedule.starts_on == date(2030, 3, 8)
    assert change_setup(connection, proposed, saturday_in_utc) == datetime(2030, 3, 9, 4, 0, tzinfo=UTC)


def test_the_status_keeps_channels_with_the_same_id_apart(connection: Connection) -> None:
    workspaces.save(connection, replace(ACME, team_id="T2"))
    for team_id, setup in (("T1", ChannelSettings(FRIDAYS)), ("T2", ChannelSettings(FRIDAYS, wants_reminder=True))):
        channels.save_settings(connection, channels.lock(connection, team_id, "C1"), setup, user_id="UBEN", now=MONDAY)
    due = status.read(connection).due
    assert due["T1"] == {"C1": DueTimes(friday(16), None)}
    assert (due["T2"]["C1"].roundup, due["T2"]["C1"].reminder is None) == (friday(16), False)


def test_a_pause_leaves_no_due_date_and_its_end_brings_it_back(connection: Connection) -> None:
    in_use(connection)
    assert change(connection, FRIDAYS.paused(None), MONDAY) is None
    assert due_channels.roundups_due(connection, MONDAY + 10 * WEEK, limit=10) == []
    assert not beat(connection, friday(16))
    assert change(connection, FRIDAYS.paused(date(2030, 4, 1)), MONDAY + WEEK) == datetime(2030, 4, 5, 14, tzinfo=UTC)
    assert change(connection, FRIDAYS, MONDAY + WEEK) == friday(16) + WEEK


@pytest.mark.parametrize("hour", [17, 15])
def test_after_the_roundup_of_the_day_a_new_time_brings_no_second_one(connection: Connection, hour: int) -> None:
    in_use(connection)
    assert beat(connection, friday(16))
    save_win(connection, friday(16, 1))
    later = replace(FRIDAYS, local_time=time(hour))
    assert change(connection, later, friday(16, 5)) == friday(hour) + WEEK
    assert not beat(connection, friday(18))
    assert change(connection, replace(FRIDAYS, rule=Daily(), local_time=time(17)), friday(16, 6)) == (
        friday(17) + timedelta(days=1)
    )
    assert told(connection) == [friday(16)]


def test_before_the_roundup_of_the_day_a_later_time_moves_it(connection: Connection) -> None:
    in_use(connection)
    assert change(connection, replace(FRIDAYS, local_time=time(17)), friday(15, 30)) == friday(17)
    assert not beat(connection, friday(16))
    assert beat(connection, friday(17))
    assert told(connection) == [friday(17)]


def test_an_earlier_time_that_is_over_keeps_today_s_promise_and_counts_from_the_next_one(
    connection: Connection,
) -> None:
    in_use(connection)
    assert change(connection, replace(FRIDAYS, local_time=time(15)), friday(15, 30)) == friday(16)
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
    assert change(connection, replace(FRIDAYS, local_time=time(17)), friday(16, 1)) == friday(17)
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
    for minute, there in ((1, honolulu), (2, auckland), (3, replace(honolulu, local_time=time(17)))):
        due = change(connection, there, at_four + timedelta(minutes=minute))
        assert due is not None
        assert there.local_date(due) == date(2030, 3, 15)


def test_a_quiet_day_may_still_have_its_roundup_at_a_later_time(connection: Connection) -> None:
    change(connection, FRIDAYS, MONDAY)
    assert not beat(connection, friday(16))
    save_win(connection, friday(16, 3))
    assert change(connection, replace(FRIDAYS, local_time=time(17)), friday(16, 5)) == friday(17)


def test_a_clock_that_goes_back_brings_no_second_roundup(connection: Connection) -> None:
    in_use(connection)
    assert beat(connection, friday(16))
    save_win(connection, friday(16))
    assert change(connection, FRIDAYS, friday(15, 59)) == friday(16) + WEEK


def test_another_channel_s_schedule_stays(connection: Connection) -> None:
    in_use(connection)
    last_friday = replace(FRIDAYS, rule=MonthlyOnWeekday(-1, Weekday.FRIDAY))
    change_setup(connection, ChannelSettings(last_friday), MONDAY, "C2")
    first, second = (channels.by_id(connection, "T1", channel) for channel in ("C1", "C2"))
    assert first is not None
    assert second is not None
    assert (first.schedule, second.schedule) == (FRIDAYS, last_friday)
    assert second.next_due_at == datetime(2030, 3, 29, 15, 0, tzinfo=UTC)


def due_on_friday(database: Database, wake_sender: Callable[[tuple[str, str]], None], refresh: Any) -> DueRoundups:
    return DueRoundups(
        database, grace=GRACE, clock=lambda: friday(16), wake_sender=wake_sender, refresh_channel=refresh
    )


async def test_a_schedule_that_nobody_can_read_any_more_delays_no_other_channel(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(database_url)

    def set_up(connection: Connection) -> None:
        workspaces.save(connection, ACME)
        for channel in ("C0", "C1", "C2", "C3"):
            change_setup(connection, ChannelSettings(FRIDAYS), MONDAY, channel)
            save_win(connection, MONDAY, channel)
        for channel, broken in (
            ("C0", {"rrule": None}),
            ("C1", {"rrule": "FREQ=SECONDLY"}),
            ("C2", {"zone": "Nowhere/Town"}),
        ):
            values = {**broken, "next_due_at": friday(15)}  # before the other one's
            connection.execute(update(table).where(table.c.channel_id == channel).values(values))

    await database.write(set_up)
    woken: list[tuple[str, str]] = []

    async def nothing_is_asked(team_id: str, channel_id: str) -> bool:
        raise AssertionError("the roundups stay in their own channels")

    await due_on_friday(database, woken.append, nothing_is_asked).create_roundups()
    await database.close()
    assert woken == [("T1", "C3")]
    assert len(caplog.records) == 3


async def test_what_stays_at_home_comes_first_and_the_rest_is_asked_about_at_once(database_url: str) -> None:
    database = Database(database_url)

    def set_up(connection: Connection) -> None:
        workspaces.save(connection, ACME)
        for channel, posts_in in (("C1", "C3"), ("C2", "C3"), ("C3", None), ("C4", "C3")):
            change_setup(connection, ChannelSettings(FRIDAYS, target_channel_id=posts_in), MONDAY, channel)
            save_win(connection, MONDAY, channel)

    await database.write(set_up)
    woken: list[tuple[str, str]] = []
    together = asyncio.Barrier(3)

    async def refresh(team_id: str, channel_id: str) -> bool:
        assert woken == [("T1", "C3")], "the others were not held up"
        async with asyncio.timeout(30), together:
            pass
        if channel_id == "C4":
            raise OperationalError("", {}, Exception("the database breaks off"))
        return channel_id == "C1"

    due = due_on_friday(database, woken.append, refresh)
    await due.create_roundups()
    await due.join()
    left = await database.read(lambda connection: due_channels.roundups_due(connection, friday(16), limit=9))
    await database.close()
    assert woken == [("T1", "C3")] * 2
    assert sorted(each.channel_id for each in left) == ["C2", "C4"]


async def test_what_slack_says_nothing_about_for_a_day_is_abandoned_and_its_owner_told(database_url: str) -> None:
    database, now = Database(database_url), [friday(16)]

    def set_up(connection: Connection) -> None:
        workspaces.save(connection, ACME)
        for channel, posts_in in (("C1", "C2"), ("C2", None)):
            change_setup(connection, ChannelSettings(FRIDAYS, target_channel_id=posts_in), MONDAY, channel)
        save_win(connection, MONDAY, "C1")

    async def get_no_answer(_team_id: str, _channel_id: str) -> bool:
        return False

    async def tick() -> list[tuple[str, DeliveryState]]:
        """Return every message after it."""
        await due.create_roundups()
        await due.join()
        found = await database.read(lambda connection: deliveries.in_states(connection, list(DeliveryState)))
        return [(each.kind, each.state) for each in found]

    due = DueRoundups(
        database, grace=GRACE, clock=lambda: now[0], wake_sender=lambda _: None, refresh_channel=get_no_answer
    )
    await database.write(set_up)
    assert await tick() == []
    now[0] += GRACE
    assert await tick() == []
    now[0] += timedelta(minutes=1)
    assert await tick() == [
        (DeliveryKind.ROUNDUP, DeliveryState.ABANDONED),
        (DeliveryKind.OWNER_ALERT, DeliveryState.PENDING),
    ]
    await database.close()


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
def test_any_settings_are_stored_as_they_were_given(connection: Connection, setup: ChannelSettings) -> None:
    change_setup(connection, setup, MONDAY)


def test_what_is_posted_at_the_very_moment_that_something_is_due_does_not_take_its_place(
    connection: Connection,
) -> None:
    due = change(connection, FRIDAYS, MONDAY)
    assert due == friday(16)
    for when in (due, due, due + timedelta(microseconds=1)):
        save_win(connection, MONDAY)
        ana = Actor("UANA", is_active=True, is_admin=True)
        assert post_now(connection, ana, "T1", "C1", up_to=10**9, now=when).win_count == 1
    save_win(connection, MONDAY)
    assert beat(connection, due)
    stored = connection.execute(select(roundups.c.due_at, roundups.c.posted_by).order_by(roundups.c.id)).all()
    assert [row.due_at for row in stored if row.posted_by is None] == [due]
    assert len({row.due_at for row in stored}) == 4


@pytest.mark.parametrize(
    ("when", "lines"),
    [
        (timedelta(days=-8), [0, 1, 2]),  # it told the week before
        (timedelta(days=-1), [1, 2]),  # it told this week
        (timedelta(seconds=30), [2]),  # it came just before the beat, and so within the week after
    ],
)
def test_a_week_is_quiet_only_if_nothing_was_told_since_the_one_before(
    connection: Connection, when: timedelta, lines: list[int]
) -> None:
    started = MONDAY - 2 * WEEK
    schedule = replace(FRIDAYS, starts_on=started.date())
    change_setup(connection, ChannelSettings(schedule, quiet_policy=QuietPolicy.LINE), started)
    connection.execute(update(table).values(next_due_at=friday(16)))
    save_win(connection, started)
    ana = Actor("UANA", is_active=True, is_admin=True)
    assert post_now(connection, ana, "T1", "C1", up_to=10**9, now=friday(16) + when).win_count == 1
    beats = [friday(16) + timedelta(minutes=1) + number * WEEK for number in range(3)]
    quiet = [number for number, now in enumerate(beats) if beat(connection, now)]
    assert quiet == lines


def test_what_was_refused_is_owed_again_but_for_lines_of_changes_that_are_long_over(connection: Connection) -> None:
    change_setup(connection, ChannelSettings(FRIDAYS, quiet_policy=QuietPolicy.LINE), MONDAY)
    for day in (MONDAY, friday(12)):
        entry = audit_log.add(
            connection, AuditAction.OWNER_CHANGED, team_id="T1", channel_id="C1", actor_id="UANA", now=day
        )
        notify_channels(connection, entry, ["C1"], now=day)
    assert beat(connection, friday(16))
    while (delivery := next_in_lane(connection, ("T1", "C1"))) is not None:
        deliveries.mark_finished(connection, delivery.id, DeliveryState.REJECTED, "not_in_channel")
    channel_membership.apply_availability(connection, "T1", "C1", None, now=friday(17))
    pending = deliveries.in_states(connection, [DeliveryState.PENDING])
    assert [(each.kind, each.created_at) for each in pending] == [
        (DeliveryKind.SETTINGS_CHANGE, friday(12)),
        (DeliveryKind.ROUNDUP, friday(16)),
    ]


def test_a_channel_that_is_set_up_while_the_bot_is_away_waits_until_it_is_back(connection: Connection) -> None:
    channels.mark_unreachable(connection, channels.lock(connection, "T1", "C1"), Unavailability.ARCHIVED)
    assert change(connection, FRIDAYS, MONDAY) is None
    assert channels.mark_reachable(connection, channels.lock(connection, "T1", "C1"), now=MONDAY) == friday(16)
