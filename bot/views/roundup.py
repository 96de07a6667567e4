"""The roundup: a channel's wins since the last one, everyone once before anyone twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.roundups import RoundupPart
from bot.domain.wins import Win
from bot.views.announcement import CHEER
from bot.views.format import (
    MAX_NAME_LENGTH,
    Block,
    Message,
    Names,
    button,
    channel,
    cheered_by,
    context,
    date_and_time,
    escape,
    header,
    message,
    name,
    section,
    win_text,
)

MAX_WINS = 20
"""The most wins in one message, well under Slack's 50 blocks."""
MAX_CHARACTERS = 3000
"""The characters that a message's wins may take together; the rest of Slack's 4,000 is for what stands around them."""
LATE_AFTER = timedelta(minutes=10)

Permalink = Callable[[str, str], str]
"""Makes the address of a message from its channel and ts."""


def rendered_length(win: Win, names: Names, permalink: Permalink) -> int:
    """Return the characters that a win takes in a roundup's text, with room for a name that grows or one cheer more."""
    return len(_win_line(win, names, permalink)) + MAX_NAME_LENGTH


def roundup(part: RoundupPart, names: Names, *, key: str | None, permalink: Permalink, now: datetime) -> Message:
    """Tell one part of a roundup, as it is at `now`; `key` goes with its Cheer button, None leaves that out."""
    if part.is_quiet:
        return quiet_line(part)
    lines = [_win_line(win, names, permalink) for win in part.wins]
    before = _opening(part, now) if part.number == 0 else [f"More wins ({part.number + 1} of {part.part_count})"]
    after = _closing(part, names) if part.number == 0 else []
    blocks: list[Block] = [
        *_opening_blocks(part, before),
        *(section(line) for line in lines),
        *(context(line) for line in after),
    ]
    if part.number == 0 and key is not None:
        cheer = button(":clap: Cheer this roundup", action_id=CHEER, value=key)
        blocks.append({"type": "actions", "elements": [cheer]})
    return message("\n".join([*before, *(f"• {line}" for line in lines), *after]), blocks)


def quiet_line(part: RoundupPart) -> Message:
    """Say in one line that there is nothing to tell this time, and when the next roundup comes. Nobody is to blame."""
    text = "A quiet stretch, and that is fine."
    if part.target_channel_id != part.channel_id:
        text = f"A quiet stretch in {channel(part.channel_id)}, and that is fine."
    if part.next_due_at is not None:
        text += f" The next roundup comes on {date_and_time(part.next_due_at, part.zone)}."
    return message(text, [context(text)])


def _win_line(win: Win, names: Names, permalink: Permalink) -> str:
    cheers = cheered_by(win.cheered_by, names)
    permalink_text = (
        f"<{permalink(win.channel_id, win.message_ts)}|See it>" if win.channel_id and win.message_ts else ""
    )
    footer = " · ".join(filter(None, [cheers, permalink_text]))
    text = f"*{escape(name(win.author, names))}:* {win_text(win, names)}"
    return f"{text}\n{footer}" if footer else text


def _opening(part: RoundupPart, now: datetime) -> list[str]:
    local = part.due_at.astimezone(ZoneInfo(part.zone))
    wins = "1 win" if part.win_count == 1 else f"{part.win_count} wins"
    opening = [f"{local:%A}'s roundup: {wins}", "Here is what went well. Small steps, every one of them real."]
    if part.target_channel_id != part.channel_id:
        opening[1] = f"From {channel(part.channel_id)}: what went well there. Small steps, every one of them real."
    if now - part.due_at > LATE_AFTER:
        due = date_and_time(part.due_at, part.zone)
        opening.append(f"This roundup comes late: it was due on {due}. No win was lost.")
    return opening


def _closing(part: RoundupPart, names: Names) -> list[str]:
    closing = [cheered_by(part.cheered_by, names)]
    if part.part_count > 1:
        closing.append("There are more wins in the thread.")
    if part.next_due_at is not None:
        closing.append(f"Next roundup: {date_and_time(part.next_due_at, part.zone)}")
    return [line for line in closing if line]


def _opening_blocks(part: RoundupPart, lines: list[str]) -> list[Block]:
    if part.number > 0:
        return [context(lines[0])]
    return [header(lines[0]), section(lines[1]), *(context(line) for line in lines[2:])]
