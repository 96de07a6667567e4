"""The prompts of quiet weeks change."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quiet_weeks import PROMPT_COUNT, choose_prompt


@given(st.dates(date(2025, 1, 1), date(2099, 1, 1)), st.integers(0, PROMPT_COUNT - 1))
def test_a_prompt_is_never_that_of_the_last_quiet_line(day: date, last: int) -> None:
    assert choose_prompt(day, last) != last
    assert 0 <= choose_prompt(day, last) < PROMPT_COUNT


@pytest.mark.parametrize("days", [1, 7, 14, 28])
def test_in_a_row_of_quiet_weeks_every_prompt_has_its_turn(days: int) -> None:
    chosen: list[int] = []
    for line in range(PROMPT_COUNT):
        day = date(2030, 3, 8) + line * timedelta(days=days)
        chosen.append(choose_prompt(day, chosen[-1] if chosen else None))
    assert sorted(chosen) == list(range(PROMPT_COUNT))
