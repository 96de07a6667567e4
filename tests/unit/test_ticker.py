"""The ticker: its jobs run at an interval, and at once when someone wakes it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.scheduling import one_by_one
from bot.scheduling.one_by_one import logged_if_it_fails
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


async def test_what_goes_on_failing_for_one_channel_is_logged_once_in_a_while(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = 0

    async def job() -> None:
        nonlocal ticks
        ticks += 1
        for channel_id in ("C1", "C2"):
            with logged_if_it_fails("create a roundup", channel=channel_id):
                raise ValueError("its settings can't be read")

    async with ticking(job, seconds=0.01):
        await until(lambda: ticks >= 5)
        assert [record.getMessage() for record in caplog.records] == ["could not create a roundup"] * 2
        monkeypatch.setattr(one_by_one, "REPEAT_SECONDS", 0.0)
        await until(lambda: len(caplog.records) >= 6)


async def test_its_age_grows_while_a_job_hangs() -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    async with ticking(hangs, seconds=0.01) as ticker:
        await asyncio.sleep(0.2)
        assert ticker.age >= 0.2, "no tick has ended"
