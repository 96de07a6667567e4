"""Elects the one process that posts, by a lock that ends with it.

On SQLite the lock on the file is enough. On PostgreSQL all replicas serve Slack, and the one that holds a session
advisory lock, on a direct connection of its own, posts. The lock is lost with the connection.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy.engine import make_url

from bot.storage.database import sqlite_path

logger = logging.getLogger(__name__)

LOCK_ID = 0x57494E53  # "WINS"
POLL_SECONDS = 5.0
"""Seconds between attempts to get the lock, and between checks of the connection that holds it."""

STOP_TIMEOUT = 8.0
"""Seconds for requests in flight to end while the lock is still held."""

OnElected = Callable[[], Awaitable[None]]
OnLost = Callable[[float], Awaitable[None]]
"""Called with the most seconds that requests in flight may take. Nothing new may be started."""


@asynccontextmanager
async def run_when_leader(url: str, *, on_elected: OnElected, on_lost: OnLost) -> AsyncIterator[None]:
    """Call `on_elected` when this process becomes the leader, and `on_lost` when it no longer is."""
    if sqlite_path(url) is not None:
        await on_elected()
        try:
            yield
        finally:
            await on_lost(STOP_TIMEOUT)
        return
    task = asyncio.create_task(_campaign(url, on_elected, on_lost))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _campaign(url: str, on_elected: OnElected, on_lost: OnLost) -> None:
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                dsn,
                autocommit=True,
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=2,
            ) as connection:
                await _wait_for_lock(connection)
                logger.info("elected: this replica posts")
                stop_timeout = 0.0  # without the lock, another replica may post by now
                try:
                    await on_elected()
                    await _keep_alive(connection)
                except asyncio.CancelledError:
                    stop_timeout = STOP_TIMEOUT
                    raise
                finally:
                    await on_lost(stop_timeout)
        except Exception as error:  # noqa: BLE001
            # The lock is lost with the connection; this replica tries to get it again.
            logger.warning("not elected: this replica does not post", extra={"error": type(error).__name__})
        await asyncio.sleep(POLL_SECONDS)


async def _wait_for_lock(connection: psycopg.AsyncConnection) -> None:
    while True:
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_ID])).fetchone()
        if row is not None and row[0]:
            return
        await asyncio.sleep(POLL_SECONDS)


async def _keep_alive(connection: psycopg.AsyncConnection) -> None:
    """Check the connection forever. Raises psycopg.Error or TimeoutError when it is lost, and the lock with it."""
    while True:
        await _wait_for_data(connection)
        async with asyncio.timeout(POLL_SECONDS):
            await connection.execute("SELECT 1")


async def _wait_for_data(connection: psycopg.AsyncConnection) -> None:
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
