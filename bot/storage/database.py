"""The asynchronous interface of the database: `write` and `read`.

On SQLite the file belongs to one bot, which holds a lock on `<real path>.lock` while it runs. The database file itself
is never opened outside SQLite: closing such a descriptor would drop SQLite's own locks.
"""

import asyncio
import fcntl
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.storage import time_limits
from bot.storage.bulk_reader import BulkReader
from bot.storage.database_file import DatabaseFile
from bot.storage.time_limits import Watchdog
from bot.storage.unavailable import DatabaseUnavailable, as_unavailable
from bot.storage.writer import Writer

logger = logging.getLogger(__name__)

BUSY_TIMEOUT = 2.0
"""Seconds that a statement on SQLite waits for another process (doctor, migrate) to release the file."""
READERS = 2
"""With the writer and the leader's lock, a bot has four connections: 20 replicas fit into PostgreSQL's 100."""
CLOSE_SECONDS = 2.0
"""How long the waiting writes may take when the bot stops."""
BREAK_SECONDS = 0.5
"""How long the writer may take to notice that its connection was broken."""
PAGES_BETWEEN_CHECKPOINTS = 10_000
"""Pages of SQLite's write-ahead log: 40 MB, ten times the default, so that a page that changes often is copied once."""

T = TypeVar("T")
Item = TypeVar("Item")


class AlreadyRunning(Exception):
    """Another bot owns the SQLite file at `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Another Winsome is running on {path}. Stop that one first, or give this one a DATABASE_URL of its own. "
            "Several bots can share a PostgreSQL database."
        )


class FileUnusable(Exception):
    """The SQLite file at `path`, or its lock, can't be opened."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            f"Winsome can't open {path} ({error.strerror}). The user that it runs as needs to be allowed to write this "
            f"file and {path.name}.lock beside it, and to create files in that folder. Check that, and DATABASE_URL."
        )


class Database:
    """Runs functions of a connection. They may run twice, so they must have no effect outside the database.

    Nothing waits without limit: a read or write that isn't done in time raises DatabaseUnavailable.
    """

    def __init__(self, url: str, *, seconds_left: Callable[[], float | None] = lambda: None) -> None:
        """Raises AlreadyRunning when another bot owns the SQLite file, and FileUnusable when it can't be opened.

        `seconds_left` says how long someone in Slack will wait for a result; None if no one is waiting there.
        """
        self._seconds_left = seconds_left
        self._lock_file = acquire_lock(url)
        self._watchdog = Watchdog(lambda: time_limits.OPERATION_SECONDS)
        path = sqlite_path(url)
        file = None if path is None else DatabaseFile(path)
        self._writer = Writer(self._engine(url, writes=True), self._watchdog, file)
        self._read_engine = self._engine(url, writes=False, pool_size=READERS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._bulk_reader = BulkReader(self.read)

    def _engine(self, url: str, **options: Any) -> Engine:
        made = engine(url, **options)
        self._watchdog.watch(made)
        return made

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its value once that is committed.

        If `work` raises, its changes are rolled back and the exception is raised here.
        """
        return await self._writer.run(work, within=self._limit())

    async def write_each(
        self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item, *, only_adds: bool = False
    ) -> T:
        """Like `write`, for work that is cheaper in bulk.

        `work` (always the same function) gets the items of all waiting callers, and returns a result for each. If it
        `only_adds` rows, it doesn't wait for the turn of other replicas.
        """
        return await self._writer.run_each(work, item, within=self._limit(), takes_turn=not only_adds)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a read-only transaction and return its value."""
        return await self._in_time(asyncio.get_running_loop().run_in_executor(self._readers, self._read, work))

    async def read_each(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """Like `read`, for work that is cheaper in bulk, as `write_each` is for writes."""
        return await self._in_time(self._bulk_reader.run(work, item))

    async def _in_time(self, answer: Awaitable[T]) -> T:
        timeout = asyncio.timeout(self._limit())
        try:
            async with timeout:
                return await answer
        except TimeoutError as error:
            if not timeout.expired():
                raise
            raise DatabaseUnavailable("the database doesn't answer", cause=error) from None

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            try:
                return self._read_once(work)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return self._read_once(work)  # that connection broke while it was idle, or did not answer
        except (DBAPIError, sqlite3.Error) as error:
            raise as_unavailable(error) from error.__cause__

    def _read_once(self, work: Callable[[Connection], T]) -> T:
        with self._watchdog.operation(), self._read_engine.connect() as connection:
            return work(connection)

    def _limit(self) -> float:
        seconds_left = self._seconds_left()
        if seconds_left is None:
            return time_limits.WAIT_SECONDS
        return max(seconds_left, time_limits.MIN_WAIT_SECONDS)

    async def close(self) -> None:
        """Finish the waiting writes, then close the connections and release the lock.

        A thread that still waits for the database after `CLOSE_SECONDS` is left behind, its connection broken.
        """
        await self._bulk_reader.close()
        readers_end = Thread(target=self._readers.shutdown, daemon=True)
        readers_end.start()
        has_written = await self._writer.close(within=CLOSE_SECONDS)
        await asyncio.to_thread(readers_end.join, CLOSE_SECONDS if has_written else 0.0)
        self._watchdog.break_all()
        if not has_written and not await self._writer.close(within=BREAK_SECONDS):
            logger.error("the database doesn't answer: stopping without it")
        await asyncio.to_thread(readers_end.join, BREAK_SECONDS)
        self._read_engine.dispose()
        if self._lock_file is not None:
            self._lock_file.close()


def engine(url: str, *, writes: bool, pool_size: int = 1) -> Engine:
    """Make an engine for `url`. On SQLite, transactions begin IMMEDIATE if it `writes`, and are read-only if not."""
    options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0, "hide_parameters": True}  # none in the log
    if sqlite_path(url) is None:
        # No ping: a read or a write is tried again when a connection breaks before the commit.
        postgresql_engine = create_engine(url, **options)
        time_limits.limit_sessions(postgresql_engine, time_limits.SESSION_LIMITS)
        return postgresql_engine
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


def acquire_lock(url: str) -> IO[bytes] | None:
    """Lock the SQLite file that `url` names, for as long as what is returned is open; None for another database.

    Raises AlreadyRunning when another bot, or a migration, has it, and FileUnusable when it can't be opened.
    """
    path = sqlite_path(url)
    if path is None:
        return None
    try:
        lock_file = open(f"{path}.lock", "ab", opener=_open_private)  # noqa: SIM115 - held while the bot runs
    except OSError as error:
        raise FileUnusable(path, error) from error
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _keep_private(path)
    except BlockingIOError:
        lock_file.close()
        raise AlreadyRunning(path) from None
    except OSError as error:
        lock_file.close()
        raise FileUnusable(path, error) from error
    return lock_file


def _keep_private(path: Path) -> None:
    """Let only its owner read the SQLite file and those beside it; SQLite gives new ones the mode of the first."""
    if not path.exists():
        os.close(_open_private(path, os.O_CREAT | os.O_WRONLY))  # no one else has it open
    for each in (path, *(Path(f"{path}{suffix}") for suffix in ("-wal", "-shm", ".lock"))):
        with suppress(FileNotFoundError, PermissionError):  # another owner decides for theirs
            each.chmod(0o600)


def _open_private(path: str | Path, flags: int) -> int:
    return os.open(path, flags, 0o600)
