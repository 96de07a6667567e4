"""Who posts: one process, by a lock that dies with it.

On SQLite the lock on the file has settled that already. On PostgreSQL all replicas serve Slack, and the one that holds
a session advisory lock, on a direct connection of its own, posts. A lost connection is a lost lock.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy.engine import make_url

from bot.storage.database import sqlite_path

logger = logging.getLogger(__name__)

LOCK = 0x57494E53  # "WINS"
LOOK_EVERY = 5.0
"""Seconds between two looks: for the lock of a poster that died, or at the connection that holds ours."""

STOP_WITHIN = 8.0
"""Seconds in which what is on its way to Slack may end, while the lock is still ours."""

Start = Callable[[], Awaitable[None]]
Stop = Callable[[float], Awaitable[None]]
"""stop(seconds): begin nothing new, and finish what is under way for at most so long."""


@asynccontextmanager
async def lead(url: str, *, start: Start, stop: Stop) -> AsyncIterator[None]:
    """Call `start` when this process becomes the poster, and `stop` when it ceases to be."""
    if sqlite_path(url) is not None:
        await start()
        try:
            yield
        finally:
            await stop(STOP_WITHIN)
        return
    task = asyncio.create_task(_campaign(url, start, stop))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _campaign(url: str, start: Start, stop: Stop) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                address,
                autocommit=True,
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=2,
            ) as connection:
                await _wait_for_lock(connection)
                logger.info("this replica posts")
                patience = 0.0  # without the lock, somebody else may post by now
                try:
                    await start()
                    await _hold(connection)
                except asyncio.CancelledError:
                    patience = STOP_WITHIN
                    raise
                finally:
                    await stop(patience)
        except Exception as error:  # noqa: BLE001
            # Whatever it was, the lock went with the connection, and this replica stands again for election.
            logger.warning("this replica does not post: %s", type(error).__name__)
        await asyncio.sleep(LOOK_EVERY)


async def _wait_for_lock(connection: psycopg.AsyncConnection) -> None:
    while True:
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])).fetchone()
        if row is not None and row[0]:
            return
        await asyncio.sleep(LOOK_EVERY)


async def _hold(connection: psycopg.AsyncConnection) -> None:
    """Return never; raises psycopg.Error or TimeoutError when the connection, and with it the lock, is lost."""
    while True:
        await _silence(connection)
        async with asyncio.timeout(LOOK_EVERY):
            await connection.execute("SELECT 1")


async def _silence(connection: psycopg.AsyncConnection) -> None:
    """Wait until it is time to look again, or until the server says something: unasked, that is its farewell."""
    said = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(connection.fileno(), said.set)
    try:
        async with asyncio.timeout(LOOK_EVERY):
            await said.wait()
    except TimeoutError:
        pass
    finally:
        loop.remove_reader(connection.fileno())
