"""What the ticker wakes: the order in which due roundups are written down, and how much one tick does."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from bot.scheduling import jobs
from bot.scheduling.due_roundups import round_robin
from bot.scheduling.jobs import LookBacks
from bot.services import look_backs
from bot.storage import preferences, workspaces
from bot.storage.database import Database
from bot.storage.due_channels import DueChannel
from tests.storage.test_channels import ACME

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)


def test_no_workspace_waits_until_another_is_through() -> None:
    due = [
        DueChannel("T1", "C1", False),
        DueChannel("T1", "C2", False),
        DueChannel("T1", "C3", False),
        DueChannel("T2", "C4", False),
        DueChannel("T3", "C5", False),
        DueChannel("T2", "C6", False),
    ]
    assert round_robin(due) == [
        DueChannel("T1", "C1", False),
        DueChannel("T2", "C4", False),
        DueChannel("T3", "C5", False),
        DueChannel("T1", "C2", False),
        DueChannel("T2", "C6", False),
        DueChannel("T1", "C3", False),
    ]
    assert round_robin([]) == []


async def test_one_tick_looks_back_for_some_people_and_the_next_for_others(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of them has a win of a year ago, so all of them go on being due."""
    people = [f"U{number}" for number in range(5)]
    asked: list[str] = []
    now = [MONDAY]
    send_due = look_backs.send_due

    def note(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> bool:
        asked.append(user_id)
        return send_due(connection, team_id, user_id, now=now)

    def choose(connection: Connection) -> None:
        workspaces.save(connection, ACME)
        for user_id in people:
            preferences.set_look_back(connection, ACME.team_id, user_id, wants_look_back=True)

    monkeypatch.setattr(jobs, "MAX_LOOK_BACKS", 2)
    monkeypatch.setattr(look_backs, "send_due", note)
    database = Database(database_url)
    await database.write(choose)
    job = LookBacks(database, clock=lambda: now[0], wake_sender=lambda _: None)
    counts = []
    for _ in range(5):
        await job.send()
        counts.append(len(asked))
    assert counts == [2, 4, 5, 5, 5]
    assert asked == people
    now[0] += timedelta(minutes=10)
    await job.send()
    assert asked == [*people, *people[:2]]
    await database.close()
