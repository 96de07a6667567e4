"""The database takes longer than Slack waits: people still learn what became of what they typed, and it is true."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.slack import deadline
from bot.storage import database
from bot.storage.database import sqlite_path
from tests.db_dump import column
from tests.team import team

WAITS = 0.6
"""Seconds that Slack waits here."""


@pytest.fixture
def locked(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """Another program, which can keep the bot from writing."""
    path = sqlite_path(sqlite_url)
    assert path is not None
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_win_that_is_saved_too_late_for_the_acknowledgement_is_confirmed_all_the_same(
    sqlite_url: str, locked: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 20.0)
    async with team(sqlite_url, transport=transport, ack_timeout=WAITS) as made:
        monkeypatch.setattr(deadline, "RESPONSE_BUDGET", 20.0)
        locked.execute("BEGIN IMMEDIATE")
        assert (await made.slack.slash(made.ana, made.general, "/win after a while")).error == "operation_timeout"
        await asyncio.sleep(3 * WAITS)  # the bot may have begun to wait later than Slack
        locked.execute("ROLLBACK")
        await made.sees("Win saved: after a while", person=made.ana)
        await made.sees("ana: after a while")


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_win_that_is_refused_too_late_for_the_acknowledgement_is_given_back(
    sqlite_url: str, locked: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    async with team(sqlite_url, transport=transport, ack_timeout=WAITS) as made:
        monkeypatch.setattr(deadline, "RESPONSE_BUDGET", 1.0)
        locked.execute("BEGIN IMMEDIATE")
        assert (await made.slack.slash(made.ana, made.general, "/win never")).error == "operation_timeout"
        told = await made.sees("nothing was saved", person=made.ana)
        locked.execute("ROLLBACK")
        assert "Here's your text:\nnever" in told.text
    assert column(sqlite_url, "wins", "text") == []


@pytest.fixture
def slow_reads() -> Iterator[list[bool]]:
    """Whether whatever reads has to wait for longer than the people who ask. What writes has not."""
    are_slow = [False]

    @event.listens_for(Engine, "begin")
    def wait(connection: Any) -> None:
        if are_slow[0] and connection.exec_driver_sql("PRAGMA query_only").scalar_one():
            time.sleep(2.5)

    yield are_slow
    event.remove(Engine, "begin", wait)


async def test_a_saved_win_is_never_called_unsaved_because_something_else_can_t_be_read(
    sqlite_url: str, slow_reads: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with team(sqlite_url, ack_timeout=4.0) as made:
        monkeypatch.setattr(deadline, "RESPONSE_BUDGET", 1.0)
        made.slack.fault("users.info", "hang", times=None)
        slow_reads[0] = True
        assert "Win saved" in await made.says(made.ana, "/win on my own")
        assert "Win saved" in await made.says(made.ana, "/win fixed the build with @ben")
        slow_reads[0] = False
        assert len(column(sqlite_url, "wins", "text")) == 2


async def test_nor_in_the_form(sqlite_url: str, slow_reads: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    async with team(sqlite_url, ack_timeout=4.0) as made:
        monkeypatch.setattr(deadline, "RESPONSE_BUDGET", 1.0)
        await made.slack.slash(made.ana, made.general, "/win")
        await made.slack.fill(made.ana, "win_text", "from the form")

        @event.listens_for(Engine, "commit")
        def become_slow(connection: Any) -> None:
            if not connection.exec_driver_sql("PRAGMA query_only").scalar_one():
                slow_reads[0] = bool(connection.exec_driver_sql("SELECT count(*) FROM wins").scalar_one())

        try:
            answer = await made.slack.submit(made.ana)
        finally:
            event.remove(Engine, "commit", become_slow)
            slow_reads[0] = False
        assert answer.error is None
        await made.sees("Win saved: from the form", person=made.ana)
