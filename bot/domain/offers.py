"""The offer of a schedule, in a channel that has none, and the reminder of a roundup."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.channel_settings import ChannelSettings
from bot.domain.permissions import ChannelRoles
from bot.domain.schedules import Schedule

MIN_REMINDER_LEAD = timedelta(hours=2)
"""A reminder that would come later than this before its roundup is not posted."""


@dataclass(frozen=True)
class Offer:
    """A proposal of settings for a channel, made to one user.

    `first_due_at` (UTC) is when its first roundup would come. A recipient who `may_accept` gets the buttons; others
    read who may accept, by `channel_roles`. `has_saved_win`: the recipient has saved a win in the channel before.
    """

    channel_id: str
    recipient_id: str
    settings: ChannelSettings
    first_due_at: datetime | None
    may_accept: bool
    channel_roles: ChannelRoles
    has_saved_win: bool

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show it, and whose roles decide what it says."""
        return tuple(filter(None, [self.recipient_id, self.channel_roles.creator]))


@dataclass(frozen=True)
class Reminder:
    """The line on the day before the roundup that is due at `due_at` (UTC).

    It links to the message `win_ts`, which shows a win of the channel, and quotes nothing of it: it stays as it is when
    the win is edited or undone.
    """

    channel_id: str
    due_at: datetime
    schedule: Schedule
    user_ids: tuple[str, ...] = ()
    win_ts: str | None = None
    thread_ts: str | None = None
    """That of the thread in which `win_ts` is."""
