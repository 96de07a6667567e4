"""A button is found by the words on it: what a screen reader says instead has them too, as voice control needs."""

import re

from bot.views.translations import ENGLISH
from tests.views.samples import everything
from tests.views.test_asking_first import buttons


def test_what_a_screen_reader_says_of_a_button_has_the_words_on_it() -> None:
    found = list(buttons(list(everything(ENGLISH))))
    named = [each for each in found if "accessibility_label" in each]
    assert named
    for each in named:
        words = re.sub(r":[a-z_]+:\s*", "", each["text"]["text"])
        assert words.lower() in each["accessibility_label"].lower()
