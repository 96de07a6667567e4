"""The clock that the bot goes by: ours while Slack's agrees, else Slack's, whatever ours is set to."""

import math
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import pytest

from bot.slack.slack_clock import SlackClock
from slack_standin import Clock, StandIn

NOON = datetime(2030, 3, 8, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
A_MONTH = timedelta(days=30)


class Machine:
    """A machine whose clock can be set; the seconds pass as they do."""

    def __init__(self) -> None:
        self.clock = NOON
        self.elapsed = 0.0
        self.slack_clock = SlackClock(lambda: self.clock, elapsed=lambda: self.elapsed)

    def passes(self, span: timedelta) -> None:
        self.clock += span
        self.elapsed += span.total_seconds()

    def hears(self, moment: datetime) -> None:
        """Slack answers."""
        self.slack_clock.record(format_datetime(moment, usegmt=True))


def test_a_clock_that_agrees_is_gone_by_to_the_microsecond() -> None:
    machine = Machine()
    machine.clock = NOON + timedelta(microseconds=123_456)
    assert machine.slack_clock.now() == machine.clock
    assert not machine.slack_clock.is_known
    machine.hears(NOON - 30 * SECOND)
    assert machine.slack_clock.is_known
    assert machine.slack_clock.now() == machine.clock
    assert machine.slack_clock.problem() is None


@pytest.mark.parametrize("off", [A_MONTH, -A_MONTH, 2 * timedelta(minutes=1), -2 * timedelta(minutes=1)])
def test_a_clock_that_is_wrong_is_not_gone_by(off: timedelta) -> None:
    machine = Machine()
    machine.clock += off
    machine.hears(NOON)
    machine.passes(HOUR)
    assert machine.slack_clock.now() == NOON + HOUR
    assert machine.slack_clock.difference == off
    machine.hears(NOON + HOUR)
    machine.clock = NOON + HOUR + SECOND  # someone has set it right
    assert machine.slack_clock.now() == machine.clock


@pytest.mark.parametrize("step", [3 * HOUR, -3 * HOUR, A_MONTH, -A_MONTH])
def test_setting_the_clock_while_the_bot_runs_changes_nothing(step: timedelta) -> None:
    machine = Machine()
    machine.hears(NOON)
    machine.passes(HOUR)
    machine.clock += step
    machine.passes(SECOND)
    assert machine.slack_clock.now() == NOON + HOUR + SECOND


def test_a_machine_that_stood_still_is_behind_and_never_ahead_until_slack_says_the_time() -> None:
    machine = Machine()
    machine.hears(NOON)
    machine.clock += A_MONTH  # NTP says so, and no second was counted
    assert machine.slack_clock.now() == NOON
    machine.hears(NOON + A_MONTH)
    assert machine.slack_clock.now() == machine.clock


def test_a_trusted_clock_is_gone_by_as_it_is() -> None:
    slack_clock = SlackClock(lambda: NOON, is_trusted=True)
    slack_clock.record(format_datetime(NOON + A_MONTH, usegmt=True))
    assert slack_clock.now() == NOON


def test_of_several_answers_the_one_that_says_the_most_is_kept() -> None:
    machine = Machine()
    machine.clock -= HOUR
    machine.hears(NOON)  # at any moment of that second, it was 12:00:00
    machine.passes(SECOND / 2)
    machine.hears(NOON + SECOND)
    machine.passes(SECOND / 2)
    machine.hears(NOON + SECOND)
    assert machine.slack_clock.now() == NOON + 1.5 * SECOND
    machine.hears(NOON - 5 * HOUR)
    assert machine.slack_clock.now() == NOON - 5 * HOUR, "we counted wrong, or Slack did"


def test_signatures_are_compared_with_slacks_clock() -> None:
    machine = Machine()
    assert abs(machine.slack_clock.request_time() - time.time()) < 10
    machine.hears(NOON - HOUR)
    assert abs(machine.slack_clock.request_time() - (time.time() - 3600)) < 10


OTHER_YEARS = [
    "Mon, 01 Jan 0001 00:00:00 +2359",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Fri, 31 Dec 2100 23:59:59 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359",
]


ODD_DATES = [None, "", "yesterday", "Fri, 99 Mar 2030 12:00:00 GMT", "0", f"Fri, 08 Mar 2030 12:00:{'9' * 30} GMT"]


@pytest.mark.parametrize("date", [*ODD_DATES, *OTHER_YEARS])
def test_an_answer_without_a_time_says_nothing(date: str | None) -> None:
    machine = Machine()
    machine.slack_clock.record(date)
    assert not machine.slack_clock.is_known
    assert machine.slack_clock.now() == NOON
    assert math.isnan(machine.slack_clock.seconds_ahead())


def test_operators_read_that_slack_does_not_say_the_time() -> None:
    machine = Machine()
    problem = machine.slack_clock.problem()
    assert problem is not None
    assert problem.startswith("this machine's clock can't be compared with Slack's")
    machine.hears(NOON)
    assert machine.slack_clock.problem() is None
    assert machine.slack_clock.seconds_ahead() == 0
    assert SlackClock(lambda: NOON, is_trusted=True).problem() is None


def test_operators_read_what_is_wrong_with_the_clock(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine()
    machine.clock -= 3 * HOUR
    machine.hears(NOON)
    sentence = "this machine's clock is 3:00:00 behind Slack's; Winsome goes by Slack's. Set it right (NTP)."
    assert machine.slack_clock.problem() == sentence
    assert [record.getMessage() for record in caplog.records] == [sentence]
    machine.hears(NOON)
    assert len(caplog.records) == 1, "it is said once"
    machine.clock += 6 * HOUR
    assert machine.slack_clock.problem() == sentence.replace("behind", "ahead of")


async def test_slack_is_asked_again_when_the_clock_was_set_and_not_before() -> None:
    asked = []

    class Client:
        async def get(self, method: str, arguments: dict[str, object], _read: object) -> None:
            asked.append((method, arguments))

    machine = Machine()
    await machine.slack_clock.ask_again(Client())  # type: ignore[arg-type]
    machine.hears(NOON)
    machine.passes(HOUR)
    await machine.slack_clock.ask_again(Client())  # type: ignore[arg-type]
    assert asked == []
    machine.clock -= HOUR
    await machine.slack_clock.ask_again(Client())  # type: ignore[arg-type]
    assert asked == [("auth.test", {})]
    machine.hears(NOON + HOUR)
    await machine.slack_clock.ask_again(Client())  # type: ignore[arg-type]
    assert len(asked) == 1, "it is known to be wrong"


async def test_each_answer_of_slack_is_heard_and_no_one_elses() -> None:
    clock = Clock()
    clock.move_to(NOON)
    slack = StandIn({"display_information": {"name": "x"}}, clock=clock)
    await slack.start()
    try:
        heard = SlackClock(lambda: NOON)
        trace = heard.trace(slack.api_url)
        async with aiohttp.ClientSession(trace_configs=[trace]) as session:
            async with session.post(f"{slack.api_url.removesuffix('api/')}nowhere") as answer:
                assert answer.status == 404
            assert not heard.is_known
            async with session.post(f"{slack.api_url}auth.test"):
                pass
            assert heard.is_known
            assert abs(heard.now() - NOON) < 30 * SECOND
    finally:
        await slack.stop()
