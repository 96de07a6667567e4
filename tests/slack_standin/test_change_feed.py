"""The change feed names every change, to those who may see it."""

from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn
from slack_standin.model.change_feed import Feed


async def kinds(slack: StandIn, since: int, person: Person | None = None) -> list[str]:
    changes = slack.changes_since(since, person)
    assert changes is not None
    return [change.kind for change in changes if change.kind != "ledger"]


async def test_every_change_of_a_message_is_there(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    since = slack.world.feed.number
    posted = await client.chat_postMessage(channel=general.id, text="a win")
    [message] = slack.posts(general)
    first = message.version
    assert first > since
    await slack.react(ana, general, posted["ts"], "tada")
    await client.chat_update(channel=general.id, ts=posted["ts"], text="two wins")
    await slack.say(ana, general, "wow", posted["ts"])
    assert message.version > first
    await client.chat_delete(channel=general.id, ts=posted["ts"])
    assert await kinds(slack, since) == ["message", "message", "message", "message", "message", "message_gone"]
    changes = slack.changes_since(since) or []
    assert changes[0].id == posted["ts"]
    assert [change.number for change in changes] == list(range(since + 1, slack.world.feed.number + 1))


async def test_a_viewer_hears_only_of_what_they_see(
    slack: StandIn, client: AsyncWebClient, ana: Person, *, ben: Person, general: Channel, secret: Channel
) -> None:
    since = slack.world.feed.number
    await slack.say(ana, secret, "psst")
    await client.chat_postEphemeral(channel=general.id, user=ana.id, text="only you")
    assert await kinds(slack, since, ana) == ["message", "ephemeral"]
    assert await kinds(slack, since, ben) == []


async def test_channels_and_people_change_too(slack: StandIn, ana: Person, general: Channel) -> None:
    since = slack.world.feed.number
    await slack.rename(general, "all")
    await slack.change_person(ana, tz="Asia/Tokyo")
    slack.upload(ana, "a.txt", b"abc")
    assert await kinds(slack, since, ana) == ["channel", "message", "person", "file"]


async def test_what_went_over_the_wire_is_there(slack: StandIn, client: AsyncWebClient) -> None:
    since = slack.world.feed.number
    await client.auth_test()
    [change] = slack.changes_since(since) or []
    assert (change.kind, change.id) == ("ledger", str(slack.ledger.calls("auth.test")[0].number))


def test_a_reader_that_is_too_far_behind_is_told_so() -> None:
    feed = Feed(most=3)
    for _ in range(5):
        feed.add("ledger")
    assert [change.number for change in feed.since(2) or []] == [3, 4, 5]
    assert feed.since(1) is None
    assert feed.since(5) == []
    assert feed.since(6) is None
