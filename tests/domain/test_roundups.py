"""How a roundup is composed: everyone once before anyone twice, no win cut, none lost."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.roundups import OpenWin, in_parts, in_rounds

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
always_the_same = settings(derandomize=True, database=None, deadline=None)

open_wins = st.lists(
    st.builds(
        OpenWin,
        id=st.integers(1, 10**6),
        author_id=st.sampled_from(["ANA", "BEN", "CHLOE", "DMITRI"]),
        created_at=st.integers(0, 50).map(lambda hours: MONDAY + timedelta(hours=hours)),
        cheer_count=st.integers(0, 3),
        max_bytes=st.integers(1, 4000),
    ),
    max_size=40,
    unique_by=lambda win: win.id,
)


def win(number: int, author: str, *, cheers: int = 0, hours: int | None = None, size: int = 100) -> OpenWin:
    at = MONDAY + timedelta(hours=number if hours is None else hours)
    return OpenWin(number, author, at, cheers, size)


def ids(wins: list[OpenWin]) -> list[int]:
    return [win.id for win in wins]


def test_ana_with_three_wins_does_not_hide_ben_with_one() -> None:
    assert ids(in_rounds([win(1, "ANA"), win(2, "ANA"), win(3, "ANA"), win(4, "BEN")])) == [1, 4, 2, 3]


def test_in_each_round_what_nobody_has_cheered_comes_first() -> None:
    told = in_rounds(
        [win(1, "ANA", cheers=5), win(2, "BEN"), win(3, "CHLOE", cheers=1), win(4, "ANA"), win(5, "BEN", cheers=1)]
    )
    assert ids(told) == [2, 1, 3, 4, 5]


def test_a_persons_wins_are_told_in_the_order_they_came_cheered_or_not() -> None:
    assert ids(in_rounds([win(2, "ANA"), win(1, "ANA", cheers=9)])) == [1, 2]


def test_wins_of_one_moment_keep_the_order_in_which_they_were_stored() -> None:
    assert ids(in_rounds([win(3, "BEN", hours=1), win(2, "ANA", hours=1), win(1, "ANA", hours=1)])) == [1, 3, 2]


def test_no_wins_make_no_parts() -> None:
    assert in_rounds([]) == []
    assert in_parts([], max_wins=20, max_bytes=3000) == []


def test_a_win_larger_than_a_part_has_one_of_its_own() -> None:
    told = [win(1, "ANA", size=10), win(2, "BEN", size=5000), win(3, "CHLOE", size=10), win(4, "ANA", size=10)]
    parts = in_parts(told, max_wins=20, max_bytes=3000)
    assert [ids(part) for part in parts] == [[1], [2], [3, 4]]


def test_a_part_takes_what_fits_exactly_and_no_more() -> None:
    told = [win(number, "ANA", size=1000) for number in range(7)]
    assert [len(part) for part in in_parts(told, max_wins=20, max_bytes=3000)] == [3, 3, 1]
    assert [len(part) for part in in_parts(told, max_wins=2, max_bytes=3000)] == [2, 2, 2, 1]


@always_the_same
@given(open_wins)
def test_everyone_is_told_once_before_anyone_is_told_twice(wins: list[OpenWin]) -> None:
    told = in_rounds(wins)
    assert Counter(ids(told)) == Counter(ids(wins)), "each win once"
    total = Counter(win.author_id for win in wins)
    so_far: Counter[str] = Counter()
    for win in told:
        so_far[win.author_id] += 1
        waiting = [
            author for author, number in total.items() if so_far[author] < min(number, so_far[win.author_id] - 1)
        ]
        assert not waiting, f"{win.author_id} came {so_far[win.author_id]} times before {waiting}"


@always_the_same
@given(open_wins)
def test_within_a_round_the_unseen_come_first_and_then_the_older(wins: list[OpenWin]) -> None:
    so_far: Counter[str] = Counter()
    rounds: dict[int, list[OpenWin]] = {}
    for win in in_rounds(wins):
        rounds.setdefault(so_far[win.author_id], []).append(win)
        so_far[win.author_id] += 1
    for told in rounds.values():
        assert told == sorted(told, key=lambda win: (win.cheer_count > 0, win.created_at, win.id))


@always_the_same
@given(open_wins, st.randoms(use_true_random=False))
def test_the_order_in_which_wins_are_read_makes_no_difference(wins: list[OpenWin], chance: object) -> None:
    shuffled = list(wins)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert in_rounds(shuffled) == in_rounds(wins)


@always_the_same
@given(open_wins, st.integers(1, 20), st.integers(1, 5000))
def test_parts_never_cut_lose_or_reorder_a_win(wins: list[OpenWin], most_wins: int, most_bytes: int) -> None:
    parts = in_parts(wins, max_wins=most_wins, max_bytes=most_bytes)
    assert [win for part in parts for win in part] == wins
    for part in parts:
        assert 1 <= len(part) <= most_wins
        assert len(part) == 1 or sum(win.max_bytes for win in part) <= most_bytes
    for earlier, later in pairwise(parts):
        full = len(earlier) == most_wins or sum(win.max_bytes for win in earlier) + later[0].max_bytes > most_bytes
        assert full, "a new part begins only when the last one is full"
