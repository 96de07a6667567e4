"""The change feed: a numbered line for each change, for a page that shows the workspace.

A line says what changed, not how: read the changed object itself. The oldest lines are dropped.
"""

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Literal

Kind = Literal["message", "message_gone", "ephemeral", "view", "home", "channel", "person", "file", "ledger"]
MAX_CHANGES = 10_000


@dataclass(frozen=True)
class Change:
    """One change: `person` is the only one it concerns (None: everyone who sees the channel)."""

    number: int
    kind: Kind
    team_id: str | None = None
    channel: str | None = None
    person: str | None = None
    id: str | None = None
    """The ts of a message, or the id of a view, a file, a person; for the ledger its number."""


class Feed:
    """The last changes, numbered from 1 without gaps."""

    def __init__(self, most: int = MAX_CHANGES) -> None:
        self._changes: deque[Change] = deque(maxlen=most)
        self._number = 0

    @property
    def number(self) -> int:
        """The number of the last change; 0 before the first."""
        return self._number

    def add(
        self,
        kind: Kind,
        *,
        team_id: str | None = None,
        channel: str | None = None,
        person: str | None = None,
        id: str | None = None,  # noqa: A002  # it is an id of what changed
    ) -> int:
        """Write a change down, and return its number."""
        self._number += 1
        self._changes.append(Change(self._number, kind, team_id, channel, person, id))
        return self._number

    def since(self, number: int) -> list[Change] | None:
        """The changes after this number, oldest first; None if some of them were dropped."""
        missing = self._number - number
        if missing > len(self._changes) or missing < 0:
            return None
        return list(islice(reversed(self._changes), missing))[::-1]
