"""Time in the sandbox: the replayed history, and jumps into the future."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.stopping import KILL_SECONDS
from playground.player import Player
from playground.sandbox import Sandbox, running_sandbox
from playground.server.commands import Commands
from playground.server.interactions import Refused
from slack_standin import Channel, Message
from slack_standin.api.methods.method import ApiError
from tests.browser.conftest import channel, configure_channels, person
from tests.browser.sandboxes import open_sandbox
from tests.browser.test_server import SilentSandbox
from tests.team import is_roundup

BERLIN = ZoneInfo("Europe/Berlin")
A_MOMENT = timedelta(minutes=1)


def posts(sandbox: Sandbox) -> Iterator[tuple[Channel, Message]]:
    """What the bot has posted in channels."""
    for where in sandbox.slack.world.workspaces[sandbox.slack.team_id].channels.values():
        yield from ((where, message) for message in sandbox.slack.posts(where) if message.bot_id)


def roundups(sandbox: Sandbox) -> list[tuple[str, datetime]]:
    """The channel of each roundup and when it came, in Berlin."""
    return sorted(
        (where.name, datetime.fromtimestamp(float(message.ts), BERLIN))
        for where, message in posts(sandbox)
        if is_roundup(message.text)
    )


@pytest.mark.deep
async def test_the_bot_lives_through_the_past_in_time() -> None:
    async with running_sandbox(first_day=date(2030, 2, 11)) as sandbox:
        await sandbox.ready.wait()
        assert sandbox.state()["progress"] is None
        assert not [message.text for _, message in posts(sandbox) if "late" in message.text]
        told = roundups(sandbox)
        assert [name for name, _ in told] == ["general"] * 3 + ["leads"] * 2 + ["product"] * 3
        for _, at in told:
            assert at.weekday() == 4
            assert timedelta() <= at - at.replace(hour=16, minute=0, second=0, microsecond=0) < A_MOMENT
        assert sandbox.slack.limits.enabled
        first = next(message for _, message in posts(sandbox) if "got the new laptop" in message.text)
        assert f"{datetime.fromtimestamp(float(first.ts), BERLIN):%a %H:%M}" == "Mon 09:12"


async def test_no_weeks_are_promised_of_a_scenario_that_has_one() -> None:
    sandbox = SilentSandbox()
    sandbox.scenario = "a-good-week"
    async with open_sandbox(sandbox, empty=False):
        await sandbox.slack.wait_connected()
        assert sandbox.state()["progress"] == "Playing back the team's history…"


async def test_the_bot_that_lived_through_the_past_goes_on() -> None:
    async with running_sandbox(first_day=date(2030, 2, 11)) as sandbox:
        await sandbox.ready.wait()
        await asyncio.sleep(KILL_SECONDS + 1)  # after the replay it starts again, in the same process
        await sandbox.slack.slash(person(sandbox, "ana"), channel(sandbox, "general"), "/win still here")
        await sandbox.slack.wait_for(lambda: any("still here" in message.text for _, message in posts(sandbox)))


@pytest.mark.deep
async def test_a_week_passes_with_its_roundups_in_time(sandbox: Sandbox) -> None:
    await sandbox.ready.wait()
    ana, general, leads = person(sandbox, "ana"), channel(sandbox, "general"), channel(sandbox, "leads")
    await configure_channels(sandbox, "general", "leads")
    await sandbox.slack.slash(ana, general, "/win one for everybody")
    await sandbox.slack.slash(ana, leads, "/win one for the two of us")
    await sandbox.slack.wait_for(lambda: len(list(posts(sandbox))) == 4)
    began = sandbox.slack.clock.now()
    await Commands(sandbox, ana).later(hours=168)
    assert timedelta(days=7) <= sandbox.slack.clock.now() - began < timedelta(days=7) + A_MOMENT
    friday = datetime(2030, 3, 8, 16, tzinfo=BERLIN)
    assert [(name, at - friday < A_MOMENT) for name, at in roundups(sandbox)] == [
        ("general", True),
        ("leads", True),
    ]
    assert not [message.text for _, message in posts(sandbox) if "late" in message.text]


@pytest.mark.deep
@pytest.mark.parametrize("jump", ["friday", "later"])
async def test_a_jump_stops_for_the_reminder_of_the_day_before(sandbox: Sandbox, jump: str) -> None:
    await configure_channels(sandbox, "general", reminds="yes")
    acts = Commands(sandbox, person(sandbox, "ana"))
    await (acts.friday() if jump == "friday" else acts.later(hours=168))
    [at] = [float(message.ts) for _, message in posts(sandbox) if "The next roundup is coming up" in message.text]
    due = datetime(2030, 3, 7, 16, tzinfo=BERLIN)
    assert timedelta() <= datetime.fromtimestamp(at, BERLIN) - due < A_MOMENT


async def test_time_passes_while_the_bot_is_dead_and_the_roundup_says_that_it_comes_late(sandbox: Sandbox) -> None:
    await sandbox.ready.wait()
    ana, general = person(sandbox, "ana"), channel(sandbox, "general")
    await configure_channels(sandbox, "general")
    await sandbox.slack.slash(ana, general, "/win before the power went")
    await sandbox.slack.wait_for(lambda: len(list(posts(sandbox))) == 2)
    acts = Commands(sandbox, ana)
    await acts.bot(on=False)
    await acts.later(hours=48)
    assert roundups(sandbox) == []
    await acts.bot(on=True)
    await sandbox.slack.wait_for(lambda: roundups(sandbox), timeout=120)  # it has to start first
    assert "Sorry I'm late!" in next(message.text for _, message in posts(sandbox) if is_roundup(message.text))


async def test_time_goes_forward_only_and_not_too_far_at_once() -> None:
    async with open_sandbox(SilentSandbox()) as sandbox:
        await sandbox.ready.wait()
        acts = Commands(sandbox, person(sandbox, "ana"))
        for days in (-1, 101):
            with pytest.raises(Refused):
                await acts.later(hours=24 * days)
            with pytest.raises(Refused):
                await acts.until((sandbox.slack.clock.now() + timedelta(days=days)).astimezone(UTC).timestamp())


@pytest.mark.deep
@pytest.mark.parametrize("error", [ValueError("there is no thread"), ApiError("already_reacted")], ids=str)
async def test_a_past_that_breaks_off_says_so_and_leaves_the_team_there(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise error

    monkeypatch.setattr(Player, "play", breaks)
    async with running_sandbox(first_day=date(2030, 2, 11)) as sandbox:
        await sandbox.ready.wait()
        assert sandbox.state()["progress"] == "Couldn't load the sample history."
        assert person(sandbox, "ana")
