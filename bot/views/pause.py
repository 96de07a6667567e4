"""`/wins pause` and `/wins resume`: the question how long to pause, and the replies."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.domain.channel_state import ChannelState, HasRoundup, channel_state
from bot.domain.pause_dates import NotInFuture, TooFar
from bot.domain.recurrence import Weekday
from bot.domain.schedules import Schedule
from bot.domain.text import cut
from bot.domain.typed_dates import Ambiguous, NoSuchDate, NotInCalendar, WrongWeekday
from bot.views.ephemeral import not_a_command, with_text_to_copy
from bot.views.format import (
    Block,
    Message,
    actions,
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
from bot.views.next_roundup import next_roundup
from bot.views.schedule import weekday_name
from bot.views.translations import Translations

SKIP = "skip_roundup"
PAUSE_UNTIL = "pause_until"
PAUSE = "pause_roundup"

MAX_QUOTED = 60
"""The most characters of what was typed that a sentence quotes; more is given back below it."""


def ask_which_pause(t: Translations, channel: HasRoundup, schedule: Schedule, *, now: datetime) -> Message:
    """Ask how long to pause, with a button for each answer."""
    today = schedule.local_date(now)
    example = _example(today + timedelta(days=14))
    status = next_roundup(t, channel, now=now)
    if schedule.is_off:
        return paragraph(f"{status} {_wins_are_saved(t)}")
    if schedule.is_paused:
        end = t.gettext("To set an end date, type {example}.", example=example)
        return paragraph(f"{status} {end} {_wins_are_saved(t)}")
    sentences = [status, t.gettext("How long should I pause roundups?"), _wins_are_saved(t)]
    text = " ".join(sentences)
    buttons: list[Block] = []
    if channel.next_due_at is not None:
        day = schedule.date_of(channel.next_due_at)
        skip = t.gettext("Skip {day}", day=month_and_day(t, day, today=today))
        buttons.append(button(skip, action_id=SKIP, value=day.isoformat()))
    buttons += [_date_picker(t), button(t.gettext("Pause until I resume"), action_id=PAUSE, value="-")]
    hint = t.gettext("Or type {example} or `/wins pause 2 weeks`.", example=example)
    return message(f"{text} {hint}", [section(text), actions(*buttons), section(hint)])


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


def skipped(t: Translations, channel: HasRoundup, days: Sequence[date], *, today: date, now: datetime) -> Message:
    """Confirm that the roundups on these local dates are skipped."""
    done = t.ngettext(
        "Skipped the roundup on {days}. Changed your mind? Use `/wins resume`.",
        "Skipped {count} roundups: {days}. Changed your mind? Use `/wins resume`.",
        len(days),
        days=list_days(t, days, today=today),
    )
    return paragraph(" ".join([done, _wins_are_saved(t), next_roundup(t, channel, now=now)]))


def nothing_to_skip(t: Translations, channel: HasRoundup, *, now: datetime) -> Message:
    """Say that no roundup is due in the week or month that was to be skipped."""
    return _with_next_roundup(t, t.gettext("No roundup is due then, so nothing changed."), channel, now)


def paused(t: Translations, channel: HasRoundup, *, skips_none: bool = False, now: datetime) -> Message:
    """Confirm a pause, also where there are no roundups to pause; `skips_none` if none are due before its end."""
    status = next_roundup(t, channel, now=now)
    if channel_state(channel, now) not in (ChannelState.PAUSED, ChannelState.PAUSED_UNTIL):
        status = " ".join([t.gettext("The pause is saved."), status])
    if skips_none:
        none_skipped = t.gettext("The pause ends before the next roundup, so none is skipped.")
        return paragraph(f"{status} {none_skipped}")
    return paragraph(f"{status} {_wins_are_saved(t)}")


def resumed(t: Translations, channel: HasRoundup, *, now: datetime) -> Message:
    """Confirm that a pause is over, and say when roundups are posted again, or why they still aren't."""
    if channel_state(channel, now) is not ChannelState.ON:
        return _with_next_roundup(t, t.gettext("The pause is over."), channel, now)
    text = t.gettext("Roundups are back on. The next one includes every win since the last one.")
    return _with_next_roundup(t, text, channel, now)


def nothing_to_resume(t: Translations, channel: HasRoundup, *, now: datetime) -> Message:
    """Say that there is no pause to end."""
    text = t.gettext("Roundups aren't paused, and no dates are skipped.")
    return _with_next_roundup(t, text, channel, now)


def already_paused(t: Translations, channel: HasRoundup, *, now: datetime) -> Message:
    """Say that the same pause is already there, or that roundups are off."""
    return _with_next_roundup(t, t.gettext("Nothing changed."), channel, now)


def no_longer_next(t: Translations, channel: HasRoundup, *, now: datetime) -> Message:
    """Reply to a Skip button whose roundup is not the next one anymore."""
    text = t.gettext("That's no longer the next roundup. Use `/wins pause` to choose again.")
    return _with_next_roundup(t, text, channel, now)


def not_set_up(t: Translations, channel: HasRoundup | None, *, now: datetime) -> Message:
    """Say that there is no roundup to pause."""
    return paragraph(next_roundup(t, channel, now=now))


def _with_next_roundup(t: Translations, text: str, channel: HasRoundup, now: datetime) -> Message:
    return paragraph(f"{text} {next_roundup(t, channel, now=now)}")


def no_such_date(t: Translations, refusal: NoSuchDate) -> Message:
    """Say why a date can't be the end of a pause, and what to type instead."""
    is_short = len(refusal.typed) <= MAX_QUOTED
    typed = code(refusal.typed if is_short else cut(refusal.typed, MAX_QUOTED) + "…")
    match refusal:
        case Ambiguous(days=[first, second]):
            why = t.gettext(
                "{typed} could mean {first} or {second}. Write out the month.",
                typed=typed,
                first=full_date(t, first),
                second=full_date(t, second),
            )
        case Ambiguous():
            why = t.gettext(
                "{typed} could mean two dates. Write out the month: `/wins pause until April 3`.", typed=typed
            )
        case NotInCalendar():
            why = t.gettext(
                "{typed} isn't a real date. Pick another one, like `/wins pause until March 20`.",
                typed=typed,
            )
        case WrongWeekday(day=day, weekday=weekday):
            why = t.gettext(
                "{day} is a {right_weekday}, not a {wrong_weekday}. Type the date you mean, like {example}.",
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
            raise TypeError(f"no words for {refusal!r}")
    return paragraph(why) if is_short else with_text_to_copy(t, paragraph(why), refusal.typed)


def no_pause(t: Translations, text: str, *, value: str | None) -> Message:
    """Say that there is no date in what follows `/wins pause`; `text` and `value` as in `not_a_command`."""
    why = t.gettext(
        "I didn't recognize a date in that. Try `/wins pause until March 20` or `/wins pause 2 weeks`. To choose how "
        "long, type `/wins pause` on its own."
    )
    return not_a_command(t, why, text, value=value)


def _wins_are_saved(t: Translations) -> str:
    return t.gettext("Wins are still saved.")


def _example(until: date) -> str:
    """Return the command that pauses until a date, which is English whatever the language."""
    return f"`/wins pause until {until:%B} {until.day}`"
