"""Finds web addresses in text."""

import re
from collections.abc import Iterator

_URL = re.compile(r"https?://[^\s<>|]+")
_PUNCTUATION = ".,;:!?'\""
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def find_urls(text: str) -> Iterator[tuple[int, str]]:
    """Yield each address in `text` with its position, without trailing punctuation of the sentence."""
    for match in _URL.finditer(text):
        url = match[0]
        while _ends_with_punctuation(url):
            url = url[:-1]
        if len(url.partition("://")[2]) > 0:
            yield match.start(), url


def _ends_with_punctuation(url: str) -> bool:
    """Whether the last character is not part of the address; a closing bracket is if it was opened in the address."""
    last = url[-1]
    opening = _BRACKETS.get(last)
    return last in _PUNCTUATION or (opening is not None and url.count(last) > url.count(opening))
