"""The asynchronous interface of the database: `write` and `read`.

On SQLite the file belongs to one bot, which holds a lock on `<real path>.lock` while it runs. The database file itself
is never opened outside SQLite: closing such a descriptor would drop SQLite's own locks.
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
"""Seconds that a statement on SQLite waits for another process (doctor, migrate) to release the file."""
READERS = 2
"""With the writer and the leader lock, four connections for each bot: 20 replicas fit into PostgreSQL's 100."""
PAGES_BETWEEN_CHECKPOINTS = 10_000
"""Of SQLite's write-ahead log: 40 MB, ten times its default, so that a page with many changes is copied once."""

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
    """Runs functions of a connection. They may run twice, so they must have no effect outside the database."""

    def __init__(self, url: str) -> None:
        """Raises AlreadyRunning when another bot owns the SQLite file."""
        self._lock_file = _acquire_lock(url)
        self._writer = Writer(engine(url, writes=True))
        self._read_engine = engine(url, writes=False, pool_size=READERS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its value once that is committed.

        If `work` raises, its changes are rolled back and the exception is raised here.
        """
        return await self._writer.run(work)

    async def write_each(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """Like `write`, for work that is cheaper in bulk.

        `work` (always the same function) gets the items of all waiting callers, and returns a result for each.
        """
        return await self._writer.run_each(work, item)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a read-only transaction and return its value."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._read_engine.connect() as connection:
            return work(connection)

    async def close(self) -> None:
        """Finish the waiting writes, then close the connections and release the lock."""
        await self._writer.close()
        await asyncio.to_thread(self._readers.shutdown)
        self._read_engine.dispose()
        if self._lock_file is not None:
            self._lock_file.close()


def engine(url: str, *, writes: bool, pool_size: int = 1) -> Engine:
    """Make an engine for `url`. On SQLite, transactions begin IMMEDIATE if it `writes`, and are read-only if not."""
    options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0, "hide_parameters": True}  # none in the log
    if sqlite_path(url) is None:
        # The ping finds a connection that broke when the server restarted. The writer saves that round trip: it retries
        # when a connection breaks before the commit.
        return create_engine(url, **options, pool_pre_ping=not writes)
    sqlite_engine = create_engine(url, **options, connect_args={"timeout": BUSY_TIMEOUT})

    @event.listens_for(sqlite_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # `begin` below starts transactions, not the driver
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
    lock_file = Path(f"{path}.lock").open("ab")  # noqa: SIM115 - held while the bot runs
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock_file.close()
        raise AlreadyRunning(path) from None
    return lock_file
