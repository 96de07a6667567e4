"""The state of a channel's roundups, and when the next one is due: the same words in every view."""

from datetime import datetime

from bot.domain.channel_state import ChannelState, HasRoundup, channel_state, schedule_state
from bot.domain.schedules import Schedule
from bot.views.format import date_and_time, month_and_day
from bot.views.translations import Translations


def next_roundup(t: Translations, channel: HasRoundup | None, *, now: datetime, zone: str | None = None) -> str:
    """Say when the next roundup is due, or why none is and what to do; None is a channel that the bot can't see.

    `zone` is the one for the fallback of a date; without it, the channel's.
    """
    state = channel_state(channel, now)
    sentences = [describe_state(t, channel, now=now)]
    if channel is not None and channel.settings is not None and state in (ChannelState.ON, ChannelState.PAUSED_UNTIL):
        sentences.append(
            t.gettext("No more roundups are scheduled. Check `/wins setup`.")
            if channel.next_due_at is None
            else next_on(t, channel.next_due_at, zone or channel.settings.schedule.zone)
        )
    return " ".join(filter(None, [*sentences, _advice(t, state)]))


def describe_state(t: Translations, channel: HasRoundup | None, *, now: datetime) -> str:
    """Say why no roundups come in a channel now; "" if they do."""
    match channel_state(channel, now):
        case ChannelState.NOT_MEMBER:
            return t.gettext("I'm not in this channel, so it gets no roundups.")
        case ChannelState.ARCHIVED:
            return t.gettext("This channel is archived, so it gets no roundups.")
        case ChannelState.DELETED:
            return t.gettext("This channel was deleted.")
        case ChannelState.NOT_SET_UP:
            return t.gettext("This channel doesn't have a roundup yet.")
    return "" if channel is None or channel.settings is None else describe_pause(t, channel.settings.schedule, now=now)


def describe_pause(t: Translations, schedule: Schedule, *, now: datetime) -> str:
    """Say that a schedule is paused, or off; "" if it is not."""
    today = schedule.local_date(now)
    match schedule_state(schedule, today):
        case ChannelState.PAUSED_UNTIL if schedule.paused_until is not None:
            day = month_and_day(t, schedule.paused_until, today=today)
            return t.gettext("Roundups are paused until {day}.", day=day)
        case ChannelState.PAUSED:
            return t.gettext("Roundups are paused.")
        case ChannelState.OFF:
            return t.gettext("Roundups are off.")
    return ""


def _advice(t: Translations, state: ChannelState) -> str:  # noqa: PLR0911 - one for each state
    match state:
        case ChannelState.NOT_MEMBER:
            return t.gettext("Type `/invite @Winsome` in it to add me.")
        case ChannelState.ARCHIVED:
            return t.gettext("Unarchive it to change that.")
        case ChannelState.NOT_SET_UP:
            return t.gettext("A workspace admin or the channel's creator can set one up with `/wins setup`.")
        case ChannelState.PAUSED_UNTIL:
            return t.gettext("Use `/wins resume` to start them sooner.")
        case ChannelState.PAUSED:
            return t.gettext("Use `/wins resume` to start them again.")
        case ChannelState.OFF:
            return t.gettext("Use `/wins setup` to turn them on again.")
    return ""


def next_on(t: Translations, due_at: datetime, zone: str) -> str:
    """Return "Next roundup: tomorrow at 16:00." for a moment (UTC); `zone` is the channel's."""
    return t.gettext("Next roundup: {date}.", date=date_and_time(t, due_at, zone))
