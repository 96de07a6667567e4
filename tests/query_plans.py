"""Looks at the plan of each statement that the bot runs on SQLite, once: none may read the whole of a table that grows.

What is written down here is asserted after each test (tests/conftest.py): a mistake in how a condition is put together
slows nothing down while there are few rows.
"""

import sys
from types import FrameType
from typing import Any

from sqlalchemy import Connection, Engine, event

from bot.storage import tables

GROWS = {
    each.name
    for each in (
        tables.channels,
        tables.deliveries,
        tables.idempotency_keys,
        tables.roundup_cheers,
        tables.roundup_items,
        tables.roundup_notes,
        tables.roundups,
        tables.tags,
        tables.users,
        tables.win_cheers,
        tables.win_people,
        tables.wins,
    )
}
SMALL_INDEXES = {
    index.name
    for each in tables.metadata.tables.values()
    for index in each.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
"""Partial indexes: those of the few rows that are looked for."""
SELDOM = {
    "channel_id_change.apply",  # Slack gave a channel another id
    "owner_alerts.unconfirmed",  # someone stops alerts in one that Slack hasn't confirmed
    "deliveries.in_states",  # `winsome deliveries`
    "editions.all_taking_part",  # once an hour
    "schema.migrate",
    "status.read",  # `winsome status`, and the playground
    "users.to_look_up_again",  # at the start
}
"""What may read a whole table, because it hardly ever runs."""


def scans(steps: list[str]) -> list[str]:
    """Return those steps of a plan that read all rows of a table that grows."""
    found = []
    for step in steps:
        words = step.split()
        if words[0] == "SCAN" and words[1] in GROWS and words[-1] not in SMALL_INDEXES:
            found.append(step)
    return found


class PlanReader:
    """While it listens, `found` gets each statement of the bot that scans a table, with who ran it."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._seen: set[str] = set()

    def start(self) -> None:
        """Listen to every engine from here on."""
        event.listen(Engine, "before_cursor_execute", self._read)

    def _read(self, connection: Connection, _cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if connection.dialect.name != "sqlite" or statement in self._seen:
            return
        if not statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            self._seen.add(statement)
            return
        callers = _callers()
        if not callers or SELDOM.intersection(callers):
            return
        is_many = rest[-1]
        asking = connection.connection.cursor()
        asking.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if asking.fetchone() is None:  # where a test had the rows counted, a small table is rightly read whole
            self._seen.add(statement)
            asking.execute(f"EXPLAIN QUERY PLAN {statement}", values[0] if is_many else values)
            steps = scans([row[-1] for row in asking.fetchall()])
            self.found += [f"{callers}: {step} in {statement}" for step in steps]
        asking.close()


def _callers() -> list[str]:
    """Return the functions of bot/storage that run a statement now; none if a test called them."""
    found: list[str] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename
        if "/bot/storage/" in path:
            found.append(f"{path.rpartition('/')[2].removesuffix('.py')}.{frame.f_code.co_name}")
        elif "/tests/" in path:
            return []
        elif "/bot/" in path:
            return found
        frame = frame.f_back
    return found
