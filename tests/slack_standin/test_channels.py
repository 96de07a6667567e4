"""What a bot changes in channels: creating, inviting, leaving, renaming; and what it can look up about people."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import StandIn

from .conftest import EVERYTHING, client_of, error_of, refused, standing

MANAGING = deepcopy(EVERYTHING)
MANAGING["oauth_config"]["scopes"]["bot"] += [
    *("channels:manage", "groups:write", "channels:write.topic", "channels:write.invites"),
    *("users:read.email", "users.profile:read"),
]
MANAGING["settings"]["event_subscriptions"]["bot_events"] += ["group_rename", "group_archive"]


async def acknowledge(payload: Any, headers: Mapping[str, str]) -> tuple[int, str]:
    return 200, ""


def events_of(slack: StandIn) -> list[dict[str, Any]]:
    return [sent.payload["event"] for sent in slack.ledger.events()]


async def test_a_bot_makes_a_channel_invites_a_team_and_goes() -> None:
    async with standing(MANAGING) as slack:
        slack.handler = acknowledge
        client, ana, ben = client_of(slack), slack.add_person("ana"), slack.add_person("ben")
        made = (await client.conversations_create(name="incident-7"))["channel"]
        assert (made["name"], made["creator"], made["is_private"]) == ("incident-7", slack.bot_user_id, False)
        invited = await client.conversations_invite(channel=made["id"], users=[ana.id, ben.id])
        assert invited["channel"]["id"] == made["id"]
        members = (await client.conversations_members(channel=made["id"]))["members"]
        assert members == [slack.bot_user_id, ana.id, ben.id]
        told = (await client.conversations_setTopic(channel=made["id"], topic="The site is down"))["channel"]
        assert (told["topic"]["value"], told["topic"]["creator"]) == ("The site is down", slack.bot_user_id)
        told = (await client.conversations_setPurpose(channel=made["id"], purpose="Find <why> & how"))["channel"]
        assert (told["topic"]["value"], told["purpose"]["value"]) == ("The site is down", "Find &lt;why&gt; &amp; how")
        history = (await client.conversations_history(channel=made["id"]))["messages"]
        assert [message["subtype"] for message in history[:2]] == ["channel_purpose", "channel_topic"]
        assert (await client.conversations_rename(channel=made["id"], name="solved"))["channel"]["name"] == "solved"
        assert (await client.conversations_kick(channel=made["id"], user=ben.id))["ok"]
        assert (await client.conversations_leave(channel=made["id"])).data == {"ok": True}
        assert (await client.conversations_leave(channel=made["id"]))["not_in_channel"] is True
        await client.conversations_join(channel=made["id"])
        await client.conversations_archive(channel=made["id"])
        await slack.wait_for(lambda: any(event["type"] == "channel_archive" for event in events_of(slack)))
        found = events_of(slack)
        assert [event["type"] for event in found if event["type"] != "message"] == [
            *("channel_created", "member_joined_channel", "member_joined_channel", "channel_rename"),
            *("member_left_channel", "channel_left", "member_left_channel", "member_joined_channel"),
            "channel_archive",
        ]
        assert {event["inviter"] for event in found if event.get("inviter")} == {slack.bot_user_id}
        [topic] = [event for event in found if event.get("subtype") == "channel_topic"]
        assert (topic["topic"], topic["user"]) == ("The site is down", slack.bot_user_id)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("General", "invalid_name_specials"),
        ("two words", "invalid_name_specials"),
        ("#general", "invalid_name_specials"),
        ("a.b", "invalid_name_specials"),
        ("--_", "invalid_name_punctuation"),
        ("x" * 81, "invalid_name_maxlength"),
        ("general", "name_taken"),
        ("old", "name_taken"),
    ],
)
async def test_names_that_a_channel_cannot_have(name: str, error: str) -> None:
    async with standing(MANAGING) as slack:
        client = client_of(slack)
        slack.add_channel("general")
        await slack.archive(slack.add_channel("old"))
        assert await error_of(client, "conversations.create", name=name) == error
        own = (await client.conversations_create(name="mine"))["channel"]["id"]
        assert await error_of(client, "conversations.rename", channel=own, name=name) == error


@pytest.mark.parametrize("name", ["x" * 80, "café", "日本語", "a-b_1"])
async def test_names_that_a_channel_can_have(name: str) -> None:
    async with standing(MANAGING) as slack:
        assert (await client_of(slack).conversations_create(name=name))["channel"]["name"] == name


async def test_what_a_bot_cannot_change() -> None:
    async with standing(MANAGING) as slack:
        client, ana, ben = client_of(slack), slack.add_person("ana"), slack.add_person("ben")
        gone = slack.add_person("gone")
        await slack.deactivate(gone)
        general = slack.add_channel("general", members=[ana])
        outside = slack.add_channel("outside", members=[ana], with_bot=False)
        secret = slack.add_channel("secret", private=True, members=[ana], with_bot=False)
        old, dm = slack.add_channel("old", members=[ana]), slack.open_dm(ana)
        alone = slack.add_channel("alone")
        await slack.archive(old)
        users: dict[str, Any] = {"users": ben.id}
        for method, channel, more, error in (
            ("invite", general, {}, "no_user"),
            ("invite", general, {"users": "U404"}, "user_not_found"),
            ("invite", general, {"users": slack.bot_user_id}, "cant_invite_self"),
            ("invite", general, {"users": ana.id}, "already_in_channel"),
            ("invite", general, {"users": gone.id}, "cant_invite"),
            ("invite", outside, users, "not_in_channel"),
            ("invite", secret, users, "channel_not_found"),
            ("invite", old, users, "is_archived"),
            ("invite", dm, users, "method_not_supported_for_channel_type"),
            ("kick", general, {"user": ben.id}, "not_in_channel"),
            ("kick", general, {"user": slack.bot_user_id}, "cant_kick_self"),
            ("kick", general, {"user": "U404"}, "user_not_found"),
            ("kick", general, {}, "no_user"),
            ("kick", general, {"user": ana.id}, "cant_kick_from_general"),
            ("leave", general, {}, "cant_leave_general"),
            ("archive", general, {}, "cant_archive_general"),
            ("leave", alone, {}, "last_member"),
            ("leave", old, {}, "is_archived"),
            ("leave", dm, {}, "method_not_supported_for_channel_type"),
            ("archive", old, {}, "already_archived"),
            ("archive", outside, {}, "not_in_channel"),
            ("archive", dm, {}, "method_not_supported_for_channel_type"),
            ("rename", general, {"name": "mine-now"}, "not_authorized"),
            ("setTopic", general, {"topic": "x" * 251}, "too_long"),
            ("setTopic", outside, {"topic": "x"}, "not_in_channel"),
            ("setPurpose", old, {"purpose": "x"}, "is_archived"),
        ):
            assert await error_of(client, f"conversations.{method}", channel=channel.id, **more) == error, (
                method,
                more,
            )
        some = {"channel": general.id, "users": f"{ben.id},U404"}
        answer = await refused(client, "conversations.invite", **some)
        assert answer["errors"] == [{"user": "U404", "ok": False, "error": "user_not_found"}]
        forced = await client.conversations_invite(**some, force=True)
        assert (ben.id in general.members, forced["errors"]) == (True, answer["errors"])


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("conversations.create", {"name": "new"}),
        ("conversations.create", {"name": "new", "is_private": True}),
        ("conversations.invite", {"channel": "C1", "users": "U1"}),
        ("conversations.setTopic", {"channel": "C1", "topic": "x"}),
        ("conversations.archive", {"channel": "C1"}),
        ("users.lookupByEmail", {"email": "ana@example.com"}),
        ("users.profile.get", {}),
    ],
)
async def test_each_needs_its_scope(client: AsyncWebClient, method: str, args: dict[str, Any]) -> None:
    manifest = deepcopy(EVERYTHING)
    manifest["oauth_config"]["scopes"]["bot"].remove("im:write")
    manifest["oauth_config"]["scopes"]["bot"].remove("mpim:write")
    async with standing(manifest) as slack:
        assert await error_of(client_of(slack), method, **args) == "missing_scope"


async def test_a_private_channel_needs_its_own_scope() -> None:
    manifest = deepcopy(MANAGING)
    manifest["oauth_config"]["scopes"]["bot"].remove("groups:write")
    async with standing(manifest) as slack:
        refusal = await refused(client_of(slack), "conversations.create", name="quiet", is_private=True)
        assert (refusal["error"], refusal["needed"]) == ("missing_scope", "groups:write")
    async with standing(MANAGING) as slack:
        quiet = (await client_of(slack).conversations_create(name="quiet", is_private=True))["channel"]
        assert quiet["is_private"] is True


async def test_people_are_found_by_their_address_and_bots_by_their_id() -> None:
    async with standing(MANAGING) as slack:
        client, ana = client_of(slack), slack.add_person("ana", real_name="Ana Ruiz")
        assert (await client.users_lookupByEmail(email="ANA@example.com"))["user"]["id"] == ana.id
        assert await error_of(client, "users.lookupByEmail", email="nobody@example.com") == "users_not_found"
        await slack.change_person(ana, status_text="Away", status_emoji=":palm_tree:")
        profile = (await client.users_profile_get(user=ana.id))["profile"]
        assert (profile["real_name"], profile["status_text"], profile["email"]) == (
            *("Ana Ruiz", "Away"),
            "ana@example.com",
        )
        assert (await client.users_profile_get())["profile"]["real_name"] == slack.bot.real_name
        assert await error_of(client, "users.profile.get", user="U404") == "user_not_found"
        bot_id = (await client.auth_test())["bot_id"]
        bot = (await client.bots_info(bot=bot_id))["bot"]
        assert (bot["id"], bot["app_id"], bot["user_id"]) == (bot_id, slack.app_id, slack.bot_user_id)
        assert (bot["name"], bot["deleted"], set(bot["icons"])) == (
            *("parrot", False),
            {"image_36", "image_48", "image_72"},
        )
        assert (await client.bots_info())["bot"] == bot
        assert await error_of(client, "bots.info", bot="B404") == "bot_not_found"
