"""The HTTP receiver lets in what Slack signed, and nothing in a request can change that."""

import asyncio
import json
import time

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot import app, config
from bot.receivers import http
from tests.db_dump import column, dump
from tests.signed_client import (
    FORM,
    JSON,
    SignedClient,
    command_payload,
    form,
    open_signed_client,
    payload_form,
    raw_exchange,
    signature,
)
from tests.team import TIMING, Team, team


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
        "a request from the future": at(str(now + 330)),
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
        (form(command_payload(http_team)), FORM),
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

    body = form(command_payload(http_team))
    assert (await signed_client.send(body, signed_client.signed_headers(body, age=290))).status == 200
    assert column(http_team.database_url, "wins", "text") == ["fixed the build"]


async def test_a_wrong_signing_secret_is_told_in_the_log_once_a_minute(
    http_team: Team, signed_client: SignedClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def logged() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.name == http.__name__]

    body = form(command_payload(http_team, "a secret"))
    unsigned = signed_client.signed_headers(body) | {"X-Slack-Signature": "v0=00"}
    for _ in range(3):
        assert (await signed_client.send(body, unsigned)).status == 401
    (told,) = logged()
    assert "SLACK_SIGNING_SECRET" in told
    assert "a secret" not in told
    monkeypatch.setattr(http, "UNSIGNED_LOG_SECONDS", 0.0)
    assert (await signed_client.send(body, unsigned)).status == 401
    assert len(logged()) == 2
    assert (await signed_client.send(body, signed_client.signed_headers(body))).status == 200
    assert len(logged()) == 2


async def test_of_two_signatures_one_that_is_right_does_not_hide_the_one_that_is_wrong(
    http_team: Team, signed_client: SignedClient
) -> None:
    body = form(command_payload(http_team))
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
            body = form(command_payload(made))
            headers = at.signed_headers(body)
            replies = await asyncio.gather(*(at.send(body, headers) for _ in range(8)))
            replies += [await at.send(body, headers), await at.command(command_payload(made))]
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
    check = form(command_payload(http_team, ssl_check="1"))
    assert (await signed_client.send(check, {"Content-Type": FORM})).status == 401
    assert (await signed_client.send(b"ssl_check=1&token=x", {"Content-Type": FORM})).status == 401
    assert (await signed_client.send(b"ssl_check=1", {"Content-Type": FORM}, query="?ssl_check=1")).status == 401
    assert (await signed_client.send(check, signed_client.signed_headers(check))).status == 200
    assert dump(http_team.database_url) == before
    assert http_team.posts() == []


# Nothing in a request chooses another way in


async def test_no_header_query_or_field_skips_the_signature(http_team: Team, signed_client: SignedClient) -> None:
    before = dump(http_team.database_url)
    plain, envelope = (
        command_payload(http_team),
        {"type": "slash_commands", "envelope_id": "1", "payload": command_payload(http_team)},
    )
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
    for path in (
        "/",
        "/slack",
        "/slack/events/",
        "/slack/install",
        "/slack/oauth_redirect",
        "/link",
        "/livez",
        "/readyz",
    ):
        other = SignedClient(root + path, http_team.slack.signing_secret, signed_client._session)
        body = form(plain)
        assert (await other.send(body, other.signed_headers(body))).status in (404, 405)
    assert dump(http_team.database_url) == before


async def test_a_signed_request_with_bolts_own_headers_is_served_like_any_other(
    http_team: Team, signed_client: SignedClient
) -> None:
    lazily = {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "win"}
    answer = await signed_client.command(command_payload(http_team, mode="socket_mode", envelope_id="1"), **lazily)
    assert answer.json()["text"].startswith("Win saved: fixed the build")
    assert column(http_team.database_url, "wins", "text") == ["fixed the build"]


async def test_a_signed_socket_mode_envelope_is_no_request_over_http(
    http_team: Team, signed_client: SignedClient
) -> None:
    before = dump(http_team.database_url)
    envelope = {"type": "slash_commands", "envelope_id": "1", "payload": command_payload(http_team)}
    assert (await signed_client.event(envelope)).status == 400
    assert dump(http_team.database_url) == before


async def test_a_win_about_the_payload_is_a_win(http_team: Team, signed_client: SignedClient) -> None:
    assert "Win saved: fixed the payload bug" in await http_team.says(http_team.ana, "/win fixed the payload bug")
    assert "Win saved: payload=" in await http_team.says(http_team.ana, "/win payload={}")
    saved = await signed_client.command(command_payload(http_team, "fixed another", payload='{"type":"block_actions"}'))
    assert saved.json()["text"].startswith("Win saved: fixed another")
    await http_team.sees("fixed the payload bug")


@pytest.mark.parametrize(
    ("off", "status"),
    [(0, 401), (3600, 200), (3600 - 300, 200), (3600 - 301, 401), (3600 + 300, 200), (3600 + 301, 401)],
)
async def test_the_age_of_a_signature_is_by_the_clock_that_is_passed_in(off: int, status: int) -> None:
    body = b'{"type": "url_verification", "challenge": "c"}'
    moment = int(time.time())  # at which the clock stands still: a second later, other signatures are too old
    timestamp = str(moment + off)
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature("secret", timestamp, body)}
    an_hour_ahead = http.create_app(None, "secret", now=lambda: moment + 3600)  # type: ignore[arg-type]
    async with TestClient(TestServer(an_hour_ahead)) as client:
        answer = await client.post(http.PATH, data=body, headers={**headers, "Content-Type": JSON})
        assert answer.status == status


async def test_slack_is_let_in_by_a_machine_whose_clock_is_years_off(sqlite_url: str) -> None:
    async with (
        team(sqlite_url, transport="http", starts=False) as made,
        app.lifespan(made.settings(), clock=app.utc_now, timing=TIMING) as running,
    ):
        assert running.request_url is not None
        years = (made.clock.now() - app.utc_now()).total_seconds()
        body = form(command_payload(made))
        async with open_signed_client(running.request_url, made.slack.signing_secret) as client:
            for age, status in ((0, 401), (-years, 200)):
                answer = await client.send(body, client.signed_headers(body, age=age))
                assert answer.status == status
