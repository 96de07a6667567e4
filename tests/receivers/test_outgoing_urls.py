"""Where the bot sends what it says: to hooks.slack.com and to Slack's API, whatever a request asks for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot import config
from bot.slack import http_session, response_url
from bot.slack.manifest import manifest
from slack_standin import StandIn
from tests.signed_client import (
    SignedClient,
    command_payload,
    open_signed_client,
)
from tests.team import Team, team


@asynccontextmanager
async def listening(handler: Any) -> AsyncIterator[str]:
    """A server on loopback, for someone who would like to be answered."""
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
    """Connects to no one, and keeps whom it was asked for."""

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


PROXY = "http://proxy.test:3128"


async def test_where_a_proxy_is_on_the_way_all_that_is_for_slack_goes_through_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    asked: list[tuple[str, str]] = []

    class NotesProxy(Nowhere):
        async def connect(self, req: Any, *_: Any, **__: Any) -> Any:
            asked.append((str(req.url.origin()), str(req.proxy)))
            raise aiohttp.ClientConnectionError

    async with aiohttp.ClientSession(connector=NotesProxy()) as session:
        api = http_session.create_api("xoxb-1", base_url=config.SLACK_API_URL, session=session)
        with pytest.raises(aiohttp.ClientConnectionError):
            await api.auth_test()
        await response_url.create_respond(session, config.SLACK_API_URL)("https://hooks.slack.com/1", {"text": "hello"})
    assert asked == [("https://slack.com", PROXY), ("https://hooks.slack.com", PROXY)]


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_slack_on_this_machine_is_never_asked_through_a_proxy(
    sqlite_url: str, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # where no one listens
    async with team(sqlite_url, transport=transport, starts=False) as made:
        async with asyncio.timeout(60):
            await made.bot_starts()
        assert "Win saved" in await made.says(made.ana, "/win no detour")
        message = await made.sees("ana: no detour")
        await made.slack.press(made.ben, message, action_id="cheer")
        await made.slack.press(made.ben, message, action_id="cheer")  # which is answered through the response_url
        await made.sees("You already cheered this.", person=made.ben)


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


async def test_an_answer_is_neither_parsed_nor_unfolded() -> None:
    taken: list[dict[str, Any]] = []

    async def takes(request: web.Request) -> web.Response:
        taken.append(await request.json())
        return web.Response(text="ok")

    async with listening(takes) as origin, aiohttp.ClientSession() as session:
        answer = response_url.create_respond(session, f"{origin}/api/")
        await answer(f"{origin}/1", {"text": "@here https://a.test"})
        await answer(f"{origin}/1", {"text": "@here", "parse": "full", "unfurl_links": True}, in_channel=True)
    for body in taken:
        assert (body["parse"], body["unfurl_links"], body["unfurl_media"]) == ("none", False, False)
    assert [body["response_type"] for body in taken] == ["ephemeral", "in_channel"]


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
    has_given_up = asyncio.Event()

    async def breaks(request: web.Request) -> web.Response:
        kind = request.path.strip("/")
        tries.append(kind)
        await request.read()
        if kind == "reset":
            assert request.transport is not None
            request.transport.abort()
        if kind == "late":
            await has_given_up.wait()
        return web.Response(status=int(kind) if kind.isdigit() else 200)

    async with listening(breaks) as origin, aiohttp.ClientSession() as session:
        answer = response_url.create_respond(session, f"{origin}/api/")
        kinds = ["reset", "late", "500", "503", "429", "404", "201"]
        async with asyncio.timeout(30):
            was_taken = [await answer(f"{origin}/{kind}", {"text": "hello"}) for kind in kinds]
        has_given_up.set()
        assert was_taken == [False] * len(kinds)
        assert tries == kinds
        assert response_url.TIMEOUT.total == 1, "no one waits longer than a second"


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
                assert (await at.command(command_payload(made, "fixed it", response_url=url))).status == 200
            await made.sees("fixed it")
        assert other.ledger.calls() == []
    finally:
        await other.stop()
