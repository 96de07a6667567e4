"""How much room a win takes in a message at most, however many cheer later and whatever people are called then."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import NamedTuple

from bot.domain.markup import find_short_urls, url_token, with_names, with_tokens_for_names
from bot.domain.wins import Mention, Win, WinKind

MAX_WIN_BYTES = 2560
"""The most bytes of a win's text with the current names; a longer one gets the names that were typed."""
MAX_NAME_LENGTH = 40
"""The most characters of a name in a message."""
MAX_PEOPLE = 3
"""The most people that a message names together of those who belong to a win; the others are counted."""

# What a view puts around names and texts, in bytes at most.
_NAME_PADDING = 12  # an ellipsis and marks of direction, or "Someone" instead of an empty name
_LINE_MARKS = 16  # the bullet, the asterisks and the colon of the author, marks of direction around the text
_CHEER_WORDS = 30  # "Cheered by ..., and 12345 others"
_CHEER_COUNT = 36  # "Cheered by 12345 people", and what separates it from the permalink
_PERMALINK = 110  # the address, its label, and what separates it
_IN_THREAD = 52  # "?thread_ts=1900000000.000001&amp;cid=C0123456789" in the address
_TEAMMATES = "1234 teammates"
"""At least as long as what stands in place of someone who is unnamed, or of several."""
_PEOPLE_WORDS = 16  # "Thanks to ...:", and what separates it
_MORE_PEOPLE = 24  # ", ", " and " and ", and 12345 others"
_LEARNED = 20  # ":seedling: *... learned:*"
_CLIMB_WORDS = 80  # "Step 123 of “...” · :checkered_flag: Climb reached", marks of direction, and what separates it
_LINK_WORDS = 60  # "<", "|", "&gt;" and the host that labels an address, and what separates it
_BLOCKS = 365  # the JSON of a win's blocks: its text, its button with a key and an id, and the line below

_NOTE = 240  # "A note from ...: ", with a long name
_NOTE_BLOCK = 120  # the JSON of its block


class Size(NamedTuple):
    """How much room something takes: bytes of a message's text, and characters of its blocks as JSON."""

    text: int
    blocks: int

    def fits(self, room: "Size") -> bool:
        """Whether there is room for it."""
        return self.text <= room.text and self.blocks <= room.blocks

    def plus(self, other: "Size") -> "Size":
        """Return the size of both together."""
        return Size(self.text + other.text, self.blocks + other.blocks)

    def minus(self, other: "Size") -> "Size":
        """Return what is left of this room."""
        return Size(self.text - other.text, self.blocks - other.blocks)


NOTHING = Size(0, 0)


def total(sizes: Iterable[Size]) -> Size:
    """Return the size of all together."""
    return reduce(Size.plus, sizes, NOTHING)


def win_size(win: Win, names: Mapping[str, str]) -> Size:
    """Return an upper bound of the room that a win takes in a roundup, with `names` as in `max_line_bytes`."""
    line_bytes = max_line_bytes(win, names)
    return Size(line_bytes, _BLOCKS + line_bytes + _json_escapes(win, names))


def note_size(note: str | None) -> Size:
    """Return an upper bound of the room that a note of someone takes at the top of a roundup."""
    if not note:
        return NOTHING
    text = _escaped_bytes(note) + 2 * (note.count(":") + note.count("`")) + _NOTE
    return Size(text, text + json_length(note) - len(note) + _NOTE_BLOCK)


def _json_escapes(win: Win, names: Mapping[str, str]) -> int:
    """Return how many characters JSON adds to a win's text, names and the rest."""
    longest = {each: _longest_name(each, names) + (each.name or "") for each in (win.author, *win.everyone)}
    named = _with_names(win.text, win, longest) + _with_names(win.reason or "", win, longest)
    texts = [named, *longest.values(), win.climb.name if win.climb else "", win.url or "", *win.tags]
    texts += [names.get(user_id, "") for user_id in win.cheered_by.first]
    return sum(json_length(text) - len(text) for text in texts)


def json_length(value: object) -> int:
    """Return the characters of a value as compact JSON; a text without its quotation marks."""
    length = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return length - 2 if isinstance(value, str) else length


def max_line_bytes(win: Win, names: Mapping[str, str]) -> int:
    """Return an upper bound of the bytes of a win's line in a roundup, however a view words it.

    `names` are the names that Slack gives, by user id. Whatever people are called later, whether they are named and
    however many cheer, the line fits with the names that were typed and without those who cheered. Tests in tests/views
    hold the views to it.
    """
    typed = {win.author: _typed_name(win.author)} | {each: _or_teammates(_typed_name(each)) for each in win.everyone}
    current = {each: _longest_name(each, names) for each in typed}
    current |= {each: _or_teammates(current[each]) for each in win.everyone}
    longest = {each: max(typed[each], current[each], key=_escaped_bytes) for each in typed}
    text = max(_text_bytes(win, typed), min(_text_bytes(win, current) + _link_bytes(win), MAX_WIN_BYTES))
    cheers = max(_CHEER_COUNT, _cheer_bytes(win, names))
    heading = _LINE_MARKS + _list_bytes(win.whose, longest) + (_LEARNED if win.kind is WinKind.LEARNING else 0)
    link = _PERMALINK + (_IN_THREAD if win.thread_ts else 0)
    return heading + link + text + cheers + _belongings_bytes(win, longest)


def _belongings_bytes(win: Win, names: Mapping[Mention, str]) -> int:
    """Return an upper bound of the bytes of a win's people, tags and link that aren't in its text."""
    groups = (win.others, win.thanked, (win.author,) if win.is_saved_by_another else ())
    size = sum(_PEOPLE_WORDS + _list_bytes(people, names) for people in groups if people)
    size += _reason_bytes(_with_names(win.reason, win, names)) if win.reason else 0
    size += _LINK_WORDS + _escaped_bytes(url_token(win.added_url)) if win.added_url else 0
    size += _CLIMB_WORDS + _reason_bytes(win.climb.name) if win.climb else 0
    return size + sum(len(" #") + _escaped_bytes(tag) for tag in win.added_tags) + len(" · ")


def _reason_bytes(reason: str) -> int:
    return _escaped_bytes(reason) + 2 * (reason.count(":") + reason.count("`")) + _NAME_PADDING


def _list_bytes(people: Sequence[Mention], names: Mapping[Mention, str]) -> int:
    """Return an upper bound of the bytes of a list of people."""
    sizes = sorted((_escaped_bytes(names[person]) for person in people), reverse=True)
    return sum(sizes[:MAX_PEOPLE]) + (_MORE_PEOPLE if len(sizes) > 1 else 0)


def _cheer_bytes(win: Win, names: Mapping[str, str]) -> int:
    """Return an upper bound of the bytes of the line that names those who cheered."""
    cheerers = [_longest_name(Mention(user_id), names) for user_id in win.cheered_by.first]
    return _CHEER_WORDS + sum(_escaped_bytes(name) + len(", and ") for name in cheerers) if cheerers else 0


def _text_bytes(win: Win, names: Mapping[Mention, str]) -> int:
    text = _with_names(win.text, win, names)
    # "<" and ">" around an address, and what breaks up "```".
    return _escaped_bytes(text) + 2 * (text.count(":") + text.count("`"))


def _with_names(text: str, win: Win, names: Mapping[Mention, str]) -> str:
    """Return a text with names also where people are only named, since that is hidden for those who are unnamed."""
    tokens = with_tokens_for_names(text, {person.user_id: person.name or "" for person in win.everyone})
    return with_names(tokens, {person.user_id: names[person] for person in win.everyone})


def _link_bytes(win: Win) -> int:
    """Return the bytes that links need beside the addresses that were typed without "http://"."""
    return sum(_escaped_bytes(url) + len("<|>") for url in find_short_urls(win.text))


def _typed_name(person: Mention) -> str:
    """Return a text at least as long as what a view makes of a typed name, or of a name as long as the id."""
    return _longest_name(person, {}) if person.name_in({}) else "&" * len(person.user_id)


def _or_teammates(name: str) -> str:
    return max(name, _TEAMMATES, key=_escaped_bytes)


def _longest_name(person: Mention, names: Mapping[str, str]) -> str:
    """Return a text at least as long as what a view makes of a name."""
    text = person.name_in(names) or ""
    is_kept = text.isascii() and text.strip() and len(text) <= MAX_NAME_LENGTH
    return text if is_kept else text + " " * _NAME_PADDING


def _escaped_bytes(text: str) -> int:
    return len(text.encode()) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
