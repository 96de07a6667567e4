"""The SQLite file takes nothing, or isn't there any more: nothing is called saved that is not, and health says so."""

import asyncio
import os
import random
import resource
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from bot.receivers.http import PATH
from bot.storage.database import sqlite_path
from tests.chaos.bots import Bot, bots
from tests.chaos.health import are_not_ready, are_ready
from tests.chaos.result import Result
from tests.chaos.scenario import Scenario, open_scenario
from tests.chaos.scenarios.acks import free_port
from tests.databases import Databases

DATABASES = ("sqlite",)
GOAL = (
    'disk full, file locked, removed, truncated, replaced, read-only database: no false "saved", not ready in 15 s, '
    "recovery where it is possible"
)
MAX_NOTICE_SECONDS = 15.0
RECOVERY_SECONDS = 30.0
UNLIMITED_PAGES = 1_000_000


@dataclass(frozen=True)
class Switches:
    """Lets a bot's SQLite refuse to write, or to grow, as a file says: "pages", "query_only"."""

    file: Path

    def __call__(self) -> None:
        @event.listens_for(Engine, "begin")
        def switch(connection: Connection) -> None:
            for pragma in self.file.read_text().split():
                connection.exec_driver_sql(f"PRAGMA {pragma}")

    def set(self, *pragmas: str) -> None:
        """Let each transaction begin with these."""
        self.file.write_text(" ".join(pragmas))


@dataclass(frozen=True)
class Place:
    """Where a fault is brought about."""

    path: Path
    switches: Switches
    bot: Bot

    @property
    def log(self) -> Path:
        """The write-ahead log."""
        return Path(f"{self.path}-wal")

    def backup(self) -> Path:
        """Make a backup as the documentation says."""
        backup = self.path.with_suffix(".backup")
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(backup)) as target:
            source.backup(target)
        return backup

    def put_back(self, file: Path) -> None:
        """Put a file in place of the database, while no bot runs."""
        for name in (self.path, self.log, Path(f"{self.path}-shm")):
            name.unlink(missing_ok=True)
        file.replace(self.path)


Fault = Callable[[Place], AbstractAsyncContextManager[bool]]
"""Is there while the block runs; gives whether the bot can work again by itself."""


@asynccontextmanager
async def full(place: Place) -> AsyncIterator[bool]:
    with closing(sqlite3.connect(place.path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    place.switches.set(f"max_page_count={pages}")
    yield True
    place.switches.set(f"max_page_count={UNLIMITED_PAGES}")


@asynccontextmanager
async def read_only(place: Place) -> AsyncIterator[bool]:
    place.switches.set("query_only=1")
    yield True
    place.switches.set("query_only=0")


@asynccontextmanager
async def failing(place: Place) -> AsyncIterator[bool]:
    """The system refuses to let any file of the bot grow."""
    limits = resource.prlimit(place.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(place.bot.pid, resource.RLIMIT_FSIZE, (1, limits[1]))
    yield True
    resource.prlimit(place.bot.pid, resource.RLIMIT_FSIZE, limits)


@asynccontextmanager
async def locked(place: Place) -> AsyncIterator[bool]:
    with closing(sqlite3.connect(place.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield True
        connection.execute("ROLLBACK")


@asynccontextmanager
async def removed(place: Place) -> AsyncIterator[bool]:
    backup = place.backup()
    place.path.unlink()
    yield False
    place.put_back(backup)


@asynccontextmanager
async def log_removed(place: Place) -> AsyncIterator[bool]:
    backup = place.backup()
    place.log.unlink()
    yield False
    place.put_back(backup)


@asynccontextmanager
async def truncated(place: Place) -> AsyncIterator[bool]:
    backup = place.backup()
    os.truncate(place.path, 0)
    yield False
    place.put_back(backup)


@asynccontextmanager
async def replaced(place: Place) -> AsyncIterator[bool]:
    other = place.backup()
    other.replace(place.path)
    yield False


@asynccontextmanager
async def moved(place: Place) -> AsyncIterator[bool]:
    away = place.path.with_suffix(".away")
    place.path.rename(away)
    yield True
    away.rename(place.path)


FAULTS: tuple[Fault, ...] = (full, read_only, failing, locked, removed, log_removed, truncated, replaced, moved)


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Bring each fault about while people type, and let it pass."""
    rng = random.Random(seed)
    typed = max(3, round(100 * size))
    numbers: dict[str, float] = {
        "faults": len(FAULTS),
        "typed meanwhile": 0,
        "refused": 0,
        "false acks": 0,
        "lost": 0,
        "not recovered": 0,
    }
    longest_notice = 0.0
    for fault in FAULTS:
        async with open_scenario(databases, database, ack_timeout=4.0) as scenario:
            notice = await _run_fault(scenario, fault, typed, rng, numbers)
        longest_notice = max(longest_notice, notice)
    numbers["longest until not ready in s"] = round(longest_notice, 1)
    is_met = longest_notice <= MAX_NOTICE_SECONDS and numbers["refused"] > 0
    is_met = is_met and not (numbers["false acks"] or numbers["lost"] or numbers["not recovered"])
    return Result("unwritable", database, seed, size, GOAL, is_met, numbers)


async def _run_fault(
    scenario: Scenario, fault: Fault, typed: int, rng: random.Random, numbers: dict[str, float]
) -> float:
    """Return the seconds until the bot said that it isn't ready."""
    scenario.fill(5, wins_each=0)
    path = sqlite_path(scenario.database_url)
    assert path is not None
    switches = Switches(scenario.folder / "switches")
    switches.set()
    options = scenario.bot_options(before_run=switches)
    port, health_port = free_port(), free_port()
    options = replace(options, settings=replace(options.settings, port=port, health_port=health_port))
    scenario.slack.request_url = f"http://127.0.0.1:{port}{PATH}"
    health = [f"http://127.0.0.1:{health_port}/readyz"]
    with bots(options) as (bot,):
        bot.start()
        await are_ready(health, within=30)
        before = await _type(scenario, rng, 10)
        async with fault(Place(path, switches, bot)) as passes:
            began = time.monotonic()
            was_noticed, during = await asyncio.gather(
                _seconds_until_not_ready(health, began), _type(scenario, rng, typed)
            )
            held = _stored(path)
            if not passes:
                bot.stop()
        if not passes:
            bot.start()
        has_recovered = await are_ready(health, within=RECOVERY_SECONDS)
        after = await _type(scenario, rng, 10)
        bot.stop()
    stored = _stored(path)
    acked_during = [text for text, was_acked in during if was_acked]
    acked_otherwise = [text for text, was_acked in [*before, *after] if was_acked]
    numbers["typed meanwhile"] += len(during)
    numbers["refused"] += len(during) - len(acked_during)
    numbers["false acks"] += sum(text not in held and text not in stored for text in acked_during)
    numbers["lost"] += sum(text not in stored for text in acked_otherwise)
    numbers["not recovered"] += not (has_recovered and all(was_acked for _, was_acked in after))
    return was_noticed


async def _seconds_until_not_ready(health: list[str], began: float) -> float:
    was_noticed = await are_not_ready(health, within=2 * MAX_NOTICE_SECONDS)
    return time.monotonic() - began if was_noticed else 10 * MAX_NOTICE_SECONDS


async def _type(scenario: Scenario, rng: random.Random, number: int) -> list[tuple[str, bool]]:
    """Log wins, and say of each whether it was said to be saved."""
    results = []
    for _ in range(number):
        text = f"tried {rng.getrandbits(64):016x} " + "x" * 400
        response = await scenario.slack.slash(scenario.ana, rng.choice(scenario.channels), f"/win {text}")
        results.append((text, "Win saved" in str(response.payload)))
    return results


def _stored(path: Path) -> set[str]:
    """What the file at the path holds, for those who open it now; nothing if that is no database of ours."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0.1)) as connection:
            return {text for (text,) in connection.execute("SELECT text FROM wins")}
    except sqlite3.Error:
        return set()
