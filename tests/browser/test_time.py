"""Time on the stage: the past that the bot lives through, and leaps into the future."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from playground.desk.acts import Acts
from playground.desk.forms import Refused
from playground.desk.stage import Stage, staged
from playground.play import Play
from slack_standin import Channel, Message
from tests.browser.conftest import channel, configure_channels, person

BERLIN = ZoneInfo("Europe/Berlin")
A_MOMENT = timedelta(minutes=1)


def posts(stage: Stage) -> Iterator[tuple[Channel, Message]]:
    """What the bot has posted in channels."""
    for where in stage.slack.world.workspaces[stage.slack.team_id].channels.values():
        yield from ((where, message) for message in stage.slack.posts(where) if message.bot_id)


def roundups(stage: Stage) -> list[tuple[str, datetime]]:
    """The channel of each roundup and when it came, in Berlin."""
    return sorted(
        (where.name, datetime.fromtimestamp(float(message.ts), BERLIN))
        for where, message in posts(stage)
        if "'s roundup" in message.text
    )


async def test_the_bot_lives_through_the_past_in_time() -> None:
    async with staged(first_day=date(2030, 2, 11)) as stage:
        await stage.ready.wait()
        assert stage.state()["story"] is None
        assert not [message.text for _, message in posts(stage) if "late" in message.text]
        told = roundups(stage)
        assert [name for name, _ in told] == ["general"] * 3 + ["leads"] * 2 + ["product"] * 3
        for _, at in told:
            assert at.weekday() == 4
            assert timedelta() <= at - at.replace(hour=16, minute=0, second=0, microsecond=0) < A_MOMENT
        assert stage.slack.limits.enabled
        first = next(message for _, message in posts(stage) if "got the new laptop" in message.text)
        assert f"{datetime.fromtimestamp(float(first.ts), BERLIN):%a %H:%M}" == "Mon 09:12"


async def test_a_week_passes_with_its_roundups_in_time(stage: Stage) -> None:
    await stage.ready.wait()
    ana, general, leads = person(stage, "ana"), channel(stage, "general"), channel(stage, "leads")
    await configure_channels(stage, "general", "leads")
    await stage.slack.slash(ana, general, "/win one for everybody")
    await stage.slack.slash(ana, leads, "/win one for the two of us")
    await stage.slack.wait_for(lambda: len(list(posts(stage))) == 4)
    began = stage.slack.clock.now()
    await Acts(stage, ana).later(hours=168)
    assert timedelta(days=7) <= stage.slack.clock.now() - began < timedelta(days=7) + A_MOMENT
    friday = datetime(2030, 3, 8, 16, tzinfo=BERLIN)
    assert [(name, at - friday < A_MOMENT) for name, at in roundups(stage)] == [
        ("general", True),
        ("leads", True),
    ]
    assert not [message.text for _, message in posts(stage) if "late" in message.text]


async def test_time_passes_while_the_bot_is_dead_and_the_roundup_says_that_it_comes_late(stage: Stage) -> None:
    await stage.ready.wait()
    ana, general = person(stage, "ana"), channel(stage, "general")
    await configure_channels(stage, "general")
    await stage.slack.slash(ana, general, "/win before the power went")
    await stage.slack.wait_for(lambda: len(list(posts(stage))) == 2)
    acts = Acts(stage, ana)
    await acts.bot(on=False)
    await acts.later(hours=48)
    assert roundups(stage) == []
    await acts.bot(on=True)
    await stage.slack.wait_for(lambda: roundups(stage))
    assert "comes late" in next(message.text for _, message in posts(stage) if "'s roundup" in message.text)


@pytest.mark.parametrize("days", [-1, 101])
async def test_time_goes_forward_only_and_not_too_far_at_once(stage: Stage, days: float) -> None:
    await stage.ready.wait()
    acts = Acts(stage, person(stage, "ana"))
    with pytest.raises(Refused):
        await acts.later(hours=24 * days)
    with pytest.raises(Refused):
        await acts.until((stage.slack.clock.now() + timedelta(days=days)).astimezone(UTC).timestamp())


async def test_a_past_that_breaks_off_says_so_and_leaves_the_team_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object) -> None:
        raise ValueError("there is no thread")

    monkeypatch.setattr(Play, "play", breaks)
    async with staged(first_day=date(2030, 2, 11)) as stage:
        await stage.ready.wait()
        assert stage.state()["story"] == "The past could not be told to its end"
        assert person(stage, "ana")
