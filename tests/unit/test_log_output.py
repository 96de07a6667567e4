"""A thread writes the log: what logs doesn't wait for its reader, and no line is lost as long as there is one."""

import asyncio
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import log, stopping
from tests.e2e.test_command_line import settings
from tests.e2e.test_health import fetched
from tests.team import team

PROJECT = Path(__file__).parents[2]


@contextmanager
def full_pipe() -> Iterator[tuple[int, int, int]]:
    """A pipe with no room left: the end to read, the end to write, and how many bytes are in it."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    size = 0
    try:
        while select.select([], [writer], [], 0)[1]:
            size += os.write(writer, b"-" * select.PIPE_BUF)
        os.set_blocking(writer, True)
        yield reader, writer, size
    finally:
        os.close(reader)
        os.close(writer)


def handler_to(file_number: int) -> log.BufferedHandler:
    handler = log.BufferedHandler(file_number)
    handler.setFormatter(log.JSONFormatter())
    return handler


def line(number: int) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "bot.tests", "levelno": logging.INFO, "msg": "a line", "number": number})


def lines_from(reader: int, *, skip: int = 0) -> Iterator[dict[str, Any]]:
    """What is written, line by line, after so many bytes."""
    while skip:
        skip -= len(os.read(reader, skip))
    left = b""
    while select.select([reader], [], [], 30)[0]:
        *whole, left = (left + os.read(reader, 1 << 20)).split(b"\n")
        yield from map(json.loads, whole)
    raise AssertionError("nothing more was written")


async def test_a_bot_whose_log_no_one_reads_works_and_stops(sqlite_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with team(sqlite_url, transport="socket", starts=False) as made:
        environment = os.environ | settings(made, HEALTH_PORT=str(port)) | {"PYTHONPATH": str(PROJECT)}
        with full_pipe() as (_, writer, _):
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=tmp_path, env=environment, stderr=writer
            )
            try:
                await made.slack.wait_connected(timeout=60)
                await asyncio.sleep(3 * log.FLUSH_SECONDS)
                async with asyncio.timeout(30):
                    assert (await fetched(f"http://127.0.0.1:{port}/livez"))[0] == 200
                made.configure(made.general, made.ana)
                await made.says(made.ana, "/win no one reads the log")
                await made.sees("ana: no one reads the log")
                began = time.monotonic()
                child.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(child.wait(), 30) == 0
                assert time.monotonic() - began < stopping.KILL_SECONDS
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()


def test_what_no_one_reads_is_left_out_beyond_a_limit_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_WAITING", 1000)
    monkeypatch.setattr(log, "WAIT_SECONDS", 0.2)
    with full_pipe() as (reader, writer, size):
        handler = handler_to(writer)
        for number in range(100):
            handler.handle(line(number))
        began = time.monotonic()
        handler.flush()
        waited = time.monotonic() - began
        handler.flush()
        assert waited >= 0.2
        assert time.monotonic() - began - waited < 0.2, "it doesn't wait in vain twice"
        kept, written = [], lines_from(reader, skip=size)
        for each in written:
            if "number" not in each:
                break
            kept.append(each["number"])
        assert kept == list(range(len(kept)))
        assert 5 <= len(kept) <= 15
        assert (each["message"], each["lines"]) == ("lines are missing: no one read the log", 100 - len(kept))
        handler.handle(line(100))
        assert next(written)["number"] == 100


def test_a_line_is_whole_although_it_could_not_be_written_at_once() -> None:
    with full_pipe() as (reader, writer, size):
        os.set_blocking(writer, False)
        handler = handler_to(writer)
        for number in range(3000):
            handler.handle(line(number))
        written = lines_from(reader, skip=size)
        assert [next(written)["number"] for _ in range(3000)] == list(range(3000))


async def test_lines_are_written_together_but_a_warning_at_once() -> None:
    ours, written = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)  # what is written at once is one message
    with closing(ours), closing(written):
        handler = log.BufferedHandler(ours.fileno())
        record = logging.makeLogRecord({"msg": "a line", "levelno": logging.INFO})
        for _ in range(3):
            handler.emit(record)
        time.sleep(3 * log.FLUSH_SECONDS)  # noqa: ASYNC251 - the loop stands still, and only it ends the moment
        assert select.select([written], [], [], 0) == ([], [], [])
        written.settimeout(30)
        assert await asyncio.to_thread(written.recv, 999) == b"a line\n" * 3
        handler.emit(logging.makeLogRecord({"msg": "a warning", "levelno": logging.WARNING}))
        assert written.recv(999) == b"a warning\n"
        await asyncio.to_thread(handler.emit, record)
        assert written.recv(999) == b"a line\n"


@pytest.mark.parametrize(("end", "last"), [("return", "a line"), ("raise ValueError", "ended by an error")])
def test_no_line_is_lost_at_the_end(end: str, last: str) -> None:
    code = (
        "import asyncio, logging\n"
        "from bot import log\n"
        "async def main():\n"
        "    for number in range(3000):\n"
        "        logging.getLogger('bot.tests').info('a line', extra={'number': number})\n"
        f"    {end}\n"
        "log.set_up('INFO')\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, timeout=60, check=False)
    lines = [json.loads(each) for each in ended.stderr.splitlines()]
    assert [each["number"] for each in lines[:3000]] == list(range(3000))
    assert lines[-1]["message"] == last
    assert len(lines) == 3000 + (last != "a line")


def test_that_something_hangs_is_written_before_the_process_ends() -> None:
    code = (
        "import threading; from bot import log, stopping; log.set_up('INFO'); stopping.KILL_SECONDS = 0.2; "
        "stopping.end_process_later(); threading.Event().wait()"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert json.loads(ended.stderr)["message"] == "something hangs: ending without it"
