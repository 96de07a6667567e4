"""The terms under which a win is found: its words, tags, people, channel and workspace.

Both databases index these terms and nothing else, so that both find the same. A term is a word in a folded form, or an
id or a tag behind a sign that no word has. None contains a space, a quotation mark, a backslash or a colon.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import regex

from bot.domain.markup import with_names, without_people
from bot.domain.wins import Mention, Win

MAX_TERM_LENGTH = 64
"""Characters of a term; the rest of a longer word is left out of the index, and of what is searched for."""
MARKS = "#@/+_"
"""The ASCII signs that are part of terms, beside letters and digits."""

# Letters with a stroke and the like, which Unicode doesn't decompose.
PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th", "æ": "ae", "œ": "oe"}
)
_APOSTROPHES = str.maketrans(dict.fromkeys("'\u2018\u2019\u02bb\u02bc\u00b4`"))
# The accents of European scripts, the vowel points of Hebrew and Arabic, what is invisible, and variants of emoji.
_DROPPED = regex.compile(
    r"[\u0300-\u036f]|(?=\p{M})[\p{Hebrew}\p{Arabic}\u064b-\u065f]|\p{Default_Ignorable_Code_Point}"
)
# Scripts that are written without spaces between words, and Korean, whose particles are part of the word.
_UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
    r"\u3005-\u3007\u30fc"
)
_PIECE = regex.compile(
    rf"(?P<unspaced>(?:(?=[\p{{L}}\p{{M}}\p{{N}}])[{_UNSPACED}])+)"
    rf"|(?P<word>(?:(?![{_UNSPACED}])[\p{{L}}\p{{M}}\p{{N}}])+)"
    r"|(?P<emoji>\p{Extended_Pictographic}|\p{Regional_Indicator}{2})"
)
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_NOT_IN_TAG = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_PERSON = re.compile(r"<@\w+>")
_SCHEME = regex.compile(r"\bhttps?://", regex.IGNORECASE)


def fold(text: str) -> str:
    """Return `text` without its case, accents, apostrophes and differences of width."""
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "")
    text = unicodedata.normalize("NFKD", text.casefold()).casefold().translate(_APOSTROPHES)
    return unicodedata.normalize("NFC", _DROPPED.sub("", text)).translate(PLAIN_LETTERS)


def terms_of_text(text: str, *, is_query: bool = False) -> list[str]:
    """Return the terms of the words in `text`, each once.

    Where words aren't separated, each character is a term, and each two of them in a row. A query needs only the pairs.
    """
    folded = fold(text)
    if folded.isascii():
        words: Iterable[str] = _ASCII_WORD.findall(folded)
    else:
        words = _pieces(folded, is_query=is_query)
    return list(dict.fromkeys(word[:MAX_TERM_LENGTH] for word in words))


def _pieces(folded: str, *, is_query: bool) -> Iterator[str]:
    for match in _PIECE.finditer(folded):
        run = match["unspaced"]
        if run is None:
            yield match[0]
            continue
        if len(run) == 1 or not is_query:
            yield from run
        yield from map("".join, pairwise(run))


def tag_term(tag: str) -> str:
    """Return the term of a tag, which is given without "#"."""
    folded = fold(tag)
    if not folded.isalnum():
        folded = _NOT_IN_TAG.sub("_", folded).strip("_")
    return f"#{folded}"[:MAX_TERM_LENGTH]


def person_term(user_id: str) -> str:
    """Return the term of a person: the author, or someone whom the win names."""
    return f"@{user_id}"


def channel_term(channel_id: str) -> str:
    """Return the term of a channel."""
    return f"/{channel_id}"


def team_term(team_id: str) -> str:
    """Return the term of a workspace."""
    return f"+{team_id}"


def terms_of_win(
    text: str,
    *,
    team_id: str,
    channel_id: str | None,
    author_id: str,
    people: Iterable[Mention] = (),
    former: Iterable[Mention] = (),
    tags: Iterable[str] = (),
    url: str | None = None,
    reason: str | None = None,
) -> list[str]:
    """Return the terms of a win, each once. `people` are all who are in it, and only the text names the `former`.

    It has tokens of both.
    """
    people, tags = list(people), list(tags)
    names = {person.user_id: name for person in (*people, *former) if (name := person.name_in({}))}
    words = [readable(text, names), *tags, *filter(None, [reason])]
    if url is not None and url not in text:
        words.append(_SCHEME.sub("", url))
    others = [
        *map(tag_term, tags),
        person_term(author_id),
        *(person_term(person.user_id) for person in people),
        *([] if channel_id is None else [channel_term(channel_id)]),
        team_term(team_id),
    ]
    return list(dict.fromkeys([*terms_of_text(" ".join(words)), *others]))


def terms_without_unnamed(win: Win) -> list[str]:
    """Return the terms of a stored win without the names of people who are unnamed in it."""
    unnamed = {person.user_id: person.name or "" for person in win.everyone if person.is_unnamed}

    def hidden(text: str) -> str:
        return without_people(text, unnamed, lambda *_: " ") if unnamed else text

    return terms_of_win(
        hidden(win.text),
        team_id=win.team_id,
        channel_id=win.channel_id,
        author_id=win.author.user_id,
        people=[person for person in win.people if not person.is_unnamed],
        former=[person for person in win.former if not person.is_unnamed],
        tags=win.tags,
        url=win.url,
        reason=hidden(win.reason or ""),
    )


def readable(text: str, names: Mapping[str, str]) -> str:
    """Return the text of a win as it is searched: people as their names, addresses without "https://"."""
    if "<" in text:
        text = _PERSON.sub(" ", with_names(text, names))
    return _SCHEME.sub(" ", text) if "://" in text else text
