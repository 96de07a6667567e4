"""What a look back tells: everyone once before anyone twice, the steps of climbs together, and no more than fits."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.edition_composition import (
    MAX_BYTES,
    MAX_QUOTES,
    MAX_THEMES,
    MAX_TOLD,
    WORKSPACE_OPENING_COUNT,
    Candidate,
    EditionSection,
    choose_workspace_opening,
    compose,
    compose_workspace,
    labelled,
    theme_bytes,
)
from bot.domain.wins import Cheerers, ClimbOfWin, Mention, Win, WinKind
from bot.views.format import neutralise
from tests.domain.test_setups import any_of_them

START = datetime(2030, 3, 1, tzinfo=UTC)
STARTS_ON = date(2030, 3, 1)


def win(number: int, author: str, **rest: object) -> Win:
    made = Win(number, "T1", "C1", Mention(author), f"win {number}", (), START, False, None, Cheerers())
    return replace(made, created_at=START + timedelta(hours=number), **rest)  # type: ignore[arg-type]


@st.composite
def periods(draw: st.DrawFn) -> list[Candidate]:
    authors = draw(st.lists(st.integers(1, 20).map("U{}".format), max_size=40))
    return [
        Candidate(
            win(
                number,
                author,
                kind=draw(st.sampled_from(WinKind)),
                climb=draw(st.none() | st.integers(1, 5).map(lambda each: ClimbOfWin(each, "up"))),
                cheered_by=draw(st.sampled_from([Cheerers(), Cheerers.of(["U1"])])),
                thanked=draw(st.sampled_from([(), (Mention("U30"),), (Mention("U31", is_unnamed=True),)])),
            ),
            draw(st.integers(60, 900)),
        )
        for number, author in enumerate(authors)
    ]


@any_of_them
@given(periods(), st.lists(st.sampled_from(["ops", "検索", "🎉" * 30]), max_size=MAX_THEMES))
def test_everyone_comes_once_before_anyone_twice_and_all_of_it_fits(period: list[Candidate], themes: list[str]) -> None:
    told = compose(period, reached={1}, starts_on=STARTS_ON, themes=themes)
    assert len({each.win_id for each in told}) == len(told) <= MAX_TOLD
    assert bool(told) is bool(period)
    sizes = {each.win.id: each.max_bytes for each in period}
    assert len(told) == 1 or sum(sizes[each.win_id] for each in told) <= MAX_BYTES
    by_id = {each.win.id: each.win for each in period}
    tells = Counter(by_id[each.win_id].author.user_id for each in told)
    everyone = {each.win.author.user_id for each in period}
    smallest = {user: min(each.max_bytes for each in period if each.win.author.user_id == user) for user in everyone}
    spare = MAX_BYTES - sum(map(theme_bytes, themes)) - sum(sizes[each.win_id] for each in told)
    for user in everyone - set(tells):
        assert smallest[user] > spare or len(told) == MAX_TOLD, "there is no room for who is not told"
    assert compose(period[::-1], reached={1}, starts_on=STARTS_ON, themes=themes) == told


def test_no_one_comes_twice_while_there_is_room_for_someone_who_has_not_come() -> None:
    kinds = [WinKind.LEARNING, *[WinKind.WIN] * 15]
    period = [Candidate(win(number, f"U{number % 16}", kind=kinds[number % 16]), 60) for number in range(48)]
    told = compose(period, reached=set(), starts_on=STARTS_ON)
    assert {each.win_id % 16 for each in told} == set(range(16))


def test_the_climbs_of_one_person_leave_room_for_a_win_of_each_other_person() -> None:
    of_climbs = [Candidate(win(number, "U1", climb=ClimbOfWin(number, "up")), 900) for number in range(3)]
    of_others = [Candidate(win(number, f"U{number}"), 900) for number in (3, 4)]
    told = compose([*of_climbs, *of_others], reached={0, 1, 2}, starts_on=STARTS_ON)
    assert {each.win_id for each in told} == {2, 3, 4}


def test_someone_with_several_steps_of_a_climb_comes_once_before_the_others_have_come() -> None:
    up = ClimbOfWin(1, "up")
    steps = [Candidate(win(number, user, climb=up), 1100) for number, user in enumerate(("U2", "U2", "U1"))]
    told = compose([*steps, Candidate(win(3, "U3"), 1100)], reached=set(), starts_on=STARTS_ON)
    assert {each.win_id for each in told} == {0, 2, 3}


@any_of_them
@given(periods())
def test_the_steps_of_a_climb_stand_together_in_the_order_of_time(period: list[Candidate]) -> None:
    told = compose(period, reached=set(), starts_on=STARTS_ON)
    sections = list(EditionSection)
    assert [sections.index(each.section) for each in told] == sorted(sections.index(each.section) for each in told)
    steps = [each.win_id for each in told if each.section is EditionSection.CLIMB]
    assert steps == sorted(steps)


def test_a_climb_that_reached_its_goal_comes_first_and_tells_where_it_began() -> None:
    climbs = [ClimbOfWin(number, "up") for number in range(5)]
    period = [Candidate(win(number, "U1", climb=climbs[number % 5]), 60) for number in range(25)]
    told = compose(period, reached={0}, starts_on=STARTS_ON)
    by_climb: dict[int, list[int]] = {}
    for each in told:
        by_climb.setdefault(each.win_id % 5, []).append(each.win_id)
    assert set(by_climb) == {0, 3, 4}, "the reached one, and those that moved last"
    assert by_climb[0] == [0, 15, 20], "the first step, and the last ones"


@any_of_them
@given(periods(), st.integers(1, 6))
def test_a_workspace_s_roundup_tells_everyone_once_and_no_channel_alone(period: list[Candidate], count: int) -> None:
    placed = [replace(each, win=replace(each.win, channel_id=f"C{each.win.id % count}")) for each in period]
    told = compose_workspace(placed, starts_on=STARTS_ON)
    by_id = {each.win.id: each.win for each in placed}
    authors = Counter(by_id[each.win_id].author.user_id for each in told)
    assert set(authors.values()) <= {1}
    assert len(told) <= MAX_QUOTES
    assert bool(told) is bool(placed)


def test_themes_need_others_to_be_compared_with_and_labels_that_differ() -> None:
    assert labelled([("ops", 3), ("docs", 2)]) == []
    assert labelled([("ops", 3), ("docs", 2), ("a" * 30, 2), ("a" * 31, 2)]) == [
        ("#ops", 3),
        ("#docs", 2),
        ("#" + "a" * 18 + "…", 2),
    ]


def test_a_label_is_not_cut_within_a_character() -> None:
    tilded = "g\u0303"  # one character to the eye, two code points
    assert labelled([("a" + tilded * 20, 2), ("ops", 2), ("docs", 2)])[0] == ("#a" + tilded * 8 + "…", 2)


def test_a_theme_takes_as_much_room_as_its_label_and_a_large_number() -> None:
    for tag in ("ops", "検索", "🎉" * 30, "תיעוד"):
        label = labelled([(tag, 9), ("a", 9), ("b", 9)])[0][0]
        assert theme_bytes(tag) >= len(f"{neutralise(label, {})} (99999), ".encode())
    assert theme_bytes("ops") < 20


def test_who_took_a_step_of_a_climb_is_told_with_it() -> None:
    up = ClimbOfWin(1, "up")
    period = [
        Candidate(win(1, "U1", climb=up), 60),
        Candidate(win(2, "U2", climb=up), 60),
        *(Candidate(win(number, "U2"), 60) for number in range(3, 9)),
        Candidate(win(9, "U1", climb=up), 60),
    ]
    told = compose(period, reached=set(), starts_on=STARTS_ON)
    assert [each.win_id for each in told] == [1, 2, 9]
    assert {each.section for each in told} == {EditionSection.CLIMB}


@pytest.mark.parametrize("days", [1, 7, 14, 21])
def test_the_workspaces_roundups_take_turns_with_their_openings_however_often_they_come(days: int) -> None:
    chosen: list[int] = []
    for number in range(2 * WORKSPACE_OPENING_COUNT):
        starts_on = STARTS_ON + number * timedelta(days=days)
        chosen.append(choose_workspace_opening(starts_on, chosen[-1] if chosen else None))
    assert sorted(chosen[:WORKSPACE_OPENING_COUNT]) == list(range(WORKSPACE_OPENING_COUNT))
    assert all(one != other for one, other in pairwise(chosen))
