"""Finds the tags in a text: `#` and a whole word, in any script."""

import unicodedata

import regex

# Signs that stand within words: of Catalan, Hebrew, Tibetan, Japanese and, first, of all that use hyphens.
_WITHIN_WORDS = r"\-\u00b7\u05be\u05f3\u05f4\u0f0b\u0f0c\u301c\u3003\u309b\u309c\u30a0\u30fb\uff5e"
# So do an apostrophe, except the one of "#team's", and the quotation mark of Hebrew initials.
_BETWEEN_LETTERS = r"['\u2018\u2019](?=\p{L})(?![sS]\b)|(?<=\p{Hebrew})\"(?=\p{Hebrew})"
_INVISIBLE = r"\p{Default_Ignorable_Code_Point}"
_TAG = regex.compile(rf"(?<![\w#＃&/])[#＃]([\p{{L}}\p{{N}}_](?:[\w{_INVISIBLE}{_WITHIN_WORDS}]|{_BETWEEN_LETTERS})*)")
_LETTER = regex.compile(r"[\p{L}\p{Nl}]")
_JOINERS = r"\u200c\u200d"
_DROPPED = regex.compile(rf"(?![{_JOINERS}]){_INVISIBLE}|[{_JOINERS}{_WITHIN_WORDS}]+$")

_OTHER_WIDTH = regex.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc]+")
"""Letters and digits of Japanese and Korean keyboards, wider or narrower than the usual ones."""
# "İ" in lower case would be an "i" with two dots.
_ONE_SIGN = str.maketrans("İ\u2018\u2019", "i''")


def find_tags(text: str) -> tuple[str, ...]:
    """Return the tags in the order they were written, in lower case; "#123" is taken for a ticket, not a tag."""
    if not ("#" in text or "＃" in text):
        return ()
    tags = (_normal_form(tag) for tag in _TAG.findall(text))
    return tuple(dict.fromkeys(tag for tag in tags if tag.isalpha() or _LETTER.search(tag)))


def _normal_form(tag: str) -> str:
    """Return the form that is the same for every way of typing a tag."""
    if tag.isascii():
        return tag.lower().rstrip("-")
    tag = _OTHER_WIDTH.sub(lambda letters: unicodedata.normalize("NFKC", letters[0]), tag)
    tag = unicodedata.normalize("NFC", tag).translate(_ONE_SIGN).lower()
    return unicodedata.normalize("NFC", _DROPPED.sub("", tag))
