"""The short message that announces a win in its channel: its headline, what belongs to the win, and the buttons.

win_line.py has what the roundup shows in the same words: whose win it is, what happened, and who helped.
"""

from collections.abc import Callable

from bot.domain.win_size import MAX_PEOPLE
from bot.domain.wins import Win, WinKind
from bot.views.cheer_buttons import cheer_button
from bot.views.format import (
    MAX_TEXT_BYTES,
    Block,
    Message,
    Names,
    actions,
    button,
    cheered_by,
    context,
    message,
    name,
    section,
)
from bot.views.permalinks import message_url
from bot.views.translations import Translations
from bot.views.win_buttons import climb_buttons
from bot.views.win_line import DETAILS, Detail, extras, what, whose

JOIN = "join_win"


def announcement(t: Translations, win: Win, names: Names, *, key: str, permalink: Callable[[str, str], str]) -> Message:
    """Announce a win; `key` is the value of its buttons. It is as detailed as Slack allows in an update.

    The win is cheered by those who pressed Cheer: Slack shows reactions under the message.
    """
    for detail in DETAILS:
        marked, plain = _headline(t, win, names, detail)
        cheers = cheered_by(t, win.cheered_by, names, limit=detail.cheerers)
        details = [each for each in (*_details(t, win, names, permalink, detail), cheers) if each]
        text = " · ".join([plain, *details])
        if len(text.encode()) <= MAX_TEXT_BYTES:
            break
    footer = [context(" · ".join(details))] if details else []
    return message(text, [section(marked), *footer, _buttons(t, win, names, key)])


def _headline(t: Translations, win: Win, names: Names, detail: Detail) -> tuple[str, str]:
    """Return whose win it is and what happened, in Slack's marks and without."""
    people, text = whose(t, win, names, detail), what(t, win, names, detail)
    if win.kind is WinKind.LEARNING:
        marked = t.gettext(":seedling: *{people} learned:* {text}", people=people, text=text)
        return marked, t.gettext("{people} learned: {text}", people=people, text=text)
    marked = t.gettext(":sparkles: *{author}:* {text}", author=people, text=text)
    return marked, t.gettext("{author}: {text}", author=people, text=text)


def _details(
    t: Translations, win: Win, names: Names, permalink: Callable[[str, str], str], detail: Detail
) -> list[str]:
    details = extras(t, win, names, detail)
    # A link into another channel would tell of that channel, and the message may tell who someone is.
    is_linked = win.source is not None and win.source.channel_id == win.channel_id
    if win.source is not None and is_linked and not any(person.is_unnamed for person in win.everyone):
        label, thread_ts = t.gettext("Original message"), None if detail.is_bare else win.thread_ts
        url = message_url(permalink, win.source.channel_id, win.source.ts, thread_ts=thread_ts)
        details.append(f"<{url}|{label}>")
    return details


def _buttons(t: Translations, win: Win, names: Names, key: str) -> Block:
    named = [person for person in win.whose if not person.is_unnamed]
    people = t.join_and([name(t, person, names) for person in named[:MAX_PEOPLE]]) if named else ""
    join_label = t.gettext("I was part of this: a teammate's win")
    if named:
        join_label = t.gettext("I was part of this: {author}'s win", author=people)
    join = button(t.gettext("I was part of this"), action_id=JOIN, value=key, accessibility_label=join_label)
    return actions(cheer_button(t, win, names, key=key), join, *climb_buttons(t, win))
