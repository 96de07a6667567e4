"""Offers: what somebody is told, once, in a channel that has no schedule yet; and the reminder of a roundup."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.channel_settings import ChannelSettings
from bot.domain.permissions import ChannelRoles
from bot.domain.schedules import Schedule

MIN_REMINDER_LEAD = timedelta(hours=2)
"""A reminder that comes later than this before its roundup is of no use."""


@dataclass(frozen=True)
class Offer:
    """A proposal of settings for a channel, made to `recipient` (a user id).

    `first_due_at` (UTC) is when its first roundup would come. Somebody who `may_accept` gets the buttons; others are
    told whom `place` allows to. `has_won`: they have just logged a win there, and know what Winsome is.
    """

    channel_id: str
    recipient_id: str
    settings: ChannelSettings
    first_due_at: datetime | None
    may_accept: bool
    channel_roles: ChannelRoles
    has_logged_win: bool

    @property
    def user_ids(self) -> tuple[str, ...]:
        """Everybody whose name is needed to show it, and whose standing decides what it says."""
        return tuple(filter(None, [self.recipient_id, self.channel_roles.creator]))


@dataclass(frozen=True)
class Reminder:
    """The line on the day before the roundup that is due at `due_at` (UTC)."""

    channel_id: str
    due_at: datetime
    schedule: Schedule
    user_ids: tuple[str, ...] = ()
