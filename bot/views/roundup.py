"""The roundup: a channel's wins since the last one, everyone once before anyone twice."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.roundups import RoundupPart
from bot.domain.schedules import Weekday
from bot.domain.wins import Win
from bot.views.cheer_buttons import CHEER, cheer_told_win_button
from bot.views.format import (
    MAX_TEXT_BYTES,
    Block,
    Message,
    Names,
    button,
    channel,
    cheered_by,
    context,
    date_and_time,
    header,
    message,
    section,
)
from bot.views.next_roundup import next_on
from bot.views.quiet_week import quiet_line
from bot.views.schedule import weekday_name
from bot.views.translations import Translations
from bot.views.win_line import DETAILS, Detail, extras, headline

LATE_AFTER = timedelta(minutes=10)

Permalink = Callable[[str, str], str]
"""Returns the URL of a message from its channel and ts."""


def roundup(
    t: Translations, part: RoundupPart, names: Names, *, key: str | None, permalink: Permalink, posted_at: datetime
) -> Message:
    """Render one message of a roundup; `key` is that of its Cheer buttons, None leaves them out.

    It is as detailed as Slack allows in an update.
    """
    if part.is_quiet:
        return quiet_line(t, part)
    for detail in DETAILS:
        lines = [_win_line(t, win, names, permalink, detail) for win in part.wins]
        sections = [
            section(line, **({} if key is None else {"accessory": cheer_told_win_button(t, win, names, key=key)}))
            for line, win in zip(lines, part.wins, strict=True)
        ]
        text, blocks = (
            _reply(t, part, lines, sections)
            if part.number > 0
            else _first_message(t, part, names, lines, sections, detail=detail, key=key, posted_at=posted_at)
        )
        if len(text.encode()) <= MAX_TEXT_BYTES:
            break
    return message(text, blocks)


def _reply(
    t: Translations, part: RoundupPart, lines: Sequence[str], sections: Sequence[Block]
) -> tuple[str, list[Block]]:
    title = t.gettext("More wins ({number} of {count})", number=part.number + 1, count=part.part_count)
    return "\n".join([title, *(f"• {line}" for line in lines)]), [context(title), *sections]


def _first_message(
    t: Translations,
    part: RoundupPart,
    names: Names,
    lines: Sequence[str],
    sections: Sequence[Block],
    *,
    detail: Detail,
    key: str | None,
    posted_at: datetime,
) -> tuple[str, list[Block]]:
    title, *opening = _opening(t, part, posted_at)
    closing = _closing(t, part, names, detail)
    blocks: list[Block] = [
        header(title),
        section(opening[0]),
        *(context(line) for line in opening[1:]),
        *sections,
        *(context(line) for line in closing),
    ]
    if key is not None:
        cheer = button(t.gettext(":clap: Cheer them all"), action_id=CHEER, value=key)
        blocks.append({"type": "actions", "elements": [cheer]})
    return "\n".join([title, *opening, *(f"• {line}" for line in lines), *closing]), blocks


def view_message_link(t: Translations, win: Win, permalink: Permalink) -> str:
    """Return a link to a win's announcement, or "" if it has none."""
    if not (win.channel_id and win.message_ts):
        return ""
    label = t.gettext("View message")
    return f"<{permalink(win.channel_id, win.message_ts)}|{label}>"


def _win_line(t: Translations, win: Win, names: Names, permalink: Permalink, detail: Detail) -> str:
    text = headline(t, win, names, detail)
    cheers = cheered_by(t, win.cheered_by, names, limit=detail.cheerers)
    details = [*extras(t, win, names, detail), cheers, view_message_link(t, win, permalink)]
    footer = " · ".join(filter(None, details))
    return f"{text}\n{footer}" if footer else text


def _opening(t: Translations, part: RoundupPart, posted_at: datetime) -> list[str]:
    day = part.due_at.astimezone(ZoneInfo(part.zone)).date()
    weekday = weekday_name(t, Weekday(day.weekday()))
    title = t.ngettext(
        ":tada: {weekday}'s roundup: {count} win",
        ":tada: {weekday}'s roundup: {count} wins",
        part.win_count,
        weekday=weekday,
    )
    if part.target_channel_id == part.channel_id:
        openers = _openers(t)
        opening = [title, openers[day.toordinal() % len(openers)]]
    else:
        opening = [title, t.gettext("Here's what went well in {channel}.", channel=channel(part.channel_id))]
    if posted_at - part.due_at > LATE_AFTER:
        due = date_and_time(t, part.due_at, part.zone)
        opening.append(t.gettext("Sorry I'm late! This was due {date}.", date=due))
    return opening


def _openers(t: Translations) -> list[str]:
    """Return the first lines that roundups take turns with, by date."""
    return [
        t.gettext("Here's what went well."),
        t.gettext("Small steps, all of them yours."),
        t.gettext("Look what you all got done."),
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


def _closing(t: Translations, part: RoundupPart, names: Names, detail: Detail) -> list[str]:
    closing = [cheered_by(t, part.cheered_by, names, limit=detail.cheerers)]
    if part.part_count > 1:
        more = part.win_count - len(part.wins)
        closing.append(
            t.ngettext("{count} more in the thread :point_down:", "{count} more in the thread :point_down:", more)
        )
    if part.next_due_at is not None:
        closing.append(next_on(t, part.next_due_at, part.zone))
    return [line for line in closing if line]
