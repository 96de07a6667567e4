"""What a person reads of their own wins: the list of `/wins`, and the lines of Home."""

from collections.abc import Sequence
from itertools import accumulate

from bot.domain.wins import Win
from bot.views.format import (
    MAX_BLOCKS_CHARACTERS,
    Block,
    Message,
    Names,
    button,
    cheered_by,
    confirmation,
    date_and_time,
    paragraph,
    reply,
    section,
    win_text,
)
from bot.views.roundup import Permalink, view_message_link
from bot.views.translations import Translations

_BEFORE_LIST = 1500
"""The most characters of what stands before a list of wins: its title, and the text of a win just deleted."""
_AROUND_LISTED_WIN = 300
"""The most characters of the button beside a listed win, and of the dialog that it opens."""

UNDO_IN_LIST = "undo_listed_win"


def my_wins(
    t: Translations,
    wins: Sequence[Win],
    names: Names,
    *,
    zone: str,
    permalink: Permalink,
    preface: Message | None = None,
) -> Message:
    """List a person's latest wins for them alone, after `preface`: as many as fit one message."""
    if wins:
        lines = _as_many_as_fit([my_win(t, win, names, zone=zone, permalink=permalink) for win in wins])
        title = t.gettext("*Your recent wins* (only visible to you)")
        rows = [section(line, accessory=_delete_button(t, win)) for line, win in zip(lines, wins, strict=False)]
        text = "\n".join([title, *(f"• {line}" for line in lines)])
        listing = reply(text, [section(title), *rows])
    else:
        listing = paragraph(t.gettext("No wins yet. Log your first: `/win fixed the flaky build`"))
    if preface is None:
        return listing
    return reply(f"{preface['text']}\n{listing['text']}", [*preface["blocks"], *listing["blocks"]])


def _as_many_as_fit(lines: Sequence[str]) -> list[str]:
    """Return the first of `lines` that leave room in a message for what stands before and between them."""
    ends = accumulate(len(line) + _AROUND_LISTED_WIN for line in lines)
    return [line for line, end in zip(lines, ends, strict=True) if end <= MAX_BLOCKS_CHARACTERS - _BEFORE_LIST]


def _delete_button(t: Translations, win: Win) -> Block:
    delete = t.gettext("Delete")
    return button(
        delete,
        action_id=UNDO_IN_LIST,
        value=str(win.id),
        accessibility_label=t.gettext("Delete this win"),
        confirm=confirmation(
            t, t.gettext("Delete this win?"), _what_is_deleted(t, win), confirm=delete, is_danger=True
        ),
    )


def _what_is_deleted(t: Translations, win: Win) -> str:
    if win.channel_id is None:
        return t.gettext("You'll get your text back.")
    if win.message_ts is None:  # it was not announced, or in a message that the bot can't remove
        return t.gettext("It won't be in any roundup. You'll get your text back.")
    if not win.cheered_by:
        return t.gettext("It'll be removed from its channel and from any roundup. You'll get your text back.")
    return t.ngettext(
        "It'll be removed from its channel and from any roundup, with its {count} cheer. You'll get your text back.",
        "It'll be removed from its channel and from any roundup, with its {count} cheers. You'll get your text back.",
        len(win.cheered_by),
    )


def my_win(t: Translations, win: Win, names: Names, *, zone: str, permalink: Permalink) -> str:
    """Return a win as it is listed for its author, escaped."""
    details = [
        date_and_time(t, win.created_at, zone),
        t.gettext(":lock: Private") if win.is_private else "",
        t.gettext("Slack didn't let me share it") if win.is_refused else "",
        cheered_by(t, win.cheered_by, names),
        view_message_link(t, win, permalink),
    ]
    return f"{win_text(t, win, names)}\n{' · '.join(filter(None, details))}"
