"""What the Home tab shows: one's own wins and channels and, to admins, every channel and what needs somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import Defaults, Setup
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.wins import Win

T = TypeVar("T")


@dataclass(frozen=True)
class Last:
    """A channel's last roundup: when it was due and when it came (UTC; None while Slack does not have it).

    `state` is that of its delivery.
    """

    due_at: datetime
    came_at: datetime | None
    state: str


@dataclass(frozen=True)
class Standing:
    """A channel, as far as somebody who may see it wants to know how it stands.

    `owner_left` is whether nobody answers for it any more; `may_change` whether the reader may change its settings.
    """

    channel_id: str
    setup: Setup | None
    away: Unavailability | None
    next_due_at: datetime | None
    owner: str | None
    owner_left: bool
    may_change: bool
    last: Last | None = None

    @property
    def is_on(self) -> bool:
        """Whether somebody expects roundups here."""
        return self.setup is not None and not self.setup.schedule.is_paused

    @property
    def is_lost(self) -> bool:
        """Whether roundups are expected where none can be posted."""
        return self.is_on and self.away is not None

    @property
    def is_orphaned(self) -> bool:
        """Whether roundups come for which nobody answers."""
        return self.is_on and self.owner_left


@dataclass(frozen=True)
class Lacking:
    """A scope that the workspace has not granted, and what it is for."""

    scope: str
    reason: str


@dataclass(frozen=True)
class Lost:
    """A channel that the bot can't post in."""

    channel_id: str
    away: Unavailability
    may_change: bool


@dataclass(frozen=True)
class Orphaned:
    """A channel whose owner's account is not in use any more."""

    channel_id: str
    owner: str
    may_change: bool


Problem = StuckDelivery | Lacking | Lost | Orphaned


@dataclass(frozen=True)
class Paged(Generic[T]):
    """Some of a list, beginning with number `first` (from 0) of `total`; `most` are shown at once."""

    items: Sequence[T]
    first: int
    total: int
    most: int

    @classmethod
    def of(cls, everything: Sequence[T], first: int, most: int) -> "Paged[T]":
        """Cut a page out of a list; one that begins after its end is its last page."""
        last = max(0, len(everything) - 1) // most * most
        first = min(first, last)
        return cls(everything[first : first + most], first, len(everything), most)


@dataclass(frozen=True)
class Turned:
    """How far somebody has turned the pages of each list."""

    problems: int = 0
    channels: int = 0
    mine: int = 0


@dataclass(frozen=True)
class Oversight:
    """What admins see beside their own. `is_complete` is False where some channels could not be checked."""

    problems: Paged[Problem]
    channels: Paged[Standing]
    is_complete: bool
    defaults: Defaults


@dataclass(frozen=True)
class Tab:
    """Somebody's Home tab at `now` (UTC); `zone` is their own.

    `mine` are the channels that they are in, None where Slack does not say. `oversight` is None for who is no admin,
    and for whom that is not known (`is_known` is False).
    """

    wins: Sequence[Win]
    mine: Paged[Standing] | None
    oversight: Oversight | None
    is_known: bool
    zone: str
    turned: Turned
    now: datetime

    @property
    def people(self) -> set[str]:
        """Everybody whose name is needed to show it."""
        problems = self.oversight.problems.items if self.oversight else ()
        owners = {problem.owner for problem in problems if isinstance(problem, Orphaned)}
        return owners | {person for win in self.wins for person in win.people}
