"""What a person reads of their own wins: the list of `/wins`, and the lines of Home."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from bot.domain.credited_wins import NO_OTHERS, CreditedWin, WinsOfOthers
from bot.domain.wins import Win, WinKind
from bot.views.credited_win import before_asked, credited_row, credited_win, more_asked
from bot.views.format import (
    MAX_BLOCKS_CHARACTERS,
    Block,
    Message,
    Names,
    actions,
    cheered_by,
    context,
    date_and_time,
    paragraph,
    reply,
    section,
    text_length,
    win_text,
)
from bot.views.permalinks import Permalink, view_message_link
from bot.views.search import tag_menu
from bot.views.translations import Translations
from bot.views.win_buttons import (
    EDIT_IN_LIST,
    UNDO_IN_LIST,
    climb_buttons,
    delete_button,
    edit_button,
)
from bot.views.win_line import extras, headline, where

_BEFORE_LIST = 1500
"""The most characters of what stands before a list of wins: its title, and the text of a win just deleted."""


def my_wins(
    t: Translations,
    wins: Sequence[Win],
    names: Names,
    *,
    zone: str,
    permalink: Permalink,
    now: datetime,
    others: WinsOfOthers = NO_OTHERS,
    preface: Message | None = None,
) -> Message:
    """List a person's latest wins for them alone, and those of `others` that they are in, after `preface`.

    As many as fit one message. Those of others that wait for this person's answer come first.
    """

    def credited(wins_in: Sequence[CreditedWin]) -> list[_Listed]:
        lines = [credited_win(t, each, names, zone=zone, permalink=permalink) for each in wins_in]
        return [_Listed(line, credited_row(t, each, line, names)) for each, line in zip(wins_in, lines, strict=True)]

    own_lines = [my_win(t, win, names, zone=zone, permalink=permalink, now=now) for win in wins]
    own = [_Listed(line, _row(t, win, line)) for line, win in zip(own_lines, wins, strict=True)]
    menu = tag_menu(t, (*wins, *others.all_wins))
    room = MAX_BLOCKS_CHARACTERS - _BEFORE_LIST - text_length(menu)
    asked, own, shared = _as_many_as_fit([credited(others.asked), own, credited(others.wins)], room)
    parts = [preface] if preface else []
    if asked:
        title = t.gettext("*Waiting for your answer* (only visible to you)")
        parts.append(_titled(f"{title}\n{before_asked(t)}", asked))
    if others.has_more_asked or len(asked) < len(others.asked):
        parts.append(_small_print(more_asked(t)))
    if wins:
        parts.append(_titled(t.gettext("*Your recent wins* (only visible to you)"), own))
    else:
        parts.append(paragraph(t.gettext("No wins yet. Save your first one: `/win fixed the flaky build`")))
    if shared:
        parts.append(_titled(t.gettext("*Wins you're in*"), shared))
    if asked or shared:
        parts.append(_small_print(t.gettext("Use `/wins preferences` to choose how you're named.")))
    if not others.is_complete:
        parts.append(_small_print(may_be_missing(t)))
    text = "\n".join(part["text"] for part in parts)
    blocks = [block for part in parts for block in part["blocks"]]
    return reply(text, [*blocks, *menu])


class _Listed(NamedTuple):
    """A win in a list: what its line says, and the blocks that show it."""

    line: str
    blocks: list[Block]


def _small_print(text: str) -> Message:
    return reply(text, [context(text)])


def _titled(title: str, listed: Sequence[_Listed]) -> Message:
    text = "\n".join([title, *(f"• {each.line}" for each in listed)])
    return reply(text, [section(title), *(block for each in listed for block in each.blocks)])


def may_be_missing(t: Translations) -> str:
    """Say that Slack did not tell which channels someone can see."""
    return t.gettext(
        "I couldn't check all of your channels with Slack, so wins you're in may be missing. Try again in a moment."
    )


def _as_many_as_fit(lists: Sequence[Sequence[_Listed]], room: int) -> Iterator[list[_Listed]]:
    """Return the first wins of the lists, taken together, whose blocks have no more text than `room`."""
    used = 0
    for listed in lists:
        ends = list(accumulate((text_length(each.blocks) for each in listed), initial=used))
        used = ends[-1]
        yield [each for each, end in zip(listed, ends[1:], strict=True) if end <= room]


def _row(t: Translations, win: Win, line: str) -> list[Block]:
    edit = edit_button(t, win.id, action_id=EDIT_IN_LIST)
    buttons = [edit, delete_button(t, win, action_id=UNDO_IN_LIST), *climb_buttons(t, win)]
    return [section(line), actions(*buttons)]


def my_win(t: Translations, win: Win, names: Names, *, zone: str, permalink: Permalink, now: datetime) -> str:
    """Return a win as it is listed for its author, escaped."""
    is_learning = win.is_own and win.kind is WinKind.LEARNING
    details = [
        date_and_time(t, win.created_at, zone),
        where(t, win, now=now),
        t.gettext(":seedling: Learning") if is_learning else "",
        t.gettext("Slack didn't let me share it") if win.is_refused else "",
        *extras(t, win, names, names_author=False),
        cheered_by(t, win.cheered_by, names),
        view_message_link(t, win, permalink),
    ]
    said = win_text(t, win, names) if win.is_own else headline(t, win, names)
    return f"{said}\n{' · '.join(filter(None, details))}"
