"""The ticker: its jobs run at an interval, and at once when someone wakes it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.scheduling.ticker import Job, Ticker


@asynccontextmanager
async def ticking(*jobs: Job, seconds: float) -> AsyncIterator[Ticker]:
    ticker = Ticker(jobs, seconds=seconds)
    ticker.start()
    try:
        yield ticker
    finally:
        await ticker.stop()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


async def test_it_ticks_at_once_and_then_at_its_interval() -> None:
    moments: list[float] = []

    async def job() -> None:
        moments.append(time.monotonic())

    async with ticking(job, seconds=0.1) as ticker:
        await until(lambda: len(moments) >= 5)
        assert ticker.age <= time.monotonic() - moments[-2], "the last tick but one has ended since it began"
    assert moments[4] - moments[0] >= 0.39
    count = len(moments)
    await asyncio.sleep(0.25)
    assert len(moments) == count, "it has stopped"


async def test_it_ticks_when_it_is_woken_also_while_it_ticks() -> None:
    count = 0

    async def job() -> None:
        nonlocal count
        count += 1
        if count == 2:
            ticker.wake()

    async with ticking(job, seconds=3600) as ticker:
        await until(lambda: count == 1)
        ticker.wake()
        await until(lambda: count == 3)


async def test_a_job_that_fails_stops_neither_the_others_nor_the_next_tick() -> None:
    done: list[str] = []

    async def fails() -> None:
        done.append("fails")
        raise ValueError("this one fails")

    async def goes_on() -> None:
        done.append("goes on")

    async with ticking(fails, goes_on, seconds=0.01):
        await until(lambda: len(done) >= 6)
    assert done[:6] == ["fails", "goes on"] * 3


async def test_its_age_grows_while_a_job_hangs() -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    async with ticking(hangs, seconds=0.01) as ticker:
        await asyncio.sleep(0.2)
        assert ticker.age >= 0.2, "no tick has ended"
