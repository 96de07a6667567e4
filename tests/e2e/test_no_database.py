"""The database doesn't do its work while people type: what they are told is true, and their text comes back."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine, make_url

from bot.cli import doctor
from bot.slack import deadline
from bot.storage import time_limits
from bot.storage.database import engine, sqlite_path
from bot.storage.tables import wins
from tests.databases import Databases
from tests.e2e.test_command_line import asked, settings
from tests.e2e.test_health import not_ready, ready
from tests.postgresql_proxies import Pooler, StallingProxy, through
from tests.team import Team, team

NOT_SAVED = "nothing was saved"


def stored(url: str) -> list[str]:
    """The texts of the wins in a database."""
    reading_engine = engine(url, writes=False)
    with reading_engine.connect() as connection:
        found = list(connection.execute(select(wins.c.text)).scalars())
    reading_engine.dispose()
    return found


async def eventually_saves(made: Team, text: str) -> None:
    """Type until it is saved, as people do."""
    async with asyncio.timeout(30):
        while "Win saved" not in await made.says(made.ana, f"/win {text}"):  # noqa: ASYNC110 - a command is asked again
            await asyncio.sleep(0.2)


async def test_ana_types_while_the_connections_to_the_database_are_silent(
    all_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = all_databases.postgresql()
    proxy = StallingProxy(url)
    async with through(proxy) as through_url, team(through_url, ack_timeout=4.0, starts=False) as made:
        running = await made.bot_starts()
        made.configure(made.general, made.ana)
        assert "Win saved" in await made.says(made.ana, "/win before")
        await made.sees("ana: before")
        monkeypatch.setattr(time_limits, "OPERATION_SECONDS", 6.0)
        proxy.stall()
        told = await made.says(made.ana, "/win while it is silent")
        assert "My database isn't answering, so nothing was saved." in told
        assert "while it is silent" in told
        await not_ready(running, "the database doesn't answer")
        assert stored(url) == ["before"]
        await eventually_saves(made, "again")
        assert await ready(running)
        await made.sees("ana: again")
    assert stored(url) == ["before", "again"]


async def test_a_commit_that_is_not_answered_is_neither_called_saved_nor_unsaved(
    all_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = all_databases.postgresql()
    proxy = StallingProxy(url)
    async with through(proxy) as through_url, team(through_url, ack_timeout=4.0) as made:
        await made.says(made.ana, "/win before")
        await made.sees("ana: before")
        monkeypatch.setattr(deadline, "RESPONSE_BUDGET", 1.0)

        @event.listens_for(Engine, "commit")
        def lose_answers(connection: Any) -> None:
            if connection.engine.url.port == proxy.port and "gone" not in lost:
                lost.append("gone")
                proxy.stall(answers_only=True)

        lost: list[str] = []
        try:
            told = await made.says(made.ana, "/win who knows")
        finally:
            event.remove(Engine, "commit", lose_answers)
        assert "I don't know if it was saved" in told
        assert "who knows" in told
        await made.sees("ana: who knows")


async def test_behind_a_pooler_that_shares_sessions_the_bot_refuses_to_start(
    all_databases: Databases, tmp_path: Path
) -> None:
    url = all_databases.postgresql()
    async with team(url, starts=False) as made, through(Pooler(url, shares_sessions=True)) as through_url:
        ended = await asked("run", folder=tmp_path, **settings(made, DATABASE_URL=through_url))
        assert ended.returncode == 1
        assert "Behind it, several replicas would post the same messages." in ended.stderr
        found = [each async for each in doctor.examine(made.settings(database_url=through_url))]
        assert (found[-1].subject, found[-1].is_ok) == ("database sessions", False)
        assert "pool_mode = session" in found[-1].advice


async def test_too_few_connections_are_told_in_a_sentence(all_databases: Databases, tmp_path: Path) -> None:
    url = make_url(all_databases.postgresql())
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    narrow_url = url.set(username="narrow").render_as_string(hide_password=False)
    said = 'too many connections for role "narrow")'
    async with team(url.render_as_string(hide_password=False), starts=False) as made:
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute("CREATE ROLE narrow LOGIN")
            owner.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO narrow")
            try:
                async for finding in doctor.examine(made.settings(database_url=narrow_url)):
                    if finding.subject == "database":
                        assert finding.is_ok, finding.message
                        owner.execute("ALTER ROLE narrow CONNECTION LIMIT 1")
                ended = await asked("run", folder=tmp_path, **settings(made, DATABASE_URL=narrow_url))
            finally:
                owner.execute("DROP OWNED BY narrow")
                owner.execute("DROP ROLE narrow")
    assert (finding.subject, finding.is_ok) == ("database sessions", False)
    assert finding.message.endswith(said)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The database can't be reached (")
    assert f"{said}. Check DATABASE_URL" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def remove(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    other = path.with_suffix(".other")
    with sqlite3.connect(path) as connection, sqlite3.connect(other) as copy:
        connection.backup(copy)
    copy.close()
    connection.close()
    other.replace(path)


def truncate(path: Path) -> None:
    os.truncate(path, 0)


def remove_log(path: Path) -> None:
    Path(f"{path}-wal").unlink()


@pytest.mark.parametrize("harm", [remove, replace, truncate, remove_log])
async def test_after_the_database_file_was_tampered_with_nothing_is_called_saved(
    sqlite_url: str, caplog: pytest.LogCaptureFixture, harm: Callable[[Path], None]
) -> None:
    path = sqlite_path(sqlite_url)
    assert path is not None
    async with team(sqlite_url, starts=False) as made:
        running = await made.bot_starts()
        made.configure(made.general, made.ana)
        await made.says(made.ana, "/win before")
        await made.sees("ana: before")
        harm(path)
        for number in range(3):
            told = await made.says(made.ana, f"/win after {number}")
            assert "My database isn't where I left it, so nothing was saved." in told
            assert f"after {number}" in told
        (problem,) = await not_ready(running, path.name)
        assert "Stop Winsome, put the database or a backup in place, and start it again." in problem
        assert [record.levelname for record in caplog.records if "Stop Winsome" in record.message] == ["CRITICAL"]
        assert made.posts()[-1].endswith("before")
        path.unlink(missing_ok=True)


async def test_a_file_that_comes_back_is_used_again(sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    assert path is not None
    async with team(sqlite_url) as made:
        await made.says(made.ana, "/win before")
        await made.sees("ana: before")
        path.rename(path.with_suffix(".away"))
        assert NOT_SAVED in await made.says(made.ana, "/win meanwhile")
        path.with_suffix(".away").rename(path)
        await eventually_saves(made, "after")
        assert stored(sqlite_url) == ["before", "after"]


async def test_a_file_that_another_program_locks_is_told(sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    assert path is not None
    async with team(sqlite_url, starts=False) as made:
        running = await made.bot_starts()
        made.configure(made.general, made.ana)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        told = await made.says(made.ana, "/win while it is locked")
        assert "My database isn't answering, so nothing was saved." in told
        await not_ready(running, "the database")
        other.execute("ROLLBACK")
        other.close()
        await eventually_saves(made, "after")
        assert await ready(running)
        assert stored(sqlite_url) == ["after"]


@pytest.mark.parametrize("reason", ["database or disk is full", "attempt to write a readonly database"])
async def test_a_disk_that_takes_nothing_is_told(sqlite_url: str, reason: str) -> None:
    fails = [False]

    @event.listens_for(Engine, "begin")
    def limit(connection: Any) -> None:
        if "full" in reason:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() if fails[0] else 1_000_000
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        else:
            connection.exec_driver_sql(f"PRAGMA query_only = {fails[0]}")

    try:
        async with team(sqlite_url, starts=False) as made:
            running = await made.bot_starts()
            made.configure(made.general, made.ana)
            assert await ready(running)
            fails[0] = True
            told = ["Win saved"]
            while "Win saved" in told[-1]:  # there may be room for some
                told.append(await made.says(made.ana, f"/win {len(told)} " + "while nothing fits " * 25))
            assert "My database isn't answering, so nothing was saved." in told[-1]
            assert await not_ready(running, "the database") == [f"the database failed: {reason}"]
            fails[0] = False
            await eventually_saves(made, "after")
            assert await ready(running)
            assert len(stored(sqlite_url)) == len(told) - 1, "what was called saved, and the last one"
    finally:
        event.remove(Engine, "begin", limit)
