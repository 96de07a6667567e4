"""Channels whose roundups are created in one transaction get what each would get alone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.domain.channel_settings import ChannelSettings, QuietPolicy
from bot.domain.workspaces import Workspace
from bot.services.roundups import create_due
from bot.storage import channels, tables, workspaces
from bot.storage.database import engine
from tests.storage.test_channels import FRIDAYS, GRACE, MONDAY, WEEK, friday

QUIET = ("silent", "line", "line left")
"""Channels without a win that is to be told: they say nothing, end with a prompt, or wait for a win that was left."""
LATE = {"late": 2 * WEEK, "too late": WEEK + timedelta(days=3)}
WINS = {"small": 3, "sections": 12, "long": 40, "note": 2, "late": 2, "too late": 2, "left": 3}
CHANNELS = (*QUIET, *WINS)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        for team_id in ("T1", "T2"):
            workspaces.save(made, Workspace(team_id, None, "Acme", "https://acme.test/", "UBOT"))
            for channel_id in CHANNELS:
                set_up(made, team_id, channel_id)
        yield made
    opened.dispose()


def set_up(connection: Connection, team_id: str, channel_id: str) -> None:
    policy = QuietPolicy.LINE if "line" in channel_id else QuietPolicy.SILENT
    settings = ChannelSettings(FRIDAYS, quiet_policy=policy)
    channel = channels.lock(connection, team_id, channel_id)
    channels.save_settings(connection, channel, settings, user_id="UBEN", now=MONDAY)
    if channel_id == "note":
        channels.set_next_note(connection, channel, note="A week to be proud of.", user_id="UBEN")
    if channel_id in LATE:
        is_it = (tables.channels.c.team_id == team_id) & (tables.channels.c.channel_id == channel_id)
        connection.execute(update(tables.channels).where(is_it).values(next_due_at=friday(16) - LATE[channel_id]))
    for number in range(WINS.get(channel_id, 1 if "left" in channel_id else 0)):
        values = {"team_id": team_id, "channel_id": channel_id, "author_id": f"U{number % 5}", "text": f"step {number}"}
        created_at = MONDAY - 3 * WEEK + timedelta(minutes=number)
        is_left = "left" in channel_id and number == 0
        row = {**values, "created_at": created_at, "is_open": True, "is_left": is_left}
        win_id = connection.execute(insert(tables.wins), row).inserted_primary_key[0]  # type: ignore[index]
        tag = {"win_id": win_id, "tag": f"theme{number % 3}", "team_id": team_id}
        connection.execute(insert(tables.tags), tag)


def stored(connection: Connection, team_id: str) -> dict[str, list[Any]]:
    """What is in the tables that creating a roundup changes, without ids, keys and what differs by chance."""
    roundups, items, deliveries, wins = tables.roundups, tables.roundup_items, tables.deliveries, tables.wins
    told = [items.c.part, items.c.position, items.c.section, items.c.theme, wins.c.text]
    queries = {
        "roundups": select(roundups).order_by(roundups.c.channel_id),
        "items": select(roundups.c.channel_id, *told)
        .join_from(items, roundups, roundups.c.id == items.c.roundup_id)
        .join(wins, wins.c.id == items.c.win_id)
        .order_by(roundups.c.channel_id, items.c.part, items.c.position),
        "deliveries": select(deliveries).order_by(deliveries.c.channel_id, deliveries.c.kind, deliveries.c.part),
        "wins": select(wins.c.channel_id, wins.c.text, wins.c.is_open, wins.c.is_left).order_by(
            wins.c.channel_id, wins.c.created_at
        ),
        "channels": select(tables.channels).order_by(tables.channels.c.channel_id),
    }
    of_team = {name: tables.metadata.tables[name].c.team_id for name in queries if name != "items"}
    of_team["items"] = roundups.c.team_id
    by_chance = {"id", "key", "team_id", "roundup_id", "alert_id"}
    return {
        name: [
            {column: value for column, value in row._mapping.items() if column not in by_chance}
            for row in connection.execute(query.where(of_team[name] == team_id))
        ]
        for name, query in queries.items()
    }


def test_roundups_are_the_same_created_together_and_one_by_one(connection: Connection) -> None:
    now = friday(16)
    together = create_due(connection, team_id="T1", channel_ids=CHANNELS, grace=GRACE, now=now)
    alone = [create_due(connection, team_id="T2", channel_ids=[each], grace=GRACE, now=now) for each in CHANNELS]
    assert sorted(together) == sorted(target for targets in alone for target in targets)
    assert set(together) == {*WINS, "line"}
    assert stored(connection, "T1") == stored(connection, "T2")


def test_roundups_are_created_once(connection: Connection) -> None:
    create_due(connection, team_id="T1", channel_ids=CHANNELS, grace=GRACE, now=friday(16))
    before = stored(connection, "T1")
    assert create_due(connection, team_id="T1", channel_ids=CHANNELS, grace=GRACE, now=friday(16)) == []
    assert stored(connection, "T1") == before
    assert stored(connection, "T2")["roundups"] == [], "the channels of another workspace have the same names"
