"""More people cheer than a statement can have parameters (PostgreSQL's 65,535, SQLite's 32,766)."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from bot.domain.wins import parse_win
from bot.storage import users
from bot.storage.cheers import cheers_on
from bot.storage.tables import roundup_cheers
from tests.databases import filling_engine
from tests.services.consent_scene import Scene

MANY = 70_000
MANY_CHEER = """
    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :many)
    INSERT INTO win_cheers (team_id, win_id, user_id, source, is_active, changed_at_us)
    SELECT 'T1', :win, 'U' || number, 'button', true, number FROM numbers
"""


@pytest.fixture
def writing_engine(database_url: str) -> Iterator[Engine]:
    opened = filling_engine(database_url)
    yield opened
    opened.dispose()


def test_a_win_that_very_many_people_cheered_is_in_the_roundup(writing_engine: Engine) -> None:
    with writing_engine.begin() as connection:
        scene = Scene(connection)
        win_id = scene.log(parse_win("shipped the search", []))
        connection.execute(text(MANY_CHEER), {"win": win_id, "many": MANY})
        scene.settle()
        scene.roundup()
        scene.settle()
        announcement, roundup = scene.messages.values()
        assert "69995 others" in announcement.text
        assert "69995 others" in roundup.text


def test_names_are_read_of_any_number_of_people(writing_engine: Engine) -> None:
    with writing_engine.begin() as connection:
        Scene(connection)
        ids = [f"U{each}" for each in range(MANY)]
        assert users.names(connection, "T1", ["UBEN", *ids]) == {"UBEN": "Benedikt Okafor"}
        assert len(cheers_on(connection, roundup_cheers, range(MANY))) == MANY
