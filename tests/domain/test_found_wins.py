"""The pages of a search lead to older wins, and back again."""

import pytest

from bot.domain.found_wins import MAX_ENCODED_LENGTH, SearchPage
from tests.team import MONDAY

NEWEST = int(MONDAY.timestamp()) << 24
"""A position as the index has it."""


def read_again(page: SearchPage) -> SearchPage:
    """A page as a button carries it."""
    encoded = page.to_json()
    assert len(encoded) <= MAX_ENCODED_LENGTH
    return SearchPage.from_json(encoded)


@pytest.mark.parametrize(("typed", "count"), [("build", 100), ("緑" * 600, 70)])
def test_who_has_turned_many_pages_can_turn_them_back_one_by_one(typed: str, count: int) -> None:
    page = SearchPage(typed)
    visited = [page]
    for number in range(count):
        page = read_again(page.older(NEWEST - number))
        visited.append(page)
    for earlier in reversed(visited[:-1]):
        page = read_again(page.newer())
        assert page == earlier
    assert page.before is None


def test_after_so_many_pages_that_a_button_holds_no_more_the_last_ones_count() -> None:
    page = SearchPage('"' * 600)
    for number in range(300):
        page = read_again(page.older(NEWEST - number))
    assert page.before == NEWEST - 299
    assert page.newer().before == NEWEST - 298
