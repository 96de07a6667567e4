"""What `winsome playground` prints: its address comes last, where people look for it."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from playground import launcher, serve_page
from slack_standin import StandIn

ADDRESS = "http://127.0.0.1:4711/?key=k"


class ReplayedSandbox:
    """A sandbox without a bot, whose history is replayed as soon as it is open."""

    control_url = "http://127.0.0.1:4712"

    def __init__(self, _scenario: str, *, keep: Path | None) -> None:
        assert keep is None
        self.ready = asyncio.Event()
        self.slack = StandIn(launcher.manifest())

    async def open(self) -> None:
        self.slack.add_channel("general", members=[self.slack.add_person("ana")])
        self.ready.set()

    async def close(self) -> None:
        """Nothing was started."""


class Page:
    """Says where it would be served."""

    def __init__(self, _sandbox: ReplayedSandbox) -> None:
        pass

    async def start(self, *, port: int) -> str:
        assert port == 0
        return ADDRESS

    async def stop(self) -> None:
        """Nothing was started."""


async def test_the_terminal_ends_with_the_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve_page, "Sandbox", ReplayedSandbox)
    monkeypatch.setattr(serve_page, "PlaygroundServer", Page)
    serving = asyncio.create_task(serve_page.serve())
    printed = ""
    async with asyncio.timeout(30):
        while "#general, as " not in printed:
            await asyncio.sleep(0.01)
            printed += capsys.readouterr().out
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    assert "For scripts: http://127.0.0.1:4712" in printed
    assert printed.splitlines()[-1] == f"Winsome's playground is open: {ADDRESS}"
