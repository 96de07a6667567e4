"""What the Home tab shows: one's own wins and channels and, to admins, every channel and what needs somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelSettings, WorkspaceDefaults
from bot.domain.deliveries import DeliveryState
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.wins import Win

T = TypeVar("T")


@dataclass(frozen=True)
class LastRoundup:
    """A channel's last roundup: when it was due and when it came (UTC; None while Slack does not have it).

    `state` is that of its delivery.
    """

    due_at: datetime
    posted_at: datetime | None
    state: DeliveryState


@dataclass(frozen=True)
class ChannelStatus:
    """A channel, as far as somebody who may see it wants to know how it stands.

    `owner_left` is whether nobody answers for it any more; `may_change` whether the reader may change its settings.
    """

    channel_id: str
    settings: ChannelSettings | None
    unavailable_reason: Unavailability | None
    next_due_at: datetime | None
    owner_id: str | None
    is_owner_inactive: bool
    may_change: bool
    last_roundup: LastRoundup | None = None

    @property
    def is_on(self) -> bool:
        """Whether somebody expects roundups here."""
        return self.settings is not None and not self.settings.schedule.is_paused

    @property
    def is_unreachable(self) -> bool:
        """Whether roundups are expected where none can be posted."""
        return self.is_on and self.unavailable_reason is not None

    @property
    def is_orphaned(self) -> bool:
        """Whether roundups come for which nobody answers."""
        return self.is_on and self.is_owner_inactive


@dataclass(frozen=True)
class MissingScope:
    """A scope that the workspace has not granted."""

    scope: str


@dataclass(frozen=True)
class UnreachableChannel:
    """A channel that the bot can't post in."""

    channel_id: str
    unavailable_reason: Unavailability
    may_change: bool


@dataclass(frozen=True)
class OrphanedChannel:
    """A channel whose owner's account is not in use any more."""

    channel_id: str
    owner_id: str
    may_change: bool


Problem = StuckDelivery | MissingScope | UnreachableChannel | OrphanedChannel


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some of a list, beginning with number `first` (from 0) of `total`; `most` are shown at once."""

    items: Sequence[T]
    first: int
    total: int
    page_size: int

    @classmethod
    def from_list(cls, all_items: Sequence[T], first: int, page_size: int) -> "Page[T]":
        """Cut a page out of a list; one that begins after its end is its last page."""
        last_page_start = max(0, len(all_items) - 1) // page_size * page_size
        first = min(first, last_page_start)
        return cls(all_items[first : first + page_size], first, len(all_items), page_size)


@dataclass(frozen=True)
class PageOffsets:
    """How far somebody has turned the pages of each list."""

    problems: int = 0
    channels: int = 0
    my_channels: int = 0


@dataclass(frozen=True)
class AdminOverview:
    """What admins see beside their own. `is_complete` is False where some channels could not be checked."""

    problems: Page[Problem]
    channels: Page[ChannelStatus]
    is_complete: bool
    defaults: WorkspaceDefaults


@dataclass(frozen=True)
class HomeView:
    """Somebody's Home tab at `now` (UTC); `zone` is their own.

    `mine` are the channels that they are in, None where Slack does not say. `oversight` is None for who is no admin,
    and for whom that is not known (`is_known` is False).
    """

    wins: Sequence[Win]
    my_channels: Page[ChannelStatus] | None
    admin_overview: AdminOverview | None
    is_admin_known: bool
    zone: str
    page_offsets: PageOffsets
    now: datetime

    @property
    def user_ids(self) -> set[str]:
        """Everybody whose name is needed to show it."""
        problems = self.admin_overview.problems.items if self.admin_overview else ()
        owner_ids = {problem.owner_id for problem in problems if isinstance(problem, OrphanedChannel)}
        return owner_ids | {user_id for win in self.wins for user_id in win.user_ids}
