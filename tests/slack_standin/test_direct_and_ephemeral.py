"""Messages for one person: direct messages and ephemeral ones."""

from copy import deepcopy
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn

from .conftest import MANIFEST, client_of, error_of, standing


async def test_an_app_without_a_messages_tab_writes_to_no_one() -> None:
    manifest = deepcopy(MANIFEST)
    manifest["features"]["app_home"] = {"home_tab_enabled": True, "messages_tab_enabled": False}
    async with standing(manifest) as slack:
        client, ana = client_of(slack), slack.add_person("ana")
        for place in (ana.id, slack.open_dm(ana).id):
            assert await error_of(client, "chat.postMessage", channel=place, text="hi") == "messages_tab_disabled"
        dm = slack.open_dm(ana).id
        assert await error_of(client, "chat.postEphemeral", channel=dm, user=ana.id, text="hi") == (
            "messages_tab_disabled"
        )
        general = slack.add_channel("general", members=[ana])
        await client.chat_postMessage(channel=general.id, text="hi")
    manifest["features"]["app_home"] = {"messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
    async with standing(manifest) as slack:
        ana = slack.add_person("ana")
        await client_of(slack).chat_postMessage(channel=ana.id, text="hi")
        with pytest.raises(ValueError, match="messages_tab_enabled"):
            await slack.say(ana, slack.open_dm(ana), "hello?")


async def test_a_message_to_someone_deactivated_is_posted_all_the_same(
    slack: StandIn, client: AsyncWebClient, ben: Person
) -> None:
    await slack.deactivate(ben)
    posted = await client.chat_postMessage(channel=ben.id, text="are you there?")
    assert posted["channel"] == slack.open_dm(ben).id
    assert [message.plain() for message in slack.posts(slack.open_dm(ben))] == ["are you there?"]


async def test_an_ephemeral_post_is_seen_by_one_person(
    slack: StandIn, client: AsyncWebClient, ana: Person, ben: Person, general: Channel
) -> None:
    await client.chat_postEphemeral(channel=general.id, user=ana.id, text="only you")
    assert [message.ephemeral_to for message in slack.seen_by(ana, general)] == [ana.id]
    assert slack.seen_by(ben, general) == slack.posts(general) == []


async def test_an_ephemeral_post_goes_to_a_member_where_the_bot_is_one(
    slack: StandIn, client: AsyncWebClient, *, ana: Person, ben: Person, general: Channel, secret: Channel
) -> None:
    named: dict[str, Any] = {"channel": general.id, "user": ana.id, "text": "only you"}
    posted = await client.chat_postEphemeral(**named)
    assert posted["message_ts"] == slack.seen_by(ana, general)[0].ts
    assert (await client.conversations_history(channel=general.id))["messages"] == []
    assert await error_of(client, "chat.update", channel=general.id, ts=posted["message_ts"], text="x") == (
        "message_not_found"
    )
    elsewhere = slack.add_channel("elsewhere", members=[ana], with_bot=False)
    stranger = slack.add_person("chloe")
    for changes, error in (
        ({"channel": secret.id}, "channel_not_found"),
        ({"channel": "#secret"}, "channel_not_found"),
        ({"channel": "elsewhere"}, "not_in_channel"),
        ({"channel": elsewhere.id}, "not_in_channel"),
        ({"user": stranger.id}, "user_not_in_channel"),
        ({"user": "U0"}, "user_not_in_channel"),
        ({"channel": slack.open_dm(ben).id}, "user_not_in_channel"),
        ({"text": ""}, "no_text"),
        ({"user": ""}, "invalid_arguments"),
    ):
        assert await error_of(client, "chat.postEphemeral", **named | changes) == error, changes
    await slack.archive(general)
    assert await error_of(client, "chat.postEphemeral", **named) == "is_archived"


async def test_faults_strike_ephemeral_posts(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    slack.fault("chat.postEphemeral", "error", name="fatal_error", effect="after")
    assert await error_of(client, "chat.postEphemeral", channel=general.id, user=ana.id, text="x") == "fatal_error"
    assert len(slack.seen_by(ana, general)) == 1
    slack.fault("chat.postEphemeral", "rate_limited", retry_after=7)
    assert await error_of(client, "chat.postEphemeral", channel=general.id, user=ana.id, text="x") == "ratelimited"
