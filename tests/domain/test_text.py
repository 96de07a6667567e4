"""What people see of a text, for every character of Unicode."""

import sys
import unicodedata
from collections import defaultdict
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.text import cut, is_visible, on_one_line, words

always_the_same = settings(derandomize=True, database=None, deadline=None)
IGNORABLE = {
    *(0xAD, 0x34F, 0x61C, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x115F, 0x1161),
    *range(0x17B4, 0x17B6),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFF9),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE1000),
}
"""Default_Ignorable_Code_Point, as Unicode's DerivedCoreProperties.txt lists it."""
BLANK = {0x2800, 0xFFFC, 0x13441, 0x13442, 0x1D159, 0x16FE4}
"""Blank by their names and pictures alone."""
WORDS = ["x", "été", "हिन्दी", "日本", "🎉", "👩‍👩‍👧", "❤️", "1️⃣", "🇩🇪", "می‌خواهم", "!"]
SPACES = [chr(number) for number in range(0x3001) if chr(number).isspace()]


@cache
def by_category() -> dict[str, list[str]]:
    """Every character of Unicode."""
    found = defaultdict(list)
    for number in range(sys.maxunicode + 1):
        found[unicodedata.category(chr(number))].append(chr(number))
    return found


@pytest.mark.parametrize("kind", ["Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No"])
def test_letters_and_numbers_are_visible(kind: str, is_deep: bool) -> None:
    invisible, step = IGNORABLE | BLANK, 1 if is_deep or kind != "Lo" else 29  # there are 130,000 of that kind
    shown = [one for one in by_category()[kind][::step] if ord(one) not in invisible]
    assert [ascii(one) for one in shown if not is_visible(one)] == []


@pytest.mark.parametrize("kind", ["Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"])
def test_punctuation_and_symbols_are_visible(kind: str) -> None:
    shown = [one for one in by_category()[kind] if ord(one) not in BLANK]
    assert [ascii(one) for one in shown if not is_visible(one)] == []


@pytest.mark.parametrize("kind", ["Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Mn", "Mc", "Me"])
def test_spaces_controls_and_marks_on_nothing_are_not(kind: str) -> None:
    assert not is_visible("".join(by_category()[kind]))


def test_what_unicode_ignores_and_blanks_are_not_visible() -> None:
    hidden = "".join(map(chr, sorted(IGNORABLE | BLANK)))
    assert not is_visible(hidden)
    assert on_one_line(hidden) == ""
    assert on_one_line(f"{hidden} Ana \u3164Gomez {hidden}") == "Ana \u3164Gomez"


@pytest.mark.parametrize("word", WORDS)
def test_what_is_seen_as_one_word_stays_whole(word: str) -> None:
    assert is_visible(word)
    assert on_one_line(f"\u3164\u200b {word}\t\u2800") == word


@pytest.mark.parametrize("space", [*SPACES, "\u200b", "\ufeff", "\u2800", "\u3164"], ids=ascii)
def test_any_white_space_separates_words(space: str) -> None:
    assert words(f"{space}pause{space}{space}until{space}9 December{space}") == ["pause", "until", "9", "December"]


@always_the_same
@given(st.lists(st.sampled_from(["e\u0301", "क्षि", "👩‍👩‍👧", "x", "각"]), max_size=12), st.integers(0, 40))
def test_a_cut_is_never_within_what_is_seen_as_one_character(characters: list[str], limit: int) -> None:
    start = cut("".join(characters), limit)
    assert len(start) <= limit
    whole = ["".join(characters[:count]) for count in range(len(characters) + 1)]
    assert start in whole or len(characters[0]) > limit
