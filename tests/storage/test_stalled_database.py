"""A database that stops answering stops no one: every wait has a limit, and what was promised is true."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url

from bot.cli import doctor
from bot.cli.deliveries import list_stuck
from bot.domain.workspaces import Workspace
from bot.storage import deliveries, leader_election, probe, time_limits, workspaces
from bot.storage.database import Database, engine
from bot.storage.leader_election import Election, SharedSessions
from bot.storage.schema import DatabaseUnusable
from bot.storage.tables import workspaces as table
from bot.storage.unavailable import DatabaseUnavailable
from tests.databases import Databases
from tests.postgresql_proxies import Pooler, StallingProxy, through

SOON = 30.0
"""Seconds, on a busy machine, for what waits a second or so."""


def save(number: int, meanwhile: Callable[[], object] = lambda: None) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        workspaces.save(connection, Workspace(f"T{number}", None, "Acme", "https://acme.slack.com/", "UBOT"))
        meanwhile()

    return work


def stored(connection: Connection) -> set[str]:
    return set(connection.execute(select(table.c.team_id)).scalars())


def locked(url: str) -> psycopg.Connection:
    """A session that holds a lock which neither readers nor writers can pass."""
    connection = psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    connection.execute("LOCK TABLE workspaces IN ACCESS EXCLUSIVE MODE")
    return connection


@pytest.fixture
def url(all_databases: Databases) -> str:
    return all_databases.postgresql()


@pytest.fixture
async def stalling(url: str) -> AsyncIterator[tuple[StallingProxy, Database]]:
    """A database behind a proxy, whose open connections are in use already."""
    proxy = StallingProxy(url)
    async with through(proxy) as through_url:
        database = Database(through_url)
        await database.write(save(1))
        await asyncio.gather(*(database.read(stored) for _ in range(2)))
        yield proxy, database
        await database.close()


@pytest.fixture
def short_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limits, "OPERATION_SECONDS", 1.0)


@pytest.mark.usefixtures("short_operations")
async def test_what_waits_on_a_silent_connection_is_done_on_a_new_one(
    stalling: tuple[StallingProxy, Database], url: str
) -> None:
    proxy, database = stalling
    proxy.stall()
    async with asyncio.timeout(SOON):
        await database.write(save(2))
        assert await database.read(stored) == {"T1", "T2"}


@pytest.mark.usefixtures("short_operations")
@pytest.mark.parametrize("answers_only", [False, True])
async def test_a_commit_without_an_answer_is_not_called_undone(
    stalling: tuple[StallingProxy, Database], *, answers_only: bool
) -> None:
    proxy, database = stalling
    async with asyncio.timeout(SOON):
        with pytest.raises(DatabaseUnavailable) as told:
            await database.write(save(2, meanwhile=lambda: proxy.stall(answers_only=answers_only)))
        assert told.value.may_be_saved
        assert ("T2" in await database.read(stored)) == answers_only


async def test_a_write_that_no_one_waits_for_any_more_is_never_committed(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_limits, "MIN_WAIT_SECONDS", 0.3)
    seconds_left: list[float | None] = [0.3]
    database = Database(url, seconds_left=lambda: seconds_left[0])
    with locked(url):
        with pytest.raises(DatabaseUnavailable, match="doesn't answer") as told:
            await database.write(save(1))
        assert not told.value.may_be_saved
        with pytest.raises(DatabaseUnavailable, match="doesn't answer"):
            await database.write(save(2))
    seconds_left[0] = None
    await database.write(save(3))
    assert await database.read(stored) == {"T3"}
    await database.close()


async def test_a_lock_of_another_session_ends_the_wait_of_everyone(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(time_limits.SESSION_LIMITS, "lock_timeout", "300ms")
    database = Database(url)
    with locked(url):
        reads = [database.read(stored) for _ in range(6)]
        async with asyncio.timeout(SOON):
            told = await asyncio.gather(database.write(save(1)), *reads, return_exceptions=True)
    assert {str(error) for error in told} == {"the database failed: canceling statement due to lock timeout"}
    assert all(isinstance(error, DatabaseUnavailable) and not error.may_be_saved for error in told)
    assert await database.read(stored) == set()
    await database.close()


async def test_the_wait_for_a_reader_is_no_longer_than_that_for_an_answer(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_limits, "WAIT_SECONDS", 0.5)
    database = Database(url)
    with locked(url):
        told = await asyncio.gather(*(database.read(stored) for _ in range(6)), return_exceptions=True)
        assert {str(error) for error in told} == {"the database doesn't answer"}
    monkeypatch.undo()
    assert await database.read(stored) == set()
    await database.close()


async def test_it_closes_in_time_while_nothing_answers(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limits, "OPERATION_SECONDS", 3 * SOON)  # after which they would be broken anyway
    proxy = StallingProxy(url)
    async with through(proxy) as through_url:
        database = Database(through_url)
        await asyncio.gather(database.write(save(1)), *(database.read(stored) for _ in range(2)))
        proxy.stall()
        asked = asyncio.gather(
            *(database.write(save(number)) for number in range(2, 5)),
            *(database.read(stored) for _ in range(4)),
            return_exceptions=True,
        )
        await asyncio.sleep(0.1)
        async with asyncio.timeout(SOON):
            await database.close()
        asked.cancel()


@pytest.mark.usefixtures("short_operations")
async def test_a_command_waits_no_longer_than_the_bot_for_a_database_that_goes_silent(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = StallingProxy(url)

    def goes_silent(connection: Connection, *_: Any, **__: Any) -> None:
        proxy.stall()
        connection.execute(select(func.now()))

    monkeypatch.setattr(deliveries, "in_states", goes_silent)
    monkeypatch.setattr(probe, "write", goes_silent)
    async with through(proxy) as through_url, asyncio.timeout(SOON):
        with pytest.raises(DatabaseUnusable):
            await asyncio.to_thread(lambda: list(list_stuck(through_url, now=datetime.now(UTC))))
        found = await asyncio.to_thread(doctor._database, through_url)
        assert not found.is_ok
        assert found.message.startswith("can't be written (")


async def test_a_server_limits_every_session(url: str) -> None:
    def limits(connection: Connection) -> dict[str, str]:
        return {name: connection.execute(select(func.current_setting(name))).scalar_one() for name in limited}

    limited = time_limits.SESSION_LIMITS.keys() - time_limits.TCP_LIMITS.keys()  # there is no TCP here
    database = Database(url)
    for found in (await database.read(limits), await database.write(limits)):
        assert found == {name: time_limits.SESSION_LIMITS[name] for name in limited}
    await database.close()


async def test_every_connection_finds_out_that_its_server_is_gone(url: str) -> None:
    def parameters(connection: Connection) -> dict[str, str]:
        driver_connection: Any = connection.connection.driver_connection
        found: dict[str, str] = driver_connection.info.get_parameters()
        return found

    limited = {name: str(value) for name, value in time_limits.CONNECT_ARGUMENTS.items()}
    database = Database(url)
    for found in (await database.read(parameters), await database.write(parameters)):
        assert limited.items() <= found.items()
    await database.close()
    async with leader_election._connect(url) as leaders:
        assert limited.items() <= leaders.info.get_parameters().items()


async def test_a_silent_client_in_the_middle_of_a_pipeline_keeps_no_lock(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(time_limits.SESSION_LIMITS, "transaction_timeout", "1s")
    proxy = StallingProxy(url)
    async with through(proxy) as through_url, asyncio.timeout(SOON):
        silent = engine(through_url, writes=True)
        with silent.connect() as connection:
            save(1)(connection)
            driver_connection: Any = connection.connection.driver_connection
            driver_connection.pgconn.enter_pipeline_mode()
            driver_connection.pgconn.send_flush_request()
            driver_connection.pgconn.flush()
            await asyncio.sleep(0.2)
            proxy.stall()
            database = Database(url)
            await database.write(save(1))  # of the same row
            await database.close()
            connection.invalidate()


class Elected:
    """Notes who is elected, and who no longer."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[str] = asyncio.Queue()

    async def start(self) -> None:
        await self.events.put("start")

    async def stop(self, _within: float) -> None:
        await self.events.put("stop")

    def runs(self, url: str) -> AbstractAsyncContextManager[Election]:
        return leader_election.run_when_leader(url, on_elected=self.start, on_lost=self.stop)


@pytest.fixture
def short_elections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader_election, "POLL_SECONDS", 0.3)
    monkeypatch.setitem(leader_election.SESSION_LIMITS, "idle_session_timeout", "6s")


@pytest.mark.usefixtures("short_elections")
async def test_a_leader_whose_session_is_silent_gives_up_and_is_elected_again(url: str) -> None:
    proxy, elected = StallingProxy(url), Elected()
    async with through(proxy) as through_url, asyncio.timeout(60):
        async with AsyncExitStack() as running:
            await running.enter_async_context(elected.runs(through_url))
            assert await elected.events.get() == "start"
            proxy.stall()
            assert await elected.events.get() == "stop"
            assert await elected.events.get() == "start"
            proxy.stall()
            started = time.monotonic()
        assert time.monotonic() - started < 5, "it stops though the server says nothing"


@pytest.mark.parametrize("shares_sessions", [True, False])
async def test_behind_a_pooler_that_shares_sessions_no_bot_starts(url: str, *, shares_sessions: bool) -> None:
    async with through(Pooler(url, shares_sessions=shares_sessions)) as through_url, asyncio.timeout(SOON):
        if shares_sessions:
            with pytest.raises(SharedSessions, match="pool_mode = session"):
                await leader_election.check(through_url)
        else:
            await leader_election.check(through_url)


@pytest.mark.usefixtures("short_elections")
async def test_two_replicas_behind_a_pooler_that_begins_to_share_do_not_both_post(url: str) -> None:
    pooler, one, other = Pooler(url, shares_sessions=False), Elected(), Elected()
    async with through(pooler) as through_url, asyncio.timeout(30), AsyncExitStack() as running:
        await running.enter_async_context(one.runs(through_url))
        assert await one.events.get() == "start"
        await running.enter_async_context(other.runs(through_url))
        await asyncio.sleep(0.5)
        pooler.shares_sessions = True
        assert await one.events.get() == "stop"
        await asyncio.sleep(2)
        assert one.events.empty()
        assert other.events.empty()
