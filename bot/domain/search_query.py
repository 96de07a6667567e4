"""Reads what someone searches for: words, tags, people, channels and periods, in any order.

    flaky "last week" #quality from @ana in #product since March

What is between quotation marks is words. Slack sends a chosen person or channel as a token with its id; one that was
only typed has a name, which the caller looks up.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum, auto
from itertools import takewhile
from typing import Any

from bot.domain.search_periods import Period, read_period
from bot.domain.search_terms import channel_term, person_term, readable, tag_term, terms_of_text
from bot.domain.tags import find_tags
from bot.domain.text import is_visible
from bot.domain.typed_dates import NoSuchDate
from bot.domain.word_forms import word_forms

_ANY_DAY = date(2000, 1, 3)
_MAX_WORDS = 2
_MAX_FURTHER_NAMES = 2
"""The most words after a typed name that may belong to it: "@Ana Maria Lopez"."""
MAX_LENGTH = 300
"""The most characters of a search; a person or a channel counts as its name."""

_PERSON = r"<@(?P<user>\w+)>(?:['\u2019]s\b)?"
_CHANNEL = r"<#(?P<channel>\w+)(?:\|(?P<label>[^<>|]*))?>"
_QUOTED = r"[\"\u201c\u201d\u201e](?P<quoted>[^\"\u201c\u201d\u201e]*)(?:[\"\u201c\u201d\u201e]|$)"
_PIECE = re.compile(rf"{_QUOTED}|{_PERSON}|{_CHANNEL}|(?P<word>[^\s<\"\u201c\u201d\u201e]+|<)")
_MODIFIER = re.compile(r"(in|from|by|with|before|after|since|until|during|on):(?=\S|$)", re.IGNORECASE)
"""As in Slack's own search: "in:#product", "from:@ana"."""
_NAME_END = re.compile(r"(?:['\u2019]s)?[.,;:!?]*$", re.IGNORECASE)
"""What stands after a typed name and isn't part of it."""
_BEFORE_PERSON = frozenset({"from", "by", "with", "of", "to"})
_BEFORE_CHANNEL = frozenset({"in"})


class UnclearSearch(Exception):
    """A search that says nothing that can be looked for. `text` is what was typed, for people to read."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


class LongSearch(UnclearSearch):
    """A search of more than `MAX_LENGTH` characters."""


@dataclass(frozen=True)
class SearchQuery:
    """What is searched for. A win has to have all of it.

    `people` and `channels` are ids, `names` of people and `channel_names` are still to be looked up. A channel's id in
    `channels_or_tags` stands for the channel or the tag of the same name: Slack makes no difference. `words_after` has,
    for each of the `names`, those of the words that follow it, which may be the rest of that name.
    """

    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    channel_names: tuple[str, ...] = ()
    channels_or_tags: tuple[tuple[str, str], ...] = ()
    period: Period = field(default_factory=Period)
    words_after: Mapping[str, Sequence[str]] = field(default_factory=dict, compare=False)

    @property
    def full_names(self) -> list[str]:
        """What may be full names: each name with one or more of the words after it."""
        return [full_name for name in self.words_after for full_name, _ in self._full_names(name)]

    def with_full_names(self, known: Collection[str]) -> "SearchQuery":
        """Return the search with the longest `known` of its full names in place of each name and the words after it."""
        query = self
        for name in self.words_after:
            full_name, words = next((each for each in self._full_names(name) if each[0] in known), (name, ()))
            names = [full_name if each == name else each for each in query.names]
            rest = [word for word in query.words if word not in words]
            query = replace(query, names=tuple(dict.fromkeys(names)), words=tuple(rest))
        return query

    def _full_names(self, name: str) -> list[tuple[str, Sequence[str]]]:
        """Return what may be a full name that begins with a name, and the words in it, the longest first."""
        words = self.words_after[name]
        starts = [words[:count] for count in range(len(words), 0, -1)]
        return [(_NAME_END.sub("", " ".join([name, *start])), start) for start in starts]

    @property
    def terms(self) -> list[list[str]]:
        """The terms of all that needs no looking up: a win has one of each list."""
        return [
            *(word_forms(term) for word in self.words for term in terms_of_text(readable(word, {}), is_query=True)),
            *([tag_term(tag)] for tag in self.tags),
            *([person_term(user_id)] for user_id in self.people),
            *([channel_term(channel_id)] for channel_id in self.channels),
            *([channel_term(channel_id), tag_term(tag)] for channel_id, tag in self.channels_or_tags),
        ]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is searched for."""
        return not (self.terms or self.names or self.channel_names or self.period != Period())


def looks_like_search(text: str) -> bool:
    """Whether what follows the word "search" is more likely a search than the rest of a sentence.

    Someone who searches types a word or two, and perhaps people, tags, channels and a period.
    """
    try:
        return len(read_query(text, today=_ANY_DAY).words) <= _MAX_WORDS
    except (UnclearSearch, NoSuchDate):
        return len(text.split()) <= _MAX_WORDS


def read_query(typed: str, *, today: date) -> SearchQuery:
    """Read a search; people and channels are tokens in it, `<@U1>` and `<#C1|name>`.

    Raises UnclearSearch if it is empty, LongSearch, or NoSuchDate for a date that can't be read.
    """
    if len(typed) > 2 * MAX_LENGTH:
        raise LongSearch(typed)
    pieces = list(_pieces(typed))
    found: defaultdict[str, list[Any]] = defaultdict(list)
    period = Period()
    words_after: dict[str, list[str]] = {}
    last_name: str | None = None
    position = 0
    while position < len(pieces):
        if read := _read_period(pieces[position:], today):
            period = period.within(read[0])
            position += read[1]
            last_name = None
            continue
        introduction = ""
        if _introduces(*pieces[position : position + 2]):
            introduction = pieces[position].text.casefold()
            position += 1
        name, values = _read_piece(pieces[position], introduction)
        found[name] += values
        is_word = name == "words" and pieces[position].kind is _Kind.WORD
        if is_word and last_name is not None and len(words_after.setdefault(last_name, [])) < _MAX_FURTHER_NAMES:
            words_after[last_name] += values
        else:
            last_name = values[0] if name == "names" and values else None
        position += 1
    query = SearchQuery(
        **{name: tuple(dict.fromkeys(values)) for name, values in found.items()}, period=period, words_after=words_after
    )
    if query.is_empty:
        raise UnclearSearch(typed)
    return query


class _Kind(Enum):
    QUOTED = auto()
    PERSON = auto()
    NAME = auto()
    CHANNEL = auto()
    TAG = auto()
    WORD = auto()


@dataclass(frozen=True)
class _Piece:
    kind: _Kind
    text: str
    label: str = ""


def _pieces(typed: str) -> Iterator[_Piece]:
    for match in _PIECE.finditer(typed):
        if match["quoted"] is not None:
            yield _Piece(_Kind.QUOTED, match["quoted"])
        elif match["user"]:
            yield _Piece(_Kind.PERSON, match["user"])
        elif match["channel"]:
            yield _Piece(_Kind.CHANNEL, match["channel"], match["label"] or "")
        else:
            yield from _of_word(match["word"])


def _of_word(word: str) -> Iterator[_Piece]:
    if modifier := _MODIFIER.match(word):
        yield _Piece(_Kind.WORD, modifier[1], ":")
        word = word[modifier.end() :]
    if not word:
        return
    if word[0] in "@＠" and terms_of_text(word):
        yield _Piece(_Kind.NAME, _NAME_END.sub("", word[1:]))
    elif find_tags(word) and word[0] in "#＃":
        yield _Piece(_Kind.TAG, word)
    else:
        yield _Piece(_Kind.WORD, word)


def _read_period(pieces: Sequence[_Piece], today: date) -> tuple[Period, int] | None:
    words = [piece.text for piece in takewhile(lambda piece: piece.kind is _Kind.WORD, pieces)]
    return read_period(words, today) if words else None


def _introduces(piece: _Piece, following: _Piece | None = None) -> bool:
    """Whether a word says what the next piece is: "from" @ana, "in" #product."""
    if piece.kind is not _Kind.WORD or following is None:
        return False
    word = piece.text.casefold()
    if piece.label and following.kind is _Kind.WORD:  # "from:ana", "in:product"
        return word in _BEFORE_PERSON or word in _BEFORE_CHANNEL
    if following.kind in (_Kind.PERSON, _Kind.NAME):
        return word in _BEFORE_PERSON
    is_channel = following.kind in (_Kind.CHANNEL, _Kind.TAG) or following.text[:1] in ("#", "＃")
    return is_channel and word in _BEFORE_CHANNEL


def _read_piece(piece: _Piece, introduction: str) -> tuple[str, Sequence[Any]]:
    """Return the field of a SearchQuery that a piece belongs to, and what it adds to it."""
    match piece.kind:
        case _Kind.PERSON | _Kind.NAME:
            return "people" if piece.kind is _Kind.PERSON else "names", _if_visible(piece.text)
        case _Kind.CHANNEL if piece.label and not introduction:
            return "channels_or_tags", [(piece.text, piece.label)]
        case _Kind.CHANNEL:
            return "channels", [piece.text]
        case _ if introduction:
            name = _NAME_END.sub("", piece.text.lstrip("#＃"))
            return "channel_names" if introduction in _BEFORE_CHANNEL else "names", _if_visible(name)
        case _Kind.TAG:
            return "tags", find_tags(piece.text)
        case _:
            return "words", [piece.text] if terms_of_text(piece.text) else []


def _if_visible(name: str) -> list[str]:
    """Return a name in a list; an empty list for one that shows nothing, as in "from:..."."""
    return [name] if is_visible(name) else []
