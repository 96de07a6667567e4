"""The note a day after a roundup: who cheered, credited or thanked someone, and a button to thank someone else."""

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.credit import is_only_thanked, part_in
from bot.domain.credit_notes import Note, ToldChannel, ToldWin
from bot.domain.wins import MAX_CHEERERS, Win, WinKind
from bot.views.credit import if_stopped, stop_or_resume
from bot.views.format import (
    Block,
    Message,
    Names,
    actions,
    button,
    channel,
    cheered_by,
    context,
    escape,
    list_cheerers,
    message,
    name,
    section,
)
from bot.views.permalinks import Permalink, view_message_link
from bot.views.translations import Translations
from bot.views.win_line import DETAILS, Detail, extras, headline, reason_of, what

THANK_SOMEONE = "note_thank_someone"
MAX_BYTES = 3300
"""The most bytes of the lines in a note, which leaves room for what stands around them; what has none is counted."""
MAX_WINS = 10
MAX_CHANNELS = 3
"""The most channels that a note names in its title, and whose roundups it says to be cheered as a whole."""


def credit_note(t: Translations, note: Note, names: Names, *, key: str, permalink: Permalink) -> Message:
    """Tell someone what came of the wins that they are in, first what came; `key` is the value of the buttons."""
    lines = _Lines(t, note, names, permalink)
    told = [(each, win) for each in note.channels for win in each.wins]
    told.sort(key=lambda pair: (pair[1].win.created_at, pair[1].win.id))
    came = lines.of_wins(pair for pair in told if pair[1].brought_something)
    cheers = lines.of_whole_roundups()
    others = lines.of_wins(pair for pair in told if not pair[1].brought_something)
    also = [_also(t, len(others), has_more=bool(came))] if others else []
    more = len(told) - len(came) - len(others)
    closing = [t.ngettext("And {count} more.", "And {count} more.", more)] if more else []
    stopped = if_stopped(t, wants_messages=note.wants_messages)
    title = _title(t, note.channels)
    text = "\n".join([title, *(f"• {each}" for each in came), *cheers, *also])
    text = "\n".join([text, *(f"• {each}" for each in others), *closing, *stopped])
    blocks = [*map(section, [title, *came, *cheers]), *map(context, also), *map(section, others)]
    buttons = [_thank_someone(t, key), stop_or_resume(t, note.wants_messages, key)]
    blocks += [*map(context, [*closing, *stopped]), actions(*buttons)]
    return message(text, blocks)


def _title(t: Translations, channels: tuple[ToldChannel, ...]) -> str:
    shown = [channel(each.channel_id) for each in channels[:MAX_CHANNELS]]
    if len(channels) == 1:
        return t.gettext("*Here's what came back to you from {channel}'s roundup:*", channel=shown[0])
    if len(channels) == len(shown):
        where = t.join_and(shown)
        return t.gettext("*Here's what came back to you from the roundups in {channels}:*", channels=where)
    return t.ngettext(
        "*Here's what came back to you from the roundups in {channels}, and {count} other channel:*",
        "*Here's what came back to you from the roundups in {channels}, and {count} other channels:*",
        len(channels) - len(shown),
        channels=", ".join(shown),
    )


def _also(t: Translations, count: int, *, has_more: bool) -> str:
    if has_more:
        return t.ngettext("You're in this one, too:", "You're in these, too:", count)
    return t.ngettext("You're in this one:", "You're in these:", count)


def _thank_someone(t: Translations, key: str) -> Block:
    spoken = t.gettext("Thank someone: save a win that they made possible")
    return button(t.gettext("Thank someone"), action_id=THANK_SOMEONE, value=key, accessibility_label=spoken)


class _Lines:
    """Makes the lines of a note as long as there is room: each has fewer details if it needs to."""

    def __init__(self, t: Translations, note: Note, names: Names, permalink: Permalink) -> None:
        self._t = t
        self._note = note
        self._names = names
        self._permalink = permalink
        self._room = MAX_BYTES
        self._wins_left = MAX_WINS

    def of_wins(self, told: Iterable[tuple[ToldChannel, ToldWin]]) -> list[str]:
        """Return a line for each of the first wins."""
        lines = []
        for each, win in told:
            where = channel(each.channel_id) if len(self._note.channels) > 1 else ""
            line = self._fitting(self._of_win(win.win, where, detail) for detail in DETAILS)
            if line is None or not self._wins_left:
                break
            self._wins_left -= 1
            self._room -= len(line.encode())
            lines.append(line)
        return lines

    def of_whole_roundups(self) -> list[str]:
        """Return a line for each of the first channels in whose roundup people cheered all wins at once."""
        lines = []
        for each in [each for each in self._note.channels if each.cheered_by][:MAX_CHANNELS]:
            line = self._fitting(self._of_cheers(each, limit) for limit in range(MAX_CHEERERS, 0, -1))
            if line is None:
                line = self._count_of_cheers(each)
            self._room -= len(line.encode())
            lines.append(line)
        return lines

    def _fitting(self, candidates: Iterable[str]) -> str | None:
        return next((line for line in candidates if len(line.encode()) <= self._room), None)

    def _of_win(self, win: Win, where: str, detail: Detail) -> str:
        t, names = self._t, self._names
        is_thanked = any(person.user_id == self._note.user_id for person in win.thanked)
        rest = replace(win, thanked=(), reason=None) if is_thanked else win  # that they are thanked is said first
        details = [
            self._what_its_author_said(win, detail),
            *extras(t, rest, names, detail, names_author=part_in(win, self._note.user_id) is None),
            cheered_by(t, win.cheered_by, names, limit=detail.cheerers),
            where,
            view_message_link(t, win, self._permalink, is_bare=detail.is_bare),
        ]
        footer = " · ".join(filter(None, details))
        return "\n".join(filter(None, [self._headline(win, detail), footer]))

    def _headline(self, win: Win, detail: Detail) -> str:
        """Return whose win it is and what happened; the reader alone is "You"."""
        t, names = self._t, self._names
        if [person.user_id for person in win.whose] != [self._note.user_id]:
            return headline(t, win, names, detail)
        text = what(t, win, names, detail)
        if win.kind is WinKind.LEARNING:
            return t.gettext(":seedling: *You learned:* {text}", text=text)
        return t.gettext("*You:* {text}", text=text)

    def _what_its_author_said(self, win: Win, detail: Detail) -> str:
        """Return how the author put the reader into a win, or "" if they did not."""
        t, user_id = self._t, self._note.user_id
        if part_in(win, user_id) is None:
            return ""
        author = escape(name(t, win.author, self._names))
        if all(person.user_id != user_id for person in win.thanked):
            return t.gettext("{author} credited you", author=author)
        reason = reason_of(t, win, self._names, detail)
        if not is_only_thanked(win, user_id):
            if reason:
                return t.gettext("{author} credited and thanked you: {reason}", author=author, reason=reason)
            return t.gettext("{author} credited and thanked you", author=author)
        if reason:
            return t.gettext("{author} thanked you: {reason}", author=author, reason=reason)
        return t.gettext("{author} thanked you", author=author)

    def _of_cheers(self, each: ToldChannel, limit: int) -> str:
        people = list_cheerers(self._t, each.cheered_by, self._names, limit=limit)
        if len(self._note.channels) == 1:
            return self._t.gettext("{people} cheered the whole roundup.", people=people)
        where = channel(each.channel_id)
        return self._t.gettext("{people} cheered the whole roundup in {channel}.", people=people, channel=where)

    def _count_of_cheers(self, each: ToldChannel) -> str:
        return self._t.ngettext(
            "{count} person cheered the whole roundup in {channel}.",
            "{count} people cheered the whole roundup in {channel}.",
            each.cheered_by.count,
            channel=channel(each.channel_id),
        )
