"""Elects the one process that posts, by a lock that ends with it.

On SQLite only one bot runs, because it holds the lock on the file (bot/storage/database.py). On PostgreSQL all replicas
serve Slack, and the one that holds a session advisory lock, on a direct connection of its own, posts. The lock is lost
with the connection, and with a server that doesn't answer. The server ends a session that it hears nothing from, so
that another one can have the lock.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import make_url

from bot.storage import time_limits
from bot.storage.database import sqlite_path
from bot.storage.schema import DatabaseUnreachable

logger = logging.getLogger(__name__)

LOCK_ID = 0x57494E53  # "WINS"
POLL_SECONDS = 3.0
"""Seconds between attempts to get the lock, and between checks of the session that holds it."""
ANSWER_SECONDS = 3.0
"""How long each answer of the server may take; then the session is given up."""
SESSION_LIMITS = {"statement_timeout": "4s", "idle_session_timeout": "10s", **time_limits.TCP_LIMITS}
STOP_TIMEOUT = 8.0
"""Seconds for requests in flight to end while the lock is still held, if the caller doesn't say."""
CANCEL_SECONDS = 1.0
"""How long a statement that runs when the bot stops may take."""
HOLDS_LOCK = """
    SELECT pg_backend_pid() = %s AND current_setting('winsome.session', true) = %s AND EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid() AND classid = 0 AND objid = %s
            AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""
"""Whether this is the session that took the lock, no one else uses it, and it has the lock."""

OnElected = Callable[[], Awaitable[None]]
OnLost = Callable[[float], Awaitable[None]]
"""Called with the most seconds that requests in flight may take. Nothing new may be started."""


class SharedSessions(Exception):
    """Something between the bot and PostgreSQL lends one session to several clients, so that locks don't hold."""

    def __init__(self) -> None:
        super().__init__(
            "Between Winsome and PostgreSQL is a pooler that shares sessions between transactions (such as PgBouncer "
            "with pool_mode = transaction). Behind it, several replicas would post the same messages. Point "
            "DATABASE_URL at PostgreSQL itself, or set pool_mode = session for Winsome."
        )


class _LockLost(Exception):
    """This session doesn't hold the lock."""


@dataclass
class Election:
    """What this process knows of the election: whether it has a session to take part in it."""

    takes_part: bool = False


@asynccontextmanager
async def run_when_leader(
    url: str, *, on_elected: OnElected, on_lost: OnLost, stop_timeout: Callable[[], float] = lambda: STOP_TIMEOUT
) -> AsyncIterator[Election]:
    """Call `on_elected` when this process becomes the leader, and `on_lost` when it no longer is.

    When the bot stops, `stop_timeout` says how many seconds requests in flight may take.
    """
    if sqlite_path(url) is not None:
        await on_elected()
        try:
            yield Election(takes_part=True)
        finally:
            await on_lost(stop_timeout())
        return
    election = Election()
    task = asyncio.create_task(_campaign(url, election, on_elected, on_lost, stop_timeout))
    try:
        yield election
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def check(url: str) -> None:
    """Raises SharedSessions if the sessions of PostgreSQL aren't the bot's own, so that no lock would hold.

    Raises DatabaseUnreachable if it gives the bot no two sessions, or doesn't answer.
    """
    if sqlite_path(url) is not None:
        return
    try:
        await _compare_sessions(url)
    except (psycopg.Error, TimeoutError) as error:
        raise DatabaseUnreachable(error) from error


async def _compare_sessions(url: str) -> None:
    async with _connect(url) as one, _connect(url) as other:
        before = await _ask(one, "SELECT pg_backend_pid()")
        await _ask(other, "BEGIN")
        pid_of_other = await _ask(other, "SELECT pg_backend_pid()")
        if pid_of_other == before or await _ask(one, "SELECT pg_backend_pid()") != before:
            raise SharedSessions


async def _campaign(
    url: str, election: Election, on_elected: OnElected, on_lost: OnLost, stop_timeout: Callable[[], float]
) -> None:
    while True:
        try:
            async with _connect(url) as connection:
                pid, session = await _open_session(url, connection)
                election.takes_part = True
                await _wait_for_lock(connection)
                await _check_lock(connection, pid, session)  # before anything is posted
                logger.info("elected: this replica posts")
                seconds = 0.0  # without the lock, another replica may post by now
                try:
                    await on_elected()
                    await _keep_alive(connection, pid, session)
                except asyncio.CancelledError:
                    seconds = stop_timeout()
                    raise
                finally:
                    await on_lost(seconds)
        except Exception as error:  # noqa: BLE001
            # The lock is lost with the connection; this replica tries to get it again.
            election.takes_part = False
            logger.warning("not elected: this replica does not post", extra={"error": type(error).__name__})
        await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def _connect(url: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Connect, and at the end close the socket without telling the server, which may not answer."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    # What the URL says takes precedence.
    arguments = {**time_limits.CONNECT_ARGUMENTS, **conninfo_to_dict(dsn)}
    connection = await psycopg.AsyncConnection.connect(autocommit=True, **arguments)
    try:
        yield connection
    finally:
        await connection.close()


async def _open_session(url: str, connection: psycopg.AsyncConnection[Any]) -> tuple[int, str]:
    """Prepare the session; return its process id, and the name that it has from now on."""
    pid: int = await _ask(connection, "SELECT pg_backend_pid()")
    if pid != connection.info.backend_pid:  # what answers isn't what was connected to
        await check(url)
    session = secrets.token_hex(16)
    await _ask(connection, *time_limits.set_statement(SESSION_LIMITS))
    await _ask(connection, "SELECT set_config('winsome.session', %s, false)", [session])
    return pid, session


async def _wait_for_lock(connection: psycopg.AsyncConnection[Any]) -> None:
    while True:
        if await _ask(connection, "SELECT pg_try_advisory_lock(%s)", [LOCK_ID]):
            return
        await asyncio.sleep(POLL_SECONDS)


async def _keep_alive(connection: psycopg.AsyncConnection[Any], pid: int, session: str) -> None:
    """Check the lock forever. Raises psycopg.Error or TimeoutError when the connection is lost, or _LockLost."""
    while True:
        await _wait_for_data(connection)
        await _check_lock(connection, pid, session)


async def _check_lock(connection: psycopg.AsyncConnection[Any], pid: int, session: str) -> None:
    if not await _ask(connection, HOLDS_LOCK, [pid, session, LOCK_ID]):
        raise _LockLost


async def _ask(connection: psycopg.AsyncConnection[Any], statement: str, values: list[Any] | None = None) -> Any:
    """Return the first value of the result. If there is none in time, break the connection and raise TimeoutError."""
    asked = asyncio.create_task(_fetch(connection, statement, values))
    asked.add_done_callback(lambda task: task.cancelled() or task.exception())  # one that no one waits for may fail
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asyncio.shield(asked)  # psycopg would wait for the server to cancel the statement
    except asyncio.CancelledError:
        await asyncio.wait([asked], timeout=CANCEL_SECONDS)
        raise
    finally:
        if not asked.done():
            time_limits.break_off(connection)
            await asyncio.wait([asked], timeout=CANCEL_SECONDS)


async def _fetch(connection: psycopg.AsyncConnection[Any], statement: str, values: list[Any] | None) -> Any:
    cursor = await connection.execute(statement.encode(), values)
    row = await cursor.fetchone() if cursor.description else None
    return None if row is None else row[0]


async def _wait_for_data(connection: psycopg.AsyncConnection[Any]) -> None:
    """Wait for `POLL_SECONDS`, or until the server sends data: unasked, it does so when it closes the connection."""
    has_data = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(connection.fileno(), has_data.set)
    try:
        async with asyncio.timeout(POLL_SECONDS):
            await has_data.wait()
    except TimeoutError:
        pass
    finally:
        loop.remove_reader(connection.fileno())
