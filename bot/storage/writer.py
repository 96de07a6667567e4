"""The writing thread: whatever waits is committed together, and answered after the commit.

One commit costs one flush to the disk however many requests it holds, so sixteen people who log a win at once share it.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

MOST_IN_ONE_COMMIT = 64

T = TypeVar("T")


@dataclass(frozen=True)
class _Write:
    work: Callable[[Connection], Any]
    answer: asyncio.Future[Any]


@dataclass(frozen=True)
class _Failed:
    error: Exception


class Writer:
    """Runs functions of a connection one after the other in a thread of its own, many of them in one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returned, once that is committed; raise what it raised, and nothing of it is kept.

        `work` is run a second time when the connection broke before the commit.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.put(_Write(work, answer))
        return await answer

    async def close(self) -> None:
        """Finish what is waiting, then end the thread."""
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)
        self._engine.dispose()

    def _run(self) -> None:
        ended = False
        while not ended:
            batch, ended = self._next_batch()
            if batch:
                _answer(batch, self._outcomes(batch))

    def _next_batch(self) -> tuple[list[_Write], bool]:
        batch: list[_Write] = []
        try:
            while len(batch) < MOST_IN_ONE_COMMIT:
                write = self._waiting.get(block=not batch)
                if write is None:
                    return batch, True
                batch.append(write)
        except queue.Empty:
            pass
        return batch, False

    def _outcomes(self, batch: list[_Write]) -> list[Any]:
        """What each of `batch` returned or raised; when the transaction fails as a whole, all share its error."""
        try:
            try:
                return self._commit(batch)
            except _BrokeBeforeCommit:
                return self._commit(batch)
        except Exception as error:  # noqa: BLE001
            # Whatever went wrong, the people who wait are told, and the thread lives on for the next ones.
            return [_Failed(_cause(error))] * len(batch)

    def _commit(self, batch: list[_Write]) -> list[Any]:
        with self._engine.connect() as connection:
            try:
                transaction = connection.begin()
                outcomes = [_one(connection, write.work, alone=len(batch) == 1) for write in batch]
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise _BrokeBeforeCommit from error
                raise
            if len(batch) == 1 and isinstance(outcomes[0], _Failed):
                transaction.rollback()
            else:
                transaction.commit()
            return outcomes


class _BrokeBeforeCommit(Exception):
    """The connection was lost at a moment when nothing can have been committed."""


def _one(connection: Connection, work: Callable[[Connection], Any], *, alone: bool) -> Any:
    # Savepoints of one name stack, and the commit releases them all.
    if not alone:
        connection.exec_driver_sql("SAVEPOINT one")
    try:
        return work(connection)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        if not alone:
            # Fails where the database gave up the whole transaction by itself (SQLite with a full disk).
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
        return _Failed(error)


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
