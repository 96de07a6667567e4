"""Rate limits and faults hit as they would in real life."""

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, StandIn
from slack_standin.model.faults import Fault

from .conftest import standing


async def post(slack: StandIn, channel: Channel) -> tuple[int, str, Any]:
    """Post without any client's kindness: status, body, headers."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{slack.api_url}chat.postMessage",
            json={"channel": channel.id, "text": "hi"},
            headers={"Authorization": f"Bearer {slack.bot_token}"},
        ) as answer,
    ):
        return answer.status, await answer.text(), answer.headers


async def give_up(slack: StandIn, channel: Channel, fault: Fault) -> None:
    """Post, and wait for the answer no longer than a moment after the fault has struck."""
    posting = asyncio.create_task(post(slack, channel))
    while fault.times and not posting.done():  # noqa: ASYNC110 - a call that waits before it acts tells no one
        await asyncio.sleep(0.01)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(posting, 0.1)


async def test_a_fourth_post_at_once_has_to_wait_a_second(
    slack: StandIn, client: AsyncWebClient, general: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 1000.0)  # at once, however long a busy machine takes
    monkeypatch.setattr("slack_standin.model.rate_limits.time", clock)
    for _ in range(3):
        await client.chat_postMessage(channel=general.id, text="hi")
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=general.id, text="hi")
    assert raised.value.response.status_code == 429
    assert raised.value.response["error"] == "ratelimited"
    assert raised.value.response.headers["Retry-After"] == "1"
    other = slack.add_channel("other")
    await client.chat_postMessage(channel=other.id, text="hi")


async def test_a_method_has_its_tier(client: AsyncWebClient) -> None:
    for _ in range(20):
        await client.users_list()
    with pytest.raises(SlackApiError) as raised:
        await client.users_list()
    assert 1 <= int(raised.value.response.headers["Retry-After"]) <= 60
    await client.auth_test()


async def test_limits_can_be_switched_off() -> None:
    async with standing(limits=False) as slack:
        general = slack.add_channel("general")
        for _ in range(10):
            assert (await post(slack, general))[0] == 200


@pytest.mark.parametrize(
    ("kind", "options", "posted"),
    [("http_500_before", {}, 0), ("http_500_after", {}, 1), ("error", {"name": "fatal_error"}, 0)],
)
async def test_an_error_comes_with_or_without_the_effect(
    slack: StandIn, general: Channel, kind: Any, options: dict[str, Any], posted: int
) -> None:
    slack.fault("chat.postMessage", kind, **options)
    status, body, _ = await post(slack, general)
    assert status == 500 or "fatal_error" in body
    assert len(slack.posts(general)) == posted
    assert slack.ledger.calls("chat.postMessage")[-1].effect is bool(posted)
    assert (await post(slack, general))[0] == 200


@pytest.mark.parametrize(("kind", "posted"), [("reset_before", 0), ("reset_after", 1)])
async def test_the_connection_is_reset(slack: StandIn, general: Channel, kind: Any, posted: int) -> None:
    slack.fault("chat.postMessage", kind)
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await post(slack, general)
    assert len(slack.posts(general)) == posted


@pytest.mark.parametrize(("effect", "posted"), [("before", 0), ("after", 1)])
async def test_the_answer_never_comes(slack: StandIn, general: Channel, effect: str, posted: int) -> None:
    await give_up(slack, general, slack.fault("chat.postMessage", "hang", effect=effect))
    assert len(slack.posts(general)) == posted


@pytest.mark.parametrize("effect", ["before", "after"])
async def test_a_slow_call_takes_effect_although_the_client_gave_up(
    slack: StandIn, general: Channel, effect: str
) -> None:
    await give_up(slack, general, slack.fault("chat.postMessage", "slow", seconds=1.0, effect=effect))
    assert len(slack.posts(general)) == (effect == "after")
    await slack.wait_for(lambda: slack.posts(general))


async def test_the_answer_is_not_json(slack: StandIn, general: Channel) -> None:
    slack.fault("chat.postMessage", "bad_json", effect="after")
    status, body, headers = await post(slack, general)
    assert (status, headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert not body.endswith("}")
    assert len(slack.posts(general)) == 1


async def test_a_fault_strikes_where_and_as_often_as_told(slack: StandIn, general: Channel) -> None:
    other = slack.add_channel("other")
    slack.fault("chat.postMessage", "rate_limited", times=2, retry_after=7, channel=general.id)
    assert (await post(slack, other))[0] == 200
    assert (await post(slack, general))[2]["Retry-After"] == "7"
    assert (await post(slack, general))[0] == 429
    assert (await post(slack, general))[0] == 200
    slack.fault("chat.postMessage", "http_500_before", times=None)
    assert (await post(slack, general))[0] == 500
    slack.clear_faults()
    assert (await post(slack, general))[0] == 200


async def test_chance_repeats_itself_with_its_seed(slack: StandIn) -> None:
    def strikes() -> list[bool]:
        slack.clear_faults()
        slack.fault("auth.test", "error", times=None, probability=0.5, seed=4)
        return [slack.world.faults.strike("auth.test", None, {}) is not None for _ in range(20)]

    once = strikes()
    assert once == strikes()
    assert 0 < sum(once) < 20


def test_a_fault_that_does_not_exist_is_refused() -> None:
    slack = StandIn({})
    with pytest.raises(ValueError, match="unknown fault"):
        slack.fault("auth.test", "explode")  # type: ignore[arg-type]  # the point of the test


async def test_pictures_are_refused_and_other_messages_are_taken(
    slack: StandIn, client: AsyncWebClient, general: Channel
) -> None:
    slack.fault("chat.postMessage", "no_pictures", times=None)
    face = {"type": "image", "image_url": "https://avatars.slack-edge.com/1_48.png", "alt_text": "Ben"}
    words = {"type": "section", "text": {"type": "plain_text", "text": "Ben"}}
    chart = {"type": "pie", "segments": [{"label": "docs", "value": 2}]}
    pictures: list[dict[str, Any]] = [
        {"type": "context", "elements": [face]},
        words | {"accessory": face},
        face,
        {"type": "data_visualization", "title": "Themes", "chart": chart},
    ]
    for picture in pictures:
        with pytest.raises(SlackApiError) as raised:
            await client.chat_postMessage(channel=general.id, text="hi", blocks=[words, picture])
        assert raised.value.response["error"] == "invalid_blocks"
    await client.chat_postMessage(channel=general.id, text="hi", blocks=[words])
    assert len(slack.posts(general)) == 1
    slack.clear_faults()
    await client.chat_postMessage(channel=general.id, text="hi", blocks=[words, pictures[0]])
    await client.chat_postMessage(channel=general.id, text="hi", blocks=[words, *pictures[1:]])
