"""The writing thread: whatever waits is committed together, and answered after the commit.

One commit costs one flush to the disk however many requests it holds, so sixteen people who log a win at once share it.
"""

import asyncio
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

ENOUGH_FOR_ONE_COMMIT = 64
QUIET_TURNS = 2
"""Turns of the event loop without another write, after which those that wait are handed over."""

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[Connection], T]
WorkForEach = Callable[[Connection, Sequence[Item]], Sequence[T]]


@dataclass(frozen=True)
class _Write:
    work: WorkForEach[Any, Any]
    item: Any
    answer: asyncio.Future[Any]


@dataclass(frozen=True)
class _Failed:
    error: Exception


class Writer:
    """Runs functions of a connection one after the other in a thread of its own, many of them in one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._gathered: list[_Write] = []
        self._waiting: queue.SimpleQueue[list[_Write] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def run(self, work: Work[T]) -> T:
        """Return what `work` returned, once that is committed; raise what it raised, and nothing of it is kept.

        `work` is run a second time when the connection broke before the commit, or when another one that shared its
        transaction failed.
        """
        return await self.run_each(_by_itself, work)

    async def run_each(self, work: WorkForEach[Item, T], item: Item) -> T:
        """Like `run`, for a function that takes the items of all who wait at once, and returns an answer for each."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        if not self._gathered:
            loop.call_soon(self._gather, loop, 0, QUIET_TURNS)
        self._gathered.append(_Write(work, item, answer))
        return await answer

    async def close(self) -> None:
        """Finish what is waiting, then end the thread."""
        self._hand_over()
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)
        self._engine.dispose()

    def _gather(self, loop: asyncio.AbstractEventLoop, before: int, quiet_turns: int) -> None:
        """Hand over once the loop has nothing else at hand that may want to write: see docs/decisions/0004."""
        waiting = len(self._gathered)
        if waiting > before:
            quiet_turns = QUIET_TURNS
        if quiet_turns and 0 < waiting < ENOUGH_FOR_ONE_COMMIT:
            loop.call_soon(self._gather, loop, waiting, quiet_turns - 1)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered:
            self._waiting.put(gathered)

    def _run(self) -> None:
        connection: Connection | None = None
        ended = False
        while not ended:
            batch, ended = self._next_batch()
            if not batch:
                continue
            try:
                connection = connection or self._engine.connect()
                outcomes = _outcomes(connection, batch)
            except Exception as error:  # noqa: BLE001
                # Whatever went wrong, the people who wait are told, and the thread lives on for the next ones.
                outcomes = [_Failed(_cause(error))] * len(batch)
            _answer(batch, outcomes)
        if connection is not None:
            connection.close()

    def _next_batch(self) -> tuple[list[_Write], bool]:
        batch: list[_Write] = []
        try:
            while len(batch) < ENOUGH_FOR_ONE_COMMIT:
                gathered = self._waiting.get(block=not batch)
                if gathered is None:
                    return batch, True
                batch += gathered
        except queue.Empty:
            pass
        return batch, False


def _outcomes(connection: Connection, batch: list[_Write]) -> list[Any]:
    """What each of `batch` returned, or how it failed. Raises where the transaction failed as a whole."""
    try:
        return _commit(connection, batch, apart=False)
    except (_OneFailed, _BrokeBeforeCommit):
        return _commit(connection, batch, apart=True)


def _commit(connection: Connection, batch: list[_Write], *, apart: bool) -> list[Any]:
    """Run and commit a batch; `apart`, each in a savepoint, so that one that fails is rolled back alone.

    Hardly any fails, so a batch is tried together first.
    """
    with connection.begin():
        try:
            if apart:
                return [_run_apart(connection, write) for write in batch]
            return _run_together(connection, batch)
        except Exception as error:
            if _is_lost(error):
                raise _BrokeBeforeCommit from error
            if apart or len(batch) == 1:
                raise
            raise _OneFailed from error


class _BrokeBeforeCommit(Exception):
    """The connection was lost at a moment when nothing can have been committed."""


class _OneFailed(Exception):
    """One of several raised, and the others are to be run again without it."""


def _by_itself(connection: Connection, works: Sequence[Work[T]]) -> list[T]:
    return [work(connection) for work in works]


def _run_together(connection: Connection, batch: list[_Write]) -> list[Any]:
    """Run each function once, for all its items."""
    alike: defaultdict[WorkForEach[Any, Any], list[int]] = defaultdict(list)
    for place, write in enumerate(batch):
        alike[write.work].append(place)
    answers: dict[int, Any] = {}
    for work, places in alike.items():
        answers |= zip(places, work(connection, [batch[place].item for place in places]), strict=True)
    return [answers[place] for place in range(len(batch))]


def _run_apart(connection: Connection, write: _Write) -> Any:
    # Savepoints of one name stack, and the commit releases them all.
    connection.exec_driver_sql("SAVEPOINT one")
    try:
        return write.work(connection, [write.item])[0]
    except Exception as error:
        if _is_lost(error):
            raise
        # Fails where the database gave up the whole transaction by itself (SQLite with a full disk).
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
        return _Failed(error)


def _is_lost(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _cause(error: Exception) -> Exception:
    cause = error.__cause__ if isinstance(error, _BrokeBeforeCommit) else error
    return cause if isinstance(cause, Exception) else error


def _answer(batch: list[_Write], outcomes: list[Any]) -> None:
    def settle() -> None:
        for write, outcome in zip(batch, outcomes, strict=True):
            if write.answer.done():  # whoever asked has gone
                continue
            if isinstance(outcome, _Failed):
                write.answer.set_exception(outcome.error)
            else:
                write.answer.set_result(outcome)

    loop = batch[0].answer.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)
