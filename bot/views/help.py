"""What Winsome can do, on one screen, and no more of it than the reader may do."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.schedules import Schedule
from bot.views.format import Message, date_and_time, escape, message, section
from bot.views.schedule import sentence


@dataclass(frozen=True)
class Here:
    """What the help depends on: the channel's schedule (None where it has none), its next roundup (UTC), the reader."""

    schedule: Schedule | None
    next_due_at: datetime | None
    may_change: bool


_FIRST = "*Winsome keeps your small wins, and gives them back in a roundup.*"
_WIN = (
    "`/win fixed the flaky build with @ana #quality` saves a win and tells this channel. Nothing is too small. People "
    "you mention are credited, and #tags are kept."
)
_CHEER = (
    "To cheer a win, press its button or react to it with any emoji. Taking the reaction away takes the cheer back."
)
_WINS = "`/wins` shows your last wins, where each can be undone. In a direct message with me, a win stays private."
_ADMINS = (
    "You may change this: `/wins setup` sets when and where, `/wins pause` skips one or rests for a while, `/wins "
    "resume` goes on, `/wins post` posts what is there now."
)
_OTHERS = "`/wins preview` shows you what the roundup would say now, `/wins setup` its settings and who may change it."


def help_text(here: Here | None, *, now: datetime) -> Message:
    """Explain what can be done; `here` is None in a direct message."""
    lines = [_FIRST, _WIN, _CHEER, _WINS]
    if here is None:
        lines[1] = "`/win said no to a meeting` saves a win. Here it stays between us: never announced, in no roundup."
        lines[3] = "`/wins` shows your last wins, where each can be undone. About its roundup you ask in a channel."
    else:
        lines.append(f"{_roundup(here, now)} Nobody is pinged, and nobody is ranked.")
        lines.append(f"{_OTHERS} {_ADMINS}" if here.may_change else _OTHERS)
    return message("\n".join(lines), [section(line) for line in lines])


def _roundup(here: Here, now: datetime) -> str:
    if here.schedule is None:
        return (
            "This channel has no roundup yet; a workspace admin, or whoever created it, can give it one with "
            "`/wins setup`. Its wins are kept for it."
        )
    if here.next_due_at is None:
        return "The roundup of this channel rests at the moment. Its wins are kept for the next one."
    when = date_and_time(here.next_due_at, here.schedule.zone)
    return f"Wins of this channel come together {escape(sentence(here.schedule, now=now))}; the next time on {when}."
