"""The bot's process: it ends by itself, is killed twice and started twice; the real one, without a browser."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest

from playground import launcher
from playground.sandbox import Sandbox
from playground.server.commands import Commands
from tests.browser.conftest import channel, person
from tests.browser.sandboxes import open_sandbox


@pytest.fixture
def bots(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """Every process that is started for the bot, oldest first."""
    started: list[Process] = []
    process = launcher.process

    @asynccontextmanager
    async def noted(*args: Any, **options: Any) -> AsyncIterator[Process]:
        async with process(*args, **options) as child:
            started.append(child)
            yield child

    monkeypatch.setattr(launcher, "process", noted)
    return started


async def test_a_bot_that_ended_by_itself_is_started_again_and_only_once(bots: list[Process]) -> None:
    async with open_sandbox(Sandbox(first_day=date(2030, 2, 11))) as sandbox:
        await sandbox.ready.wait()
        slack, ana, general = sandbox.slack, person(sandbox, "ana"), channel(sandbox, "general")
        [first] = bots
        first.kill()
        await first.wait()
        assert sandbox.state()["bot"] == "stopped"
        await slack.wait_for(lambda: not slack.socket.connections)

        acts = Commands(sandbox, ana)
        await asyncio.gather(acts.bot(on=True), acts.bot(on=True))  # in two windows
        assert [bot.returncode is None for bot in bots] == [False, True]
        await slack.wait_connected(timeout=120)
        await slack.slash(ana, general, "/win back again")
        await slack.wait_for(lambda: any("back again" in message.text for message in slack.posts(general)))

        await asyncio.gather(acts.bot(on=False), acts.bot(on=False))
        assert sandbox.state()["bot"] == "stopped"
    assert all(bot.returncode is not None for bot in bots), "none is left behind"
