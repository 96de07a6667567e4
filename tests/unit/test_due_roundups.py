"""What waits for Slack is created beside the tick, so that no other roundup waits for it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, time
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.domain.channel_settings import ChannelSettings
from bot.scheduling.due_roundups import DueRoundups
from bot.services import workspace_roundups
from bot.storage import workspaces
from bot.storage.database import Database
from tests.storage.test_channels import ACME, FRIDAYS, GRACE, MONDAY, change_setup, friday, save_win

LATER = replace(FRIDAYS, local_time=time(16, 5))


class Scene:
    """It is Friday, 16:00. The roundup of C1 goes to C3, that of C2 is due at 16:05. Slack doesn't answer yet."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = friday(16)
        self.woken: list[str] = []
        self.asked: list[str] = []
        self.answers = asyncio.Event()
        self.due = DueRoundups(
            database,
            grace=GRACE,
            clock=lambda: self.now,
            wake_sender=lambda lane: self.woken.append(lane[1]),
            refresh_channel=self.refresh,
        )

    async def refresh(self, _team_id: str, channel_id: str) -> bool:
        self.asked.append(channel_id)
        await self.answers.wait()
        return True

    async def tick(self, now: datetime) -> None:
        """Do what the ticker does."""
        self.now = now
        async with asyncio.timeout(30):
            await self.due.create_roundups()
            await self.due.create_editions()
            await self.due.create_workspace_roundups()


@pytest.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    def set_up(connection: Connection) -> None:
        workspaces.save(connection, ACME)
        for channel_id, posts_in, schedule in (("C1", "C3", FRIDAYS), ("C2", None, LATER), ("C3", None, LATER)):
            change_setup(connection, ChannelSettings(schedule, target_channel_id=posts_in), MONDAY, channel_id)
        for channel_id in ("C1", "C2"):
            save_win(connection, MONDAY, channel_id)

    database = Database(database_url)
    await database.write(set_up)
    made = Scene(database)
    yield made
    await made.due.stop()
    await database.close()


async def test_a_roundup_elsewhere_that_waits_for_slack_delays_no_other(scene: Scene) -> None:
    await scene.tick(friday(16))
    await scene.tick(friday(16, 5))
    assert scene.woken == ["C2"]
    assert scene.asked == ["C1"], "one question at a time"
    scene.answers.set()
    await scene.due.join()
    assert scene.woken == ["C2", "C3"]
    await scene.tick(friday(16, 6))
    await scene.due.join()
    assert (scene.woken, scene.asked) == (["C2", "C3"], ["C1"]), "it comes once"


async def test_a_workspaces_roundup_that_waits_for_slack_delays_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create_due(connection: Connection, *, team_id: str, **_: Any) -> str:
        workspaces.set_roundup_due(connection, team_id, None)
        return "CALL"

    monkeypatch.setattr(workspace_roundups, "channels_to_tell", lambda *_, **__: {"C7", "C8"})
    monkeypatch.setattr(workspace_roundups, "create_due", create_due)
    await scene.database.write(lambda connection: workspaces.set_roundup_due(connection, "T1", friday(15)))
    await scene.tick(friday(15))
    await scene.tick(friday(16, 5))
    assert scene.woken == ["C2"]
    assert sorted(scene.asked) == ["C1", "C7", "C8"]
    scene.answers.set()
    await scene.due.join()
    assert sorted(scene.woken) == ["C2", "C3", "CALL"]


async def test_what_waits_for_slack_when_the_bot_stops_comes_after_its_next_start(scene: Scene) -> None:
    await scene.tick(friday(16))
    await scene.due.stop()
    scene.answers.set()
    await scene.tick(friday(16, 1))
    await scene.due.join()
    assert scene.woken == ["C3"]
