"""A pause of a channel's roundup: which one, until when, and what was done."""

from datetime import date, datetime, timedelta

from bot.domain.pause_dates import Ambiguous, NoSuchDate, NotInFuture, TooFar, is_paused_on
from bot.domain.schedules import Schedule
from bot.views.format import Block, Message, button, escape, message, paragraph, section
from bot.views.next_roundup import HasNextRoundup, next_roundup
from bot.views.schedule import day_and_month

SKIP = "skip_roundup"
PAUSE_UNTIL = "pause_until"
PAUSE = "pause_roundup"

_WINS_ARE_KEPT = "No win is lost: they all wait."
_DATE_PICKER: Block = {
    "type": "datepicker",
    "action_id": PAUSE_UNTIL,
    "placeholder": {"type": "plain_text", "text": "Pause until ..."},
    "confirm": {
        "title": {"type": "plain_text", "text": "Pause until then?"},
        "text": {"type": "plain_text", "text": "From that day on roundups may come again."},
        "confirm": {"type": "plain_text", "text": "Pause"},
        "deny": {"type": "plain_text", "text": "Not now"},
    },
}


def ask_which_pause(channel: HasNextRoundup, schedule: Schedule, *, now: datetime) -> Message:
    """Ask which pause it is to be, each in one tap."""
    today = schedule.local_date(now)
    example = f"`/wins pause until {day_and_month(today + timedelta(days=14), today=today)}`"
    if schedule.is_paused:
        return paragraph(
            f"The roundup is paused already. {next_roundup(channel)} {_WINS_ARE_KEPT} To give it an end: {example}."
        )
    text = f"{next_roundup(channel)} For how long shall it rest? {_WINS_ARE_KEPT}"
    if is_paused_on(schedule, today):
        text = f"{_describe_pause(schedule, today)} already; `/wins resume` ends that. {text}"
    buttons: list[Block] = []
    if channel.next_due_at is not None:
        day = schedule.date_of(channel.next_due_at)
        buttons.append(button(f"Skip {_weekday_and_date(day, today)}", action_id=SKIP, value=day.isoformat()))
    buttons += [_DATE_PICKER, button("Pause until I resume it", action_id=PAUSE, value="-")]
    hint = f"Or type it: {example}, `/wins pause 2 weeks`."
    return message(f"{text} {hint}", [section(text), {"type": "actions", "elements": buttons}, section(hint)])


def paused(channel: HasNextRoundup, schedule: Schedule, *, skipped: date | None, now: datetime) -> Message:
    """Say that the roundup rests, and when the next one comes."""
    today = schedule.local_date(now)
    text = f"{_describe_pause(schedule, today)}."
    if skipped is not None:
        text = f"The roundup of {_weekday_and_date(skipped, today)} is skipped; `/wins resume` brings it back."
    return paragraph(f"{text} {_WINS_ARE_KEPT} {next_roundup(channel)}")


def resumed(channel: HasNextRoundup) -> Message:
    """Say that roundups come again."""
    return paragraph(f"The roundup goes on, with every win that was logged meanwhile. {next_roundup(channel)}")


def nothing_to_resume(channel: HasNextRoundup) -> Message:
    """Say that there is no pause."""
    return paragraph(f"The roundup is not paused, and no date is skipped. {next_roundup(channel)} Nothing has changed.")


def already_paused(channel: HasNextRoundup, schedule: Schedule, *, now: datetime) -> Message:
    """Say that this very pause is there already."""
    pause_text = _describe_pause(schedule, schedule.local_date(now))
    return paragraph(f"{pause_text} already. {_WINS_ARE_KEPT} {next_roundup(channel)} Nothing has changed.")


def no_longer_next(channel: HasNextRoundup) -> Message:
    """Answer a button whose roundup is not the next one any more."""
    return paragraph(
        f"That roundup is not the next one any more, so it can't be skipped. {next_roundup(channel)} Nothing has "
        "changed; `/wins pause` asks again."
    )


def not_set_up() -> Message:
    """Say that there is no roundup to pause."""
    return paragraph(
        "This channel has no roundup, so there is nothing to pause, and none to resume. `/wins setup` gives it one. "
        "No win is lost meanwhile."
    )


def no_such_date(refusal: NoSuchDate) -> Message:
    """Say why what was typed is no end of a pause, and what to type instead."""
    typed = f"`{escape(refusal.typed[:60]).replace('`', '')}`"
    match refusal:
        case Ambiguous():
            why = f"{typed} can be read as two dates. Write the month's name: `/wins pause until 3 April`."
        case NotInFuture():
            why = f"{typed} is not ahead of us. Choose a later day: `/wins pause until Monday`, `/wins pause 2 weeks`."
        case TooFar():
            why = f"{typed} is more than a year ahead. Type `/wins pause`, then choose *Pause until I resume it*."
        case _:
            why = f"I can't read {typed} as a date. Try `/wins pause until 20 March`, `2 weeks`, or `Monday`."
    return paragraph(f"{why} Nothing has changed.")


def _describe_pause(schedule: Schedule, today: date) -> str:
    if schedule.paused_until is None:
        return "The roundup is paused"
    return f"The roundup rests until {_weekday_and_date(schedule.paused_until, today)}"


def _weekday_and_date(day: date, today: date) -> str:
    return f"{day:%A} {day_and_month(day, today=today)}"
