"""The bot stops in a known time, whatever hangs."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot import app, stopping
from bot.stopping import Stopping
from tests.databases import Databases
from tests.e2e.test_command_line import settings
from tests.postgresql_proxies import StallingProxy, through
from tests.signed_client import command_payload, open_signed_client
from tests.team import team


async def hangs() -> None:
    await asyncio.Event().wait()


async def test_what_hangs_is_waited_for_no_longer_than_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "STOP_SECONDS", 2.0)
    began, stops, ended = time.monotonic(), Stopping(), []

    async def ends() -> None:
        ended.append("in time")

    await stops.limit(hangs, seconds=0.2)
    await stops.limit(hangs, reserve=1.4)
    assert time.monotonic() - began > 0.55
    assert stops.seconds_left() > stopping.LEAST_SECONDS, "the reserve is left"
    await stops.limit(hangs)
    await stops.limit(ends)
    assert ended == ["in time"]
    assert stops.seconds_left() == stopping.LEAST_SECONDS
    assert stopping.STOP_SECONDS < stopping.KILL_SECONDS < 10, "docker stop kills after ten"


def test_a_process_that_does_not_end_by_itself_is_ended() -> None:
    code = (
        "import threading; from bot import stopping; stopping.KILL_SECONDS = 0.2; stopping.end_process_later(); "
        "threading.Thread(target=threading.Event().wait).start()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert b"something hangs" in ended.stderr


def test_a_process_whose_log_hangs_is_ended_too() -> None:
    code = (
        "import logging, threading; from bot import stopping; stopping.KILL_SECONDS = 0.2; "
        "handler = logging.StreamHandler(); logging.getLogger().addHandler(handler); stopping.end_process_later(); "
        "handler.acquire(); threading.Event().wait()"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 1


def test_a_process_that_can_start_no_thread_to_log_it_is_ended_too() -> None:
    code = (
        "import threading; from bot import stopping; stopping.KILL_SECONDS = 1.5; stopping.end_process_later(); "
        "threading.Thread.start = None; threading.Event().wait()"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 1


def test_a_bot_that_hangs_when_it_is_asked_to_stop_is_ended_too() -> None:
    code = (
        "import asyncio, os, signal\n"
        "from contextlib import asynccontextmanager\n"
        "from bot import app, config, stopping\n"
        "@asynccontextmanager\n"
        "async def hangs(*_, **__):\n"
        "    try:\n"
        "        yield None\n"
        "    finally:\n"
        "        await asyncio.Event().wait()\n"
        "app.lifespan, stopping.KILL_SECONDS = hangs, 0.5\n"
        "app.run(config.Settings('xoxb-1'), on_start=lambda _: os.kill(os.getpid(), signal.SIGTERM))\n"
    )
    folder = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert b"something hangs" in ended.stderr


async def test_a_bot_stops_while_its_database_is_silent_and_slack_hangs(
    all_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "STOP_SECONDS", 7.0)  # a busy machine needs more than half a second beside
    proxy = StallingProxy(all_databases.postgresql())
    async with through(proxy) as through_url, team(through_url) as made:
        await made.says(made.ana, "/win before")
        await made.sees("ana: before")
        made.slack.fault("chat.postMessage", "hang", times=None, effect="before")
        await made.says(made.ana, "/win meanwhile")
        await made.slack.wait_for(lambda: len(made.slack.ledger.calls("chat.postMessage")) == 2)
        proxy.stall()
        typed = asyncio.create_task(made.slack.slash(made.ana, made.general, "/win too late"))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await made.bot_stops()
        assert time.monotonic() - began < stopping.KILL_SECONDS
        typed.cancel()


async def test_a_second_signal_cuts_nothing_short(sqlite_url: str, tmp_path: Path) -> None:
    async with team(sqlite_url, transport="socket", starts=False) as made:
        environment = os.environ | settings(made, HEALTH_PORT="0") | {"PYTHONPATH": str(Path(__file__).parents[2])}
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=tmp_path, env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await made.slack.wait_connected(timeout=60)
            made.configure(made.general, made.ana)
            made.slack.fault("users.info", "slow", times=None, seconds=1.0)
            typed = asyncio.create_task(made.slack.slash(made.ana, made.general, "/wins pause"))
            await made.slack.wait_for(lambda: made.slack.ledger.calls("users.info"))
            child.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            child.send_signal(signal.SIGINT)
            assert (await typed).error is None
            assert await asyncio.wait_for(child.wait(), 30) == 0
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()


async def test_a_request_over_http_that_takes_a_while_is_answered_before_the_bot_stops(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "HEALTH_STOP_SECONDS", 0.2)
    monkeypatch.setattr(app, "REQUEST_STOP_SECONDS", 8.0)  # on a busy machine
    async with team(sqlite_url, transport="http") as made:
        url = made.slack.request_url
        assert url is not None
        made.slack.fault("users.info", "slow", times=None, seconds=2.2)
        async with open_signed_client(url, made.slack.signing_secret) as client:
            typed = asyncio.create_task(client.command(command_payload(made, "pause", command="/wins")))
            await made.slack.wait_for(lambda: made.slack.ledger.calls("users.info"))
            await made.bot_stops()
            assert (await typed).status == 200


async def test_a_request_that_is_not_answered_in_time_leaves_no_connection_open(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "REQUEST_STOP_SECONDS", 0.1)
    async with team(sqlite_url, transport="socket") as made:
        made.slack.fault("users.info", "hang", times=None)
        typed = asyncio.create_task(made.says(made.ana, "/wins pause"))
        await made.slack.wait_for(lambda: made.slack.ledger.calls("users.info"))
        await made.bot_stops()
        await made.slack.wait_for(lambda: made.slack.socket.connections == 0)
        typed.cancel()
