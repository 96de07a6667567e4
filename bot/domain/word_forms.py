"""The forms in which an English word may stand in a text: "ship" also as "ships", "shipped" and "shipping".

They are guessed by the rules of spelling. A form that doesn't exist finds nothing, so it does no harm; irregular forms
are not among them.
"""

import re

_WORD = re.compile(r"[a-z]{3,30}")
_MIN_BASE = 3
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1$")
_DOUBLES = re.compile(r"[^aeiou][aeiou][bdgklmnprt]$")
_CONSONANT_Y = re.compile(r"[^aeiou]y$")


def word_forms(word: str) -> list[str]:
    """Return a folded word and its other forms, the word itself first."""
    if not _WORD.fullmatch(word):
        return [word]
    bases = [word, *(base for base in _bases(word) if len(base) >= _MIN_BASE)]
    return list(dict.fromkeys([*bases, *(form for base in bases for form in _inflected(base))]))


def _bases(word: str) -> list[str]:
    """Return the words that `word` may be a form of."""
    if word.endswith(("ies", "ied")):
        return [f"{word[:-3]}y", word[:-1]]
    for suffix in ("ing", "ed"):
        if word.endswith(suffix):
            stem = word.removesuffix(suffix)
            return [stem, f"{stem}e", *([stem[:-1]] if _DOUBLED.search(stem) else [])]
    if word.endswith("es"):
        return [word[:-1], word[:-2]]
    return [word[:-1]] if word.endswith("s") and not word.endswith("ss") else []


def _inflected(base: str) -> list[str]:
    if _CONSONANT_Y.search(base):
        return [f"{base[:-1]}ies", f"{base[:-1]}ied", f"{base}ing"]
    if base.endswith("e"):
        return [f"{base}s", f"{base}d", f"{base[:-1]}ing"]
    doubled = [f"{base}{base[-1]}ed", f"{base}{base[-1]}ing"] if _DOUBLES.search(base) else []
    return [f"{base}s", f"{base}es", f"{base}ed", f"{base}ing", *doubled]
