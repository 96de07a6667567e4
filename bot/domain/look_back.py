"""A look back: a win of a year ago, which its author sees once a month if they asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.wins import Win

YEAR, HALF_MONTH, MONTH = timedelta(days=365), timedelta(days=15), timedelta(days=30)


@dataclass(frozen=True)
class LookBack:
    """A win as its author reads it a year later. It `has_to_wait` outside of their working hours."""

    user_id: str
    win: Win
    zone: str
    wants_look_back: bool
    has_to_wait: bool = False

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names the message needs."""
        return self.win.user_ids


def nearest(wins: Sequence[Win], now: datetime) -> Win | None:
    """Return the win that was saved nearest to a year before `now` (UTC), or None if there is none."""
    return min(wins, key=lambda win: (abs(now - YEAR - win.created_at), win.id), default=None)
