"""The one seam at which the machine breaks things: a fuse that burns at each step of the bot's to the outside."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from bot.storage.database import Database, engine, sqlite_path

CRASH, FAIL = "crash", "fail"

T = TypeVar("T")
Item = TypeVar("Item")


class Fuse:
    """Burns at each point that a bot passes, and at its end the bot is dead, or the database fails."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._kind = CRASH
        self.is_dead = False
        self.died = asyncio.Event()

    def light(self, kind: str, points: int) -> None:
        """Let it burn for so many points."""
        self._kind, self._left = kind, points

    def put_out(self) -> None:
        """Let nothing happen."""
        self._left = None

    async def point(self, *, of_database: bool = False) -> None:
        """Pass a point: return, never return (the process is gone), or raise OperationalError."""
        if self._left is not None:
            self._left -= 1
            if self._left <= 0 and (self._kind == CRASH or of_database):
                self._left = None
                if self._kind == FAIL:
                    raise OperationalError("the machine's", None, Exception("connection lost"))
                self.is_dead = True
                self.died.set()
        if self.is_dead:
            await asyncio.Event().wait()


class Door(Database):
    """The database's door, each time one step of the loop: it runs the same for the same seed, and it may fail.

    It leaves out the two things that belong to threads (they have tests of their own): readers and the writer. After
    each commit with a statement that begins as one of `watched` does, `watch` may look.
    """

    def __init__(self, url: str, watched: tuple[str, ...], watch: Callable[[Connection], None]) -> None:
        self._writing = engine(url, writes=True)
        self._watched, self._watch, self._is_watched = watched, watch, False
        event.listen(self._writing, "before_cursor_execute", self._notice)
        self._reads = engine(url, writes=False)
        if sqlite_path(url) is None:  # nobody else writes: a read needs no transaction, which saves round trips
            self._reads = self._reads.execution_options(isolation_level="AUTOCOMMIT")
        self._connection = self._reads.connect()
        self.fuse = Fuse()

    async def write(self, work: Callable[[Connection], T]) -> T:
        await self.fuse.point(of_database=True)
        self._is_watched = False
        with self._writing.begin() as connection:
            answer = work(connection)
        if self._is_watched:
            self.look(self._watch)
        await self.fuse.point(of_database=True)
        return answer

    async def write_each(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        return (await self.write(lambda connection: work(connection, [item])))[0]

    async def read(self, work: Callable[[Connection], T]) -> T:
        await self.fuse.point(of_database=True)
        return self.look(work)

    def look(self, work: Callable[[Connection], T]) -> T:
        """Read, as an onlooker: nothing burns."""
        try:
            return work(self._connection)
        finally:
            self._connection.rollback()

    def put(self, work: Callable[[Connection], Any]) -> None:
        """Write, as an onlooker."""
        with self._writing.begin() as connection:
            work(connection)

    def _notice(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._is_watched = self._is_watched or statement.startswith(self._watched)

    async def close(self) -> None:
        self._connection.close()
        self._writing.dispose()
        self._reads.dispose()
