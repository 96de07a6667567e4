"""The change feed: a numbered line for everything that changed, for whoever shows the workspace to people.

It says what changed, not how; the reader looks at the thing itself. The oldest lines are dropped.
"""

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Literal

Kind = Literal["message", "message_gone", "ephemeral", "view", "home", "channel", "person", "file", "ledger"]
MOST = 10_000


@dataclass(frozen=True)
class Change:
    """One change: `person` is who alone it concerns (None: everybody who sees the channel)."""

    number: int
    kind: Kind
    team_id: str | None = None
    channel: str | None = None
    person: str | None = None
    id: str | None = None
    """The ts of a message, or the id of a view, a file, a person; for the wire the number in the ledger."""


class Feed:
    """The last changes, numbered from 1 without gaps."""

    def __init__(self, most: int = MOST) -> None:
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
        """The changes after this number, oldest first; None if some of them are dropped: look at everything."""
        missing = self._number - number
        if missing > len(self._changes) or missing < 0:
            return None
        return list(islice(reversed(self._changes), missing))[::-1]
