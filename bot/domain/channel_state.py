"""The state of a channel's roundups: what every screen says of a channel begins with it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelSettings
from bot.domain.schedules import Schedule


class ChannelState(StrEnum):
    """Whether roundups come, or why they don't."""

    NOT_MEMBER = "not_member"
    """The bot is not in the channel."""
    ARCHIVED = "archived"
    DELETED = "deleted"
    NOT_SET_UP = "not_set_up"
    """It has no schedule yet; someone may have been offered one."""
    ON = "on"
    PAUSED_UNTIL = "paused_until"
    PAUSED = "paused"
    """Until someone resumes them."""
    OFF = "off"


AWAY = (ChannelState.NOT_MEMBER, ChannelState.ARCHIVED, ChannelState.DELETED)
"""The bot can't post in the channel."""


class HasRoundup(Protocol):
    """A channel, as far as its state and its next roundup (UTC) depend on it."""

    @property
    def settings(self) -> ChannelSettings | None:
        """Its settings; None until someone sets up a roundup."""

    @property
    def next_due_at(self) -> datetime | None:
        """When the next roundup is due."""

    @property
    def unavailable_reason(self) -> Unavailability | None:
        """Why the bot can't post there, if it can't."""


_BY_UNAVAILABILITY = {
    Unavailability.REMOVED: ChannelState.NOT_MEMBER,
    Unavailability.ARCHIVED: ChannelState.ARCHIVED,
    Unavailability.DELETED: ChannelState.DELETED,
}


def channel_state(channel: HasRoundup | None, now: datetime) -> ChannelState:
    """Return the state of a channel at `now` (aware); None is one that the bot doesn't see."""
    if channel is None:
        return ChannelState.NOT_MEMBER
    if channel.unavailable_reason is not None:
        return _BY_UNAVAILABILITY[channel.unavailable_reason]
    if channel.settings is None:
        return ChannelState.NOT_SET_UP
    schedule = channel.settings.schedule
    return schedule_state(schedule, schedule.local_date(now))


def schedule_state(schedule: Schedule, today: date) -> ChannelState:
    """Return the state of a schedule on the local date `today`: on, off, or one of both kinds of pause."""
    if schedule.is_off:
        return ChannelState.OFF
    if schedule.is_paused:
        return ChannelState.PAUSED
    if schedule.paused_until is not None and schedule.paused_until > today:
        return ChannelState.PAUSED_UNTIL
    return ChannelState.ON
