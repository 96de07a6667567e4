"""A word finds its regular forms, whichever of them is typed."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.word_forms import word_forms

FAMILIES = [
    ("ship", "ships", "shipped", "shipping"),
    ("deploy", "deploys", "deployed", "deploying"),
    ("fix", "fixes", "fixed", "fixing"),
    ("release", "releases", "released", "releasing"),
    ("retry", "retries", "retried", "retrying"),
    ("build", "builds", "building"),
    ("test", "tests", "tested", "testing"),
    ("call", "calls", "called", "calling"),
]


@pytest.mark.parametrize(("typed", "written"), [pair for family in FAMILIES for pair in permutations(family, 2)])
def test_each_form_finds_the_others(typed: str, written: str) -> None:
    assert written in word_forms(typed)


@pytest.mark.parametrize("word", ["検索", "v2", "a", "ci", "3", "cafe\u0301", "x" * 64])
def test_other_words_have_one_form(word: str) -> None:
    assert word_forms(word) == [word]


@pytest.mark.parametrize(("typed", "written"), [("less", "les"), ("red", "r"), ("ping", "p"), ("bus", "bu")])
def test_a_short_rest_is_no_word(typed: str, written: str) -> None:
    assert written not in word_forms(typed)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=30))
def test_forms_are_few_and_begin_with_the_word(word: str) -> None:
    forms = word_forms(word)
    assert forms[0] == word
    assert len(set(forms)) == len(forms) <= 30
