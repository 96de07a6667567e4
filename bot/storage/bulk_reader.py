"""Reads that are cheaper in bulk: those that wait at the same time share a query."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from functools import partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from bot.storage.unavailable import DatabaseUnavailable

MAX_TOGETHER = 32
"""The most reads that share a query: others wait while its rows are turned into objects.

Half as many after some have taken too long together, and one more again with each query that succeeds.
"""

T = TypeVar("T")
Item = TypeVar("Item")
BulkRead = Callable[[Connection, Sequence[Any]], Sequence[Any]]


class _Waiting(NamedTuple):
    item: Any
    future: asyncio.Future[Any]


class BulkReader:
    """Calls a function once for all who wait for it, while no other call of it is under way.

    So a read that comes alone is made at once, and those that come while it is made are made together.
    """

    def __init__(self, read: Callable[[Callable[[Connection], Sequence[Any]]], Awaitable[Sequence[Any]]]) -> None:
        """`read` runs a function in a read-only transaction."""
        self._read = read
        self._waiting: defaultdict[BulkRead, list[_Waiting]] = defaultdict(list)
        self._tasks: dict[BulkRead, asyncio.Task[None]] = {}
        self._most: defaultdict[BulkRead, int] = defaultdict(lambda: MAX_TOGETHER)

    async def run(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """Return what `work` returns for `item`. If it raises, it is called for each item alone.

        If the database is unavailable, it isn't: all who wait get that error.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting[work].append(_Waiting(item, future))
        if work not in self._tasks:
            self._tasks[work] = task = asyncio.create_task(self._run_waiting(work), context=Context())
            task.add_done_callback(partial(self._forget, work))
        return await future

    def _forget(self, work: BulkRead, task: asyncio.Task[None]) -> None:
        """Forget a task that was cancelled before it began: nothing of it has run then."""
        if self._tasks.get(work) is task:
            del self._tasks[work]

    async def close(self) -> None:
        """Cancel what waits."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for waiting in self._waiting.values():
            for each in waiting:
                each.future.cancel()

    async def _run_waiting(self, work: BulkRead) -> None:
        try:
            while waiting := self._waiting[work]:
                batch = waiting[: self._most[work]]
                await self._run_batch(work, batch)
                del waiting[: len(batch)]  # others may have come meanwhile
        finally:
            del self._tasks[work]

    async def _run_batch(self, work: BulkRead, batch: Sequence[_Waiting]) -> None:
        batch = [each for each in batch if not each.future.done()]  # others don't wait for it any more
        if not batch:
            return
        try:
            results = await self._read(lambda connection: _run_together(connection, work, batch))
        except Exception as error:  # noqa: BLE001
            # Those who wait get the error. One that fails takes no other with it, unless the database doesn't work.
            is_unavailable = isinstance(error, DatabaseUnavailable)
            if is_unavailable:
                self._most[work] = max(1, len(batch) // 2)
            if is_unavailable or len(batch) == 1:
                for each in batch:
                    if not each.future.done():
                        each.future.set_exception(error)
                return
            for each in batch:
                await self._run_batch(work, [each])
        else:
            self._most[work] = min(MAX_TOGETHER, self._most[work] + 1)
            for each, result in results:
                if not each.future.done():
                    each.future.set_result(result)


def _run_together(connection: Connection, work: BulkRead, batch: Sequence[_Waiting]) -> list[tuple[_Waiting, Any]]:
    return list(zip(batch, work(connection, [each.item for each in batch]), strict=True))
