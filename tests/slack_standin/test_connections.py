"""Both ways to the bot behave at their edges: tickets, lost connections, signatures, junk."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from slack_standin import Channel, Person, StandIn

from .conftest import MANIFEST, bolt_app, client_of, over_http, over_socket_mode, standing


async def address(slack: StandIn) -> str:
    return str((await client_of(slack).apps_connections_open(app_token=slack.app_token))["url"])


@contextlib.asynccontextmanager
async def connected(slack: StandIn) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    url = await address(slack)
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        yield socket


async def test_a_ticket_opens_one_connection_which_says_hello(slack: StandIn) -> None:
    url = await address(slack)
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["connection_info"] == {"app_id": slack.app_id}
        assert hello["debug_info"]["approximate_connection_time"] == 3600
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)
    assert "ticket" not in repr(slack.ledger.calls("apps.connections.open"))


async def test_an_app_without_socket_mode_gets_no_address() -> None:
    manifest = MANIFEST | {"settings": {"socket_mode_enabled": False}}
    async with standing(manifest) as slack:
        with pytest.raises(Exception, match="socket_mode_disabled"):
            await address(slack)


async def test_the_eleventh_connection_is_sent_away(slack: StandIn) -> None:
    async with contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(connected(slack)) for _ in range(11)]
        said = [(await socket.receive_json())["type"] for socket in sockets]
    assert said == ["hello"] * 10 + ["disconnect"]


async def test_connections_take_turns_and_any_may_acknowledge(slack: StandIn, ana: Person, general: Channel) -> None:
    async with connected(slack) as one, connected(slack) as other:
        await one.receive_json()
        await other.receive_json()
        sent = [asyncio.create_task(slack.slash(ana, general, f"/say {number}")) for number in range(2)]
        envelopes = [await one.receive_json(), await other.receive_json()]
        for envelope in envelopes:
            await one.send_str("not json")
            await one.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "ok"}})
        answers = await asyncio.gather(*sent)
    assert [answer.payload for answer in answers] == [{"text": "ok"}] * 2
    assert envelopes[0]["type"] == "slash_commands"
    assert envelopes[0]["accepts_response_payload"] is True


async def test_a_client_that_is_asked_to_reconnect_does(slack: StandIn, ana: Person, general: Channel) -> None:
    app = bolt_app(slack)

    @app.command("/say")
    async def say(ack: Any) -> None:
        await ack("here")

    async with over_socket_mode(slack, app):
        await slack.socket.disconnect()
        assert slack.socket.connections == 0
        await slack.wait_connected()
        assert (await slack.slash(ana, general, "/say x")).payload == {"text": "here"}


async def test_a_connection_is_closed_after_it_was_asked_to_be_replaced(slack: StandIn) -> None:
    async with connected(slack) as socket:
        await socket.receive_json()
        await slack.socket.disconnect("warning")
        assert (await socket.receive_json())["reason"] == "warning"
        assert slack.socket.connections == 1
        await slack.socket.disconnect()
        assert (await socket.receive_json())["reason"] == "refresh_requested"
        assert (await socket.receive(timeout=10)).type is aiohttp.WSMsgType.CLOSE


async def test_pings_are_answered_in_kind(slack: StandIn) -> None:
    url = await address(slack)
    async with aiohttp.ClientSession() as session, session.ws_connect(url, autoping=False) as socket:
        await socket.receive_json()
        await socket.ping(b"sdk-ping-pong:1")
        pong = await socket.receive()
    assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1")


async def test_a_silent_connection_stays_open_and_answers_nothing(
    slack: StandIn, ana: Person, general: Channel
) -> None:
    async with connected(slack) as socket:
        await socket.receive_json()
        slack.socket.go_silent()
        slack.world.ack_timeout = 0.3
        assert (await slack.slash(ana, general, "/say x")).error == "operation_timeout"
        await socket.ping()
        with pytest.raises(asyncio.TimeoutError):
            await socket.receive(timeout=0.1)
        assert slack.socket.connections == 1


async def test_a_reset_connection_is_gone(slack: StandIn) -> None:
    async with connected(slack) as socket:
        await socket.receive_json()
        slack.socket.reset()
        await slack.wait_for(lambda: slack.socket.connections == 0)


async def test_requests_are_signed_and_the_url_can_be_verified(slack: StandIn) -> None:
    async with over_http(slack, bolt_app(slack)):
        assert await slack.verify_url()
        junk = await slack.deliver_raw({"type": "event_callback"}, signed=False)
        assert junk.status == 401


async def test_the_signature_holds_for_the_body_as_sent(slack: StandIn) -> None:
    verified: list[bool] = []
    verifier = SignatureVerifier(slack.signing_secret)

    async def take(request: web.Request) -> web.Response:
        verified.append(verifier.is_valid_request(await request.read(), dict(request.headers)))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    for body in [b"", b"payload=%7B", "ünï".encode()]:
        await slack.deliver_raw(body=body)
    await slack.deliver_raw({"a": 1}, kind="interactive")
    await slack.deliver_raw(body=b"x", headers={"X-Slack-Signature": "v0=0"})
    assert verified == [True] * 4 + [False]
    await runner.cleanup()


async def test_anything_can_be_sent_through_a_socket(slack: StandIn) -> None:
    async with connected(slack) as socket:
        await socket.receive_json()
        await slack.deliver_raw(body=b"{nonsense")
        assert (await socket.receive()).data == "{nonsense"
        sending = asyncio.create_task(slack.deliver_raw(["odd"], kind="interactive", envelope={"type": "unheard_of"}))
        envelope = json.loads((await socket.receive()).data)
        assert (envelope["type"], envelope["payload"]) == ("unheard_of", ["odd"])
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        assert (await sending).status == 200
