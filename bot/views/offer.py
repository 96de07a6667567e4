"""The offer of a roundup to one person in a channel that has none, and the reminder the day before a roundup."""

import json
from datetime import datetime

from bot.domain.channel_state import HasRoundup
from bot.domain.offers import Offer, Reminder
from bot.domain.schedules import Schedule
from bot.views.format import (
    Message,
    Names,
    actions,
    button,
    date_and_time,
    escape,
    message,
    paragraph,
    section,
    user_name,
)
from bot.views.next_roundup import next_roundup
from bot.views.permalinks import Permalink, message_url
from bot.views.schedule import describe_schedule
from bot.views.translations import Translations

ACCEPT = "accept_offer"
CHANGE = "change_offer"


def offer(t: Translations, proposal: Offer, names: Names, *, now: datetime) -> Message:
    """Propose a schedule, with buttons to accept or change it; to those who can't, say who can."""
    lines = []
    if not proposal.has_saved_win:
        lines.append(
            t.gettext(
                "Thanks for the invite! When something goes well, however small, type `/win` and a few words. Everyone "
                "here can see it and cheer."
            )
        )
    if not proposal.may_accept:
        lines.append(_who_may_accept(t, proposal, names))
        return message("\n".join(lines), [section(line) for line in lines])
    lines.append(_proposal(t, proposal, now))
    last = t.gettext("I won't post a roundup until someone says yes. Wins are saved either way.")
    accept = button(t.gettext("Yes, set it up"), action_id=ACCEPT, value=json.dumps(proposal.settings.to_json()))
    change = button(t.gettext("Pick another time"), action_id=CHANGE, value=proposal.channel_id)
    buttons = actions({**accept, "style": "primary"}, change)
    return message("\n".join([*lines, last]), [*(section(line) for line in lines), buttons, section(last)])


def _proposal(t: Translations, proposal: Offer, now: datetime) -> str:
    schedule = proposal.settings.schedule
    text = escape(describe_schedule(t, schedule, now=now))
    if proposal.first_due_at is None:
        return t.gettext("I can post a roundup of this channel's wins {schedule}. Want me to?", schedule=text)
    first = date_and_time(t, proposal.first_due_at, schedule.zone)
    return t.gettext(
        "I can post a roundup of this channel's wins {schedule}, starting {date}. Want me to?",
        schedule=text,
        date=first,
    )


def _who_may_accept(t: Translations, proposal: Offer, names: Names) -> str:
    if proposal.channel_roles.creator is None:
        return t.gettext(
            "This channel doesn't have a roundup yet. A workspace admin or the channel's creator can set one up with "
            "`/wins setup`."
        )
    return t.gettext(
        "This channel doesn't have a roundup yet. {creator} (who created the channel) or a workspace admin can set one "
        "up with `/wins setup`.",
        creator=user_name(t, proposal.channel_roles.creator, names),
    )


def offer_accepted(t: Translations, channel: HasRoundup, schedule: Schedule, *, now: datetime) -> Message:
    """Replace an offer that was accepted: say when the first roundup is due, or why none is."""
    text = escape(describe_schedule(t, schedule.resumed(), now=now))
    due_at = channel.next_due_at
    if due_at is None:
        saved = t.gettext("All set! The schedule is {schedule}. To change it, use `/wins setup`.", schedule=text)
        return paragraph(f"{saved} {next_roundup(t, channel, now=now)}")
    return paragraph(
        t.gettext(
            "All set! I'll post a roundup {schedule}, starting {date}. To change it, use `/wins setup`.",
            schedule=text,
            date=date_and_time(t, due_at, schedule.zone),
        )
    )


def already_configured(t: Translations, channel: HasRoundup, schedule: Schedule, *, now: datetime) -> Message:
    """Replace an offer that came too late: someone has set up the channel."""
    text = escape(describe_schedule(t, schedule.resumed(), now=now))
    sentences = [t.gettext("This channel already has a roundup: {schedule}.", schedule=text)]
    sentences.append(next_roundup(t, channel, now=now))
    if channel.next_due_at is not None:  # otherwise it is said what to do
        sentences.append(t.gettext("See `/wins setup`."))
    return paragraph(" ".join(sentences))


def reminder(t: Translations, upcoming: Reminder, *, permalink: Permalink) -> Message:
    """Say when the next roundup is due, and link to a win, without saying why this one.

    The date alone says "tomorrow", or "today" to those who read it then.
    """
    date = date_and_time(t, upcoming.due_at, upcoming.schedule.zone)
    when = t.gettext("The next roundup is coming up: {date}.", date=date)
    call = t.gettext("Got a small win to add? Type `/win` and a few words.")
    sentences = [when, call]
    if upcoming.win_ts is not None:
        url = message_url(permalink, upcoming.channel_id, upcoming.win_ts, thread_ts=upcoming.thread_ts)
        sentences.append(t.gettext("Meanwhile, here's <{url}|a win worth reading>.", url=url))
    return paragraph(" ".join(sentences))
