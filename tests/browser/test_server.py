"""The page's server and its frames, without a browser."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from slack_bolt.app.async_app import AsyncApp

from bot.slack.manifest import manifest
from playground.sandbox import Sandbox
from playground.server.commands import Commands
from playground.server.interactions import Refused
from playground.server.server import static
from slack_standin import StandIn
from tests.browser.conftest import channel, person
from tests.browser.sandboxes import SmallBotSandbox, open_sandbox

WITH_WINSOME = pytest.mark.parametrize("sandbox", [pytest.param(Sandbox, id="winsome")], indirect=True)


class SilentSandbox(SmallBotSandbox):
    """A sandbox whose bot answers nothing, and starts at once."""

    def __init__(self) -> None:
        super().__init__(manifest())

    def register_listeners(self, app: AsyncApp) -> None:
        pass


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """The sandbox that a test asks for, or a silent one."""
    async with open_sandbox(getattr(request, "param", SilentSandbox)()) as made:
        await made.ready.wait()
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as one:
        yield one


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


async def status(session: aiohttp.ClientSession, url: str, **options: Any) -> int:
    async with session.get(url, **options) as response:
        return response.status


class Talk:
    """A window as the server sees it: frames in, frames out."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []

    async def says(self, **frame: Any) -> None:
        await self.socket.send_json(frame)

    async def hears(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Read on until a frame of this kind (with these fields) comes."""
        while True:
            frame: dict[str, Any] = json.loads(await self.socket.receive_str(timeout=30))
            self.frames.append(frame)
            if frame["t"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                return frame


async def talk(session: aiohttp.ClientSession, address: str) -> Talk:
    assert await status(session, address) == 200
    return Talk(await session.ws_connect(f"{origin(address)}/ws", headers={"Origin": origin(address)}))


async def test_only_who_has_the_key_gets_the_page(address: str, session: aiohttp.ClientSession) -> None:
    home = origin(address)
    assert await status(session, home) == 403
    assert await status(session, f"{home}/page.js") == 403
    assert await status(session, f"{home}/?key=wrong") == 403
    async with session.get(address) as opened:
        assert opened.status == 200
        assert "key" not in str(opened.url)
        policy = opened.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert await status(session, f"{home}/page.js") == 200


async def test_a_foreign_host_or_origin_is_refused_even_with_the_key(
    address: str, session: aiohttp.ClientSession
) -> None:
    assert await status(session, address) == 200
    home, foreign = origin(address), {"Origin": "https://evil.test"}
    for headers in ({"Host": "evil.test"}, {"Host": "evil.test:80"}, foreign):
        for path in ("/", "/page.js", "/ws"):
            assert await status(session, f"{home}{path}", headers=headers) == 403, (headers, path)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(f"{home}/ws", headers=foreign)


async def test_only_the_bundle_is_served(address: str, session: aiohttp.ClientSession) -> None:
    assert await status(session, address) == 200
    for path in ("/../server.py", "/%2e%2e/server.py", "/..%2fserver.py", "/nothing.js", "/.hidden"):
        assert await status(session, f"{origin(address)}{path}") == 404, path


async def test_a_window_that_comes_back_hears_what_it_missed(address: str, session: aiohttp.ClientSession) -> None:
    first = await talk(session, address)
    await first.says(op="hello", **{"as": "ana"})
    everything = await first.hears("all")
    general = next(each for each in everything["channels"] if each["name"] == "general")
    await first.socket.close()

    other = await talk(session, address)
    await other.says(op="hello", **{"as": "ben"})
    await other.says(op="send", id=1, **{"with": {"channel": general["id"], "text": "while you were away"}})
    assert "error" not in await other.hears("done", re=1)

    again = await talk(session, address)
    await again.says(op="hello", epoch=everything["epoch"], since=everything["n"], **{"as": "ana"})
    await again.hears("again")
    missed = await again.hears("message")
    assert missed["message"]["text"] == "while you were away"
    assert missed["n"] > everything["n"]

    await again.says(op="hello", epoch="another life", since=1, **{"as": "ana"})
    assert (await again.hears("all"))["epoch"] == everything["epoch"]


@WITH_WINSOME
async def test_nobody_is_told_what_they_may_not_see(address: str, session: aiohttp.ClientSession) -> None:
    ana, dmitri = await talk(session, address), await talk(session, address)
    await ana.says(op="hello", **{"as": "ana"})
    await dmitri.says(op="hello", **{"as": "dmitri"})
    channels = {each["name"]: each["id"] for each in (await ana.hears("all"))["channels"]}
    seen = await dmitri.hears("all")
    assert {each["name"] for each in seen["channels"]} == {"general", ""}
    await ana.says(op="send", id=1, **{"with": {"channel": channels["leads"], "text": "only us"}})
    await ana.says(op="send", id=2, **{"with": {"channel": channels["general"], "text": "/wins"}})
    await ana.hears("done", re=2)
    await ana.says(op="send", id=3, **{"with": {"channel": channels["general"], "text": "all of us"}})
    await dmitri.hears("message")
    assert [each["message"]["text"] for each in dmitri.frames if each["t"] == "message"] == ["all of us"]

    await dmitri.says(op="send", id=4, **{"with": {"channel": channels["leads"], "text": "let me in"}})
    assert (await dmitri.hears("done", re=4))["error"] == "That channel no longer exists."


async def test_slack_takes_no_command_in_a_thread(sandbox: Sandbox) -> None:
    ana, general = person(sandbox, "ana"), channel(sandbox, "general")
    first = await sandbox.slack.say(ana, general, "a thread")
    with pytest.raises(Refused, match="/win doesn't work in threads"):
        await Commands(sandbox, ana).send(general.id, "/win here", first.ts)
    assert sandbox.slack.posts(general) == [first]


async def test_a_channel_gets_a_name_of_its_own(sandbox: Sandbox) -> None:
    ana, general = person(sandbox, "ana"), channel(sandbox, "general")
    for typed, refusal in (
        ("/rename", "Say the new name"),
        ("/rename everyone else", "without spaces"),
        ("/rename #Random", "There's already a channel called #random"),
    ):
        with pytest.raises(Refused, match=refusal):
            await Commands(sandbox, ana).send(general.id, typed)
    assert (general.name, sandbox.slack.posts(general)) == ("general", [])
    renaming = asyncio.create_task(Commands(sandbox, ana).send(general.id, "/rename #Everyone-else"))
    await sandbox.slack.wait_for(lambda: general.name == "everyone-else")
    renaming.cancel()  # it waits for the bot, which never answers


async def test_a_window_can_ask_only_for_what_people_can_do(address: str, session: aiohttp.ClientSession) -> None:
    window = await talk(session, address)
    await window.says(op="hello", **{"as": "ana"})
    for number, asked in enumerate(("sandbox", "_channel", "__init__", "nothing"), 1):
        await window.says(op=asked, id=number)
        assert "error" in await window.hears("done", re=number), asked


async def test_waiting_for_the_bot_blocks_nobody(
    address: str, session: aiohttp.ClientSession, sandbox: Sandbox
) -> None:
    window = await talk(session, address)
    await window.says(op="hello", **{"as": "ana"})
    channels = {each["name"]: each["id"] for each in (await window.hears("all"))["channels"]}
    await sandbox.ready.wait()
    sandbox.slack.socket.go_silent()
    general = {"channel": channels["general"]}
    await window.says(op="send", id=1, **{"with": general | {"text": "/wins"}})
    await window.says(op="send", id=2, **{"with": general | {"text": "meanwhile"}})
    await window.hears("done", re=2)
    assert not any(frame["t"] == "done" and frame["re"] == 1 for frame in window.frames)
    await window.hears("done", re=1)


@pytest.mark.parametrize("script", ["Mon 09:00 ana dances\n", None], ids=["unreadable", "deleted"])
async def test_nobody_starts_over_with_a_script_that_can_not_be_played(
    script: str | None, *, address: str, session: aiohttp.ClientSession, sandbox: Sandbox, tmp_path: Path
) -> None:
    week = tmp_path / "week.txt"
    if script is not None:
        week.write_text(script)
    sandbox.scenario = str(week)
    window = await talk(session, address)
    await window.says(op="hello", **{"as": "ana"})
    general = next(each["id"] for each in (await window.hears("all"))["channels"] if each["name"] == "general")
    await window.says(op="reset", id=1)
    assert "That didn't work: " in (await window.hears("done", re=1))["error"]
    await window.says(op="send", id=2, **{"with": {"channel": general, "text": "still here"}})
    assert "error" not in await window.hears("done", re=2)


async def test_a_start_that_is_broken_off_leaves_no_slack_running(monkeypatch: pytest.MonkeyPatch) -> None:
    start = StandIn.start

    async def start_and_break_off(slack: StandIn) -> None:
        await start(slack)
        raise asyncio.CancelledError

    monkeypatch.setattr(StandIn, "start", start_and_break_off)
    made = SilentSandbox()
    with pytest.raises(asyncio.CancelledError):
        await made.open(empty=True)
    await made.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", urlsplit(made.slack.api_url).port)


def test_the_bundle_is_there_and_small() -> None:
    import gzip

    files = [path for path in static().iterdir() if path.suffix in (".js", ".css", ".html", ".woff2")]
    assert {"index.html", "page.js", "index.css"} <= {path.name for path in files}
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 600_000
    for path in files:
        if path.suffix in (".css", ".html"):
            assert "http:" not in path.read_text().replace("http://www.w3.org", "")
            assert "https:" not in path.read_text()
