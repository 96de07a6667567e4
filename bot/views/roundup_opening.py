"""How a roundup begins: its dates, a line that suits the week, a note of someone, and whether it is late."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.roundup_composition import OPENING_COUNTS, OPENING_COUNTS_ELSEWHERE, Mood, parse_opening
from bot.domain.roundups import RoundupPart
from bot.domain.text import on_one_line
from bot.domain.wins import WinKind
from bot.views.format import Names, channel, date_and_time, neutralise, user_name
from bot.views.period import period
from bot.views.translations import Translations

LATE_AFTER = timedelta(minutes=10)
_WEEK, _TWO_WEEKS, _SHORTEST_MONTH, _LONGEST_MONTH = 8, 16, 25, 36


def title(t: Translations, part: RoundupPart) -> str:
    """Return "This week's wins:" and its dates."""
    day = _day(part)
    if part.starts_on is None:
        return t.gettext(":tada: Our wins up to {date}", date=period(t, day, day))
    return _title(t, (day - part.starts_on).days + 1, period(t, part.starts_on, day))


def _title(t: Translations, days: int, dates: str) -> str:
    if days <= 1:
        return t.gettext(":tada: Today's wins: {date}", date=dates)
    if _is_week(days):
        return t.gettext(":tada: This week's wins: {dates}", dates=dates)
    if days <= _TWO_WEEKS:
        return t.gettext(":tada: Two weeks of wins: {dates}", dates=dates)
    if _SHORTEST_MONTH <= days <= _LONGEST_MONTH:
        return t.gettext(":tada: A month of wins: {dates}", dates=dates)
    return t.gettext(":tada: Our wins: {dates}", dates=dates)


def _is_week(days: int) -> bool:
    return 1 < days <= _WEEK


def lines(t: Translations, part: RoundupPart, *, posted_at: datetime) -> list[str]:
    """Return what stands between the title and the wins, besides a note: the opening, and whether it is late."""
    said = [_opening(t, part)]
    if posted_at - part.due_at > LATE_AFTER:
        due = date_and_time(t, part.due_at, part.zone)
        said.append(t.gettext("Sorry I'm late! This was due {date}.", date=due))
    return said


def note(t: Translations, part: RoundupPart, names: Names, *, max_bytes: int | None = None) -> str:
    """Return what someone says at the top of this roundup, escaped, or ""."""
    if not (part.note and part.note_by):
        return ""
    said = neutralise(on_one_line(part.note), {}, max_bytes=max_bytes)
    return t.gettext(
        ":speech_balloon: A note from {person}: {note}", person=user_name(t, part.note_by, names), note=said
    )


def _opening(t: Translations, part: RoundupPart) -> str:
    """Return the line that this roundup opens with, unless what it speaks of isn't there anymore."""
    opening = parse_opening(part.opening)
    mood = Mood.USUAL if opening is None else opening.mood
    if mood is Mood.CLIMB and not any(win.climb and _is_last_step(part, win.id) for win in part.wins):
        mood = Mood.USUAL
    if mood is Mood.LEARNINGS and not any(win.kind is WinKind.LEARNING for win in part.wins):
        mood = Mood.USUAL
    if part.target_channel_id == part.channel_id:
        is_week = part.starts_on is not None and _is_week((_day(part) - part.starts_on).days + 1)
        said = openings(t, mood, is_week=is_week, win_count=part.win_count)
    else:
        said = openings_elsewhere(t, mood, channel(part.channel_id), win_count=part.win_count)
    return said[(_day(part).toordinal() if opening is None else opening.number) % len(said)]


def _is_last_step(part: RoundupPart, win_id: int) -> bool:
    step = part.steps.get(win_id)
    return step is not None and step.is_last


def _day(part: RoundupPart) -> date:
    return part.due_at.astimezone(ZoneInfo(part.zone)).date()


def openings(t: Translations, mood: Mood, *, is_week: bool, win_count: int) -> list[str]:
    """Return the lines that roundups of a mood take turns with.

    Those of a day or a month don't speak of a week, and those of one win not of several. None says whether the wins are
    one person's or several people's.
    """
    match mood:
        case Mood.SMALL:
            said = [
                t.gettext("A small week still moves things.")
                if is_week
                else t.gettext("Something small still moves things."),
                t.ngettext("One good thing, worth a moment.", "A few good things, each worth a moment.", win_count),
                t.gettext("Short and sweet."),
                t.ngettext(
                    "Small steps count, and this one is yours.", "Small steps count, and these are yours.", win_count
                ),
                t.gettext("Quiet progress is progress."),
                t.ngettext("One win, and it matters.", "Not many, and every one matters.", win_count),
            ]
        case Mood.BUSY:
            said = [
                t.gettext("What a week. Make yourself a coffee first.")
                if is_week
                else t.gettext("This is a long one. Make yourself a coffee first."),
                t.gettext("So much went well. Take your time with it."),
                t.gettext("A full week, in your own words.")
                if is_week
                else t.gettext("A long list, in your own words."),
                t.gettext("You've been busy. Look at this."),
                t.gettext("There's a lot here, and it's all yours."),
                t.gettext("Good things kept coming. Here they are."),
            ]
        case Mood.LEARNINGS:
            said = [
                t.ngettext(
                    "This was hard. You made something of it.",
                    "Some of this was hard. You made something of it.",
                    win_count,
                ),
                t.gettext("What you learned helps the next person."),
                t.gettext("Not everything worked, and you're wiser for it."),
                t.gettext("It takes courage to say what went wrong. Thank you."),
                t.ngettext("Today's lesson is next month's win.", "Today's lessons are next month's wins.", win_count),
            ]
        case Mood.CLIMB:
            said = [
                t.gettext("You reached the top of something. Enjoy the view."),
                t.gettext("Step by step, you got there."),
                t.gettext("All those small steps led somewhere."),
                t.gettext("Remember when this was only a first step?"),
                t.gettext("One climb is done. Well earned."),
            ]
        case Mood.USUAL:
            said = [
                t.gettext("Here's what went well."),
                t.gettext("Small steps, all of them yours."),
                t.gettext("Look what you got done."),
                t.gettext("One small win at a time."),
                t.gettext("Here's what moved forward."),
                t.gettext("Good things happened. Here they are."),
                t.gettext("Progress, in your own words."),
                t.gettext("Every one of these counts."),
                t.gettext("Here's what you made happen."),
                t.gettext("This is what progress looks like."),
                t.gettext("Worth a moment of your day."),
                t.gettext("Big things start like this."),
            ]
    assert len(said) == OPENING_COUNTS[mood], "the composition chooses one of them"
    return said


def openings_elsewhere(t: Translations, mood: Mood, source: str, *, win_count: int) -> list[str]:
    """Return the lines that roundups of a mood take turns with in another channel than their own, which is `source`.

    Their readers are others, so none of them says "you".
    """
    match mood:
        case Mood.SMALL:
            said = [
                t.ngettext(
                    "One good thing happened in {channel}.",
                    "A few good things happened in {channel}.",
                    win_count,
                    channel=source,
                ),
                t.gettext("A bit of good news from {channel}.", channel=source),
                t.ngettext(
                    "A small step in {channel}, and it counts.",
                    "Small steps in {channel}, and each one counts.",
                    win_count,
                    channel=source,
                ),
            ]
        case Mood.BUSY:
            said = [
                t.gettext("So much went well in {channel}.", channel=source),
                t.gettext("Good things kept coming in {channel}.", channel=source),
                t.gettext("There's a lot of good news from {channel}.", channel=source),
            ]
        case Mood.LEARNINGS:
            said = [
                t.gettext("What {channel} learned may help here, too.", channel=source),
                t.ngettext(
                    "A hard-won lesson from {channel}.", "Hard-won lessons from {channel}.", win_count, channel=source
                ),
                t.gettext("From {channel}: what was hard, and what came of it.", channel=source),
            ]
        case Mood.CLIMB:
            said = [
                t.gettext("Step by step, {channel} got there.", channel=source),
                t.gettext("A climb in {channel} is done. Well earned.", channel=source),
                t.gettext("Many small steps in {channel} led somewhere.", channel=source),
            ]
        case Mood.USUAL:
            said = [
                t.gettext("Here's what went well in {channel}.", channel=source),
                t.gettext("Good things happened in {channel}.", channel=source),
                t.gettext("Here's what moved forward in {channel}.", channel=source),
                t.gettext("Progress in {channel}, one small win at a time.", channel=source),
                t.gettext("This is what progress looks like in {channel}.", channel=source),
            ]
    assert len(said) == OPENING_COUNTS_ELSEWHERE[mood], "the composition chooses one of them"
    return said
