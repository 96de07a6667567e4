"""When a channel's next roundup is due, or why none is: the same words in every view."""

from datetime import datetime
from typing import Protocol

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelSettings
from bot.views.format import date_and_time
from bot.views.translations import Translations


class HasNextRoundup(Protocol):
    """A channel, as far as its next roundup (UTC) depends on it."""

    @property
    def settings(self) -> ChannelSettings | None:
        """Its settings; None until someone sets up a roundup."""

    @property
    def next_due_at(self) -> datetime | None:
        """When the next roundup is due."""

    @property
    def unavailable_reason(self) -> Unavailability | None:
        """Why the bot can't post there, if it can't."""


def next_roundup(t: Translations, channel: HasNextRoundup | None) -> str:
    """Say when the next roundup is due; None is a channel that the bot doesn't know."""
    if channel is None or channel.settings is None:
        return t.gettext("This channel doesn't have a roundup yet. Set one up with `/wins setup`.")
    if channel.unavailable_reason is not None:
        return t.gettext("I can't post in this channel right now, so roundups are on hold.")
    if channel.next_due_at is not None:
        return next_on(t, channel.next_due_at, channel.settings.schedule.zone)
    if channel.settings.schedule.is_paused:
        return t.gettext("Roundups are paused. Use `/wins resume` to start them again.")
    return t.gettext("No more roundups are scheduled. Check `/wins setup`.")


def next_on(t: Translations, due_at: datetime, zone: str) -> str:
    """Return "Next roundup: tomorrow at 16:00." for a moment (UTC); `zone` is the channel's."""
    return t.gettext("Next roundup: {date}.", date=date_and_time(t, due_at, zone))
