"""Storage functions take any number of ids, and a statement has a limited number of parameters.

PostgreSQL takes 65,535 of them, and SQLite 32,766 unless it is built otherwise.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from bot import storage
from bot.domain.permissions import Actor
from bot.storage import lanes, tables, workspaces
from bot.storage.database import engine
from tests.storage.test_channels import ACME

OF_TEXT = {"channel_ids", "user_ids", "wanted_names"}
OF_NUMBERS = {"ids", "win_ids", "roundup_ids", "climb_ids", "subject_ids"}
OF_PAIRS = {"keys", "numbered_parts", "wanted"}
FRIDAY = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
BESIDES: dict[str, Any] = {
    "actor": Actor("UANA", is_active=True, is_admin=True),
    "channel_id": "C1",
    "delivery_id": None,
    "due_at": FRIDAY,
    "end": FRIDAY,
    "is_quiet": False,
    "limit": 5,
    "now": FRIDAY,
    "since": FRIDAY - timedelta(days=7),
    "start": FRIDAY - timedelta(days=7),
    "table": tables.win_cheers,
    "team_id": "T1",
    "until": FRIDAY,
    "user_id": "UANA",
    "viewer_id": "UANA",
    "win_id": 1,
}


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of the storage that takes ids."""
    for each in pkgutil.iter_modules(storage.__path__):
        module = importlib.import_module(f"{storage.__name__}.{each.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = inspect.signature(function).parameters
            is_its_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_its_own and "connection" in parameters and (OF_TEXT | OF_NUMBERS | OF_PAIRS) & parameters.keys():
                yield f"{each.name}.{name}", function


FUNCTIONS = dict(_functions())


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Engine]:
    made = engine(sqlite_url, writes=True)
    yield made
    made.dispose()


def _most_parameters(connection: Connection, function: Callable[..., Any], number: int) -> int:
    """Return how many parameters the longest statement has when a function is given this many ids."""
    counts = [0]

    def count(*executed: Any) -> None:
        values, is_many = executed[3], executed[5]
        counts.append(0 if is_many else len(values))

    event.listen(connection, "before_cursor_execute", count)
    numbers = list(range(number))
    texts = [f"U{each}" for each in numbers]
    given = BESIDES | {name: texts for name in OF_TEXT} | {name: numbers for name in OF_NUMBERS}  # noqa: C420
    keys = [("T1", each) for each in texts]
    given |= {
        "keys": keys,
        "numbered_parts": [(each, 0) for each in numbers],
        "wanted": [lanes.Wanted(key) for key in keys],
    }
    names = list(inspect.signature(function).parameters)
    function(connection, **{name: given[name] for name in names if name in given})
    event.remove(connection, "before_cursor_execute", count)
    return max(counts)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_more_ids_take_no_more_parameters(opened: Engine, name: str) -> None:
    with opened.connect() as connection:
        workspaces.save(connection, ACME)
        few, many = (_most_parameters(connection, FUNCTIONS[name], number) for number in (2, 20))
    assert few == many
    assert few > 0, "it asks nothing"
