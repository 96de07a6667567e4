"""When a channel's next roundup comes, or why none does: said in the same words wherever somebody wants to know."""

from datetime import datetime
from typing import Protocol

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelSettings
from bot.views.format import date_and_time


class HasNextRoundup(Protocol):
    """A channel, as far as it is known when its next roundup comes (UTC)."""

    @property
    def settings(self) -> ChannelSettings | None:
        """Its settings; None until somebody has given it a roundup."""

    @property
    def next_due_at(self) -> datetime | None:
        """When the next roundup is due."""

    @property
    def unavailable_reason(self) -> Unavailability | None:
        """Why the bot can't post there, if it can't."""


def next_roundup(channel: HasNextRoundup | None) -> str:
    """Say when the next roundup comes; None is a channel that Winsome has never met."""
    if channel is None or channel.settings is None:
        return "Nobody has given this channel a roundup yet: `/wins setup`."
    if channel.unavailable_reason is not None:
        return "I can't post in this channel at the moment, so no roundup comes."
    if channel.next_due_at is not None:
        return f"The next roundup comes on {date_and_time(channel.next_due_at, channel.settings.schedule.zone)}."
    if channel.settings.schedule.is_paused:
        return "No roundup comes until somebody resumes it: `/wins resume`."
    return "No other roundup will come: `/wins setup` shows why."
