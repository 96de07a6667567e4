"""The Web API answers as Slack's does, errors included."""

import re
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn

from .conftest import client_of, error_of, manifest_without, refused, standing

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}


async def test_auth_test_names_the_bot_its_scopes_and_the_time_there(slack: StandIn, client: AsyncWebClient) -> None:
    slack.clock.move_by(timedelta(days=30))
    before = slack.clock.now().replace(microsecond=0)
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"]) == (slack.team_id, slack.bot_user_id)
    assert answer["url"] == "https://acme.slack.com/"
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
    assert before <= parsedate_to_datetime(answer.headers["Date"]) <= slack.clock.now()


async def test_unknown_methods_and_missing_arguments_are_refused_by_name(
    client: AsyncWebClient, general: Channel
) -> None:
    assert await error_of(client, "chat.shout") == "unknown_method"
    answer = await refused(client, "chat.update", channel=general.id)
    assert "missing required field: ts" in str(answer["response_metadata"]["messages"])


async def test_a_missing_scope_is_named() -> None:
    async with standing(manifest_without("users:read")) as slack:
        ana = slack.add_person("ana")
        answer = await refused(client_of(slack), "users.info", user=ana.id)
        assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")
        assert "chat:write" in answer["provided"]


async def test_a_post_can_be_read_changed_and_deleted(slack: StandIn, client: AsyncWebClient, general: Channel) -> None:
    posted = await client.chat_postMessage(channel=general.id, text="one", blocks=[SECTION])
    [message] = slack.posts(general)
    assert (message.ts, message.user, message.plain()) == (posted["ts"], slack.bot_user_id, "hi")
    assert message.blocks[0]["block_id"]
    await client.chat_update(channel=general.id, ts=message.ts, text="two", blocks=[])
    assert (message.plain(), message.edited is not None) == ("two", True)
    link = await client.chat_getPermalink(channel=general.id, message_ts=message.ts)
    assert link["permalink"] == message.permalink
    await client.chat_delete(channel=general.id, ts=message.ts)
    assert slack.posts(general) == []
    assert await error_of(client, "chat.delete", channel=general.id, ts=message.ts) == "message_not_found"


async def test_where_the_bot_cannot_post(
    slack: StandIn, client: AsyncWebClient, *, ana: Person, ben: Person, general: Channel, secret: Channel
) -> None:
    outside = slack.add_channel("outside", members=[ana], with_bot=False)
    private_talk = slack.open_dm(ana, ben)
    await slack.archive(general)
    for channel, error in [
        (outside.id, "not_in_channel"),
        (secret.id, "channel_not_found"),
        (private_talk.id, "channel_not_found"),
        (general.id, "is_archived"),
        ("#general", "is_archived"),
        ("#outside", "not_in_channel"),
        ("secret", "channel_not_found"),
        ("nowhere", "channel_not_found"),
        ("", "invalid_arguments"),
        ("#", "channel_not_found"),
        ("C404", "channel_not_found"),
    ]:
        assert await error_of(client, "chat.postMessage", channel=channel, text="hi") == error


async def test_a_post_to_a_person_lands_in_their_direct_message(
    slack: StandIn, client: AsyncWebClient, ana: Person, ben: Person
) -> None:
    answer = await client.chat_postMessage(channel=ana.id, text="psst")
    assert answer["channel"] == slack.open_dm(ana).id
    assert [message.plain() for message in slack.seen_by(ana, slack.open_dm(ana))] == ["psst"]
    assert slack.seen_by(ben, slack.open_dm(ana)) == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({}, "no_text"),
        ({"text": "   "}, "no_text"),
        ({"text": "x", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": {"type": "section"}}, "invalid_blocks_format"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": {"c": 1}}}}, "invalid_metadata_schema"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": "c" * 2000}}}, "metadata_too_large"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"text": "x", "thread_ts": "0"}, "invalid_thread_ts"),
        ({"text": "x", "username": "Somebody"}, "missing_scope"),
        ({"text": 5}, "invalid_arguments"),
    ],
)
async def test_content_that_slack_refuses(
    slack: StandIn, client: AsyncWebClient, general: Channel, content: dict[str, Any], error: str
) -> None:
    assert await error_of(client, "chat.postMessage", channel=general.id, **content) == error
    assert slack.posts(general) == []


async def test_invalid_blocks_come_with_a_pointer(client: AsyncWebClient, general: Channel) -> None:
    answer = await refused(
        client, "chat.postMessage", channel=general.id, text="x", blocks=[SECTION, {"type": "zebra"}]
    )
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] unsupported block type: zebra [json-pointer:/blocks/1/type]"
    ]


async def test_long_text_is_cut_when_posted_and_refused_when_updated(
    slack: StandIn, client: AsyncWebClient, general: Channel
) -> None:
    posted = await client.api_call("chat.postMessage", json={"channel": general.id, "text": "x" * 40_001})
    assert len(slack.posts(general)[0].text) == 40_000
    assert "message_truncated" in posted["response_metadata"]["warnings"]
    assert (
        await error_of(client, "chat.update", channel=general.id, ts=posted["ts"], text="x" * 40_001) == "msg_too_long"
    )


@pytest.mark.parametrize("character", ["x", "é", "勝", "🎉"])
async def test_an_update_takes_4000_bytes_of_text(
    slack: StandIn, client: AsyncWebClient, general: Channel, character: str
) -> None:
    most = 4000 // len(character.encode())
    posted = await client.chat_postMessage(channel=general.id, text=character * (most + 1))
    message = {"channel": general.id, "ts": posted["ts"]}
    assert await error_of(client, "chat.update", **message, text=character * (most + 1)) == "msg_too_long"
    await client.api_call("chat.update", json={**message, "text": character * most})
    assert slack.posts(general)[0].text == character * most


async def test_the_blocks_of_a_message_have_a_limit_together(
    slack: StandIn, client: AsyncWebClient, general: Channel
) -> None:
    def blocks(*lengths: int) -> list[dict[str, Any]]:
        return [{"type": "section", "text": {"type": "mrkdwn", "text": "勝" * length}} for length in lengths]

    posted = await client.chat_postMessage(channel=general.id, text="x", blocks=blocks(3000, 3000, 3000, 3000))
    message = {"channel": general.id, "text": "x", "blocks": blocks(3000, 3000, 3000, 3000, 1)}
    assert await error_of(client, "chat.postMessage", **message) == "msg_blocks_too_long"
    assert await error_of(client, "chat.update", ts=posted["ts"], **message) == "msg_blocks_too_long"


async def test_what_stands_around_the_text_of_blocks_counts_too(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    def blocks(number: int) -> list[dict[str, Any]]:
        text = {"type": "mrkdwn", "text": "x" * 100}
        buttons = [
            {
                "type": "button",
                "action_id": f"go-{each}",
                "text": {"type": "plain_text", "text": "Go"},
                "value": "y" * 40,
            }
            for each in range(4)
        ]
        return [
            part
            for _ in range(number)
            for part in ({"type": "section", "text": text}, {"type": "actions", "elements": buttons})
        ]

    message: dict[str, Any] = {"channel": general.id, "text": "x"}
    posted = await client.chat_postMessage(**message, blocks=blocks(15))
    too_long = message | {"blocks": blocks(20)}  # 2,160 characters of text
    for method, more in (
        ("chat.postMessage", {}),
        ("chat.update", {"ts": posted["ts"]}),
        ("chat.postEphemeral", {"user": ana.id}),
    ):
        assert await error_of(client, method, **too_long, **more) == "msg_blocks_too_long"
    url = (await slack.slash(ana, general, "/say x")).request.payload["response_url"]
    async with aiohttp.ClientSession() as session, session.post(url, json=too_long) as answer:
        assert answer.status == 200, "Slack takes it there"


async def test_a_message_in_an_archived_channel_takes_no_change(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    posted = await client.chat_postMessage(channel=general.id, text="before")
    await slack.archive(general, by=ana)
    message = {"channel": general.id, "ts": posted["ts"]}
    assert await error_of(client, "chat.update", **message, text="after") == "is_inactive"
    reaction = {"channel": general.id, "timestamp": posted["ts"], "name": "tada"}
    assert await error_of(client, "reactions.add", **reaction) == "is_archived"
    assert await error_of(client, "chat.delete", **message) == "cant_delete_message"
    assert await error_of(client, "chat.postMessage", channel=general.id, text="more") == "is_archived"


async def test_only_own_posts_can_be_changed(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    said = await slack.say(ana, general, "hello")
    assert await error_of(client, "chat.update", channel=general.id, ts=said.ts, text="x") == "cant_update_message"
    assert await error_of(client, "chat.delete", channel=general.id, ts=said.ts) == "cant_delete_message"


async def test_a_deleted_thread_parent_leaves_a_tombstone(
    slack: StandIn, client: AsyncWebClient, general: Channel
) -> None:
    parent = await client.chat_postMessage(channel=general.id, text="parent")
    await client.chat_postMessage(channel=general.id, text="reply", thread_ts=parent["ts"])
    await client.chat_delete(channel=general.id, ts=parent["ts"])
    [tombstone] = (await client.conversations_history(channel=general.id))["messages"]
    assert (tombstone["subtype"], tombstone["reply_count"]) == ("tombstone", 1)
    thread = (await client.conversations_replies(channel=general.id, ts=parent["ts"]))["messages"]
    assert [message["text"] for message in thread] == ["This message was deleted.", "reply"]


async def test_history_pages_newest_first_and_shows_metadata_on_demand(
    slack: StandIn, client: AsyncWebClient, general: Channel
) -> None:
    slack.limits.post_burst = 10
    mark = {"event_type": "win", "event_payload": {"id": "7"}}
    stamps = [
        (await client.chat_postMessage(channel=general.id, text=str(number), metadata=mark))["ts"]
        for number in range(5)
    ]
    assert stamps == sorted(set(stamps))
    first = await client.conversations_history(channel=general.id, limit=2, include_all_metadata=True)
    assert [message["text"] for message in first["messages"]] == ["4", "3"]
    assert first["messages"][0]["metadata"] == mark
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel=general.id, limit=2, cursor=cursor)
    assert [message["text"] for message in second["messages"]] == ["2", "1"]
    assert "metadata" not in second["messages"][0]
    later = await client.conversations_history(channel=general.id, oldest=stamps[3])
    assert [message["text"] for message in later["messages"]] == ["4"]
    both = await client.conversations_history(channel=general.id, oldest=stamps[3], inclusive=True)
    assert len(both["messages"]) == 2


@pytest.mark.parametrize("name", ["oldest", "latest"])
@pytest.mark.parametrize("ts", ["yesterday", "-1", "nan"])
async def test_history_refuses_times_that_are_none_even_of_an_empty_channel(
    client: AsyncWebClient, general: Channel, *, name: str, ts: str
) -> None:
    assert await error_of(client, "conversations.history", channel=general.id, **{name: ts}) == f"invalid_ts_{name}"


async def test_history_and_replies_need_the_scope_of_the_kind_of_channel() -> None:
    async with standing(manifest_without("groups:history")) as slack:
        ana = slack.add_person("ana")
        general, secret = slack.add_channel("general", members=[ana]), slack.add_channel("secret", private=True)
        for channel in (general, secret):
            mark = {"event_type": "win", "event_payload": {"id": channel.name}}
            posted = await client_of(slack).chat_postMessage(channel=channel.id, text="a win", metadata=mark)
            asked = {"channel": channel.id, "include_all_metadata": True}
            for method, more in (("conversations.history", {}), ("conversations.replies", {"ts": posted["ts"]})):
                if channel is secret:
                    answer = await refused(client_of(slack), method, **asked, **more)
                    assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:history")
                else:
                    found = await client_of(slack).api_call(method, params=asked | more)
                    assert [message["metadata"] for message in found["messages"]] == [mark]
    async with standing(manifest_without("channels:history", "groups:history")) as slack:
        general = slack.add_channel("general")
        assert (await refused(client_of(slack), "conversations.history", channel=general.id))[
            "error"
        ] == "missing_scope"


async def test_history_can_lag_behind(slack: StandIn, client: AsyncWebClient, general: Channel) -> None:
    slack.set_history_lag(60)
    await client.chat_postMessage(channel=general.id, text="fresh")
    assert (await client.conversations_history(channel=general.id))["messages"] == []
    slack.set_history_lag(0)
    assert len((await client.conversations_history(channel=general.id))["messages"]) == 1


async def test_timestamps_follow_the_moved_clock(slack: StandIn, client: AsyncWebClient, general: Channel) -> None:
    slack.clock.move_by(timedelta(days=365))
    posted = await client.chat_postMessage(channel=general.id, text="from the future")
    assert float(posted["ts"]) > time.time() + 364 * 86_400


async def test_reactions_are_kept_by_name_and_person(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    posted = await client.chat_postMessage(channel=general.id, text="a win")
    await client.reactions_add(channel=general.id, timestamp=posted["ts"], name="eyes")
    await slack.react(ana, general, posted["ts"], "thumbsup::skin-tone-6")
    shown = await client.reactions_get(channel=general.id, timestamp=posted["ts"])
    assert {each["name"]: each["users"] for each in shown["message"]["reactions"]} == {
        "eyes": [slack.bot_user_id],
        "thumbsup::skin-tone-6": [ana.id],
    }
    again = {"channel": general.id, "timestamp": posted["ts"], "name": "eyes"}
    assert await error_of(client, "reactions.add", **again) == "already_reacted"
    for timestamp, error in (("yesterday", "bad_timestamp"), ("1.000001", "message_not_found")):
        for method in ("reactions.add", "reactions.remove", "reactions.get"):
            named = {} if method == "reactions.get" else {"name": "eyes"}
            asked = {"channel": general.id, "timestamp": timestamp, **named}
            assert await error_of(client, method, **asked) == error, method
    await client.reactions_remove(**again)
    assert await error_of(client, "reactions.remove", **again) == "no_reaction"


async def test_people_and_channels_are_described(
    client: AsyncWebClient, ana: Person, ben: Person, general: Channel, secret: Channel
) -> None:
    assert (await client.users_info(user=ana.id))["user"]["tz"] == "Europe/Berlin"
    assert "tz" not in (await client.users_info(user=ben.id))["user"]
    assert await error_of(client, "users.info", user="U404") == "user_not_found"
    info = await client.conversations_info(channel=general.id, include_num_members=True)
    assert (info["channel"]["name"], info["channel"]["num_members"]) == ("general", 3)
    assert await error_of(client, "conversations.info", channel=secret.id) == "channel_not_found"
    listed = await client.conversations_list(types="public_channel,private_channel")
    assert [channel["name"] for channel in listed["channels"]] == ["general"]
    assert ana.id in (await client.conversations_members(channel=general.id))["members"]


async def test_workspaces_do_not_see_each_other(slack: StandIn, general: Channel) -> None:
    other = slack.add_workspace("Globex")
    stranger = client_of(slack, other.bot_token)
    assert (await stranger.auth_test())["team_id"] == other.team_id
    assert await error_of(stranger, "chat.postMessage", channel=general.id, text="hi") == "channel_not_found"
    assert await error_of(stranger, "auth.test", team_id=slack.team_id) == "team_access_not_granted"


async def test_owners_are_admins_too(slack: StandIn, client: AsyncWebClient, ana: Person) -> None:
    olga = slack.add_person("olga", is_owner=True)
    user = (await client.users_info(user=olga.id))["user"]
    assert (user["is_owner"], user["is_admin"], user["is_ultra_restricted"]) == (True, True, False)
    await slack.change_person(ana, is_admin=False, is_owner=True)
    assert (await client.users_info(user=ana.id))["user"]["is_owner"] is True
    await slack.change_person(ana, is_owner=False)
    user = (await client.users_info(user=ana.id))["user"]
    assert (user["is_owner"], user["is_admin"]) == (False, False)


async def test_a_person_has_the_profile_that_slack_shows(slack: StandIn, client: AsyncWebClient, ana: Person) -> None:
    await slack.change_person(ana, status_text="riding a train", status_emoji=":mountain_railway:", display_name="")
    user = (await client.users_info(user=ana.id))["user"]
    profile = user["profile"]
    assert (profile["display_name"], profile["real_name"], ana.shown_name) == ("", "Ana Ruiz", "Ana Ruiz")
    assert (profile["first_name"], profile["last_name"]) == ("Ana", "Ruiz")
    assert (profile["status_text"], profile["status_emoji"]) == ("riding a train", ":mountain_railway:")
    assert profile["status_expiration"] == 0
    assert all(profile[f"image_{size}"].startswith("https://") for size in (24, 32, 48, 72, 192, 512))
    assert re.fullmatch("[0-9a-f]{6}", user["color"])
    listed = (await client.users_list(include_locale=True))["members"]
    assert [each["locale"] for each in listed] == ["en-US"] * len(listed)
    assert "locale" not in user


async def test_an_email_address_needs_its_own_scope(slack: StandIn, client: AsyncWebClient, ana: Person) -> None:
    assert "email" not in (await client.users_info(user=ana.id))["user"]["profile"]
    workspace = slack.world.workspace_of(ana)
    workspace.scopes |= {"users:read.email"}
    assert (await client.users_info(user=ana.id))["user"]["profile"]["email"] == "ana@example.com"
    assert "email" not in (await client.users_info(user=slack.bot_user_id))["user"]["profile"]


async def test_the_ledger_keeps_everything_but_tokens(slack: StandIn, client: AsyncWebClient, general: Channel) -> None:
    await client.chat_postMessage(channel=general.id, text="hi")
    [call] = slack.ledger.calls("chat.postMessage")
    assert (call.args["text"], call.status, call.effect) == ("hi", 200, True)
    assert call.answer["ok"] is True
    assert slack.bot_token not in repr(slack.ledger.calls())
