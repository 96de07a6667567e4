"""Row 12: what Home costs among 1,000,000 wins in 1,000 channels."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from bot.domain.permissions import Actor
from bot.domain.workspaces import Workspace
from bot.listeners.home import HomeTab
from bot.services.visibility import Visibility
from bot.storage.channels import ConversationInfo
from bot.storage.database import Database
from tests.bench import search
from tests.bench.children import Bench
from tests.bench.figures import Figure
from tests.databases import fill_and_analyze

ROWS = (12,)
OPENED = 200
LIMIT = 100
"""Milliseconds."""
ADMINS = 10
"""Each tenth person who opens Home is an admin."""
THEIR_CHANNELS = 50
CLIMBS = 2_000
"""Of ten steps each."""


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Open Home as one person after another; three of ten wins have no cheer."""
    figures = []
    for kind in bench.kinds:
        took = Figure(12, "p95 of Home among 1,000,000 wins", kind, "100 ms", "ms", 1.0)
        url = bench.database(kind)
        search.fill(url)
        _announce_and_cheer(url)
        asyncio.run(_open(url))
        for _ in range(rounds):
            took.ours.append(1000 * asyncio.run(_open(url)))
            took.floor.append(LIMIT)
        figures.append(took)
    return figures


def _announce_and_cheer(url: str) -> None:
    """Let each win have been announced in its channel; many are cheered, and some are steps of climbs."""
    fill_and_analyze(url, _statements)


def _statements(connection: Connection) -> list[str]:
    is_postgresql = connection.dialect.name == "postgresql"
    second = (
        "EXTRACT(EPOCH FROM created_at)::bigint" if is_postgresql else "CAST(strftime('%s', created_at) AS INTEGER)"
    )
    number = "lpad((id % 1000000)::text, 6, '0')" if is_postgresql else "printf('%06d', id % 1000000)"
    return [
        *(["SET LOCAL session_replication_role = replica"] if is_postgresql else []),
        "INSERT INTO deliveries (team_id, channel_id, key, kind, win_id, state, ts, created_at)"
        f" SELECT team_id, channel_id, 'key' || id, 'announcement', id, 'posted', {second} || '.' || {number},"
        " created_at FROM wins",
        "INSERT INTO win_cheers (win_id, user_id, source, team_id, is_active, changed_at_us)"
        " SELECT id, 'U00009999', 'button', team_id, true, id FROM wins WHERE id % 10 < 7",
        "INSERT INTO climbs (id, team_id, channel_id, name, created_by, created_at, shared_at)"
        " SELECT id, team_id, channel_id, 'Faster builds', author_id, created_at, created_at"
        f" FROM wins WHERE id <= {CLIMBS}",
        "UPDATE wins SET climb_id = (SELECT climbs.id FROM climbs WHERE climbs.channel_id = wins.channel_id LIMIT 1)"
        f" WHERE id > {search.WINS - 10 * CLIMBS}",
    ]


class _Slack:
    """Answers at once, so that only Home is measured."""

    async def actor_if_known(self, _: str, user_id: str) -> Actor:
        return Actor(user_id, is_active=True, is_admin=int(user_id[1:]) % ADMINS == 0)

    async def channels_of(self, _: str, user_id: str) -> set[str]:
        first = int(user_id[1:])
        return {search.channel_id(number % search.CHANNELS) for number in range(first, first + THEIR_CHANNELS)}

    def __init__(self) -> None:
        self._own_channels = {
            search.channel_id(number): ConversationInfo(None, number < search.PRIVATE, None)
            for number in range(search.CHANNELS)
        }

    async def own_channels(self, *_: Any) -> dict[str, ConversationInfo]:
        return self._own_channels

    async def refresh_all(self, *_: Any) -> bool:
        return True


async def _open(url: str) -> float:
    """Return the 95th percentile of the seconds from the event to the tab that Slack is given."""
    database = Database(url)
    slack: Any = _Slack()
    workspace = Workspace(search.TEAM, None, "S", "https://s.test/", "U0BOT")
    shown: list[dict[str, Any]] = []

    async def publish(_: str, __: str, load: Callable[[], Awaitable[dict[str, Any]]]) -> bool:
        shown.append(await load())
        return True

    deps: Any = SimpleNamespace(
        access=slack,
        visibility=Visibility(slack, database, lambda: search.NOW),
        database=database,
        clients=SimpleNamespace(of=lambda _: SimpleNamespace(workspace=workspace)),
        modals=SimpleNamespace(publish=publish),
        clock=lambda: search.NOW,
    )
    home_tab, took = HomeTab(deps), []
    for number in range(OPENED):
        began = time.perf_counter()
        await home_tab.publish(search.TEAM, search.person_id(number * 17 + 7))
        took.append(time.perf_counter() - began)
    await database.close()
    said = str(shown)
    assert said.count("Waiting for a first cheer") == OPENED, "there is one for everyone"
    assert said.count("Your climbs") > OPENED // 10
    assert all(len(view["blocks"]) <= 100 for view in shown)
    return quantiles(took, n=20)[-1]
