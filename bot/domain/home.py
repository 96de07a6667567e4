"""What the Home tab shows: one's own wins and channels and, for admins, every channel and its problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelSettings, WorkspaceDefaults
from bot.domain.climbs import Climb
from bot.domain.consent import Preference
from bot.domain.credited_wins import NO_OTHERS, WinsOfOthers
from bot.domain.deliveries import DeliveryState
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.wins import Win

T = TypeVar("T")


@dataclass(frozen=True)
class LastRoundup:
    """A channel's last roundup: when it was due, and when it was posted (UTC; None if it is not posted).

    `state` is that of its delivery.
    """

    due_at: datetime
    posted_at: datetime | None
    state: DeliveryState


@dataclass(frozen=True)
class ChannelStatus:
    """The status of a channel, for a reader who may see it; not `is_readable` if what is stored of it can't be read.

    `is_owner_inactive` is whether the owner's account is deactivated; `may_change` whether the reader may change the
    settings.
    """

    channel_id: str
    settings: ChannelSettings | None
    unavailable_reason: Unavailability | None
    next_due_at: datetime | None
    owner_id: str | None
    is_owner_inactive: bool
    may_change: bool
    last_roundup: LastRoundup | None = None
    is_readable: bool = True

    @property
    def is_on(self) -> bool:
        """Whether roundups are turned on here."""
        return self.settings is not None and not self.settings.schedule.is_stopped

    @property
    def is_unreachable(self) -> bool:
        """Whether roundups are turned on, and the bot can't post them."""
        return self.is_on and self.unavailable_reason is not None

    @property
    def is_orphaned(self) -> bool:
        """Whether roundups are turned on, and the owner's account is deactivated."""
        return self.is_on and self.is_owner_inactive

    @property
    def needs_attention(self) -> bool:
        """Whether it is one of an admin's problems."""
        return self.is_unreachable or self.is_orphaned


@dataclass(frozen=True)
class MissingScope:
    """An optional scope that the workspace has not granted."""

    scope: str


Problem = StuckDelivery | MissingScope | ChannelStatus
"""What an admin should do something about; a channel is a problem if it `needs_attention`."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """At most `page_size` items of a list of `total`, beginning with number `first` (from 0)."""

    items: Sequence[T]
    first: int
    total: int
    page_size: int

    @classmethod
    def from_list(cls, all_items: Sequence[T], first: int, page_size: int) -> "Page[T]":
        """Return a page of a list; the last one if `first` is past its end."""
        last_page_start = max(0, len(all_items) - 1) // page_size * page_size
        first = min(first, last_page_start)
        return cls(all_items[first : first + page_size], first, len(all_items), page_size)


@dataclass(frozen=True)
class PageOffsets:
    """The first item shown of each list."""

    problems: int = 0
    channels: int = 0
    my_channels: int = 0


@dataclass(frozen=True)
class MyClimb:
    """A climb that has a step of the reader's: how many steps they see of it, and when (UTC) the latest was saved."""

    climb: Climb
    step_count: int
    latest_at: datetime


def by_week(wins: Sequence[Win], zone: str) -> list[tuple[date, list[Win]]]:
    """Group wins by the week in which they were saved, from Monday in `zone`, and keep their order."""

    def monday(win: Win) -> date:
        day = win.created_at.astimezone(ZoneInfo(zone)).date()
        return day - timedelta(days=day.weekday())

    return [(first_day, list(found)) for first_day, found in groupby(wins, key=monday)]


@dataclass(frozen=True)
class AdminOverview:
    """What only admins see. `is_complete` is False if some channels could not be checked.

    A channel that needs attention is among the problems; `other_channels` are the rest of those that the user is not
    in. `missing_ways_in` are the optional scopes for further ways to save a win that the workspace hasn't granted.
    """

    problems: Page[Problem]
    other_channels: Page[ChannelStatus]
    is_complete: bool
    defaults: WorkspaceDefaults
    missing_ways_in: Sequence[str] = ()


@dataclass(frozen=True)
class HomeView:
    """A user's Home tab at `now` (UTC); `zone` is their own.

    `my_channels` are the channels that the user is in, without those among the problems; None if Slack does not say.
    `admin_overview` is None for users who are not admins, or if that is not known (`is_admin_known` is False).
    """

    wins: Sequence[Win]
    my_channels: Page[ChannelStatus] | None
    admin_overview: AdminOverview | None
    is_admin_known: bool
    zone: str
    page_offsets: PageOffsets
    now: datetime
    has_problem_channels: bool = False
    """Whether channels that the user is in are among the problems."""
    others: WinsOfOthers = NO_OTHERS
    """The latest wins of others that the user is in."""
    preference: Preference | None = None
    """How the user wants to be named in wins of others; None before they choose."""
    uncheered: Sequence[Win] = ()
    """Wins of others that the user may cheer first."""
    climbs: Sequence[MyClimb] = ()
    is_first_time: bool = False
    """Whether the user has not seen Home before."""
    wants_messages: bool = True
    """Whether the user gets messages about wins that they are in."""
    wants_look_back: bool | None = None
    """Whether the user gets a win of theirs of a year ago each month; None for those to whom that isn't offered."""

    @property
    def user_ids(self) -> set[str]:
        """The users whose names are needed to show it."""
        return {user_id for win in (*self.wins, *self.uncheered, *self.others.all_wins) for user_id in win.user_ids}
