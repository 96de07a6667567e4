"""Requests that don't come to an end: those that do are answered meanwhile, and the others are given up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import aiohttp
import pytest
from aiohttp import web

from bot import app
from bot.receivers import connections
from tests.signed_client import command_payload, form, open_signed_client
from tests.team import Team, team

MANY = 300
SOON = 30.0
"""Seconds, on a busy machine, for what takes a moment."""
SLACK = b"POST /slack/events HTTP/1.1\r\nHost: x\r\n"
HALF_SENT = {
    "nothing": b"",
    "half of the headers": SLACK + b"X-Slack-Sign",
    "headers without a body": SLACK + b"Content-Length: 1000\r\n\r\n",
    "half of a body": SLACK + b"Content-Length: 1000\r\n\r\n" + b"x" * 500,
    "half of a chunk": SLACK + b"Transfer-Encoding: chunked\r\n\r\nffff\r\nxxxx",
}
Opened = list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


@pytest.fixture
async def running(sqlite_url: str) -> AsyncIterator[tuple[Team, app.RunningApp]]:
    async with team(sqlite_url, transport="http", starts=False) as made:
        yield made, await made.bot_starts()


@asynccontextmanager
async def opened(url: str, sent: bytes, count: int) -> AsyncIterator[Opened]:
    """So many connections, on each of which this was sent and nothing more."""
    host, port = url.removeprefix("http://").partition("/")[0].split(":")
    pairs = [await asyncio.open_connection(host, int(port)) for _ in range(count)]
    try:
        for _, writer in pairs:
            writer.write(sent)
        yield pairs
    finally:
        for _, writer in pairs:
            writer.close()


async def is_closed(reader: asyncio.StreamReader, *, within: float) -> bool:
    try:
        async with asyncio.timeout(within):
            return await reader.read(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


async def types_a_win(made: Team, text: str) -> None:
    url = made.slack.request_url
    assert url is not None
    async with open_signed_client(url, made.slack.signing_secret, connections=1) as client:
        response = await client.command(command_payload(made, text))
        assert response.status == 200
        assert "Win saved" in response.text


@pytest.mark.parametrize("what", HALF_SENT)
async def test_three_hundred_half_sent_requests_keep_no_one_waiting(
    running: tuple[Team, app.RunningApp], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 3 * SOON)  # so that it is their number that ends some
    made, bot = running
    assert made.slack.request_url is not None
    async with (
        opened(made.slack.request_url, HALF_SENT[what], MANY) as to_slack,
        opened(bot.health_url, HALF_SENT[what], MANY) as to_health,
    ):
        async with asyncio.timeout(SOON):
            await types_a_win(made, "while others dawdle")
            async with aiohttp.ClientSession() as session, session.get(f"{bot.health_url}/healthz") as answer:
                assert answer.status == 200
        assert await is_closed(to_slack[0][0], within=SOON), "the first of too many is given up"
        assert await is_closed(to_health[0][0], within=SOON)
        assert not await is_closed(to_slack[-1][0], within=0.1), "the last is not"


@pytest.mark.parametrize("what", [each for each in HALF_SENT if each != "nothing"])
async def test_a_request_has_to_be_whole_in_time(
    running: tuple[Team, app.RunningApp], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    made, bot = running
    assert made.slack.request_url is not None
    for url in (made.slack.request_url, bot.health_url):
        async with opened(url, HALF_SENT[what], 1) as ((reader, writer),):
            for _ in range(3):  # more bytes win no time
                await asyncio.sleep(0.1)
                writer.write(b"x")
            assert await is_closed(reader, within=SOON)


@pytest.mark.parametrize("half", ["headers without a body", "half of a body", "half of a chunk"])
async def test_a_request_that_comes_with_another_has_to_be_whole_in_time_too(
    running: tuple[Team, app.RunningApp], monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    _, bot = running
    both = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + HALF_SENT[half]
    async with opened(bot.health_url, both, 1) as ((reader, _),):
        answer = await asyncio.wait_for(reader.readuntil(b'{"ok": true}'), SOON)
        assert answer.startswith(b"HTTP/1.1 200")
        assert await is_closed(reader, within=SOON)


async def test_a_connection_that_is_idle_between_requests_stays_open(
    running: tuple[Team, app.RunningApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)
    _, bot = running
    async with opened(bot.health_url, b"", 1) as ((reader, writer),):
        for _ in range(2):
            await asyncio.sleep(1.5)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await asyncio.wait_for(reader.read(64_000), SOON)).startswith(b"HTTP/1.1 200")


async def test_an_answer_that_takes_longer_than_its_request_may_is_given(
    running: tuple[Team, app.RunningApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    made, _ = running
    made.slack.fault("users.info", "slow", seconds=1.2)
    await types_a_win(made, "takes its time")


async def test_a_request_that_comes_in_pieces_in_time_is_answered(running: tuple[Team, app.RunningApp]) -> None:
    made, _ = running
    url = made.slack.request_url
    assert url is not None
    body = form(command_payload(made, "piece by piece"))
    async with open_signed_client(url, made.slack.signing_secret) as client:

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(body), 50):
                yield body[start : start + 50]
                await asyncio.sleep(0.01)

        response = await client.send(pieces(), client.signed_headers(body))
    assert "Win saved" in response.text


async def test_an_answer_that_no_one_reads_is_given_up_with_the_server() -> None:
    answer = b"x" * 64 * 1024 * 1024

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=answer)

    served = web.Application()
    served.router.add_get("/", handler)
    async with AsyncExitStack() as stack:
        url = await connections.serve(stack, served, "127.0.0.1", 0, limit=10, shutdown_timeout=0.2)
        async with opened(url, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1) as [(reader, _)]:
            await reader.readexactly(100)
            await stack.aclose()
            async with asyncio.timeout(SOON):
                with suppress(ConnectionError):
                    assert len(await reader.read()) < len(answer) - 100
