"""A pause of a channel's roundup: which one, until when, and what was done."""

from datetime import date, datetime

from bot.domain.pauses import Ambiguous, NoSuchDate, NotAhead, TooFar
from bot.domain.schedules import Schedule
from bot.views.format import Block, Message, button, date_and_time, escape, message, section
from bot.views.schedule import day_and_month

SKIP = "skip_roundup"
PAUSE_UNTIL = "pause_until"
PAUSE = "pause_roundup"

_KEPT = "No win is lost: they wait for the next roundup."


def question(schedule: Schedule, next_due_at: datetime | None, *, now: datetime) -> Message:
    """Ask which pause it is to be, each in one tap."""
    said = f"For how long shall the roundup rest? {_KEPT}"
    buttons: list[Block] = []
    if next_due_at is not None:
        day = schedule.date_of(next_due_at)
        buttons.append(button(f"Skip {_named(day)}", action=SKIP, value=day.isoformat()))
    tomorrow = schedule.local_date(now).toordinal() + 1
    buttons.append(
        {
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
    )
    buttons.append(button("Pause until I resume it", action=PAUSE, value="-"))
    example = date.fromordinal(tomorrow + 13)
    hint = f"Or type it: `/wins pause until {example.day} {example:%B}`, `/wins pause 2 weeks`."
    return message(f"{said} {hint}", [section(said), {"type": "actions", "elements": buttons}, section(hint)])


def done(schedule: Schedule, next_due_at: datetime | None, *, skipped: date | None, now: datetime) -> Message:
    """Say that the roundup rests, and when the next one comes."""
    if skipped is not None:
        said = f"The roundup of {_named(skipped)} is skipped."
    elif schedule.paused_until is not None:
        today = schedule.local_date(now)
        said = f"The roundup rests until {day_and_month(schedule.paused_until, today=today)}."
    else:
        said = "The roundup rests until somebody resumes it: `/wins resume`."
    return _said(f"{said} {_KEPT}{_next(schedule, next_due_at)}")


def resumed(schedule: Schedule, next_due_at: datetime | None) -> Message:
    """Say that roundups come again."""
    return _said(f"The roundup goes on, with every win that was logged meanwhile.{_next(schedule, next_due_at)}")


def nothing_to_resume(schedule: Schedule, next_due_at: datetime | None) -> Message:
    """Say that there is no pause."""
    return _said(f"The roundup is not paused.{_next(schedule, next_due_at)} Nothing has changed.")


def rests_already(schedule: Schedule, next_due_at: datetime | None) -> Message:
    """Say that this very pause is there already."""
    return _said(f"That is so already.{_next(schedule, next_due_at)} Nothing has changed.")


def is_over() -> Message:
    """Answer a button whose roundup is not the next one any more."""
    return _said("That roundup is not the next one any more. Nothing has changed; `/wins pause` asks again.")


def not_set_up() -> Message:
    """Say that there is no roundup to pause."""
    return _said("This channel has no roundup, so there is nothing to pause. `/wins setup` gives it one.")


def no_such_date(refusal: NoSuchDate) -> Message:
    """Say why what was typed is no end of a pause, and what to type instead."""
    typed = f"`{escape(refusal.typed[:60]).replace('`', '')}`"
    match refusal:
        case Ambiguous():
            why = f"{typed} can be read as two dates. Write the month's name: `/wins pause until 3 April`."
        case NotAhead():
            why = f"{typed} is not ahead of us. Choose a later day."
        case TooFar():
            why = f"{typed} is more than a year ahead. Type `/wins pause`, then choose *Pause until I resume it*."
        case _:
            why = f"I can't read {typed} as a date. Try `/wins pause until 20 March`, `2 weeks`, or `Monday`."
    return _said(f"{why} Nothing has changed.")


def _next(schedule: Schedule, next_due_at: datetime | None) -> str:
    if next_due_at is None:
        return " No roundup comes until then."
    return f" The next one comes on {date_and_time(next_due_at, schedule.zone)}."


def _named(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def _said(text: str) -> Message:
    return message(text, [section(text)])
