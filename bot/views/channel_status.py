"""How a channel stands, in a few lines: when its roundups come, when the next one does, and what became of the last."""

from datetime import datetime

from bot.domain.audit_log import Unavailability
from bot.domain.deliveries import DeliveryState
from bot.domain.home import ChannelStatus, LastRoundup
from bot.views.format import Block, button, capitalise_first, channel, date_and_time, escape, section
from bot.views.schedule import sentence

OPEN_SETTINGS = "home_settings"

_UNAVAILABILITY_TEXT = {
    Unavailability.REMOVED: "I am not in this channel any more, so no roundup comes. Wins are kept.",
    Unavailability.ARCHIVED: "This channel is archived, so no roundup comes. Wins are kept.",
    Unavailability.DELETED: "This channel was deleted, so no roundup comes.",
}
_LAST_ROUNDUP_STATE = {
    DeliveryState.DELETED: "was taken back",
    DeliveryState.CANCELLED: "was not needed: its wins were undone",
    DeliveryState.ABANDONED: "could not be posted in time; its wins come with the next one",
    DeliveryState.NEEDS_REVIEW: "may be there or not: somebody has to look",
    DeliveryState.REJECTED: "was refused by Slack",
}


def channel_status(status: ChannelStatus, *, zone: str, now: datetime) -> Block:
    """Tell how a channel stands, to somebody whose own zone is `zone`, with a button to its settings."""
    lines = [f"*{channel(status.channel_id)}*", *_state(status, now)]
    if status.next_due_at is not None:
        lines.append(f"Next roundup: {date_and_time(status.next_due_at, zone)}")
    if status.last_roundup is not None:
        lines.append(_last_roundup(status.last_roundup, zone))
    label = "Settings" if status.may_change else "See settings"
    return section("\n".join(lines), accessory=button(label, action_id=OPEN_SETTINGS, value=status.channel_id))


def _state(status: ChannelStatus, now: datetime) -> list[str]:
    if status.settings is None:
        return ["No schedule yet, so no roundup comes. Wins are kept for its first one."]
    if status.settings.schedule.is_paused:
        return ["Switched off: nothing is posted, and no win is lost."]
    text = sentence(status.settings.schedule, now=now)
    lines = [escape(f"{capitalise_first(text)}.")]
    if status.unavailable_reason is not None:
        lines.append(f":warning: {_UNAVAILABILITY_TEXT[status.unavailable_reason]}")
    if status.is_owner_inactive:
        lines.append(":warning: Nobody answers for this roundup any more.")
    return lines


def _last_roundup(last_roundup: LastRoundup, zone: str) -> str:
    if last_roundup.posted_at is not None:
        return f"Last roundup: {date_and_time(last_roundup.posted_at, zone)}"
    state = _LAST_ROUNDUP_STATE.get(last_roundup.state, "is on its way")
    return f"The roundup due {date_and_time(last_roundup.due_at, zone)} {state}."
