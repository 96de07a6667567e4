"""A program in any language drives the stand-in through the control address."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from slack_standin import StandIn, serve_control

from .conftest import bolt_app, over_socket_mode


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def control_url(slack: StandIn) -> AsyncIterator[str]:
    async with serve_control(slack) as url:
        yield url


async def do(http: aiohttp.ClientSession, control_url: str, verb: str, **args: Any) -> Any:
    async with http.post(f"{control_url}/{verb}", json=args) as answer:
        body = await answer.json()
    assert body["ok"], body
    return body["result"]


async def test_an_address_can_be_served_again_at_once(http: aiohttp.ClientSession, slack: StandIn) -> None:
    async with serve_control(slack) as first:
        await do(http, first, "clock")
    async with serve_control(slack, port=int(first.rpartition(":")[2])) as again:
        assert again == first
        await do(http, again, "clock")


async def test_a_week_can_be_played_from_outside(http: aiohttp.ClientSession, slack: StandIn, control_url: str) -> None:
    app = bolt_app(slack)

    @app.command("/say")
    async def say(ack: Any, body: dict[str, Any], client: Any) -> None:
        await client.chat_postMessage(channel=body["channel_id"], text=body["text"])
        await ack("said")

    @app.event("reaction_added")
    async def reacted_to() -> None:
        """Acknowledge it."""

    await do(http, control_url, "add_person", name="ana", tz="Europe/Berlin")
    await do(http, control_url, "add_channel", name="general", members=["ana"])
    async with over_socket_mode(slack, app):
        await do(http, control_url, "wait_connected")
        answer = await do(http, control_url, "slash", person="ana", channel="general", line="/say hello")
        assert answer["payload"] == {"text": "said"}
        await do(http, control_url, "resend", delivery=answer["delivery"])
        seen = await do(http, control_url, "read", channel="general", person="ana")
        assert [message["plain"] for message in seen] == ["hello", "said", "hello", "said"]
        reacted = await do(http, control_url, "react", person="ana", channel="general", ts=seen[0]["ts"], name="tada")
        assert (reacted["error"], reacted["status"]) == (None, 200)
    calls = await do(http, control_url, "ledger", method="chat.postMessage")
    assert [call["args"]["text"] for call in calls] == ["hello", "hello"]
    assert await do(http, control_url, "ledger", after=calls[-1]["number"] + 10) == []
    kinds = {sent["kind"] for sent in await do(http, control_url, "deliveries")}
    assert "slash_commands" in kinds


async def test_time_faults_and_limits_are_in_reach(http: aiohttp.ClientSession, control_url: str) -> None:
    moved = await do(http, control_url, "move_clock", seconds=3600)
    assert moved["offset"] == 3600
    await do(http, control_url, "fault", method="auth.test", kind="hang", effect="after")
    [fault] = await do(http, control_url, "faults")
    assert (fault["kind"], fault["effect"], fault["times"]) == ("hang", "after", 1)
    await do(http, control_url, "clear_faults")
    assert await do(http, control_url, "faults") == []
    assert (await do(http, control_url, "limits", enabled=False))["enabled"] is False


async def test_the_app_learns_how_to_connect(http: aiohttp.ClientSession, slack: StandIn, control_url: str) -> None:
    app = await do(http, control_url, "app")
    assert app["api_url"] == slack.api_url
    assert app["workspaces"][0]["bot_token"] == slack.bot_token


async def test_the_verbs_describe_themselves(http: aiohttp.ClientSession, control_url: str) -> None:
    async with http.get(control_url) as answer:
        verbs = (await answer.json())["result"]
    assert verbs["slash"]["required"] == ["person", "channel", "line"]
    assert all(verb["about"] for verb in verbs.values())


@pytest.mark.parametrize(
    ("verb", "args", "why"),
    [
        ("slash", {"person": "nobody", "channel": "general", "line": "/x"}, "no person"),
        ("slash", {"who": "ana"}, "required argument"),
        ("slash", [], "mapping"),
        ("move_clock", {}, "either"),
        ("move_clock", {"seconds": -5}, "forward only"),
        ("fault", {"method": "x", "kind": "explode"}, "unknown fault"),
        ("resend", {"delivery": "x"}, "no delivery"),
    ],
)
async def test_what_cannot_be_done_is_explained(
    http: aiohttp.ClientSession, control_url: str, verb: str, args: Any, why: str
) -> None:
    async with http.post(f"{control_url}/{verb}", json=args) as answer:
        assert (answer.status, (await answer.json())["ok"]) == (400, False)
        assert why in (await answer.json())["error"]


async def test_web_pages_are_kept_out(http: aiohttp.ClientSession, control_url: str) -> None:
    url = f"{control_url}/app"
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
        async with http.post(url, json={}, headers=headers) as answer:
            assert answer.status == 403
    async with http.post(url, data="{}") as answer:
        assert answer.status == 415
    async with http.post(url, json={}, headers={"Origin": control_url}) as answer:
        assert answer.status == 200
    async with http.post(f"{control_url}/_person", json={}) as answer:
        assert answer.status == 404
