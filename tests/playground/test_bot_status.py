"""The playground asks the bot for its status, and keeps the last answer."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot import app
from bot.domain.editions import Edition
from bot.domain.working_hours import next_working_moment
from bot.storage import workspaces
from playground import bot_status
from playground.bot_status import URL_FILE, BotStatus, Status
from tests.e2e.test_looking_back import stores
from tests.team import FRIDAY_16_BERLIN, TIMING, team


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bot answer as slowly as beside other tests."""
    monkeypatch.setattr(bot_status, "TIMEOUT", aiohttp.ClientTimeout(total=30))


async def test_the_last_counts_stand_while_the_bot_is_down(sqlite_url: str, tmp_path: Path) -> None:
    async with team(sqlite_url, starts=False) as made:
        status = BotStatus(tmp_path, made.clock.now)
        assert not await status.refresh(), "the bot has never run"
        assert status.last.pending_counts() == {"wins": 0, "waiting": 0, "unknown": 0}

        async with app.lifespan(made.settings(), clock=made.clock.now, timing=TIMING, has_status=True) as running:
            (tmp_path / URL_FILE).write_text(running.health_url)
            await made.slack.wait_connected()
            made.configure(made.general, made.ana)
            made.slack.fault("chat.postMessage", "rate_limited", times=None, retry_after=60)
            await made.says(made.ana, "/win counted")
            assert not await status.is_idle()
            assert status.is_current
        reported_at = status.last.at
        await made.it_is(made.clock.now() + timedelta(hours=1))
        assert not await status.refresh()
        assert not status.is_current
        assert status.last.at == reported_at
        assert status.last.pending_counts() == {"wins": 1, "waiting": 1, "unknown": 0}
        assert status.last.roundups == {(made.slack.team_id, made.general.id): FRIDAY_16_BERLIN}


def test_the_next_due_time_is_of_a_roundup_or_a_reminder() -> None:
    thursday, friday = datetime(2030, 3, 7, 9, tzinfo=UTC), datetime(2030, 3, 8, 15, tzinfo=UTC)
    status = Status(thursday, roundups={("T1", "C1"): friday}, reminders={("T1", "C1"): thursday})
    assert status.next_due(after=thursday - timedelta(hours=1)) == thursday
    assert status.next_due(after=thursday) == friday
    assert status.next_due(after=friday) is None
    assert status.is_idle(thursday - timedelta(hours=1))
    assert not status.is_idle(thursday), "a reminder is due"


async def test_time_stops_at_looks_back_workspace_roundups_and_notes_too(sqlite_url: str, tmp_path: Path) -> None:
    async with team(sqlite_url, starts=False) as made:
        status = BotStatus(tmp_path, made.clock.now)
        async with app.lifespan(made.settings(), clock=made.clock.now, timing=TIMING, has_status=True) as running:
            (tmp_path / URL_FILE).write_text(running.health_url)
            await made.slack.wait_connected()
            made.configure(made.general, made.ana, editions=frozenset({Edition.MONTHLY}))
            sunday = FRIDAY_16_BERLIN + timedelta(days=2)
            stores(made, lambda connection: workspaces.set_roundup_due(connection, made.slack.team_id, sunday))
            await status.refresh()
            april_1 = made.stored_channel().edition_due_at
            assert status.last.others_due == [april_1, sunday]
            await made.says(made.ana, "/win a week of it")
            await made.sees("ana: a week of it")
            await made.it_is(FRIDAY_16_BERLIN)
            await made.sees("a week of it", times=2)
            async with asyncio.timeout(30):
                while len(status.last.others_due) < 3:
                    await status.refresh()
            note_due_at = next_working_moment(FRIDAY_16_BERLIN + timedelta(days=1), made.ana.tz or "UTC")
            assert status.last.others_due == [april_1, sunday, note_due_at]
            assert status.last.next_due(after=FRIDAY_16_BERLIN) == sunday
