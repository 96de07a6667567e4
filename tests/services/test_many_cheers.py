"""More people cheer than a statement can have parameters (PostgreSQL's 65,535, SQLite's 32,766)."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from bot.domain.deliveries import DeliveryKind
from bot.domain.wins import parse_win
from bot.outbox import render
from bot.storage import deliveries, tables, users
from bot.storage.cheers import cheerers_of
from bot.storage.deliveries import Delivery
from bot.storage.tables import roundup_cheers
from tests.databases import filling_engine
from tests.services.consent_scene import NOW, WORKSPACE, Scene
from tests.single import load_message

MANY = 70_000
MANY_CHEER = """
    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :many)
    INSERT INTO win_cheers (team_id, win_id, user_id, source, is_active, changed_at_us)
    SELECT 'T1', :win, 'U' || number, 'button', true, number FROM numbers
"""

THEY_CHEER_THE_ROUNDUP = """
    INSERT INTO roundup_cheers (team_id, roundup_id, user_id, source, is_active, changed_at_us)
    SELECT win_cheers.team_id, roundups.id, user_id, source, is_active, changed_at_us FROM win_cheers, roundups
"""


@pytest.fixture
def writing_engine(database_url: str) -> Iterator[Engine]:
    opened = filling_engine(database_url)
    yield opened
    opened.dispose()


def test_a_win_that_very_many_people_cheered_is_in_the_roundup(writing_engine: Engine) -> None:
    with writing_engine.begin() as connection:
        scene = Scene(connection)
        win_id = scene.save(parse_win("shipped the search", []))
        connection.execute(text(MANY_CHEER), {"win": win_id, "many": MANY})
        scene.settle()
        scene.roundup()
        scene.settle()
        announcement, roundup = scene.messages.values()
        assert "69995 others" in announcement.text
        assert "69995 others" in roundup.text


def test_a_message_takes_little_memory_however_many_people_cheer(writing_engine: Engine) -> None:
    with writing_engine.begin() as connection:
        scene = Scene(connection)
        win_id = scene.save(parse_win("shipped the search", []))
        scene.settle()
        scene.roundup()
        scene.settle()
        connection.execute(text(MANY_CHEER), {"win": win_id, "many": MANY})
        connection.execute(text(THEY_CHEER_THE_ROUNDUP))
        for kind, lists in ((DeliveryKind.ANNOUNCEMENT, 1), (DeliveryKind.ROUNDUP, 2)):
            (told,) = deliveries.select_all(connection, tables.deliveries.c.kind == kind)
            rendered(connection, told)  # so that what is kept for later is kept
            tracemalloc.start()
            message = rendered(connection, told)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert message["text"].count("69995 others") == lists
            assert most < 1_000_000, f"{most:,} bytes: the database counts those who cheer"


def rendered(connection: Connection, delivery: Delivery) -> dict[str, Any]:
    loaded = load_message(connection, delivery, now=NOW)
    message = render.render(delivery, loaded, permalink=WORKSPACE.permalink, now=NOW)
    assert message is not None
    return dict(message)


def test_names_are_read_of_any_number_of_people(writing_engine: Engine) -> None:
    with writing_engine.begin() as connection:
        Scene(connection)
        ids = [f"U{each}" for each in range(MANY)]
        assert users.names(connection, "T1", ["UBEN", *ids]) == {"UBEN": "Benedikt Okafor"}
        assert len(cheerers_of(connection, roundup_cheers, range(MANY))) == MANY
