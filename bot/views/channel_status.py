"""How a channel stands, in a few lines: when its roundups come, when the next one does, and what became of the last."""

from datetime import datetime

from bot.domain.audit_log import Unavailability
from bot.domain.home import ChannelStatus, LastRoundup
from bot.views.format import Block, button, capitalise_first, channel, date_and_time, escape, section
from bot.views.schedule import sentence

SETTINGS = "home_settings"

_AWAY = {
    Unavailability.REMOVED: "I am not in this channel any more, so no roundup comes. Wins are kept.",
    Unavailability.ARCHIVED: "This channel is archived, so no roundup comes. Wins are kept.",
    Unavailability.DELETED: "This channel was deleted, so no roundup comes.",
}
_LAST = {
    "deleted": "was taken back",
    "cancelled": "was not needed: its wins were undone",
    "abandoned": "could not be posted in time; its wins come with the next one",
    "held": "may be there or not: somebody has to look",
    "parked": "was refused by Slack",
}


def standing(told: ChannelStatus, *, zone: str, now: datetime) -> Block:
    """Tell how a channel stands, to somebody whose own zone is `zone`, with a button to its settings."""
    lines = [f"*{channel(told.channel_id)}*", *_state(told, now)]
    if told.next_due_at is not None:
        lines.append(f"Next roundup: {date_and_time(told.next_due_at, zone)}")
    if told.last_roundup is not None:
        lines.append(_last(told.last_roundup, zone))
    label = "Settings" if told.may_change else "See settings"
    return section("\n".join(lines), accessory=button(label, action_id=SETTINGS, value=told.channel_id))


def _state(told: ChannelStatus, now: datetime) -> list[str]:
    if told.settings is None:
        return ["No schedule yet, so no roundup comes. Wins are kept for its first one."]
    if told.settings.schedule.is_paused:
        return ["Switched off: nothing is posted, and no win is lost."]
    said = sentence(told.settings.schedule, now=now)
    lines = [escape(f"{capitalise_first(said)}.")]
    if told.unavailable_reason is not None:
        lines.append(f":warning: {_AWAY[told.unavailable_reason]}")
    if told.is_owner_inactive:
        lines.append(":warning: Nobody answers for this roundup any more.")
    return lines


def _last(last: LastRoundup, zone: str) -> str:
    if last.posted_at is not None:
        return f"Last roundup: {date_and_time(last.posted_at, zone)}"
    return f"The roundup due {date_and_time(last.due_at, zone)} {_LAST.get(last.state, 'is on its way')}."
