"""How a roundup opens: with a line that is true of its wins, no matter whose they are."""

import re
from itertools import product

import pytest

from bot.domain.roundup_composition import Mood
from bot.views.roundup_opening import openings
from bot.views.translations import ENGLISH


@pytest.mark.parametrize("mood", Mood)
def test_no_opening_speaks_to_several_people_because_all_the_wins_may_be_one_persons(mood: Mood) -> None:
    for is_week, win_count in product((True, False), (1, 12)):
        for line in openings(ENGLISH, mood, is_week=is_week, win_count=win_count):
            assert not re.search(r"\byou('ve)? all\b", line, re.IGNORECASE), line
