"""How a roundup opens: with a line that is true of its wins, no matter whose they are."""

import re
from collections import defaultdict
from itertools import product

import pytest

from bot.domain.roundup_composition import Mood
from bot.views.roundup_opening import openings, openings_elsewhere
from bot.views.translations import ENGLISH


@pytest.mark.parametrize("mood", Mood)
def test_no_opening_speaks_to_several_people_because_all_the_wins_may_be_one_persons(mood: Mood) -> None:
    for is_week, win_count in product((True, False), (1, 12)):
        for line in openings(ENGLISH, mood, is_week=is_week, win_count=win_count):
            assert not re.search(r"\byou('ve)? all\b", line, re.IGNORECASE), line


def test_no_line_opens_roundups_of_two_moods_or_twice_those_of_one_so_that_none_comes_twice_running() -> None:
    chosen_as: defaultdict[str, set[tuple[Mood, int]]] = defaultdict(set)
    for mood, is_week, win_count in product(Mood, (True, False), (1, 12)):
        for number, line in enumerate(openings(ENGLISH, mood, is_week=is_week, win_count=win_count)):
            chosen_as[line].add((mood, number))
    assert {line: chosen for line, chosen in chosen_as.items() if len(chosen) > 1} == {}


def test_in_another_channel_each_line_names_the_source_and_speaks_to_no_one_in_it() -> None:
    for win_count in (1, 12):
        lines = [line for mood in Mood for line in openings_elsewhere(ENGLISH, mood, "<#C1>", win_count=win_count)]
        assert len(set(lines)) == len(lines), "none is used for two moods"
        for line in lines:
            assert line.count("<#C1>") == 1
            assert not re.search(r"\byou", line, re.IGNORECASE), line
