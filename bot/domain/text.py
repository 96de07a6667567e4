"""What people see of a text: its visible characters, its words, and where it can be cut."""

from functools import lru_cache
from unicodedata import normalize

import regex

_BLANKS = r"\u2800\ufff9-\ufffc\U00013441\U00013442\U00016fe4\U0001d159"
"""Characters that are drawn as nothing, although Unicode doesn't say so by a property."""
_INVISIBLE = rf"\p{{C}}\p{{Z}}\p{{Default_Ignorable_Code_Point}}{_BLANKS}"
# A mark is seen on the character before it. An emoji may be newer than the library's Unicode.
_VISIBLE = regex.compile(rf"\p{{Extended_Pictographic}}|[^{_INVISIBLE}\p{{M}}]")
_GAP = regex.compile(rf"[\s{_INVISIBLE}]+")
_GRAPHEME = regex.compile(r"\X")


def is_visible(text: str) -> bool:
    """Whether the text shows anything."""
    if _is_simple(text):
        return bool(text) and not text.isspace()
    return _VISIBLE.search(text) is not None


def words(text: str) -> list[str]:
    """Return the words of a command, separated by any white space and whatever else shows nothing."""
    if _is_simple(text):
        return text.split()
    return [word for word in _GAP.split(text) if word]


def _is_simple(text: str) -> bool:
    """Whether only spaces in the text show nothing. Most texts are simple, and need no regular expression."""
    return text.isascii() and text.isprintable()


def on_one_line(text: str) -> str:
    """Return `text` with single spaces, without what shows nothing at its start and end."""
    line = " ".join(text.split())
    if line.isascii():
        return line
    graphemes = _GRAPHEME.findall(line)
    visible = [position for position, grapheme in enumerate(graphemes) if is_visible(grapheme)]
    return "".join(graphemes[visible[0] : visible[-1] + 1]) if visible else ""


@lru_cache(maxsize=1024)  # each win is compared with those before it
def in_one_form(text: str) -> str:
    """Return `text` as it is compared: texts in the same words are equal, in whatever case and with whatever spaces."""
    return " ".join(words(normalize("NFKC", text).casefold()))


def cut_bytes(text: str, limit: int) -> str:
    """Return the start of `text`, at most `limit` bytes of UTF-8, without cutting what is seen as one character."""
    start = text.encode()[:limit].decode(errors="ignore")
    return start if len(start) == len(text) else cut(text, len(start))


def cut(text: str, limit: int) -> str:
    """Return the start of `text`, at most `limit` code points, without cutting what is seen as one character."""
    if len(text) <= limit or text.isascii():
        return text[:limit]
    end = 0
    for grapheme in _GRAPHEME.finditer(text):
        if grapheme.end() > limit:
            break
        end = grapheme.end()
    return text[: end or limit]
