"""The HTTP door lets in what Slack signed, and nothing in a request can change that."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot import app, config
from bot.receivers import http
from bot.slack import response_url
from bot.slack.manifest import manifest
from slack_standin import StandIn
from tests.db_dump import column, dump, dump_user_actions
from tests.signed_client import (
    FORM,
    JSON,
    SignedClient,
    form,
    open_signed_client,
    payload_form,
    raw_exchange,
    signature,
)
from tests.team import Team, team


def win(at: Team, text: str = "fixed the build", **changes: Any) -> dict[str, Any]:
    """What Slack sends when Ana types /win in #general."""
    return {
        "token": "old",
        "team_id": at.slack.team_id,
        "team_domain": "acme",
        "channel_id": at.general.id,
        "channel_name": "general",
        "user_id": at.ana.id,
        "user_name": "ana",
        "command": "/win",
        "text": text,
        "api_app_id": at.slack.app_id,
        "is_enterprise_install": "false",
        "response_url": f"{at.slack.origin}/commands/{at.slack.team_id}/1/none",
        "trigger_id": f"1.2.{text}",
        **changes,
    }


# Signatures


def _wrong(headers: dict[str, str], body: bytes, secret: str) -> dict[str, dict[str, str]]:
    stamp = headers["X-Slack-Request-Timestamp"]
    right = headers["X-Slack-Signature"]

    def at(timestamp: str) -> dict[str, str]:
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature(secret, timestamp, body)}

    now = int(time.time())
    return {
        "a signature made with another secret": {"X-Slack-Signature": signature("another", stamp, body)},
        "a signature of another body": {"X-Slack-Signature": signature(secret, stamp, body + b"&x=1")},
        "a signature of another time": {"X-Slack-Request-Timestamp": str(int(stamp) - 1)},
        "a signature of another version": {"X-Slack-Signature": right.replace("v0=", "v1=")},
        "a signature without its version": {"X-Slack-Signature": right.removeprefix("v0=")},
        "half a signature": {"X-Slack-Signature": right[:34]},
        "a signature with something after it": {"X-Slack-Signature": right + "00"},
        "an empty signature": {"X-Slack-Signature": ""},
        "a signature that is not ASCII": {"X-Slack-Signature": "v0=é" + right[4:]},
        "a signature in full-width digits": {"X-Slack-Signature": right.replace("0", "\uff10")},
        "a request that is 301 seconds old": at(str(now - 302)),
        "a request of a year ago": at(str(now - 31_536_000)),
        "a request from the future": at(str(now + 303)),
        "a request of 1970": at("0"),
        "an empty timestamp": at(""),
        "a timestamp in words": at("yesterday"),
        "a timestamp with a fraction": at(f"{now}.0"),
        "a timestamp with an exponent": at("1e9"),
        "a negative timestamp": at(f"-{now}"),
        "a timestamp with a sign": at(f"+{now}"),
        "a timestamp with underscores": at(f"{str(now)[:4]}_{str(now)[4:]}"),
        "a timestamp in Arabic digits": at("".join(chr(0x660 + int(digit)) for digit in str(now))),
        "a timestamp in superscripts": at("\u00b9\u00b2\u00b3"),
        "an endless timestamp": at("9" * 5000),
        "a timestamp that is not a number": at("nan"),
    }


WRONG = sorted(_wrong({"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=" + "0" * 64}, b"", "s"))


async def test_a_wrong_absent_old_or_odd_signature_is_a_401_and_nothing_is_written(
    http_team: Team, signed_client: SignedClient
) -> None:
    before = dump(http_team.database_url)
    for body, content_type in (
        (form(win(http_team)), FORM),
        (payload_form({"type": "block_actions", "team": {"id": http_team.slack.team_id}}), FORM),
        (json.dumps({"type": "event_callback", "team_id": http_team.slack.team_id, "event": {}}).encode(), JSON),
        (b"", FORM),
    ):
        for name in WRONG:
            headers = signed_client.signed_headers(body, content_type=content_type)
            headers |= _wrong(headers, body, http_team.slack.signing_secret)[name]
            assert (await signed_client.send(body, headers)).status == 401, name
        for absent in (["X-Slack-Signature"], ["X-Slack-Request-Timestamp"], [*headers]):
            headers = signed_client.signed_headers(body, content_type=content_type)
            rest = {header: value for header, value in headers.items() if header not in absent}
            assert (await signed_client.send(body, rest)).status == 401, absent
    assert dump(http_team.database_url) == before

    body = form(win(http_team))
    assert (await signed_client.send(body, signed_client.signed_headers(body, age=290))).status == 200
    assert column(http_team.database_url, "wins", "text") == ["fixed the build"]


async def test_of_two_signatures_one_that_is_right_does_not_hide_the_one_that_is_wrong(
    http_team: Team, signed_client: SignedClient
) -> None:
    body = form(win(http_team))
    right = signed_client.signed_headers(body)
    stamp = right["X-Slack-Request-Timestamp"].encode()
    answer = await raw_exchange(
        signed_client.url,
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " + FORM.encode() + b"\r\n"
        b"X-Slack-Request-Timestamp: " + stamp + b"\r\nX-Slack-Signature: v0=00\r\n"
        b"X-Slack-Signature: " + right["X-Slack-Signature"].encode() + b"\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body,
    )
    assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 400"))
    assert dump(http_team.database_url)["wins"] == []


async def test_without_a_signing_secret_the_bot_refuses_to_start(sqlite_url: str) -> None:
    for missing in ({}, {"SLACK_SIGNING_SECRET": ""}, {"SLACK_SIGNING_SECRET": " \t"}):
        with pytest.raises(config.Misconfigured, match="SLACK_SIGNING_SECRET"):
            config.load({"SLACK_BOT_TOKEN": "xoxb-1", **missing})
    async with team(sqlite_url, transport="http", starts=False) as made:
        with pytest.raises(ValueError, match="signing secret"):
            async with app.lifespan(made.settings(signing_secret="")):
                pytest.fail("it started")
    with pytest.raises(ValueError, match="signing secret"):
        http.create_app(None, "")  # type: ignore[arg-type]


async def test_a_request_that_is_replayed_is_stored_once_and_answered_the_same(
    database_url: str, quick_posts: None
) -> None:
    async with team(database_url, transport="http") as made:
        assert made.slack.request_url is not None
        async with open_signed_client(made.slack.request_url, made.slack.signing_secret) as at:
            body = form(win(made))
            headers = at.signed_headers(body)
            replies = await asyncio.gather(*(at.send(body, headers) for _ in range(8)))
            replies += [await at.send(body, headers), await at.command(win(made))]
            assert {reply.status for reply in replies} == {200}
            assert column(database_url, "wins", "text") == ["fixed the build"]
            assert len({reply.text for reply in replies}) == 1
            announced = await made.sees("ana: fixed the build")
            assert len(made.slack.ledger.calls("chat.postMessage")) == 1

            await made.slack.press(made.ben, announced, "cheer")
            press = made.slack.ledger.deliveries("interactive")[-1].payload
            for _ in range(3):
                assert (await at.button(press)).status == 200
            assert column(database_url, "win_cheers", "is_active") == [True]

            await made.slack.react(made.chloe, made.general, announced.ts, "tada")
            event = made.slack.ledger.deliveries("events_api")[-1].payload
            for _ in range(3):
                assert (await at.event(event)).status == 200
            assert len(column(database_url, "win_cheers", "user_id")) == 2


async def test_the_url_is_verified_only_for_whom_can_sign(http_team: Team, signed_client: SignedClient) -> None:
    assert await http_team.slack.verify_url("a-challenge")
    asked = json.dumps({"type": "url_verification", "challenge": "give-me-that", "token": "x"}).encode()
    unsigned = await signed_client.send(asked, {"Content-Type": JSON})
    assert unsigned.status == 401
    assert "give-me-that" not in unsigned.text
    signed = await signed_client.send(asked, signed_client.signed_headers(asked, content_type=JSON))
    assert signed.json() == {"challenge": "give-me-that"}
    assert "json" in signed.headers["Content-Type"]


async def test_an_ssl_check_has_no_effect_signed_or_not(http_team: Team, signed_client: SignedClient) -> None:
    before = dump(http_team.database_url)
    check = form(win(http_team, ssl_check="1"))
    assert (await signed_client.send(check, {"Content-Type": FORM})).status == 401
    assert (await signed_client.send(b"ssl_check=1&token=x", {"Content-Type": FORM})).status == 401
    assert (await signed_client.send(b"ssl_check=1", {"Content-Type": FORM}, query="?ssl_check=1")).status == 401
    assert (await signed_client.send(check, signed_client.signed_headers(check))).status == 200
    assert dump(http_team.database_url) == before
    assert http_team.posts() == []


# Nothing in a request chooses another way in


async def test_no_header_query_or_field_skips_the_signature(http_team: Team, signed_client: SignedClient) -> None:
    before = dump(http_team.database_url)
    plain, envelope = win(http_team), {"type": "slash_commands", "envelope_id": "1", "payload": win(http_team)}
    bodies = [
        (form(plain | {"mode": "socket_mode"}), FORM),
        (form(plain | {"envelope_id": "e", "type": "slash_commands"}), FORM),
        (json.dumps(plain | {"mode": "socket_mode", "accepts_response_payload": True}).encode(), JSON),
        (json.dumps(envelope).encode(), JSON),
        (payload_form(envelope), FORM),
        (form(plain), "text/plain"),
        (form(plain), "multipart/form-data; boundary=x"),
    ]
    headers = [
        {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "win"},
        {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"},
        {"Upgrade": "websocket", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"},
        {"X-Forwarded-Proto": "wss", "X-HTTP-Method-Override": "GET", "X-Slack-Socket-Mode": "1"},
    ]
    for body, content_type in bodies:
        for more in headers:
            for query in ("", "?mode=socket_mode", "?ssl_check=1&type=url_verification&challenge=x"):
                got = await signed_client.send(body, {"Content-Type": content_type} | more, query=query)
                assert got.status in (400, 401), (body, more, query)
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        body = form(plain)
        assert (await signed_client.send(body, signed_client.signed_headers(body), method=method)).status == 405
    root = signed_client.url.removesuffix(http.PATH)
    for path in ("/", "/slack", "/slack/events/", "/slack/install", "/slack/oauth_redirect", "/link", "/healthz"):
        other = SignedClient(root + path, http_team.slack.signing_secret, signed_client._session)
        body = form(plain)
        assert (await other.send(body, other.signed_headers(body))).status in (404, 405)
    assert dump(http_team.database_url) == before


async def test_a_signed_request_with_bolts_own_headers_is_served_like_any_other(
    http_team: Team, signed_client: SignedClient
) -> None:
    lazily = {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "win"}
    answer = await signed_client.command(win(http_team, mode="socket_mode", envelope_id="1"), **lazily)
    assert answer.json()["text"].startswith("Win saved: fixed the build")
    assert column(http_team.database_url, "wins", "text") == ["fixed the build"]


async def test_a_signed_socket_mode_envelope_is_no_request_over_http(
    http_team: Team, signed_client: SignedClient
) -> None:
    before = dump(http_team.database_url)
    envelope = {"type": "slash_commands", "envelope_id": "1", "payload": win(http_team)}
    assert (await signed_client.event(envelope)).status == 400
    assert dump(http_team.database_url) == before


async def test_a_win_about_the_payload_is_a_win(http_team: Team, signed_client: SignedClient) -> None:
    assert "Win saved: fixed the payload bug" in await http_team.says(http_team.ana, "/win fixed the payload bug")
    assert "Win saved: payload=" in await http_team.says(http_team.ana, "/win payload={}")
    saved = await signed_client.command(win(http_team, "fixed another", payload='{"type":"block_actions"}'))
    assert saved.json()["text"].startswith("Win saved: fixed another")
    await http_team.sees("fixed the payload bug")


# response_url


@asynccontextmanager
async def listening(handler: Any) -> AsyncIterator[str]:
    """A server on loopback, for somebody who would like to be answered."""
    served = web.Application()
    served.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(served)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Nowhere(aiohttp.TCPConnector):
    """Connects to nobody, and keeps whom it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def connect(self, req: Any, *_: Any, **__: Any) -> Any:
        self.asked.append(str(req.url.origin()))
        raise aiohttp.ClientConnectionError


NOT_SLACK = [
    "http://hooks.slack.com/commands/1",
    "https://hooks.slack.com.evil.test/1",
    "https://hooks-slack.com/1",
    "https://evil.test/hooks.slack.com",
    "https://evil.test/?https://hooks.slack.com",
    "https://evil.test#https://hooks.slack.com",
    "https://slack.com/api/",
    "https://xhooks.slack.com/1",
    "https://x.hooks.slack.com/1",
    "https://hooks.slack.com./1",
    "https://hooks.slack.com:444/1",
    "https://hooks.slack.com:8443/1",
    "https://hooks.slack.com:80/1",
    "https://hooks.slack.com:0/1",
    "https://hooks.slack.com:99999/1",
    "https://hooks.slack.com:port/1",
    "https://hooks.slack.com@evil.test/1",
    "https://user:secret@hooks.slack.com/1",
    "https://@hooks.slack.com/1",
    "https://evil.test\\@hooks.slack.com/1",
    "https://hooks.slack.com\\@evil.test/1",
    "https://hooks.slack.com\\.evil.test/1",
    "https://hooks.slack.com%2eevil.test/1",
    "https://hooks%2eslack%2ecom/1",
    "https://hooks.slack.com%00.evil.test/1",
    "https://hooks。slack。com/1",
    "https://hooks.ѕlack.com/1",
    "https://ｈooks.slack.com/1",
    "https:/hooks.slack.com/1",
    "https:hooks.slack.com",
    "//hooks.slack.com/1",
    "hooks.slack.com/1",
    "ftp://hooks.slack.com/1",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://[::1]/1",
    "https://[hooks.slack.com]/1",
    "https://[/1",
    "https://127.0.0.1/1",
    "http://127.0.0.1:4000/1",
    "http://169.254.169.254/latest/meta-data",
    "https://\ud800.hooks.slack.com/",
    "https:///1",
    "https://",
    "",
    " ",
    "\x00",
]


async def test_an_answer_goes_to_exactly_hooks_slack_com() -> None:
    connector = Nowhere()
    async with aiohttp.ClientSession(connector=connector) as session:
        answer = response_url.create_respond(session, config.SLACK_API_URL)
        for url in NOT_SLACK:
            assert not await answer(url, {"text": "hello"}), url
        assert connector.asked == []
        assert not await answer("https://hooks.slack.com/commands/T1/2/3", {"text": "hello"})
        assert connector.asked == ["https://hooks.slack.com"], "and only once"


async def test_with_a_slack_on_loopback_an_answer_goes_to_exactly_that_one() -> None:
    taken: list[str] = []

    async def takes(request: web.Request) -> web.Response:
        taken.append(request.path)
        return web.Response(text="ok")

    async with listening(takes) as origin, listening(takes) as other, aiohttp.ClientSession() as session:
        answer = response_url.create_respond(session, f"{origin}/api/")
        port = origin.rpartition(":")[2]
        for url in (
            *NOT_SLACK,
            "https://hooks.slack.com/1",
            f"{other}/1",
            f"https://127.0.0.1:{port}/1",
            f"http://localhost:{port}/1",
            f"http://127.1:{port}/1",
            f"http://2130706433:{port}/1",
            f"http://[::ffff:127.0.0.1]:{port}/1",
            f"http://user@127.0.0.1:{port}/1",
            f"http://127.0.0.1:{port}@{other.removeprefix('http://')}/1",
            "http://127.0.0.1/1",
        ):
            assert not await answer(url, {"text": "hello"}), url
        assert taken == []
        assert await answer(f"{origin}/1", {"text": "hello"})
        assert taken == ["/1"]


async def test_with_an_api_address_that_cannot_be_read_no_answer_goes_anywhere() -> None:
    connector = Nowhere()
    async with aiohttp.ClientSession(connector=connector) as session:
        answer = response_url.create_respond(session, "http://127.0.0.1:99999/api/")
        for url in ("https://user@evil.test/1", "https://evil.test:99999/", "http://evil.test@127.0.0.1/"):
            assert not await answer(url, {"text": "hello"}), url
    assert connector.asked == []


async def test_an_answer_follows_no_redirect() -> None:
    taken: list[str] = []

    async def takes(request: web.Request) -> web.Response:
        taken.append(f"{request.method} {request.path}")
        return web.Response(text="ok")

    async with listening(takes) as elsewhere, aiohttp.ClientSession() as session:
        for status in (301, 302, 303, 307, 308):

            async def redirects(request: web.Request, status: int = status) -> web.Response:
                taken.append("first")
                return web.Response(status=status, headers={"Location": f"{elsewhere}/stolen"})

            async with listening(redirects) as origin:
                assert not await response_url.create_respond(session, f"{origin}/api/")(
                    f"{origin}/1", {"text": "a secret"}
                )
    assert taken == ["first"] * 5


async def test_an_answer_that_is_reset_late_or_broken_is_tried_once() -> None:
    tries: list[str] = []

    async def breaks(request: web.Request) -> web.Response:
        kind = request.path.strip("/")
        tries.append(kind)
        await request.read()
        if kind == "reset":
            assert request.transport is not None
            request.transport.abort()
        if kind == "late":
            await asyncio.sleep(1.5)
        return web.Response(status=int(kind) if kind.isdigit() else 200)

    async with listening(breaks) as origin, aiohttp.ClientSession() as session:
        answer = response_url.create_respond(session, f"{origin}/api/")
        kinds = ["reset", "late", "500", "503", "429", "404", "201"]
        began = time.monotonic()
        for kind in kinds:
            assert not await answer(f"{origin}/{kind}", {"text": "hello"}), kind
        assert tries == kinds
        assert time.monotonic() - began < 1.5, "nobody waits longer than a second"


async def test_a_button_is_answered_once_even_if_the_connection_is_reset(
    http_team: Team, signed_client: SignedClient
) -> None:
    await http_team.says(http_team.ana, "/win fixed it")
    announced = await http_team.sees("fixed it")
    await http_team.slack.press(http_team.ben, announced, "cheer")
    http_team.slack.fault("response_url", "reset_after")
    assert (await http_team.slack.press(http_team.ben, announced, "cheer")).status == 200
    assert len(http_team.slack.ledger.calls("response_url")) == 1


async def test_a_response_url_of_somebody_else_gets_nothing(http_team: Team, signed_client: SignedClient) -> None:
    stolen: list[bytes] = []

    async def takes(request: web.Request) -> web.Response:
        stolen.append(await request.read())
        return web.Response(text="ok")

    await http_team.says(http_team.ana, "/win fixed it")
    announced = await http_team.sees("fixed it")
    await http_team.slack.press(http_team.ben, announced, "cheer")
    press = http_team.slack.ledger.deliveries("interactive")[-1].payload
    async with listening(takes) as evil:
        again = press | {"response_url": f"{evil}/1"}
        again["actions"] = [press["actions"][0] | {"action_ts": "1900000000.000001"}]
        assert (await signed_client.button(again)).status == 200
        foreign = again | {"team": {"id": "T0OTHER"}}
        assert (await signed_client.button(foreign)).status == 200
    assert stolen == []


# Sizes


async def test_more_than_a_megabyte_is_a_413_signed_or_not(http_team: Team, signed_client: SignedClient) -> None:
    before = dump(http_team.database_url)
    huge = form(win(http_team, "x" * http.MAX_BYTES))
    assert (await signed_client.send(io.BytesIO(huge), {"Content-Type": FORM})).status == 413
    assert (await signed_client.send(io.BytesIO(huge), signed_client.signed_headers(huge))).status == 413

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(huge), 100_000):
            yield huge[start : start + 100_000]

    assert (await signed_client.send(in_pieces(), signed_client.signed_headers(huge))).status == 413
    assert dump(http_team.database_url) == before


async def test_many_fields_and_deep_json_are_a_400(http_team: Team, signed_client: SignedClient) -> None:
    before = dump(http_team.database_url)
    many = b"&".join(b"f%d=1" % number for number in range(101)) + b"&" + form(win(http_team))
    assert (await signed_client.send(many, signed_client.signed_headers(many))).status == 400
    for deep in (b"[" * 200_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"1" * 10_000):
        assert (await signed_client.send(deep, signed_client.signed_headers(deep, content_type=JSON))).status == 400
        hidden = b"payload=" + deep
        assert (await signed_client.send(hidden, signed_client.signed_headers(hidden))).status == 400
    assert dump(http_team.database_url) == before


HARDLY_HTTP = [
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Encoding: deflate\r\nContent-Length: 7\r\n\r\nno gzip",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nno chunk\r\n0\r\n\r\n",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nContent-Length: 1\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Type: \xff\xfe\r\nContent-Length: 1\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slack-Signature: \xff\xfe\r\nContent-Length: 1\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nX-Long: " + b"x" * 20_000 + b"\r\nContent-Length: 1\r\n\r\nx",
    b"POST /slack/events HTTP/9.9\r\n\r\n",
    b"POST /slack/events\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\r\n\r\n\r\n\x00\x00\x00\r\n\r\n",
]


async def test_what_is_hardly_http_is_a_4xx_and_no_accident(
    http_team: Team, signed_client: SignedClient, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {}
    for sent in HARDLY_HTTP:
        answer = await raw_exchange(signed_client.url, sent.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        if (answer and answer[9:10] != b"4") or b"Traceback" in answer:
            wrong[sent[:120]] = answer[:40]
    assert wrong == {}
    # aiohttp itself logs what is no HTTP at ERROR; an accident of ours, or in reading a body, is another matter.
    ours = [record for record in caplog.records if record.name.startswith("bot") or "Unhandled" in record.getMessage()]
    assert [record.getMessage() for record in ours if record.levelname == "ERROR"] == []
    assert "Win saved" in await http_team.says(http_team.ana, "/win still here")


async def test_a_compressed_bomb_is_not_swallowed(http_team: Team, signed_client: SignedClient) -> None:
    import gzip

    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 60_000
    answer = await signed_client.send(bomb, {"Content-Type": FORM, "Content-Encoding": "gzip"})
    assert answer.status in (400, 401, 413)


# What is in the texts and ids

SQL = "'; DROP TABLE wins; -- \" ` \\ %s %(x)s :x ?1 $1 {0} ${jndi} \\x00 /* */ UNION SELECT 1"


async def test_sql_in_a_text_is_text(database_url: str, quick_posts: None) -> None:
    async with team(database_url, transport="http") as made:
        assert made.slack.request_url is not None
        async with open_signed_client(made.slack.request_url, made.slack.signing_secret) as at:
            answer = await at.command(win(made, SQL, trigger_id=SQL, user_name=SQL, response_url=SQL))
            assert answer.json()["text"].startswith("Win saved: '; DROP TABLE wins;")
            tagged = await at.command(win(made, "tag #a';DROP <@U0EVIL|'; DROP TABLE people; -->"))
            assert "Win saved" in tagged.text
            for field in ("team_id", "channel_id", "user_id"):
                assert (await at.command(win(made, "x", **{field: "' OR 1=1 --"}))).status in (200, 400)
                assert len(column(database_url, "wins", "text")) == 2, field
            announced = await made.sees("DROP TABLE wins")
            await made.slack.press(made.ben, announced, "cheer")
            press = made.slack.ledger.deliveries("interactive")[-1].payload
            for number, action_id in enumerate(("cheer", "take_back_cheer", "undo_win", "undo_listed_win")):
                at_the_moment = {"action_id": action_id, "action_ts": f"19000000{number:02}.000000"}
                for value in ("' OR '1'='1", "1 OR 1=1", "1; DROP TABLE wins", "%", "_"):
                    forged = press | {"actions": [press["actions"][0] | at_the_moment | {"value": value}]}
                    assert (await at.button(forged)).status in (200, 400)
            assert SQL in column(database_url, "wins", "text")
            assert column(database_url, "wins", "undone_at") == [None, None]
            assert column(database_url, "win_cheers", "is_active") == [True]


# Identity


async def test_the_same_user_id_in_another_workspace_is_another_person(
    http_team: Team, signed_client: SignedClient
) -> None:
    await http_team.says(http_team.ana, "/win fixed it")
    saved = http_team.slack.seen_by(http_team.ana, http_team.general)[0]
    await http_team.slack.press(http_team.ben, await http_team.sees("ana: fixed it"), "cheer")
    press = http_team.slack.ledger.deliveries("interactive")[-1].payload
    undo = press | {
        "actions": [press["actions"][0] | {"action_id": "undo_win", "value": "1", "action_ts": "1900000000.000001"}]
    }
    impostors = [
        {"id": http_team.ana.id, "username": "ana", "name": "ana", "team_id": "T0OTHER"},
        {"id": http_team.ben.id, "username": "ana", "name": "ana", "team_id": http_team.slack.team_id},
        {"id": http_team.ana.id.lower(), "username": "ana", "name": "ana", "team_id": http_team.slack.team_id},
    ]
    for number, user in enumerate(impostors):
        forged = undo | {"user": user}
        forged["actions"] = [undo["actions"][0] | {"action_ts": f"1900000000.00010{number}"}]
        assert (await signed_client.button(forged)).status in (200, 400)
        assert column(http_team.database_url, "wins", "undone_at") == [None], user
    refusals = [call.args["text"] for call in http_team.slack.ledger.calls("response_url")]
    assert refusals == ["Only the person who logged this win can delete it."] * 2

    renamed = undo | {"user": impostors[0] | {"team_id": http_team.slack.team_id, "name": "ben", "username": "ben"}}
    assert (await signed_client.button(renamed)).status == 200
    assert column(http_team.database_url, "wins", "undone_at") != [None], "it is the id that counts, not the name"
    assert saved is not None


async def test_the_team_of_a_person_is_asked_for_and_not_assumed(http_team: Team, signed_client: SignedClient) -> None:
    """Slack always says which workspace a person is of; where it is not said, nobody is let in (ASVS: deny)."""
    await http_team.says(http_team.ana, "/win fixed it")
    await http_team.slack.press(http_team.ben, await http_team.sees("ana: fixed it"), "cheer")
    press = http_team.slack.ledger.deliveries("interactive")[-1].payload
    undo = press | {"user": {"id": http_team.ana.id}}
    undo["actions"] = [press["actions"][0] | {"action_id": "undo_win", "value": "1", "action_ts": "1900000000.000001"}]
    assert (await signed_client.button(undo)).status in (200, 400)
    assert column(http_team.database_url, "wins", "undone_at") == [None]


async def test_a_cheer_from_another_company_is_refused_in_words(http_team: Team, signed_client: SignedClient) -> None:
    await http_team.says(http_team.ana, "/win fixed it")
    await http_team.slack.press(http_team.ben, await http_team.sees("ana: fixed it"), "cheer")
    press = http_team.slack.ledger.deliveries("interactive")[-1].payload
    stranger = press | {"user": press["user"] | {"team_id": "T0OTHER", "id": http_team.chloe.id}}
    assert (await signed_client.button(stranger)).status == 200
    assert column(http_team.database_url, "win_cheers", "user_id") == [http_team.ben.id]
    assert "isn't installed in your workspace" in http_team.slack.ledger.calls("response_url")[-1].args["text"]


async def test_a_workspace_that_it_does_not_know_is_refused_in_words(
    the_team_both_ways: Team,
) -> None:
    made = the_team_both_ways
    await made.says(made.ana, "/win fixed it")
    announced = await made.sees("ana: fixed it")
    await made.slack.press(made.ben, announced, "cheer")
    press = made.slack.ledger.deliveries("interactive")[-1].payload
    globex = made.slack.add_workspace("Globex")
    eve = made.slack.add_person("eve", workspace=globex)
    lobby = made.slack.add_channel("lobby", members=[eve], workspace=globex)
    before = dump_user_actions(made.database_url)

    assert "Winsome isn't installed in your workspace" in await made.says(eve, "/win stole the silver", lobby)
    assert "Winsome isn't installed in your workspace" in await made.says(eve, "/wins", lobby)
    url = made.slack.ledger.deliveries("slash_commands")[-1].payload["response_url"]
    user = {"id": eve.id, "name": "eve", "username": "eve", "team_id": globex.team_id}
    foreign = press | {"team": {"id": globex.team_id}, "user": user, "response_url": url}
    answer = await made.slack.deliver_raw(foreign, kind="interactive")
    assert answer.status == 200
    assert "isn't installed in your workspace" in made.slack.seen_by(eve, lobby)[-1].plain()
    event = {"type": "reaction_added", "user": eve.id, "reaction": "tada", "event_ts": "1900000000.000001"}
    event["item"] = {"type": "message", "channel": made.general.id, "ts": announced.ts}  # type: ignore[assignment]
    told = {"type": "event_callback", "team_id": globex.team_id, "event_id": "Ev1", "event": event}
    assert (await made.slack.deliver_raw(told)).status == 200
    assert dump_user_actions(made.database_url) == before


async def test_a_payload_that_names_two_workspaces_is_refused(http_team: Team, signed_client: SignedClient) -> None:
    """The threshold and the listeners must read the workspace in the same place."""
    await http_team.says(http_team.ana, "/win fixed it")
    announced = await http_team.sees("ana: fixed it")
    ours, theirs = {"id": http_team.slack.team_id}, "T0OTHER"
    before = dump_user_actions(http_team.database_url)
    command = json.dumps(win(http_team, "two", team=ours, team_id=theirs)).encode()
    answer = await signed_client.send(command, signed_client.signed_headers(command, content_type=JSON))
    assert answer.status in (200, 400)
    assert "Something went wrong" not in answer.text
    event = {
        "type": "reaction_added",
        "user": http_team.ben.id,
        "reaction": "tada",
        "event_ts": "1900000000.000001",
        "item": {"type": "message", "channel": http_team.general.id, "ts": announced.ts},
    }
    told = {"type": "event_callback", "team": ours, "team_id": theirs, "event_id": "Ev1", "event": event}
    assert (await signed_client.event(told)).status in (200, 400)
    assert dump_user_actions(http_team.database_url) == before


# What nobody listens to


@pytest.mark.parametrize(
    "payload",
    [
        {
            "type": "view_submission",
            "view": {"id": "V1", "type": "modal", "callback_id": "old", "state": {"values": {}}},
        },
        {"type": "view_closed", "view": {"id": "V1", "type": "modal", "callback_id": "old"}},
        {"type": "shortcut", "callback_id": "old", "trigger_id": "1"},
        {"type": "message_action", "callback_id": "old", "trigger_id": "1"},
        {"type": "block_suggestion", "action_id": "old", "block_id": "b", "value": ""},
        {"type": "block_actions", "actions": [{"action_id": "old", "block_id": "b", "type": "button"}]},
    ],
    ids=lambda payload: payload["type"],
)
async def test_what_nobody_listens_to_is_answered_too(
    http_team: Team, signed_client: SignedClient, payload: dict[str, Any]
) -> None:
    known = {"team": {"id": http_team.slack.team_id}, "user": {"id": http_team.ana.id, "name": "ana"}}
    assert (await signed_client.button(known | payload)).status == 200


async def test_an_event_that_nobody_listens_to_is_taken_so_that_slack_does_not_send_it_again(
    http_team: Team, signed_client: SignedClient
) -> None:
    outer = {"type": "event_callback", "team_id": http_team.slack.team_id, "event_id": "Ev1"}
    for event in ({"type": "app_home_opened", "user": "U1", "tab": "messages"}, {"type": "something_new"}):
        assert (await signed_client.event(outer | {"event": event})).status == 200
    limited = {"type": "app_rate_limited", "team_id": http_team.slack.team_id, "minute_rate_limited": 1518467820}
    assert (await signed_client.event(limited)).status == 200


async def test_a_home_that_slack_will_never_show_is_not_asked_for_again(
    http_team: Team, signed_client: SignedClient
) -> None:
    event = {"type": "app_home_opened", "user": "U1", "tab": "home"}
    outer = {"type": "event_callback", "team_id": http_team.slack.team_id, "event_id": "Ev1"}
    assert (await signed_client.event(outer | {"event": event})).status == 200
    assert len(http_team.slack.ledger.calls("views.publish")) == 1


async def test_the_api_address_of_slack_can_be_changed_to_this_machine_only() -> None:
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}
    for url in (
        "https://evil.test/api/",
        "http://slack.com/api/",
        "https://slack.com.evil.test/api/",
        "https://slack.com/api",
        "https://slack.com@evil.test/api/",
        "http://127.0.0.1@evil.test/api/",
        "http://localhost.evil.test/api/",
        "http://127.0.0.1.evil.test/api/",
        "http://user@127.0.0.1/api/",
        "http://0.0.0.0:4000/api/",
        "http://10.0.0.1:4000/api/",
        "http://[::]/api/",
        "http://127.0.0.1\\@evil.test/api/",
        "//127.0.0.1/api/",
        "127.0.0.1:4000/api/",
        "file://localhost/api/",
        "http://[127.0.0.1/api/",
        "http:///api/",
    ):
        with pytest.raises(config.Misconfigured, match="SLACK_API_URL"):
            config.load(tokens | {"SLACK_API_URL": url})
    for url in ("http://127.0.0.1:4000/api/", "http://localhost:4000/api/", "http://[::1]:4000/api/"):
        assert config.load(tokens | {"SLACK_API_URL": url}).slack_api_url == url
    assert config.load(tokens).slack_api_url == "https://slack.com/api/"


async def test_a_stand_in_of_another_origin_is_never_asked(sqlite_url: str) -> None:
    """The whole bot speaks to one Slack: every request that it makes goes to the stand-in that it was given."""
    other = StandIn(manifest())
    await other.start()
    try:
        async with team(sqlite_url, transport="http") as made:
            assert made.slack.request_url is not None
            async with open_signed_client(made.slack.request_url, made.slack.signing_secret) as at:
                url = f"{other.origin}/commands/T1/1/x"
                assert (await at.command(win(made, "fixed it", response_url=url))).status == 200
            await made.sees("fixed it")
        assert other.ledger.calls() == []
    finally:
        await other.stop()
