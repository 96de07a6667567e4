"""How the bot holds back when Slack does not do what it is asked."""

import asyncio
from types import SimpleNamespace

import pytest

from bot.slack import rate_limits
from bot.slack.rate_limits import RateLimiter


async def test_a_failure_holds_back_after_however_many() -> None:
    rate_limiter = RateLimiter(0.0)
    for _ in range(2000):
        rate_limiter.back_off()


async def test_groups_take_turns_and_in_a_group_the_oldest_goes_first() -> None:
    rate_limiter = RateLimiter(0.0)
    released: list[str] = []

    async def wait(name: str) -> None:
        await rate_limiter.acquire(name[0])
        released.append(name)

    await asyncio.gather(*map(wait, ("a1", "a2", "a3", "a4", "b1", "c1", "c2")))
    assert released == ["a1", "b1", "c1", "a2", "c2", "a3", "a4"]


async def test_after_a_rest_a_burst_goes_through_and_then_one_at_each_interval() -> None:
    rate_limiter = RateLimiter(10.0, burst=3)
    waiting = [asyncio.create_task(rate_limiter.acquire()) for _ in range(5)]
    await asyncio.sleep(0.05)
    assert [task.done() for task in waiting] == [True, True, True, False, False]
    rate_limiter.close()
    for task in waiting:
        task.cancel()


@pytest.mark.parametrize(
    ("late", "released"),
    [
        ([0.1] * 4, [0, 2.1, 4.1, 6.1, 8.1]),  # no request is later for those before it
        ([7.0, 0.0, 0.0, 0.0], [0, 9.0, 9.0, 11.0, 13.0]),  # what was missed isn't sent at once
    ],
)
async def test_a_busy_event_loop_does_not_make_all_requests_late(
    monkeypatch: pytest.MonkeyPatch, late: list[float], released: list[float]
) -> None:
    now, found, sleep = [100.0], list[float](), asyncio.sleep

    async def sleep_too_long(seconds: float) -> None:
        for _ in range(5):
            await sleep(0)  # what has just been let through goes on first
        now[0] += seconds + late.pop(0)

    async def wait() -> None:
        await rate_limiter.acquire()
        found.append(round(now[0] - 100.0, 3))

    monkeypatch.setattr(rate_limits, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(asyncio, "sleep", sleep_too_long)
    rate_limiter = RateLimiter(2.0)
    await asyncio.gather(*(wait() for _ in released))
    assert found == released


async def test_after_a_rest_only_one_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(rate_limits, "time", SimpleNamespace(monotonic=lambda: now[0]))
    rate_limiter = RateLimiter(2.0)
    await rate_limiter.acquire()
    now[0] += 60.0
    await rate_limiter.acquire()
    assert rate_limiter.free == 0


async def test_a_turn_that_is_not_needed_any_more_costs_nothing() -> None:
    rate_limiter = RateLimiter(3600.0, burst=2)
    await rate_limiter.acquire()
    unneeded, needed = rate_limiter.turn(), rate_limiter.turn()
    unneeded.set_result(None)
    await asyncio.wait_for(needed, 30)


async def test_it_says_how_many_may_come_at_once() -> None:
    rate_limiter = RateLimiter(10.0, burst=3)
    assert rate_limiter.free == 3
    await rate_limiter.acquire()
    assert rate_limiter.free == 2
    rate_limiter.pause(0.1)
    assert rate_limiter.free == 0
    await asyncio.sleep(0.15)
    await asyncio.gather(rate_limiter.acquire(), rate_limiter.acquire())
    assert rate_limiter.free == 0
    waiting = asyncio.create_task(rate_limiter.acquire())
    await asyncio.sleep(0)
    assert rate_limiter.free == 0
    rate_limiter.close()
    waiting.cancel()
    assert RateLimiter(0.0).free == 1
