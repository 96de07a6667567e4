"""Arguments of the Web API: every documented one is known, and unknown ones are ignored, as by Slack."""

import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn
from slack_standin.api.methods import METHODS
from slack_standin.api.methods.method import EVERYWHERE

from .conftest import EVERYTHING, client_of, error_of, standing

TOKENS = {"app_token"}
"""The SDK's name for a token, which it doesn't send as an argument."""

BESIDE_THE_CLIENT = {
    "chat.postMessage": {"current_draft_last_updated_ts"},
    "chat.update": {"unfurled_attachments"},
    "conversations.open": {"prevent_creation"},
    "files.completeUploadExternal": {"blocks", "channels"},
    "users.conversations": {"exclude_muted"},
}
"""Arguments of Slack's reference that its Python client doesn't name."""


def sdk_arguments(method: str) -> set[str]:
    named = {name.lower(): name for name in dir(AsyncWebClient)}
    call = getattr(AsyncWebClient, named[method.replace(".", "_").lower()])
    return {
        name
        for name, parameter in inspect.signature(call).parameters.items()
        if name != "self" and parameter.kind is not parameter.VAR_KEYWORD
    }


@pytest.mark.parametrize("method", METHODS)
def test_every_documented_argument_is_known(method: str) -> None:
    documented = sdk_arguments(method) - TOKENS | BESIDE_THE_CLIENT.get(method, set())
    assert documented <= {*METHODS[method].args, EVERYWHERE}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("users[]", "invalid_array_arg"),
        ("users[0]", "invalid_array_arg"),
        ("te-xt", "invalid_arg_name"),
        ("te xt", "invalid_arg_name"),
        ("naïve", "invalid_arg_name"),
        ("", "invalid_arg_name"),
        ("x" * 256, "invalid_arg_name"),
    ],
)
async def test_a_name_that_no_argument_can_have_is_refused(client: AsyncWebClient, name: str, error: str) -> None:
    assert await error_of(client, "auth.test", **{name: "1"}) == error


@pytest.mark.parametrize("method", [name for name, one in METHODS.items() if not one.takes_anything])
def test_unknown_arguments_are_ignored_and_strictly_refused(method: str) -> None:
    given: dict[str, Any] = {name: "1" for name, kind in METHODS[method].args.items() if kind != "ids"}
    assert METHODS[method].checked(given | {"tetx": "hi"}) == METHODS[method].checked(given)
    with pytest.raises(Exception, match="invalid_arguments") as raised:
        METHODS[method].checked(given | {"tetx": "hi"}, strict=True)
    assert "unknown argument: tetx" in str(vars(raised.value))


async def test_a_bot_with_arguments_of_its_own_is_heard_unless_the_stand_in_is_strict() -> None:
    call: dict[str, Any] = {"channel": "#general", "text": "hi", "tetx": "hi", "client_msg_id": "1", "as_user": True}
    async with standing(strict_arguments=False) as slack:
        general = slack.add_channel("general")
        await client_of(slack).api_call("chat.postMessage", json=call)
        assert [message.plain() for message in slack.posts(general)] == ["hi"]
        echoed = await client_of(slack).api_call("api.test", json={"anything": "at all"})
        assert echoed["args"] == {"anything": "at all"}
    async with standing(strict_arguments=True) as slack:
        slack.add_channel("general")
        with pytest.raises(SlackApiError, match="unknown argument: tetx"):
            await client_of(slack).api_call("chat.postMessage", json=call)


async def test_what_is_empty_is_not_given(slack: StandIn, client: AsyncWebClient, general: Channel) -> None:
    empty = {"thread_ts": "", "as_user": "", "unfurl_links": "", "mrkdwn": None}
    await client.api_call("chat.postMessage", params={"channel": general.id, "text": "hi"} | empty)
    assert [message.thread_ts for message in slack.posts(general)] == [None]
    assert (await client.api_call("conversations.list", params={"limit": ""}))["channels"]


@pytest.mark.parametrize("number", ["--5", "5-", "٣", "1.5", "x", "9" * 5000, True])
async def test_a_number_is_an_integer(client: AsyncWebClient, number: Any) -> None:
    assert await error_of(client, "users.list", limit=number) == "invalid_arguments"


async def test_half_a_character_is_replaced(slack: StandIn, client: AsyncWebClient, general: Channel) -> None:
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "a\ud83d"}}]
    await client.api_call("chat.postMessage", json={"channel": general.id, "text": "a\ud83d \ud83c\udf89"})
    await client.api_call("chat.postMessage", params={"channel": general.id, "text": "b", "blocks": json.dumps(blocks)})
    shown = slack.posts(general)
    assert (shown[0].text, shown[1].blocks[0]["text"]["text"]) == ("a\ufffd 🎉", "a\ufffd")


async def test_unknown_fields_of_an_answer_are_ignored_unless_the_stand_in_is_strict() -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}
    reply = {"text": None, "tetx": "ho", "blocks": [section]}

    async def answers(payload: Any, headers: Mapping[str, str]) -> tuple[int, str]:
        return 200, json.dumps(reply)

    for strict in (False, True):
        async with standing(strict_arguments=strict) as slack:
            slack.handler = answers
            ana = slack.add_person("ana")
            general = slack.add_channel("general", members=[ana])
            typed = await slack.slash(ana, general, "/say hi")
            assert typed.error == ("invalid_command_response" if strict else None)
            async with aiohttp.ClientSession() as session:
                answer = await session.post(typed.request.payload["response_url"], json=reply)
            assert answer.status == (400 if strict else 200)
            assert [message.plain() for message in slack.seen_by(ana, general)][-1] == (
                '/say failed with the error "invalid_command_response"' if strict else "hi"
            )


@pytest.mark.parametrize("name", ["general", "#general"])
async def test_channels_have_names_for_those_who_post(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel, name: str
) -> None:
    posted = await client.chat_postMessage(channel=name, text="hi")
    assert posted["channel"] == general.id
    await client.chat_postEphemeral(channel=name, user=ana.id, text="only you")
    assert [message.plain() for message in slack.seen_by(ana, general)] == ["hi", "only you"]
    for method, more in (
        ("chat.update", {"ts": posted["ts"], "text": "x"}),
        ("chat.delete", {"ts": posted["ts"]}),
        ("conversations.info", {}),
        ("conversations.history", {}),
    ):
        with pytest.raises(SlackApiError, match="channel_not_found"):
            await client.api_call(method, json={"channel": name, **more})


async def test_limits_and_faults_know_a_channel_by_its_name_too(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    slack.limits.posts_per_second = 0.01  # so that three are too many, however long a busy machine takes for them
    slack.fault("chat.postMessage", "error", name="fatal_error", channel=slack.open_dm(ana).id)
    with pytest.raises(SlackApiError, match="fatal_error"):
        await client.chat_postMessage(channel=ana.id, text="psst")
    slack.fault("chat.postMessage", "error", name="fatal_error", channel=general.id)
    with pytest.raises(SlackApiError, match="fatal_error"):
        await client.chat_postMessage(channel="#general", text="hi")
    for channel in (general.id, "general", "#general"):
        await client.chat_postMessage(channel=channel, text="hi")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await client.chat_postMessage(channel="general", text="one too many")


async def test_direct_messages_can_be_resumed_and_looked_for() -> None:
    async with standing(EVERYTHING) as slack:
        client, ana, ben = client_of(slack), slack.add_person("ana"), slack.add_person("ben")
        general = slack.add_channel("general", members=[ana])
        for asked, error in (
            ({"users": [ana.id], "prevent_creation": True}, "channel_not_found"),
            ({"channel": general.id}, "method_not_supported_for_channel_type"),
            ({"channel": "D404"}, "channel_not_found"),
            ({"users": ""}, "users_list_not_supplied"),
            ({"users": "U404"}, "user_not_found"),
        ):
            with pytest.raises(SlackApiError, match=error):
                await client.conversations_open(**asked)
        for users in ([ana.id], [ana.id, ben.id]):
            opened = await client.conversations_open(users=users)
            for again in ({"channel": opened["channel"]["id"]}, {"users": users, "prevent_creation": True}):
                assert (await client.conversations_open(**again))["channel"]["id"] == opened["channel"]["id"]
        await slack.deactivate(ben)
        with pytest.raises(SlackApiError, match="user_disabled"):
            await client.conversations_open(users=[ben.id])


async def test_documented_arguments_that_change_nothing_here_are_taken() -> None:
    async with standing(EVERYTHING) as slack:
        client, ana = client_of(slack), slack.add_person("ana")
        general = slack.add_channel("general", members=[ana])
        asked: dict[str, Any] = {"types": "public_channel", "exclude_muted": True}
        assert (await client.users_conversations(**asked))["channels"][0]["id"] == general.id
        mark = {"event_type": "win", "event_payload": {"id": "7"}}
        await client.chat_postEphemeral(channel=general.id, user=ana.id, text="hi", metadata=mark)
        assert slack.seen_by(ana, general)[0].metadata == mark
        with pytest.raises(SlackApiError, match=r"chat:write\.customize"):
            await client.chat_postEphemeral(channel=general.id, user=ana.id, text="hi", username="Polly")
        with pytest.raises(SlackApiError, match="no_item_specified"):
            await client.reactions_get()


async def test_an_update_replaces_files_and_text_takes_the_blocks_away() -> None:
    async with standing(EVERYTHING) as slack:
        client, general = client_of(slack), slack.add_channel("general")
        section = {"type": "section", "text": {"type": "mrkdwn", "text": "in a block"}}
        posted = await client.chat_postMessage(channel=general.id, text="one", blocks=[section])
        where = {"channel": general.id, "ts": posted["ts"]}
        uploaded = await client.files_upload_v2(filename="wins.csv", content="a,b")
        await client.api_call("chat.update", json={**where, "file_ids": [uploaded["file"]["id"]]})
        [message] = slack.posts(general)
        assert (message.text, [each["name"] for each in message.files]) == ("one", ["wins.csv"])
        assert message.blocks
        await client.chat_update(**where, text="two", file_ids=[])
        assert (message.plain(), message.blocks, message.files) == ("two", [], [])
        with pytest.raises(SlackApiError, match="file_not_found"):
            await client.chat_update(**where, text="three", file_ids=["F404"])


@pytest.mark.parametrize("name", ["trigger_id", "interactivity_pointer"])
async def test_a_modal_opens_by_either_name_of_the_trigger(client: AsyncWebClient, trigger: Any, name: str) -> None:
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Hi"}, "blocks": []}
    opened = await client.api_call("views.open", json={"view": view, name: await trigger()})
    assert opened["view"]["title"]["text"] == "Hi"
    with pytest.raises(SlackApiError, match="missing required field: trigger_id"):
        await client.api_call("views.open", json={"view": view})


def test_the_document_lists_every_method() -> None:
    document = (Path(__file__).parents[2] / "docs" / "stand-in.md").read_text()
    table = document.partition("## What it has")[2].partition("Every other method")[0]
    assert set(re.findall(r"`([a-zA-Z0-9.]+)`", table)) == set(METHODS)
