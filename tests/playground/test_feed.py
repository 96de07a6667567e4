"""The page's change feed: who is told of what."""

from collections.abc import AsyncIterator

import pytest

from playground.feed import Feed
from slack_standin import StandIn
from tests.slack_standin.conftest import LISTENING, standing


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with standing(LISTENING) as one:
        yield one


async def test_who_saw_a_channel_is_told_that_it_is_gone(slack: StandIn) -> None:
    ana, ben = slack.add_person("ana"), slack.add_person("ben")
    slack.add_channel("general", members=[ana, ben])
    leads = slack.add_channel("leads", private=True, members=[ana])
    feed = Feed(slack)
    await slack.delete_channel(leads, ana)
    events = feed.poll()
    assert [event.body["t"] for event in events if ana.id in event.audience] == ["anew"]
    assert not [event for event in events if ben.id in event.audience]
    assert [each["name"] for each in feed.snapshot(ana)["channels"]] == ["general"]
    assert feed.poll() == []


async def test_who_comes_later_hears_what_is_said_in_public_and_who_becomes_a_guest_no_longer(slack: StandIn) -> None:
    ana = slack.add_person("ana")
    general = slack.add_channel("general", members=[ana])
    feed = Feed(slack)

    ben = await slack.hire("ben")
    feed.poll()
    await slack.say(ana, general, "Welcome, ben")
    [said] = feed.poll()
    assert {ana.id, ben.id} <= said.audience

    await slack.change_person(ben, guest=True)
    assert [event.body["t"] for event in feed.poll() if ben.id in event.audience] == ["person", "anew"]
    await slack.say(ana, general, "Between us")
    [said] = feed.poll()
    assert ana.id in said.audience
    assert ben.id not in said.audience
