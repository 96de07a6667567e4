"""A page on an empty playground, and windows to look at it."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from playground.data_dir import DataDir
from playground.sandbox import Sandbox
from playground.server.server import PlaygroundServer
from slack_standin import Channel, Person, StandIn
from slack_standin.model import triggers
from tests.browser import browser
from tests.browser.browser import Window
from tests.browser.sandboxes import open_sandbox
from tests.databases import Databases
from tests.team import ACK_TIMEOUT, SLOWER, TRIGGER_LIFETIME

if TYPE_CHECKING:
    from playwright.async_api import Browser

THURSDAY = datetime(2030, 3, 7, 9, 0, tzinfo=UTC)
Opens = Callable[..., Awaitable[Window]]
GROUPS = 2
"""How many browsers run at once: each uses a core."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of the page share browsers, each of which belongs to one event loop."""
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    files = list(dict.fromkeys(item.path for item in here))
    for item in here:
        if item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        item.add_marker(pytest.mark.timeout(300))  # a walk waits longer than others, at each of its steps
        item.add_marker(pytest.mark.xdist_group(f"browser {files.index(item.path) % GROUPS}"))


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bot's process start, do its work and answer as slowly as beside other tests."""
    for name in ("sandbox.CONNECT_TIMEOUT", "player.STEP_TIMEOUT", "bot_status.IDLE_TIMEOUT"):
        monkeypatch.setattr(f"playground.{name}", 120.0)
    monkeypatch.setattr("playground.sandbox.StandIn", partial(StandIn, ack_timeout=ACK_TIMEOUT * SLOWER))
    monkeypatch.setattr(triggers, "LIFETIME", TRIGGER_LIFETIME * SLOWER)


@pytest.fixture(autouse=True)
def migrated(monkeypatch: pytest.MonkeyPatch, all_databases: Databases) -> None:
    """Let the bot of a playground that isn't kept find a migrated database: to migrate takes as long as to start."""
    database = Path(all_databases.sqlite().removeprefix("sqlite:///"))

    def open_data_dir(folder: Path, *, is_kept: bool) -> DataDir:
        opened = DataDir(folder, is_kept=is_kept)
        if not is_kept:
            shutil.copyfile(database, opened.database)
        return opened

    monkeypatch.setattr("playground.sandbox.DataDir", open_data_dir)


def person(sandbox: Sandbox, name: str) -> Person:
    """Someone who is there."""
    found = sandbox.slack.world.workspaces[sandbox.slack.team_id].person_named(name)
    assert found, f"{name} is there"
    return found


def channel(sandbox: Sandbox, name: str) -> Channel:
    """A channel that is there."""
    found = sandbox.slack.world.workspaces[sandbox.slack.team_id].channel_named(name)
    assert found, f"#{name} is there"
    return found


async def configure_channels(sandbox: Sandbox, *names: str, **choices: str) -> None:
    """Ana sets channels up with these choices and what the bot proposes: a roundup every Friday at 16:00, in Berlin."""
    await sandbox.ready.wait()
    ana = person(sandbox, "ana")
    for name in names:
        where = channel(sandbox, name)
        await _open_settings_form(sandbox, ana, where)
        for action_id, value in choices.items():
            await sandbox.slack.fill(ana, action_id, value)
        answer = await sandbox.slack.submit(ana)
        assert answer.error is None, answer.error
        await sandbox.slack.wait_for(partial(_has_a_roundup, sandbox, where))


async def _open_settings_form(sandbox: Sandbox, ana: Person, where: Channel) -> None:
    """She asks for it again, as she is told to, where this machine is too busy for Slack to answer the bot in time."""
    for _ in range(3):
        answer = await sandbox.slack.slash(ana, where, "/wins setup")
        assert answer.error is None, answer.error
        shown = sandbox.slack.world.workspace_of(ana).views.stack(ana.id)
        if shown and "submit" in shown[-1].body:
            return
        assert "try again" in str(shown[-1].body if shown else answer.payload), "nothing else keeps the form from her"
        if shown:
            await sandbox.slack.close_view(ana)
    raise AssertionError("the form never opened")


def _has_a_roundup(sandbox: Sandbox, where: Channel) -> bool:
    return any("set up a roundup for this channel" in message.text for message in sandbox.slack.posts(where))


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    """The prepared team without its past, on a Thursday morning: no one has said yes to a roundup yet."""
    async with open_sandbox(Sandbox(first_day=datetime(2030, 2, 11, tzinfo=UTC).date())) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def address(sandbox: Sandbox) -> AsyncIterator[str]:
    """Where the page is, with its key."""
    server = PlaygroundServer(sandbox)
    try:
        yield await server.start()
    finally:
        await server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator["Browser"]:
    """A browser for all tests of this process."""
    if (why := browser.missing()) is not None:
        pytest.skip(why)
    async with browser.chromium() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def opens(address: str, chromium: "Browser") -> AsyncIterator[Opens]:
    """Open as someone; every one has a browser context of its own, as if on another machine."""
    windows: list[Window] = []

    async def opens(who: str = "ana", **options: Any) -> Window:
        context = await chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        context.set_default_timeout(browser.TIMEOUT_MS)
        window = Window(await context.new_page())
        windows.append(window)
        base, _, query = address.partition("?")
        return await window.opens(f"{base}?{query}#/{who}/general")

    yield opens
    problems = [problem for window in windows for problem in window.problems]
    for window in windows:
        await window.page.context.close()
    assert not problems, f"the browser complains: {problems}"
