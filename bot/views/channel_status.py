"""The status of a channel on the Home tab: its schedule, its next roundup and what became of the last one."""

from dataclasses import replace
from datetime import datetime

from bot.domain.channel_state import ChannelState, channel_state
from bot.domain.deliveries import DeliveryState
from bot.domain.home import ChannelStatus, LastRoundup
from bot.views.format import Block, button, capitalise_first, channel, date_and_time, escape, section
from bot.views.next_roundup import next_roundup
from bot.views.schedule import describe_schedule
from bot.views.translations import Translations

OPEN_SETTINGS = "home_settings"


def channel_status(t: Translations, status: ChannelStatus, *, zone: str, now: datetime) -> Block:
    """Show a channel's status to a person whose own zone is `zone`, with a button for its settings if it exists."""
    name = f"*{channel(status.channel_id)}*"
    if not status.is_readable:
        unreadable = t.gettext(
            "I can't read this channel's settings, so its roundup won't come. Please tell the person who runs Winsome."
        )
        return section(f"{name}\n:warning: {unreadable}")
    lines = [name, *_state(t, status, zone, now)]
    if status.last_roundup is not None:
        lines.append(_last_roundup(t, status.last_roundup, zone))
    if channel_state(status, now) is ChannelState.DELETED:
        return section("\n".join(lines))
    label = t.gettext("Edit settings") if status.may_change else t.gettext("View settings")
    return section("\n".join(lines), accessory=button(label, action_id=OPEN_SETTINGS, value=status.channel_id))


def _state(t: Translations, status: ChannelStatus, zone: str, now: datetime) -> list[str]:
    """Return the schedule, unless it is stopped, then what becomes of it, and what an admin should know."""
    lines = []
    if status.settings is not None and status.is_on:
        schedule = status.settings.schedule
        schedule = replace(schedule, paused_until=None)  # the state says it
        lines.append(escape(capitalise_first(describe_schedule(t, schedule, now=now))))
    state = next_roundup(t, status, now=now, zone=zone)
    lines.append(f":warning: {state}" if status.is_unreachable else state)
    if status.is_orphaned:
        contact = t.gettext("This roundup's contact has a deactivated account, so no one hears about problems.")
        lines.append(f":warning: {contact}")
    return lines


def _last_roundup(t: Translations, last_roundup: LastRoundup, zone: str) -> str:  # noqa: PLR0911 - one for each state
    if last_roundup.posted_at is not None:
        return t.gettext("Last roundup: {date}.", date=date_and_time(t, last_roundup.posted_at, zone))
    due = date_and_time(t, last_roundup.due_at, zone)
    match last_roundup.state:
        case DeliveryState.DELETED:
            return t.gettext("The roundup due {date} was deleted.", date=due)
        case DeliveryState.CANCELLED:
            return t.gettext("The roundup due {date} wasn't needed. Its wins were deleted.", date=due)
        case DeliveryState.ABANDONED:
            return t.gettext(
                "The roundup due {date} couldn't be posted in time. Its wins will be in the next one.", date=due
            )
        case DeliveryState.NEEDS_REVIEW:
            return t.gettext("The roundup due {date} may not have been posted. Check the channel.", date=due)
        case DeliveryState.REJECTED:
            return t.gettext("The roundup due {date} was blocked by Slack.", date=due)
    return t.gettext("The roundup due {date} is on its way.", date=due)
