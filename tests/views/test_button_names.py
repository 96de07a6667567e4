"""A button is found by the words on it: what a screen reader says instead has them too, as voice control needs."""

import re

import pytest

from tests.views.test_asking_first import all_buttons

pytestmark = pytest.mark.xdist_group("all buttons")  # one process makes them


def test_what_a_screen_reader_says_of_a_button_has_the_words_on_it() -> None:
    named = [each for each in all_buttons() if "accessibility_label" in each]
    assert named
    for each in named:
        words = re.sub(r":[a-z_]+:\s*", "", each["text"]["text"])
        assert words.lower() in each["accessibility_label"].lower()
