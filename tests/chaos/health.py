"""Asks running bots whether they are ready."""

import asyncio
import time
from collections.abc import Sequence

import aiohttp

POLL_SECONDS = 0.2


async def are_ready(urls: Sequence[str], *, within: float) -> bool:
    """Wait until each /readyz has answered 200 once; False if one doesn't in time."""
    return await _answer(urls, 200, within=within)


async def are_not_ready(urls: Sequence[str], *, within: float) -> bool:
    """Wait until each /readyz has answered 503 once; False if one doesn't in time."""
    return await _answer(urls, 503, within=within)


async def _answer(urls: Sequence[str], status: int, *, within: float) -> bool:
    waiting, ends_at = set(urls), time.monotonic() + within
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while waiting and time.monotonic() < ends_at:
            for url in list(waiting):
                try:
                    async with session.get(url) as answer:
                        if answer.status == status:
                            waiting.discard(url)
                except (aiohttp.ClientError, TimeoutError):  # it has not started yet
                    pass
            await asyncio.sleep(POLL_SECONDS)
    return not waiting
