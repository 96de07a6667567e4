"""What Winsome can do, on one screen, and no more of it than the reader may do."""

from dataclasses import dataclass
from datetime import datetime

from bot.views.format import Message, date_and_time, escape, message, section
from bot.views.next_roundup import HasNextRoundup, next_roundup
from bot.views.schedule import sentence


@dataclass(frozen=True)
class HelpContext:
    """What the help depends on: the channel (None where Winsome has never met it), and what the reader may do there."""

    channel: HasNextRoundup | None
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
_NOT_CONFIGURED = "You may give it one: `/wins setup` takes a minute. `/wins post` posts what is there now, just once."
_EVERYBODY = (
    "`/wins preview` shows you what the roundup would say now, `/wins setup` its settings and who may change it."
)


def help_text(help_context: HelpContext | None, *, now: datetime) -> Message:
    """Explain what can be done; `here` is None in a direct message."""
    lines = [_FIRST, _WIN, _CHEER, _WINS]
    if help_context is None:
        lines[1] = "`/win said no to a meeting` saves a win. Here it stays between us: never announced, in no roundup."
        lines[3] = "`/wins` shows your last wins, where each can be undone. What is about a channel is typed there."
    else:
        has_roundup = help_context.channel is not None and help_context.channel.settings is not None
        lines.append(f"{_roundup(help_context.channel, now)} Nobody is pinged, and nobody is ranked.")
        may = (_ADMINS if has_roundup else _NOT_CONFIGURED) if help_context.may_change else ""
        lines.append(f"{_EVERYBODY} {may}".rstrip())
    return message("\n".join(lines), [section(line) for line in lines])


def _roundup(channel: HasNextRoundup | None, now: datetime) -> str:
    if channel is None or channel.settings is None:
        return (
            "This channel has no roundup yet; a workspace admin, or whoever created it, can give it one with "
            "`/wins setup`. Its wins are kept for it."
        )
    if channel.next_due_at is None or channel.unavailable_reason is not None:
        return f"{next_roundup(channel)} The wins of this channel are kept."
    schedule = channel.settings.schedule
    when = date_and_time(channel.next_due_at, schedule.zone)
    return f"Wins of this channel come together {escape(sentence(schedule, now=now))}; the next time on {when}."
