"""The prompts of quiet weeks change."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quiet_weeks import PROMPT_COUNT, choose_prompt


@given(st.dates(date(2025, 1, 1), date(2099, 1, 1)), st.integers(0, PROMPT_COUNT - 1))
def test_a_prompt_is_never_that_of_the_last_quiet_line(day: date, last: int) -> None:
    assert choose_prompt(day, last) != last
    assert 0 <= choose_prompt(day, last) < PROMPT_COUNT


def test_in_a_row_of_quiet_weeks_every_prompt_has_its_turn() -> None:
    chosen: list[int] = []
    for week in range(PROMPT_COUNT):
        chosen.append(choose_prompt(date(2030, 3, 8) + timedelta(weeks=week), chosen[-1] if chosen else None))
    assert sorted(chosen) == list(range(PROMPT_COUNT))
