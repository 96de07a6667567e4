"""What a channel without a schedule is offered, to one person alone; and the line on the day before a roundup."""

import json
from datetime import datetime

from bot.domain.offers import Offer, Reminder
from bot.domain.schedules import Schedule
from bot.domain.wins import Mention
from bot.views.format import Message, Names, button, date_and_time, escape, message, name, paragraph, section
from bot.views.schedule import sentence

ACCEPT = "accept_offer"
CHANGE = "change_offer"

_HELLO = (
    "Thank you for having me! People type `/win` and a few words when something went well, however small; the channel "
    "sees it and cheers."
)


def offer(proposal: Offer, names: Names, *, now: datetime) -> Message:
    """Propose a schedule, with a button to accept it and one to change it; to others, say who may."""
    lines = [] if proposal.has_logged_win else [_HELLO]
    if not proposal.may_accept:
        lines.append(
            f"This channel has no roundup yet. {_who_may_accept(proposal, names)} can give it one: `/wins setup`."
        )
        return message("\n".join(lines), [section(line) for line in lines])
    first = (
        "" if proposal.first_due_at is None else f" The first: {date_and_time(proposal.first_due_at, zone(proposal))}."
    )
    begins = (
        "This channel has no roundup yet. I can give its wins"
        if proposal.has_logged_win
        else "I can give the channel its wins"
    )
    lines.append(
        f"{begins} back in one roundup, {escape(sentence(proposal.settings.schedule, now=now))}.{first} Shall I?"
    )
    accept = button("Yes, do that", action_id=ACCEPT, value=json.dumps(proposal.settings.to_json()))
    change = button("Choose another time", action_id=CHANGE, value=proposal.channel_id)
    buttons = {"type": "actions", "elements": [{**accept, "style": "primary"}, change]}
    lines.append("Until you say so I post no roundup here. No win is lost meanwhile.")
    return message("\n".join(lines), [*(section(line) for line in lines[:-1]), buttons, section(lines[-1])])


def offer_accepted(schedule: Schedule, due_at: datetime | None, *, now: datetime) -> Message:
    """Take the place of an offer that was accepted: what happens now, and when the first roundup comes."""
    first = "" if due_at is None else f" The first comes on {date_and_time(due_at, schedule.zone)}."
    return paragraph(
        f"Done: this channel's wins come back in one roundup {escape(sentence(schedule, now=now))}.{first} Until then, "
        "`/win` and a few words saves a win. `/wins setup` changes any of this."
    )


def already_configured(schedule: Schedule, due_at: datetime | None, *, now: datetime) -> Message:
    """Take the place of an offer that came too late: somebody has set the channel up."""
    following = "" if due_at is None else f" The next one comes on {date_and_time(due_at, schedule.zone)}."
    return paragraph(
        f"This channel has its roundup already: {escape(sentence(schedule, now=now))}.{following} Nothing has changed; "
        "`/wins setup` shows the settings."
    )


def zone(proposal: Offer) -> str:
    """Return the zone of the proposed schedule."""
    return proposal.settings.schedule.zone


def _who_may_accept(proposal: Offer, names: Names) -> str:
    if proposal.channel_roles.creator is None:
        return "A workspace admin, or whoever created this channel,"
    creator = escape(name(Mention(proposal.channel_roles.creator), names))
    return f"A workspace admin, or {creator}, who created this channel,"


def reminder(upcoming: Reminder, *, now: datetime) -> Message:
    """Say on the day before that a roundup comes."""
    days = (upcoming.schedule.local_date(upcoming.due_at) - upcoming.schedule.local_date(now)).days
    when = {0: "later today", 1: "tomorrow"}.get(days, "soon")
    text = (
        f"The next roundup comes {when}: {date_and_time(upcoming.due_at, upcoming.schedule.zone)}. "
        "Should a small win be in it "
        "that nobody has told yet? `/win` and a few words."
    )
    return paragraph(text)
