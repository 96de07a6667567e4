"""People in a search who were only typed: the names of all users are read once for all of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.domain.workspaces import Workspace
from bot.storage import users, workspaces
from bot.storage.database import engine
from bot.storage.users import User

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
NAMES = {"UANA": "Ana Müller", "UANA2": "Ana", "UBEN": "ben.k"}


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        for team_id in ("T1", "T2"):
            workspaces.save(made, Workspace(team_id, None, team_id, f"https://{team_id}.test/", "UBOT"))
        for user_id, name in NAMES.items():
            users.save(made, User("T1", user_id, name, None, True, False, False), now=MONDAY)
        yield made
    opened.dispose()


def test_each_name_finds_those_who_have_it_with_one_statement_for_all(connection: Connection) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    found = users.named(connection, "T1", ("ana", "muller", "ben", "zed", "…"))
    assert {name: set(user_ids) for name, user_ids in found.items()} == {
        "ana": {"UANA", "UANA2"},
        "muller": {"UANA"},
        "ben": {"UBEN"},
        "zed": set(),
        "…": set(),
    }
    assert len(statements) == 1
    assert users.named(connection, "T2", ["ana"]) == {"ana": []}


def test_nothing_is_read_where_no_one_was_named(connection: Connection) -> None:
    event.listen(connection, "before_cursor_execute", lambda *_: pytest.fail("a statement"))
    assert users.named(connection, "T1", ()) == {}
