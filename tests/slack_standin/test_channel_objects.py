"""The conversation object has the fields that Slack gives it, which differ from method to method."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn

from .conftest import EVERYTHING, client_of, error_of, standing

ALL_KINDS = "public_channel,private_channel,mpim,im"


@pytest.fixture
async def slack() -> Any:
    async with standing(EVERYTHING) as one:
        yield one


def kinds(slack: StandIn, ana: Person, ben: Person) -> dict[str, Channel]:
    return {
        "public": slack.add_channel("general", members=[ana]),
        "private": slack.add_channel("leads", private=True, members=[ana]),
        "group": slack.world.workspace_of(ana).group_of(ana.id, ben.id, slack.bot_user_id),
        "direct": slack.open_dm(ana),
    }


async def test_is_member_and_the_number_of_members_are_where_slack_gives_them(
    slack: StandIn, client: AsyncWebClient, ana: Person, ben: Person
) -> None:
    made = kinds(slack, ana, ben)
    named = {made[kind].id for kind in ("public", "private", "group")}
    listed = (await client.conversations_list(types=ALL_KINDS))["channels"]
    assert {each["id"] for each in listed if each.get("is_member")} == named
    assert all(each["num_members"] >= 2 for each in listed)
    own = (await client.users_conversations(types=ALL_KINDS))["channels"]
    assert {each["id"] for each in own} == {each.id for each in made.values()}
    for kind, channel in made.items():
        info = (await client.conversations_info(channel=channel.id))["channel"]
        counted = (await client.conversations_info(channel=channel.id, include_num_members=True))["channel"]
        assert (info.get("is_member"), "num_members" in info) == (None if kind == "direct" else True, False)
        assert counted["num_members"] == len(channel.members)
        in_own = next(each for each in own if each["id"] == channel.id)
        assert in_own == {name: value for name, value in info.items() if name != "is_member"}


async def test_each_kind_has_its_own_fields(slack: StandIn, client: AsyncWebClient, ana: Person, ben: Person) -> None:
    made = kinds(slack, ana, ben)
    told = {kind: (await client.conversations_info(channel=each.id))["channel"] for kind, each in made.items()}
    assert {kind: (each.get("is_private"), each.get("is_mpim"), each["is_im"]) for kind, each in told.items()} == {
        "public": (False, False, False),
        "private": (True, False, False),
        "group": (True, True, False),
        "direct": (None, None, True),
    }
    assert told["public"]["is_general"]
    assert (told["direct"]["user"], told["direct"]["is_user_deleted"]) == (ana.id, False)
    before = told["public"]["updated"]
    slack.clock.move_by(timedelta(minutes=1))
    await slack.rename(made["public"], "everyone")
    renamed = (await client.conversations_info(channel=made["public"].id, include_locale=True))["channel"]
    assert (renamed["previous_names"], renamed["locale"]) == (["general"], "en-US")
    assert renamed["updated"] >= before + 60_000


async def test_opening_says_whether_it_was_open_for_two_alone(
    slack: StandIn, client: AsyncWebClient, ana: Person, ben: Person
) -> None:
    opened = [await client.conversations_open(users=[ana.id]) for _ in range(2)]
    assert [each.get("already_open") for each in opened] == [None, True]
    assert [each.get("no_op") for each in opened] == [None, True]
    assert opened[0]["channel"] == {"id": slack.open_dm(ana).id}
    resumed = await client.conversations_open(channel=slack.open_dm(ana).id, return_im=True)
    assert (resumed["already_open"], resumed["channel"]["user"]) == (True, ana.id)
    groups = [await client.conversations_open(users=[ana.id, ben.id]) for _ in range(2)]
    assert ["already_open" in each for each in groups] == [False, False]


async def test_history_counts_pins(slack: StandIn, ana: Person) -> None:
    general = slack.add_channel("general", members=[ana])
    history = await client_of(slack).conversations_history(channel=general.id)
    assert (history["pin_count"], history["channel_actions_count"], history["channel_actions_ts"]) == (0, 0, None)


async def test_a_page_holds_999_at_most(slack: StandIn, client: AsyncWebClient, ana: Person) -> None:
    general = slack.add_channel("general", members=[ana])
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("conversations.list", {}),
        ("users.conversations", {}),
        ("conversations.members", {"channel": general.id}),
        ("conversations.history", {"channel": general.id}),
    )
    for method, more in asked:
        assert (await client.api_call(method, params={**more, "limit": 999}))["ok"]
        assert await error_of(client, method, **more, limit=1000) == "invalid_limit", method


@pytest.mark.parametrize("method", ["conversations.list", "users.conversations"])
async def test_what_is_filtered_out_leaves_its_page_shorter(
    slack: StandIn, client: AsyncWebClient, ana: Person, ben: Person, *, method: str
) -> None:
    made = kinds(slack, ana, ben)
    made["public"].archived = True
    new = slack.add_channel("new", members=[ana])
    pages, cursor = [], ""
    for _ in range(3):
        answer = await client.api_call(method, params={"exclude_archived": True, "limit": 2, "cursor": cursor})
        pages.append([each["id"] for each in answer["channels"]])
        cursor = answer["response_metadata"]["next_cursor"]
    assert (pages, cursor) == ([[], [], [new.id]], "")
