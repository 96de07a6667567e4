"""Reads that share a query: what no one waits for is left out, and what can't be read together is read apart."""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.storage.bulk_reader import MAX_TOGETHER, BulkReader
from bot.storage.unavailable import DatabaseUnavailable

whose_request: ContextVar[str] = ContextVar("whose_request", default="no one's")


class Reads:
    """Stands for the database: what is read, one call after the other, once `opens` is set."""

    def __init__(self) -> None:
        self.opens = asyncio.Event()
        self.asked: list[list[Any]] = []
        self.reader = BulkReader(self._read)

    async def _read(self, work: Callable[[Any], Sequence[Any]]) -> Sequence[Any]:
        await self.opens.wait()
        assert whose_request.get() == "no one's", "its time isn't that of the others who wait"
        return work(self)

    def ask(self, *items: Any) -> list[asyncio.Task[Any]]:
        return [asyncio.create_task(self.reader.run(double, item)) for item in items]


def double(reads: Connection, items: Sequence[Any]) -> list[Any]:
    assert isinstance(reads, Reads)
    reads.asked.append(list(items))
    if "outage" in items or ("slow" in items and len(items) > 8):
        raise DatabaseUnavailable("it doesn't answer")
    return [item * 2 for item in items if item != "no answer"]


@pytest.fixture
async def reads() -> Reads:
    return Reads()


async def test_what_no_one_waits_for_any_more_is_not_read(reads: Reads) -> None:
    first, *others = reads.ask(1, 2, 3, 4)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = reads.ask(5, 6, 7)
    await asyncio.sleep(0)
    for each in (*late[:2], others[0]):
        each.cancel()
    reads.opens.set()
    async with asyncio.timeout(5):
        assert [await each for each in (first, *others[1:], late[2])] == [2, 6, 8, 14]
    assert reads.asked == [[1, 2, 3, 4], [7]], "the first read has begun"


async def test_a_read_that_lacks_an_answer_fails_alone(reads: Reads) -> None:
    reads.opens.set()
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*reads.ask(1, "no answer", 3), return_exceptions=True)
        assert answers[::2] == [2, 6]
        assert isinstance(answers[1], ValueError)
        assert await reads.reader.run(double, 4) == 8


async def test_while_the_database_does_not_answer_it_is_not_asked_for_each_alone(reads: Reads) -> None:
    reads.opens.set()
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*reads.ask(1, "outage", 3), return_exceptions=True)
        assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 3
        assert reads.asked == [[1, "outage", 3]]
        assert await reads.reader.run(double, 4) == 8


async def test_reads_that_take_too_long_together_are_made_fewer_at_a_time(reads: Reads) -> None:
    reads.opens.set()
    left = 100
    async with asyncio.timeout(5):
        for _ in range(5):  # who got no answer asks again, as the sender does
            answers = await asyncio.gather(*reads.ask(*["slow"] * left), return_exceptions=True)
            left = sum(isinstance(answer, DatabaseUnavailable) for answer in answers)
        assert left == 0
        del reads.asked[:]
        assert await asyncio.gather(*reads.ask(*range(1000))) == [item * 2 for item in range(1000)]
    assert len(reads.asked[-2]) == MAX_TOGETHER, "as many as before, in the end"


async def test_a_shared_read_is_of_no_one_s_request(reads: Reads) -> None:
    reads.opens.set()
    whose_request.set("Ana's")
    async with asyncio.timeout(5):
        assert await reads.reader.run(double, 1) == 2


async def test_who_waits_for_a_read_that_hangs_is_cancelled_when_the_reader_closes(reads: Reads) -> None:
    waiting = reads.ask(*range(50))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await reads.reader.close()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [asyncio.CancelledError] * 50
    assert reads.asked == []
