"""`/wins pause` and `/wins resume`: the question how long to pause, and the replies."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.domain.pause_dates import NotInFuture, TooFar, is_paused_on
from bot.domain.schedules import Schedule, Weekday
from bot.domain.typed_dates import Ambiguous, NoSuchDate, WrongWeekday
from bot.views.format import (
    Block,
    Message,
    button,
    code,
    confirmation,
    full_date,
    list_days,
    message,
    month_and_day,
    paragraph,
    plain_text,
    section,
)
from bot.views.next_roundup import HasNextRoundup, next_roundup
from bot.views.schedule import weekday_name
from bot.views.translations import Translations

SKIP = "skip_roundup"
PAUSE_UNTIL = "pause_until"
PAUSE = "pause_roundup"


def ask_which_pause(t: Translations, channel: HasNextRoundup, schedule: Schedule, *, now: datetime) -> Message:
    """Ask how long to pause, with a button for each answer."""
    today = schedule.local_date(now)
    example = _example(today + timedelta(days=14))
    if schedule.is_paused:
        return paragraph(
            t.gettext(
                "Roundups are already paused. To set an end date, type {example}. Wins are still saved.",
                example=example,
            )
        )
    sentences = [next_roundup(t, channel), t.gettext("How long should I pause roundups?"), _wins_are_saved(t)]
    if is_paused_on(schedule, today):
        until = month_and_day(t, schedule.paused_until or today, today=today)
        sentences.insert(0, t.gettext("Roundups are paused until {day}. Use `/wins resume` to start again.", day=until))
    text = " ".join(sentences)
    buttons: list[Block] = []
    if channel.next_due_at is not None:
        day = schedule.date_of(channel.next_due_at)
        skip = t.gettext("Skip {day}", day=month_and_day(t, day, today=today))
        buttons.append(button(skip, action_id=SKIP, value=day.isoformat()))
    buttons += [_date_picker(t), button(t.gettext("Pause until I resume"), action_id=PAUSE, value="-")]
    hint = t.gettext("Or type {example} or `/wins pause 2 weeks`.", example=example)
    return message(f"{text} {hint}", [section(text), {"type": "actions", "elements": buttons}, section(hint)])


def _date_picker(t: Translations) -> Block:
    return {
        "type": "datepicker",
        "action_id": PAUSE_UNTIL,
        "placeholder": plain_text(t.gettext("Pause until…")),
        "confirm": confirmation(
            t,
            t.gettext("Pause roundups?"),
            t.gettext("They'll start again on this date."),
            confirm=t.gettext("Pause"),
        ),
    }


def skipped(t: Translations, channel: HasNextRoundup, days: Sequence[date], *, today: date) -> Message:
    """Confirm that the roundups on these local dates are skipped."""
    done = t.ngettext(
        "Skipped the roundup on {days}. Changed your mind? Use `/wins resume`.",
        "Skipped {count} roundups: {days}. Changed your mind? Use `/wins resume`.",
        len(days),
        days=list_days(t, days, today=today),
    )
    return paragraph(" ".join([done, _wins_are_saved(t), next_roundup(t, channel)]))


def nothing_to_skip(t: Translations, channel: HasNextRoundup) -> Message:
    """Say that no roundup is due in the week or month that was to be skipped."""
    return paragraph(f"{t.gettext('No roundup is due then, so nothing changed.')} {next_roundup(t, channel)}")


def paused(t: Translations, channel: HasNextRoundup, schedule: Schedule, *, now: datetime) -> Message:
    """Confirm a pause."""
    if schedule.paused_until is None:
        done = t.gettext("Roundups are paused. Use `/wins resume` to start them again.")
        return paragraph(f"{done} {_wins_are_saved(t)}")
    until = month_and_day(t, schedule.paused_until, today=schedule.local_date(now))
    done = t.gettext("Roundups are paused until {day}.", day=until)
    return paragraph(" ".join([done, _wins_are_saved(t), next_roundup(t, channel)]))


def resumed(t: Translations, channel: HasNextRoundup) -> Message:
    """Confirm that roundups are posted again."""
    text = t.gettext("Roundups are back on. The next one includes every win since the last one.")
    return paragraph(f"{text} {next_roundup(t, channel)}")


def nothing_to_resume(t: Translations, channel: HasNextRoundup) -> Message:
    """Say that there is no pause to end."""
    return paragraph(
        " ".join([t.gettext("Roundups aren't paused, and no dates are skipped."), next_roundup(t, channel)])
    )


def already_paused(t: Translations, channel: HasNextRoundup, schedule: Schedule, *, now: datetime) -> Message:
    """Say that the same pause is already there."""
    if schedule.paused_until is None:
        return paragraph(t.gettext("Roundups are already paused. Use `/wins resume` to start them again."))
    already = t.gettext(
        "Roundups are already paused until {day}.",
        day=month_and_day(t, schedule.paused_until, today=schedule.local_date(now)),
    )
    return paragraph(f"{already} {next_roundup(t, channel)}")


def no_longer_next(t: Translations, channel: HasNextRoundup) -> Message:
    """Reply to a Skip button whose roundup is not the next one anymore."""
    text = t.gettext("That's no longer the next roundup. Use `/wins pause` to choose again.")
    return paragraph(f"{text} {next_roundup(t, channel)}")


def not_set_up(t: Translations) -> Message:
    """Say that there is no roundup to pause."""
    return paragraph(t.gettext("This channel doesn't have a roundup yet. Set one up with `/wins setup`."))


def no_such_date(t: Translations, refusal: NoSuchDate) -> Message:
    """Say why what was typed can't be the end of a pause, and what to type instead."""
    typed = code(refusal.typed[:60])
    match refusal:
        case Ambiguous():
            why = t.gettext(
                "{typed} could mean two dates. Write out the month: `/wins pause until April 3`.", typed=typed
            )
        case WrongWeekday(day=day, weekday=weekday):
            why = t.gettext(
                "{day} is a {right_weekday}, not a {wrong_weekday}. Type the date that you mean, for example "
                "{example}.",
                day=full_date(t, day),
                right_weekday=weekday_name(t, Weekday(day.weekday())),
                wrong_weekday=weekday_name(t, Weekday(weekday)),
                example=_example(day),
            )
        case NotInFuture():
            why = t.gettext(
                "{typed} isn't in the future. Pick a later date: `/wins pause until Monday` or `/wins pause 2 weeks`.",
                typed=typed,
            )
        case TooFar(day=day):
            why = t.gettext(
                "{typed} means {day}, which is more than a year away. Type `/wins pause`, then choose "
                "*Pause until I resume*.",
                typed=typed,
                day=full_date(t, day),
            )
        case _:
            why = t.gettext(
                "I didn't recognize {typed} as a date. Try `/wins pause until March 20`, `/wins pause 2 weeks`, or "
                "`/wins pause until Monday`.",
                typed=typed,
            )
    return paragraph(why)


def _wins_are_saved(t: Translations) -> str:
    return t.gettext("Wins are still saved.")


def _example(until: date) -> str:
    """Return the command that pauses until a date, which is English whatever the language."""
    return f"`/wins pause until {until:%B} {until.day}`"
