"""Web addresses in what somebody wrote."""

import re
from collections.abc import Iterator

_ADDRESS = re.compile(r"https?://[^\s<>|]+")
_PUNCTUATION = ".,;:!?'\""
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def find(text: str) -> Iterator[tuple[int, str]]:
    """Yield each address in `text` with where it starts, without the punctuation of the sentence around it."""
    for found in _ADDRESS.finditer(text):
        address = found[0]
        while _is_around(address):
            address = address[:-1]
        if len(address.partition("://")[2]) > 0:
            yield found.start(), address


def _is_around(address: str) -> bool:
    """Whether the last character is the sentence's: so is a closing bracket, unless it was opened in the address."""
    last = address[-1]
    opening = _BRACKETS.get(last)
    return last in _PUNCTUATION or (opening is not None and address.count(last) > address.count(opening))
