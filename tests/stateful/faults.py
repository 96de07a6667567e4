"""Fault injection at the one place where the bot's steps to the outside pass."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from bot.storage.bulk_reader import BulkReader
from bot.storage.database import Database, engine, sqlite_path

CRASH, FAIL = "crash", "fail"

T = TypeVar("T")
Item = TypeVar("Item")


class FaultPlan:
    """Burns at each point that a bot passes, and at its end the bot is dead, or the database fails."""

    def __init__(self) -> None:
        self._points_left: int | None = None
        self._kind = CRASH
        self.is_dead = False
        self.died = asyncio.Event()

    def arm(self, kind: str, points: int) -> None:
        """Let it burn for so many points."""
        self._kind, self._points_left = kind, points

    def disarm(self) -> None:
        """Let nothing happen."""
        self._points_left = None

    async def pass_point(self, *, of_database: bool = False) -> None:
        """Pass a point: return, never return (the process is gone), or raise OperationalError."""
        if self._points_left is not None:
            self._points_left -= 1
            if self._points_left <= 0 and (self._kind == CRASH or of_database):
                self._points_left = None
                if self._kind == FAIL:
                    raise OperationalError("the machine's", None, Exception("connection lost"))
                self.is_dead = True
                self.died.set()
        if self.is_dead:
            await asyncio.Event().wait()


class FaultyDatabase(Database):
    """The database facade, each call one step of the loop: it runs the same for the same seed, and it may fail.

    It leaves out the two things that belong to threads (they have tests of their own): readers and the writer. After
    each commit with a statement that begins as one of `watched` does, `watch` may look.
    """

    def __init__(self, url: str, watched_statements: tuple[str, ...], on_watched: Callable[[Connection], None]) -> None:
        self._writing = engine(url, writes=True)
        self._watched_statements, self._on_watched, self._saw_watched = watched_statements, on_watched, False
        event.listen(self._writing, "before_cursor_execute", self._note_statement)
        self._reads = engine(url, writes=False)
        if sqlite_path(url) is None:  # no one else writes: a read needs no transaction, which saves round trips
            self._reads = self._reads.execution_options(isolation_level="AUTOCOMMIT")
        self._connection = self._reads.connect()
        self.fault_plan = FaultPlan()
        self._bulk_reader = BulkReader(self.read)

    async def write(self, work: Callable[[Connection], T]) -> T:
        await self.fault_plan.pass_point(of_database=True)
        self._saw_watched = False
        with self._writing.begin() as connection:
            result = work(connection)
        if self._saw_watched:
            self.peek(self._on_watched)
        await self.fault_plan.pass_point(of_database=True)
        return result

    async def write_each(
        self,
        work: Callable[[Connection, Sequence[Item]], Sequence[T]],
        item: Item,
        *,
        only_adds: bool = False,  # noqa: ARG002 - there are no replicas
    ) -> T:
        return (await self.write(lambda connection: work(connection, [item])))[0]

    async def read(self, work: Callable[[Connection], T]) -> T:
        await self.fault_plan.pass_point(of_database=True)
        return self.peek(work)

    async def read_each(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        return await self._bulk_reader.run(work, item)

    def peek(self, work: Callable[[Connection], T]) -> T:
        """Read, as an onlooker: nothing burns."""
        try:
            return work(self._connection)
        finally:
            self._connection.rollback()

    def write_directly(self, work: Callable[[Connection], Any]) -> None:
        """Write, as an onlooker."""
        with self._writing.begin() as connection:
            work(connection)

    def _note_statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._saw_watched = self._saw_watched or statement.startswith(self._watched_statements)

    async def close(self) -> None:
        await self._bulk_reader.close()
        self._connection.close()
        self._writing.dispose()
        self._reads.dispose()
