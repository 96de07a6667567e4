"""How a message shows a win: whose it is, what happened, and who and what belongs to it.

The announcement, the roundup and the lists of wins all take it from here, each with its own marks around it.
"""

from datetime import datetime
from typing import NamedTuple

from bot.domain.text import on_one_line
from bot.domain.win_size import MAX_PEOPLE
from bot.domain.wins import MAX_CHEERERS, ClimbOfWin, Draft, Win, WinKind
from bot.views.format import Names, channel, escape, link, list_people, name, neutralise, win_text, win_text_as_typed
from bot.views.teammates import without_unnamed
from bot.views.translations import Translations
from bot.views.waiting import held_in_list


class Detail(NamedTuple):
    """How much of a win there is room for: how many of those who cheered are named, and whether only what was entered
    with the win is shown, as it was typed.
    """

    cheerers: int = MAX_CHEERERS
    is_bare: bool = False

    @property
    def people(self) -> int:
        """How many people are named together."""
        return 1 if self.is_bare else min(MAX_PEOPLE, max(self.cheerers, 1))


FULL = Detail()
DETAILS = (*map(Detail, range(MAX_CHEERERS, -1, -1)), Detail(0, is_bare=True))
"""The most detailed first. Cheers, new names and people who join may come after the post; the last one fits all the
same, because `max_line_bytes` counts with it.
"""
MAX_BARE_REASON_BYTES = 250
"""The most bytes of the reason of a thanks in a message with little room."""


def whose(t: Translations, win: Win, names: Names, detail: Detail = FULL) -> str:
    """Return the names of those whose win it is, escaped, for the start of a line."""
    return list_people(t, win.whose, names, limit=detail.people, as_typed=detail.is_bare, is_at_start=True)


def what(t: Translations, win: Win, names: Names, detail: Detail = FULL) -> str:
    """Return the text of a win, escaped."""
    return win_text_as_typed(t, win, names) if detail.is_bare else win_text(t, win, names)


def headline(t: Translations, win: Win, names: Names, detail: Detail = FULL) -> str:
    """Return whose win it is and what happened, in Slack's marks."""
    people, text = whose(t, win, names, detail), what(t, win, names, detail)
    if win.kind is WinKind.LEARNING:
        return t.gettext(":seedling: *{people} learned:* {text}", people=people, text=text)
    return t.gettext("*{author}:* {text}", author=people, text=text)


def where(t: Translations, win: Win, *, now: datetime) -> str:
    """Return for its author the channel that a win is shared in, or that it is private, or that it waits."""
    if held := held_in_list(t, win, now=now):
        return held
    if win.is_private or win.channel_id is None:
        return t.gettext(":lock: Private")
    return channel(win.channel_id)


def extras(t: Translations, win: Win, names: Names, detail: Detail = FULL, *, names_author: bool = True) -> list[str]:
    """Return who and what belongs to a win and isn't in its text, escaped: people, thanks, tags, link, climb, author.

    The author is left out if it is they who read it.
    """
    parts = [
        _others(t, win, names, detail),
        thanks(t, win, names, detail),
        "" if detail.is_bare else " ".join(f"#{escape(tag)}" for tag in win.added_tags),
        "" if detail.is_bare or win.added_url is None else link(win.added_url),
        "" if detail.is_bare else step_of(t, win.climb),
    ]
    if win.is_saved_by_another and names_author:
        author = list_people(t, [win.author], names, limit=1, as_typed=detail.is_bare)
        parts.append(t.gettext("Shared by {author}", author=author))
    return [part for part in parts if part]


def step_of(t: Translations, climb: ClimbOfWin | None) -> str:
    """Return of which climb a win is a step, escaped, or "" if it is in none."""
    if climb is None:
        return ""
    return t.gettext("A step of “{climb}”", climb=neutralise(on_one_line(climb.name), {}))


def _others(t: Translations, win: Win, names: Names, detail: Detail) -> str:
    joined = {person.user_id for person in win.joined} if detail.is_bare else set()
    people = [person for person in win.others if person.user_id not in joined]
    if not people:
        return ""
    if not detail.cheerers:
        return t.ngettext("With {count} other person", "With {count} other people", len(people))
    return t.gettext("With {people}", people=list_people(t, people, names, limit=detail.people))


def thanks(t: Translations, win: Win | Draft, names: Names, detail: Detail = FULL) -> str:
    """Return "Thanks to Ben: her patience", escaped, or "" if no one is thanked."""
    if not win.thanked:
        return ""
    people = list_people(t, win.thanked, names, limit=detail.people, as_typed=detail.is_bare)
    reason = reason_of(t, win, names, detail)
    if not reason:
        return t.gettext("Thanks to {people}", people=people)
    return t.gettext("Thanks to {people}: {reason}", people=people, reason=reason)


def reason_of(t: Translations, win: Win | Draft, names: Names, detail: Detail = FULL) -> str:
    """Return why people are thanked, escaped, or "" if no reason is given."""
    reason = on_one_line(win.reason or "")
    if not reason:
        return ""
    everyone = win.everyone if isinstance(win, Win) else (*win.credited, *win.thanked)
    labels = {each.user_id: name(t, each, names) for each in everyone}
    max_bytes = MAX_BARE_REASON_BYTES if detail.is_bare else None
    reason = without_unnamed(t, reason, everyone)
    return neutralise(reason, labels, has_short_links=not detail.is_bare, max_bytes=max_bytes)
