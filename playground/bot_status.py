"""The bot's own count of its work, from its status endpoint: the playground waits for that instead of guessing.

The bot writes the endpoint's address to a file each time it starts. While it does not answer, the last status stands.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

URL_FILE = "health-url"
POLL_SECONDS = 0.01
TIMEOUT = aiohttp.ClientTimeout(total=2.0)
IDLE_TIMEOUT = 60.0
"""Seconds that the bot has to finish its work in a replay; the machine may be busy."""


@dataclass(frozen=True)
class Status:
    """What the bot reported `at` a time (UTC) of the stand-in's clock; due times by team and channel id."""

    at: datetime
    wins: int = 0
    deliveries: dict[str, int] = field(default_factory=dict)
    unfinished: int = 0
    roundups: dict[tuple[str, str], datetime] = field(default_factory=dict)
    reminders: dict[tuple[str, str], datetime] = field(default_factory=dict)
    others_due: list[datetime] = field(default_factory=list)
    """When looks back, the workspaces' own roundups and the next note are due."""

    def pending_counts(self) -> dict[str, int]:
        """Count the stored wins, the messages that wait to be posted and those that may or may not be posted."""
        return {
            "wins": self.wins,
            "waiting": self._in("pending", "sending"),
            "unknown": self._in("unknown", "needs_review"),
        }

    def next_due(self, after: datetime) -> datetime | None:
        """Return the next time later than `after` at which a roundup, a reminder, a look back or a note is due."""
        return min((due for due in self._due_times() if due > after), default=None)

    def is_idle(self, now: datetime) -> bool:
        """Whether nothing is due at `now` and no delivery has work left."""
        return not self.unfinished and all(due > now for due in self._due_times())

    def _due_times(self) -> Iterator[datetime]:
        yield from self.roundups.values()
        yield from self.reminders.values()
        yield from self.others_due

    def _in(self, *states: str) -> int:
        return sum(self.deliveries.get(state, 0) for state in states)


class BotStatus:
    """The last status of the bot that runs in `folder`; `is_current` says whether the bot answered the last request."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._url_file = folder / URL_FILE
        self._clock = clock
        self.last = Status(clock())
        self.is_current = False

    def forget_address(self) -> None:
        """Forget where the bot was reached; call before it starts and after it stops."""
        self._url_file.unlink(missing_ok=True)
        self.is_current = False

    async def refresh(self) -> bool:
        """Ask the bot for its status; False if it does not answer, and the last status stands."""
        try:
            now = self._clock()
            url = f"{self._url_file.read_text()}/status"
            async with aiohttp.request("GET", url, timeout=TIMEOUT) as response:
                self.last = _parse(await response.json(), at=now)
            self.is_current = True
        except (OSError, aiohttp.ClientError, TimeoutError):
            self.is_current = False
        return self.is_current

    async def is_idle(self) -> bool:
        """Whether the bot answers and has nothing to do."""
        return await self.refresh() and self.last.is_idle(self.last.at)

    async def wait_until_idle(self) -> None:
        """Return once the bot answers and has nothing to do. Raises TimeoutError."""
        async with asyncio.timeout(IDLE_TIMEOUT):
            while not await self.is_idle():  # noqa: ASYNC110 - another process does the work
                await asyncio.sleep(POLL_SECONDS)


def _parse(body: dict[str, Any], *, at: datetime) -> Status:
    due = {
        kind: {
            (team, channel): datetime.fromisoformat(times[kind])
            for team, channels in body["due"].items()
            for channel, times in channels.items()
            if times[kind]
        }
        for kind in ("roundup", "reminder", "edition")
    }
    others_due = [*due["edition"].values(), *map(datetime.fromisoformat, body["others_due"])]
    return Status(at, body["wins"], body["deliveries"], body["unfinished"], due["roundup"], due["reminder"], others_due)
