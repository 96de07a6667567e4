"""The writer thread: commits waiting writes together, and returns their results after the commit.

A commit costs one flush to disk for any number of writes, so sixteen people who save a win at once share it.

No one waits without limit. A write that no one waits for any more is never committed, unless the commit has begun: then
it is not known what became of it.
"""

import asyncio
import math
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot.storage.bulk_insert import pipelined, run_by_driver
from bot.storage.database_file import DatabaseFile
from bot.storage.time_limits import SESSION_LIMITS, Watchdog
from bot.storage.unavailable import DatabaseUnavailable, as_unavailable

MAX_BATCH = 64
MAX_ATTEMPTS = 3
IN_CONFLICT = ("40P01", "40001")
"""What PostgreSQL says to a transaction that it ended for another's sake: a deadlock, or a serialization failure."""
TURN_LOCK_ID = 0x5455524E  # "TURN"
TURN_TAKEN = "55P03"
"""What PostgreSQL says when a lock is not free in time."""
TURN_MILLISECONDS = 100
"""How long what changes rows waits for its turn before the writer looks for new wins again."""
IDLE_TURNS = 2
"""Turns of the event loop without a new write after which the waiting ones are submitted."""

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[Connection], T]
BatchWork = Callable[[Connection, Sequence[Item]], Sequence[T]]


@dataclass(eq=False)
class _Write:
    work: BatchWork[Any, Any]
    item: Any
    future: asyncio.Future[Any]
    takes_turn: bool
    is_given_up: bool = False
    is_committing: bool = False


@dataclass(frozen=True)
class _Failed:
    error: Exception


_GIVEN_UP = _Failed(DatabaseUnavailable("no one waits for this any more"))
_NOT_YET = object()
"""In place of an outcome: another replica has the turn."""


class Writer:
    """Runs functions of a connection one after the other in its own thread, many of them in one transaction."""

    def __init__(self, engine: Engine, watchdog: Watchdog, file: DatabaseFile | None) -> None:
        """`watchdog` breaks connections that don't answer. On SQLite, all is kept in `file`."""
        self._engine = engine
        self._watchdog = watchdog
        self._file = file
        self._commit_lock = threading.Lock()
        self._gives_up_at = math.inf
        self._collected: list[_Write] = []
        self._queue: queue.SimpleQueue[list[_Write] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def run(self, work: Work[T], *, within: float) -> T:
        """Run `work` and return its value after the commit. If it raises, its changes are rolled back.

        Replicas on PostgreSQL take turns (docs/decisions/0013). `work` runs again if the connection breaks before the
        commit, if another write in its transaction fails, or if PostgreSQL ends a deadlock that it is part of. Raises
        DatabaseUnavailable if there is no result `within` so many seconds.
        """
        return await self.run_each(_run_each, work, within=within, takes_turn=True)

    async def run_each(self, work: BatchWork[Item, T], item: Item, *, within: float, takes_turn: bool) -> T:
        """Like `run`, for a function that takes the items of all waiting callers and returns a result for each.

        One that `takes_turn` may do more than add rows.
        """
        loop = asyncio.get_running_loop()
        write = _Write(work, item, loop.create_future(), takes_turn)
        if not self._collected:
            loop.call_soon(self._collect, loop, 0, IDLE_TURNS)
        self._collected.append(write)
        timeout = asyncio.timeout(within)
        try:
            async with timeout:
                result: T = await write.future
                return result
        except TimeoutError as error:
            if not timeout.expired():
                raise
            raise DatabaseUnavailable(
                "the database doesn't answer", may_be_saved=not self._give_up(write), cause=error
            ) from None

    def _give_up(self, write: _Write) -> bool:
        """Let a write never be committed. False if the commit may have begun."""
        with self._commit_lock:
            write.is_given_up = not write.is_committing
            return write.is_given_up

    async def close(self, *, within: float) -> bool:
        """Finish the waiting writes and end the thread; False if it hasn't ended `within` so many seconds."""
        self._submit()
        self._gives_up_at = min(self._gives_up_at, time.monotonic() + within)
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join, within)
        return not self._thread.is_alive()

    def _collect(self, loop: asyncio.AbstractEventLoop, previous_count: int, idle_turns: int) -> None:
        """Submit once the event loop has no other task that may add a write: see docs/decisions/0004."""
        count = len(self._collected)
        if count > previous_count:
            idle_turns = IDLE_TURNS
        if idle_turns and 0 < count < MAX_BATCH:
            loop.call_soon(self._collect, loop, count, idle_turns - 1)
        else:
            self._submit()

    def _submit(self) -> None:
        collected, self._collected = self._collected, []
        if collected:
            self._queue.put(collected)

    def _run(self) -> None:
        connection: Connection | None = None
        is_closed = False
        waiting: list[_Write] = []
        while waiting or not is_closed:
            batch: list[_Write] = []
            if not is_closed:
                batch, is_closed = self._next_batch(wait=not waiting)
            parts, waiting = _parts(waiting + batch), []
            for part in parts:
                try:
                    connection = connection or self._connect()
                    outcomes = self._run_batch(connection, part)
                except _NotYet:
                    outcomes = [_NOT_YET if time.monotonic() < self._gives_up_at else _GIVEN_UP] * len(part)
                except Exception as error:  # noqa: BLE001
                    # Every caller gets the error, and the thread continues.
                    outcomes = [_Failed(_cause(error))] * len(part)
                waiting += _resolve_futures(part, outcomes)
        if connection is not None:
            with self._watchdog.operation(connection):
                connection.close()
        self._engine.dispose()

    def _connect(self) -> Connection:
        with self._watchdog.operation():
            connection = self._engine.connect()
            if self._file is not None:
                with connection.begin():
                    self._file.check()  # SQLite holds its files from here on: they are the ones that must stay
            return connection

    def _next_batch(self, *, wait: bool) -> tuple[list[_Write], bool]:
        batch: list[_Write] = []
        try:
            while len(batch) < MAX_BATCH:
                collected = self._queue.get(block=wait and not batch)
                if collected is None:
                    return batch, True
                batch += collected
        except queue.Empty:
            pass
        return batch, False

    def _run_batch(self, connection: Connection, batch: list[_Write]) -> list[Any]:
        """Return the result or the failure of each write. Raises if the transaction failed as a whole."""
        if self._file is not None:
            self._file.check()
        for attempt in range(1, MAX_ATTEMPTS):
            try:
                return self._commit(connection, batch, in_savepoints=attempt > 1)
            except _InConflict:
                if len(batch) > 1:
                    return [self._run_alone(connection, write) for write in batch]
            except (_OneFailed, _UndoneBeforeCommit):
                continue
        return self._commit(connection, batch, in_savepoints=True)

    def _run_alone(self, connection: Connection, write: _Write) -> Any:
        """Run a write in a transaction of its own: it locks less at once than many, so others wait for less of it."""
        try:
            (outcome,) = self._run_batch(connection, [write])
        except _NotYet:
            return _NOT_YET
        except Exception as error:  # noqa: BLE001
            # Its caller gets the error; the others' writes may succeed.
            return _Failed(_cause(error))
        return outcome

    def _commit(self, connection: Connection, batch: list[_Write], *, in_savepoints: bool) -> list[Any]:
        """Run and commit those of a batch that someone waits for. In savepoints, one that fails is rolled back alone.

        Failures are rare, so a batch is tried without savepoints first.
        """
        waited_for = [write for write in batch if not write.is_given_up]
        if not waited_for:
            return [_GIVEN_UP] * len(batch)
        has_begun_commit = False
        try:
            with self._watchdog.operation(connection), connection.begin():
                results = _run_work(connection, waited_for, in_savepoints=in_savepoints)
                self._begin_commit(waited_for)
                has_begun_commit = True
        except DBAPIError as error:
            raise as_unavailable(error, is_commit=has_begun_commit) from error.__cause__
        if self._file is not None:
            self._file.check()
        result_of = dict(zip(waited_for, results, strict=True))
        return [result_of.get(write, _GIVEN_UP) for write in batch]

    def _begin_commit(self, batch: list[_Write]) -> None:
        """From here on, no write of the batch can be given up. Raises _OneFailed if one was."""
        with self._commit_lock:
            if any(write.is_given_up for write in batch):
                raise _OneFailed from DatabaseUnavailable("no one waits for this any more")
            for write in batch:
                write.is_committing = True


def _parts(batch: list[_Write]) -> list[list[_Write]]:
    """Return what only adds rows, and then the rest, which takes a turn: a /win doesn't wait for that."""
    parts = [[write for write in batch if write.takes_turn is takes_turn] for takes_turn in (False, True)]
    return [part for part in parts if part]


def _wait_for_turn(connection: Connection) -> None:
    """Wait until no other replica changes rows: see docs/decisions/0013. The turn ends with the transaction.

    Raises _NotYet if another one still does after `TURN_MILLISECONDS`.
    """
    with pipelined(connection):  # together with BEGIN
        ((is_ours,),) = run_by_driver(connection, "SELECT pg_try_advisory_xact_lock(%s)", (TURN_LOCK_ID,))
    if is_ours:
        return
    set_timeout = "SELECT set_config('lock_timeout', %s, true)"
    try:
        with pipelined(connection):
            run_by_driver(connection, set_timeout, (f"{TURN_MILLISECONDS}ms",), returns_rows=False)
            run_by_driver(connection, "SELECT pg_advisory_xact_lock(%s)", (TURN_LOCK_ID,), returns_rows=False)
            run_by_driver(connection, set_timeout, (SESSION_LIMITS["lock_timeout"],), returns_rows=False)
    except DBAPIError as error:
        if _sqlstate(error) == TURN_TAKEN:
            raise _NotYet from error
        raise


class _NotYet(Exception):
    """Another replica has the turn, so nothing was done."""


class _UndoneBeforeCommit(Exception):
    """The transaction did not happen, so all of it has to run again: the connection was lost before the commit."""


class _InConflict(_UndoneBeforeCommit):
    """PostgreSQL ended the transaction because of another one."""


class _OneFailed(Exception):
    """One of several writes raised, or was given up; the others have to run again without it."""


def _run_work(connection: Connection, batch: list[_Write], *, in_savepoints: bool) -> list[Any]:
    try:
        if connection.dialect.name == "postgresql" and any(write.takes_turn for write in batch):
            _wait_for_turn(connection)
        if in_savepoints:
            return [_run_in_savepoint(connection, write) for write in batch]
        return _run_together(connection, batch)
    except _NotYet:
        raise
    except Exception as error:
        if _is_in_conflict(error):
            raise _InConflict from error
        if _is_undone(error):
            raise _UndoneBeforeCommit from error
        if in_savepoints or len(batch) == 1:
            raise
        raise _OneFailed from error


def _run_each(connection: Connection, works: Sequence[Work[T]]) -> list[T]:
    return [work(connection) for work in works]


def _run_together(connection: Connection, batch: list[_Write]) -> list[Any]:
    """Run each function once, for all its items."""
    positions_by_work: defaultdict[BatchWork[Any, Any], list[int]] = defaultdict(list)
    for position, write in enumerate(batch):
        positions_by_work[write.work].append(position)
    results: dict[int, Any] = {}
    for work, positions in positions_by_work.items():
        results |= zip(positions, work(connection, [batch[position].item for position in positions]), strict=True)
    return [results[position] for position in range(len(batch))]


def _run_in_savepoint(connection: Connection, write: _Write) -> Any:
    # Savepoints with the same name stack, and the commit releases them all.
    connection.exec_driver_sql("SAVEPOINT one")
    try:
        return write.work(connection, [write.item])[0]
    except Exception as error:
        if _is_undone(error):
            raise
        # This fails if the database has rolled back the whole transaction (SQLite with a full disk).
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
        return _Failed(as_unavailable(error))


def _is_undone(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _is_in_conflict(error))


def _is_in_conflict(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and _sqlstate(error) in IN_CONFLICT


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _cause(error: Exception) -> Exception:
    cause = error.__cause__ if isinstance(error, _UndoneBeforeCommit | _OneFailed) else error
    return as_unavailable(cause if isinstance(cause, Exception) else error)


def _resolve_futures(batch: list[_Write], outcomes: list[Any]) -> list[_Write]:
    """Hand the outcomes to those who wait for them. Return what has none yet."""

    def settle() -> None:
        for write, outcome in zip(batch, outcomes, strict=True):
            if outcome is _NOT_YET or write.future.done():  # the caller was cancelled
                continue
            if isinstance(outcome, _Failed):
                write.future.set_exception(outcome.error)
            else:
                write.future.set_result(outcome)

    loop = batch[0].future.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)
    return [write for write, outcome in zip(batch, outcomes, strict=True) if outcome is _NOT_YET]
