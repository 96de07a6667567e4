"""Crash points: every commit and every request, before and after, each with a name; a bot can be told where to die.

This wraps the two ways that the bot has to the world, the database and the HTTP session. The bot has no
code for it.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bot.storage.database import Database


@dataclass(frozen=True)
class CrashPoints:
    """Writes down the points that are passed, and dies at one of them."""

    passed: Path
    dies_at: str | None = None

    def __call__(self) -> None:
        """Wrap the database and the HTTP session of this process."""
        times: Counter[str] = Counter()

        def point(name: str) -> None:
            times[name] += 1
            numbered = f"{name} #{times[name]}"
            with self.passed.open("a") as file:
                file.write(f"{numbered}\n")
            if numbered == self.dies_at:
                os.kill(os.getpid(), signal.SIGKILL)

        _wrap(Database, "write", _describe_commit, point)
        _wrap(Database, "write_each", _describe_commit, point)
        _wrap(aiohttp.ClientSession, "_request", _describe_request, point)


def _wrap(target: Any, name: str, describe: Callable[..., str], point: Callable[[str], None]) -> None:
    original = getattr(target, name)

    async def wrapper(*arguments: Any, **options: Any) -> Any:
        what = describe(*arguments)
        point(f"before {what}")
        result = await original(*arguments, **options)
        point(f"after {what}")
        return result

    setattr(target, name, wrapper)


def _describe_commit(_database: Database, work: Any, *_item: Any) -> str:
    """The function that is committed; a lambda is told by the function that it calls."""
    while isinstance(work, partial):
        work = work.func
    if work.__name__ == "<lambda>":
        return f"commit of {'.'.join(work.__code__.co_names[:2])}"
    return f"commit of {work.__qualname__}"


def _describe_request(_session: aiohttp.ClientSession, _verb: str, url: Any, *_more: Any) -> str:
    return f"request of {str(url).partition('?')[0].rpartition('/')[2]}"
