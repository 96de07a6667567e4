"""What a person reads of their own wins: the list of `/wins`, and the lines of Home."""

from collections.abc import Sequence
from itertools import accumulate

from bot.domain.credited_wins import NO_OTHERS, WinsOfOthers
from bot.domain.wins import Win, WinKind
from bot.views.format import (
    MAX_BLOCKS_CHARACTERS,
    Block,
    Message,
    Names,
    cheered_by,
    context,
    date_and_time,
    paragraph,
    reply,
    section,
    text_length,
    win_text,
)
from bot.views.listed_win import listed_win
from bot.views.roundup import Permalink, view_message_link
from bot.views.search import tag_menu
from bot.views.translations import Translations
from bot.views.win_buttons import (
    EDIT_IN_LIST,
    UNDO_IN_LIST,
    climb_buttons,
    delete_button,
    edit_button,
    with_climb_button,
)
from bot.views.win_line import extras, headline, where

_BEFORE_LIST = 1500
"""The most characters of what stands before a list of wins: its title, and the text of a win just deleted."""
_AROUND_LISTED_WIN = 320
"""The most characters of the buttons below a listed win, and of the dialog that one opens."""


def my_wins(
    t: Translations,
    wins: Sequence[Win],
    names: Names,
    *,
    zone: str,
    permalink: Permalink,
    others: WinsOfOthers = NO_OTHERS,
    preface: Message | None = None,
) -> Message:
    """List a person's latest wins for them alone, and those of `others` that they are in, after `preface`.

    As many as fit one message.
    """
    lines = [my_win(t, win, names, zone=zone, permalink=permalink) for win in wins]
    lines += [listed_win(t, win, names, zone=zone, permalink=permalink) for win in others.wins]
    menu = tag_menu(t, (*wins, *others.wins))
    lines = _as_many_as_fit(lines, MAX_BLOCKS_CHARACTERS - _BEFORE_LIST - text_length(menu))
    own, shared = lines[: len(wins)], lines[len(wins) :]
    rows = [block for line, win in zip(own, wins, strict=False) for block in _row(t, win, line)]
    parts = [_titled(t.gettext("*Your recent wins* (only visible to you)"), own, rows)]
    if not wins:
        parts = [paragraph(t.gettext("No wins yet. Save your first one: `/win fixed the flaky build`"))]
    if shared:
        rows_of_others = [with_climb_button(t, *each) for each in zip(others.wins, shared, strict=False)]
        parts.append(_titled(t.gettext("*Wins you're in*"), shared, rows_of_others))
    if not others.is_complete:
        missing = may_be_missing(t)
        parts.append(reply(missing, [context(missing)]))
    parts = [preface, *parts] if preface else parts
    text = "\n".join(part["text"] for part in parts)
    blocks = [block for part in parts for block in part["blocks"]]
    return reply(text, [*blocks, *menu])


def _titled(title: str, lines: Sequence[str], rows: Sequence[Block]) -> Message:
    return reply("\n".join([title, *(f"• {line}" for line in lines)]), [section(title), *rows])


def may_be_missing(t: Translations) -> str:
    """Say that Slack did not tell which channels someone can see."""
    return t.gettext("I couldn't check with Slack which channels you can see, so wins you're in may be missing.")


def _as_many_as_fit(lines: Sequence[str], room: int) -> list[str]:
    """Return the first of `lines` that, with what stands between them, are no longer than `room`."""
    ends = accumulate(len(line) + _AROUND_LISTED_WIN for line in lines)
    return [line for line, end in zip(lines, ends, strict=True) if end <= room]


def _row(t: Translations, win: Win, line: str) -> list[Block]:
    edit = edit_button(t, win.id, action_id=EDIT_IN_LIST)
    buttons = [edit, delete_button(t, win, action_id=UNDO_IN_LIST), *climb_buttons(t, win)]
    return [section(line), {"type": "actions", "elements": buttons}]


def my_win(t: Translations, win: Win, names: Names, *, zone: str, permalink: Permalink) -> str:
    """Return a win as it is listed for its author, escaped."""
    is_learning = win.is_own and win.kind is WinKind.LEARNING
    details = [
        date_and_time(t, win.created_at, zone),
        where(t, win),
        t.gettext(":seedling: Learning") if is_learning else "",
        t.gettext("Slack didn't let me share it") if win.is_refused else "",
        *extras(t, win, names, names_author=False),
        cheered_by(t, win.cheered_by, names),
        view_message_link(t, win, permalink),
    ]
    said = win_text(t, win, names) if win.is_own else headline(t, win, names)
    return f"{said}\n{' · '.join(filter(None, details))}"
