"""The status of a channel on the Home tab: its schedule, its next roundup and what became of the last one."""

from datetime import datetime

from bot.domain.audit_log import Unavailability
from bot.domain.deliveries import DeliveryState
from bot.domain.home import ChannelStatus, LastRoundup
from bot.views.format import Block, button, capitalise_first, channel, date_and_time, escape, section
from bot.views.next_roundup import next_on
from bot.views.schedule import describe_schedule
from bot.views.translations import Translations

OPEN_SETTINGS = "home_settings"


def channel_status(t: Translations, status: ChannelStatus, *, zone: str, now: datetime) -> Block:
    """Show a channel's status to a person whose own zone is `zone`, with a button that opens its settings."""
    lines = [f"*{channel(status.channel_id)}*", *_state(t, status, now)]
    if status.next_due_at is not None:
        lines.append(next_on(t, status.next_due_at, zone))
    if status.last_roundup is not None:
        lines.append(_last_roundup(t, status.last_roundup, zone))
    label = t.gettext("Edit settings") if status.may_change else t.gettext("View settings")
    return section("\n".join(lines), accessory=button(label, action_id=OPEN_SETTINGS, value=status.channel_id))


def _state(t: Translations, status: ChannelStatus, now: datetime) -> list[str]:
    if status.settings is None:
        return [t.gettext("No roundup yet. Wins are saved for the first one.")]
    if status.settings.schedule.is_paused:
        return [t.gettext("Paused. Wins are still saved.")]
    lines = [escape(capitalise_first(describe_schedule(t, status.settings.schedule, now=now)))]
    if status.unavailable_reason is not None:
        lines.append(f":warning: {_why_unavailable(t, status.unavailable_reason)}")
    if status.is_owner_inactive:
        lines.append(f":warning: {t.gettext('This roundup has no contact.')}")
    return lines


def _why_unavailable(t: Translations, unavailability: Unavailability) -> str:
    match unavailability:
        case Unavailability.REMOVED:
            return t.gettext("I was removed from this channel, so roundups are on hold.")
        case Unavailability.ARCHIVED:
            return t.gettext("This channel is archived, so roundups are on hold.")
        case Unavailability.DELETED:
            return t.gettext("This channel was deleted.")


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
