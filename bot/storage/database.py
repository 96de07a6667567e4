"""The one asynchronous door to the database: `write` and `read`.

On SQLite the file belongs to one bot, which holds a lock on `<real path>.lock` for as long as it lives. The database
file itself is never opened outside SQLite: closing such a descriptor would drop SQLite's own locks.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from bot.storage.writer import Writer

BUSY_TIMEOUT = 2.0
"""Seconds that a statement on SQLite waits for another process (doctor, migrate) to let go of the file."""
READERS = 2
"""With the writer and the lock four connections for each bot: on PostgreSQL, 20 replicas share its 100."""
PAGES_BETWEEN_CHECKPOINTS = 10_000
"""Of SQLite's log, 40 MB: ten times its default. A page that many wins change is moved to the database once."""

T = TypeVar("T")
Item = TypeVar("Item")


class AlreadyRunning(Exception):
    """Another bot owns the SQLite file at `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Another Winsome is running on {path}. Stop that one first, or give this one a DATABASE_URL of its own. "
            "Several bots can share a PostgreSQL database."
        )


class Database:
    """Runs plain functions of a connection. They do nothing but speak to the database: they may be run again."""

    def __init__(self, url: str) -> None:
        """Raises AlreadyRunning when another bot owns the SQLite file."""
        self._lock_file = _acquire_lock(url)
        self._writer = Writer(engine(url, writes=True))
        self._read_engine = engine(url, writes=False, pool_size=READERS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its value once that is committed.

        Raises what `work` raised; then nothing of it is kept.
        """
        return await self._writer.run(work)

    async def write_each(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """Like `write`, for what costs less when it is done for many at once.

        `work` (always the same function) gets the items of all who wait, and returns an answer for each.
        """
        return await self._writer.run_each(work, item)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction of which nothing is kept, and return its value."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._read_engine.connect() as connection:
            return work(connection)

    async def close(self) -> None:
        """Finish what is waiting, then give everything back, the lock last."""
        await self._writer.close()
        await asyncio.to_thread(self._readers.shutdown)
        self._read_engine.dispose()
        if self._lock_file is not None:
            self._lock_file.close()


def engine(url: str, *, writes: bool, pool_size: int = 1) -> Engine:
    """Make an engine for `url`. On SQLite its transactions begin IMMEDIATE if it `writes`, and can't write if not."""
    options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0, "hide_parameters": True}  # none in the log
    if sqlite_path(url) is None:
        # A connection that the server's restart broke is noticed before it is used. The writer saves that round trip:
        # it starts again by itself when a connection breaks before the commit.
        return create_engine(url, **options, pool_pre_ping=not writes)
    sqlite_engine = create_engine(url, **options, connect_args={"timeout": BUSY_TIMEOUT})

    @event.listens_for(sqlite_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `begin` below does
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_BETWEEN_CHECKPOINTS}")
        if not writes:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(sqlite_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return sqlite_engine


def sqlite_path(url: str) -> Path | None:
    """Return the real path of the SQLite file that `url` names, or None for another database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(os.path.realpath(parsed.database or ""))


def _acquire_lock(url: str) -> IO[bytes] | None:
    path = sqlite_path(url)
    if path is None:
        return None
    lock_file = Path(f"{path}.lock").open("ab")  # noqa: SIM115 - held for as long as the bot lives
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock_file.close()
        raise AlreadyRunning(path) from None
    return lock_file
