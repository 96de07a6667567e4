"""The line on the day before a roundup: once, at the same local time, for those who asked for it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bot.domain.channel_settings import ChannelSettings
from bot.domain.permissions import Actor
from bot.domain.recurrence import Daily, Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.services import channel_settings
from bot.storage import due_channels
from bot.storage.database import engine
from bot.views.format import date_and_time
from bot.views.translations import ENGLISH
from tests.e2e.test_trust import stays
from tests.team import FRIDAY_16_BERLIN, MONDAY, Team, team

THURSDAY = FRIDAY_16_BERLIN - timedelta(days=1)
REMINDER = "The next roundup is coming up: "
FRIDAYS = Schedule(Weekly((Weekday.FRIDAY,)), MONDAY.date(), time(16), "Europe/Berlin")


def changes(made: Team, setup: ChannelSettings) -> None:
    """Ana changes #general's settings, as the form would."""
    writes = engine(made.database_url, writes=True)
    with writes.begin() as connection:
        ana = Actor(made.ana.id, is_active=True, is_admin=True)
        channel_settings.change(connection, ana, made.general.team_id, made.general.id, setup, now=made.clock.now())
    writes.dispose()


def reminders(made: Team) -> list[Any]:
    return [message for message in made.slack.posts(made.general) if REMINDER in message.plain()]


@pytest.mark.every_deployment
async def test_it_comes_once_a_day_ahead_with_the_date_that_fires(the_team: Team) -> None:
    changes(the_team, ChannelSettings(FRIDAYS, wants_reminder=True))
    await the_team.sees("ana turned on the day-before reminder")
    await the_team.it_is(THURSDAY - timedelta(minutes=1))
    await stays(lambda: reminders(the_team) == [])
    await the_team.it_is(THURSDAY)
    reminder = await the_team.sees(REMINDER)
    assert date_and_time(ENGLISH, FRIDAY_16_BERLIN, "Europe/Berlin") in reminder.text
    assert "Friday, March 8 at 16:00 (Berlin)" in reminder.text
    await the_team.bot_stops()
    await the_team.bot_starts()
    await stays(lambda: len(reminders(the_team)) == 1)
    await the_team.says(the_team.ben, "/win in time for it")
    await the_team.sees("ben: in time for it")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)
    await the_team.it_is(THURSDAY + timedelta(days=7))
    await the_team.sees(REMINDER, times=2)


async def test_an_emoji_on_what_is_no_win_and_no_roundup_is_just_an_emoji(the_team: Team) -> None:
    changes(the_team, ChannelSettings(FRIDAYS, wants_reminder=True))
    line = await the_team.sees("ana turned on the day-before reminder")
    await the_team.it_is(THURSDAY)
    reminder = await the_team.sees(REMINDER)
    for message in (line, reminder):
        await the_team.records(message)
        answer = await the_team.slack.react(the_team.ben, the_team.general, message.ts, "tada")
        assert answer.error is None


async def test_nobody_is_reminded_who_did_not_ask(the_team: Team) -> None:
    await the_team.it_is(THURSDAY + timedelta(minutes=1))
    await stays(lambda: the_team.posts() == [])


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param(FRIDAYS.paused(None), id="switched off"),
        pytest.param(FRIDAYS.paused(date(2030, 3, 20)), id="paused"),
        pytest.param(FRIDAYS.skipping(date(2030, 3, 8)), id="skipped"),
        pytest.param(Schedule(Daily(), MONDAY.date(), time(16), "Europe/Berlin"), id="daily"),
    ],
)
async def test_not_before_a_roundup_that_does_not_come_nor_before_a_daily_one(
    team_url: str, schedule: Schedule
) -> None:
    async with team(team_url) as made:
        changes(made, ChannelSettings(schedule, wants_reminder=True))
        await made.it_is(THURSDAY)
        await stays(lambda: reminders(made) == [])


async def test_it_moves_with_the_roundup(the_team: Team) -> None:
    changes(the_team, ChannelSettings(FRIDAYS, wants_reminder=True))
    wednesdays = Schedule(Weekly((Weekday.WEDNESDAY,)), MONDAY.date(), time(10), "Europe/Berlin")
    changes(the_team, ChannelSettings(wednesdays, wants_reminder=True))
    await the_team.it_is(datetime(2030, 3, 5, 9, tzinfo=UTC))
    assert "Wednesday, March 6 at 10:00 (Berlin)" in (await the_team.sees(REMINDER)).text
    await the_team.it_is(THURSDAY)
    await stays(lambda: len(reminders(the_team)) == 1)


async def test_called_off_after_it_was_due_and_before_it_went_out(the_team: Team) -> None:
    changes(the_team, ChannelSettings(FRIDAYS, wants_reminder=True))
    await the_team.sees("ana turned on the day-before reminder")
    the_team.slack.fault("chat.postMessage", "rate_limited", times=1, retry_after=4)
    await the_team.it_is(THURSDAY)
    await the_team.slack.wait_for(lambda: len(the_team.slack.ledger.calls("chat.postMessage")) == 2)
    changes(the_team, ChannelSettings(FRIDAYS.skipping(date(2030, 3, 8)), wants_reminder=True))
    await the_team.sees("skipped the roundup on Friday, March 8")
    await stays(lambda: reminders(the_team) == [])


async def test_it_links_to_a_win_that_waits_for_a_cheer_and_says_nothing_of_it(the_team: Team) -> None:
    changes(the_team, ChannelSettings(FRIDAYS, wants_reminder=True))
    await the_team.sees("ana turned on the day-before reminder")
    for text in ("wrote the runbook", "closed ten tickets"):
        await the_team.says(the_team.ben, f"/win {text}")
    cheered, waiting = await the_team.sees("ben: wrote the runbook"), await the_team.sees("ben: closed ten tickets")
    await the_team.slack.press(the_team.chloe, cheered, action_id="cheer")
    await the_team.sees("Cheered by chloe")
    await the_team.it_is(THURSDAY)
    reminder = await the_team.sees(REMINDER)
    assert "Meanwhile, here's <" in reminder.text
    assert f"/archives/{the_team.general.id}/p{waiting.ts.replace('.', '')}|a win worth reading>." in reminder.text
    for word in ("ben", "tickets", "runbook", "cheer", "first", "yet"):
        assert word not in reminder.plain(), word


async def test_it_links_to_nothing_where_no_win_waits(the_team: Team) -> None:
    changes(the_team, ChannelSettings(FRIDAYS, wants_reminder=True))
    await the_team.sees("ana turned on the day-before reminder")
    await the_team.says(the_team.ben, "/win wrote the runbook")
    cheered = await the_team.sees("ben: wrote the runbook")
    await the_team.slack.press(the_team.chloe, cheered, action_id="cheer")
    await the_team.sees("Cheered by chloe")
    await the_team.it_is(THURSDAY)
    assert "Meanwhile" not in (await the_team.sees(REMINDER)).text


@pytest.mark.parametrize(("hours", "reminds"), [(4, True), (1, False), (-1, False)])
async def test_a_bot_that_was_off_reminds_only_while_that_is_of_use(the_team: Team, hours: int, reminds: bool) -> None:
    changes(the_team, ChannelSettings(FRIDAYS, wants_reminder=True))
    await the_team.bot_stops()
    await the_team.it_is(FRIDAY_16_BERLIN - timedelta(hours=hours))
    await the_team.bot_starts()
    if reminds:
        await the_team.sees(REMINDER)
    await stays(lambda: len(reminders(the_team)) == reminds)


async def test_a_clock_change_between_the_two_keeps_the_local_time(team_url: str) -> None:
    """In Berlin, clocks go forward on Sunday 31 March 2030: the day before is Saturday at the same 16:00."""
    async with team(team_url) as made:
        sundays = Schedule(Weekly((Weekday.SUNDAY,)), date(2030, 3, 25), time(16), "Europe/Berlin")
        changes(made, ChannelSettings(sundays, wants_reminder=True))
        await made.it_is(datetime(2030, 3, 30, 15, tzinfo=UTC))
        reminder = await made.sees(REMINDER)
        assert date_and_time(ENGLISH, datetime(2030, 3, 31, 14, tzinfo=UTC), "Europe/Berlin") in reminder.text


async def test_a_channel_that_lost_the_bot_is_not_reminded(team_url: str) -> None:
    async with team(team_url) as made:
        changes(made, ChannelSettings(FRIDAYS, wants_reminder=True))
        await made.slack.remove_bot(made.general)
        await made.it_is(THURSDAY)
        await stays(lambda: reminders(made) == [])
        reads = engine(made.database_url, writes=False)
        with reads.connect() as connection:
            assert due_channels.reminders_due(connection, made.clock.now()) == []
        reads.dispose()
