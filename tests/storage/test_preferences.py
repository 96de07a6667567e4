"""What people have chosen is stored for each workspace, and they are introduced once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.domain.consent import Preference
from bot.domain.workspaces import Workspace
from bot.storage import preferences, workspaces
from bot.storage.database import engine
from bot.storage.preferences import Preferences
from tests.team import MONDAY


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        for team_id in ("T1", "T2"):
            workspaces.save(made, Workspace(team_id, None, team_id, f"https://{team_id}.test/", "UBOT"))
        yield made
    opened.dispose()


def test_people_have_the_defaults_until_they_choose(connection: Connection) -> None:
    assert preferences.of_people(connection, "T1", ["UBEN"]) == {"UBEN": Preferences(None, True, None)}
    preferences.choose(connection, "T1", "UBEN", Preference.NEVER)
    preferences.set_messages(connection, "T1", "UBEN", wants_messages=False)
    preferences.choose(connection, "T1", "UBEN", Preference.ASK)
    assert preferences.of_people(connection, "T1", ["UBEN", "UANA"]) == {
        "UBEN": Preferences(Preference.ASK, False, None),
        "UANA": Preferences(),
    }
    assert preferences.of_people(connection, "T2", ["UBEN"]) == {"UBEN": Preferences()}


def test_people_are_introduced_once(connection: Connection) -> None:
    assert preferences.introduce(connection, "T1", "UBEN", now=MONDAY)
    assert not preferences.introduce(connection, "T1", "UBEN", now=MONDAY + timedelta(days=1))
    preferences.choose(connection, "T1", "UANA", Preference.SHARE)
    assert preferences.introduce(connection, "T1", "UANA", now=MONDAY)
    assert preferences.of_people(connection, "T1", ["UBEN", "UANA"]) == {
        "UBEN": Preferences(None, True, MONDAY),
        "UANA": Preferences(Preference.SHARE, True, MONDAY),
    }
