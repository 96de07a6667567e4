"""How a roundup is composed: everyone once before anyone twice, no win cut, none lost, and each in its section."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.roundup_composition import (
    MAX_THEMES,
    MAX_WINS,
    OPENING_COUNTS,
    OPENING_COUNTS_ELSEWHERE,
    REST,
    Composition,
    Mood,
    OpenWin,
    Section,
    SectionKind,
    compose,
    first_message,
    in_parts,
    in_rounds,
    parse_opening,
    period_start,
    room,
)
from bot.domain.win_size import Size, total

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
FRIDAY = date(2030, 3, 8)
LARGE = Size(3000, 3000)
always_the_same = settings(derandomize=True, database=None, deadline=None)

people = st.sampled_from(["ANA", "BEN", "CHLOE", "DMITRI", *(f"P{number}" for number in range(20))])
open_wins = st.lists(
    st.builds(
        OpenWin,
        id=st.integers(1, 10**6),
        person_id=people,
        created_at=st.integers(0, 50).map(lambda hours: MONDAY + timedelta(hours=hours)),
        cheer_count=st.integers(0, 3),
        size=st.builds(Size, st.integers(100, 3000), st.integers(500, 4000)),
        is_learning=st.integers(0, 5).map(lambda drawn: drawn == 0),
        tags=st.lists(st.sampled_from(["ux", "quality", "検索", "learned", "a", "b"]), max_size=3, unique=True).map(
            tuple
        ),
        climb_id=st.one_of(st.none(), st.none(), st.integers(1, 3)),
        is_last_step=st.booleans(),
    ),
    max_size=60,
    unique_by=lambda win: win.id,
)


def win(
    number: int, person: str, *, cheers: int = 0, hours: int | None = None, size: int = 100, **rest: Any
) -> OpenWin:
    at = MONDAY + timedelta(hours=number if hours is None else hours)
    return OpenWin(number, person, at, cheers, Size(size, size), **rest)


def ids(wins: Sequence[OpenWin]) -> list[int]:
    return [win.id for win in wins]


def rounds(wins: Sequence[OpenWin]) -> list[int]:
    return [win.id for each in in_rounds(wins) for win in each]


def composed(wins: Sequence[OpenWin], **rest: Any) -> Composition:
    return compose(wins, day=FRIDAY, starts_on=MONDAY.date(), **rest)


def sections_told(made: Composition, part: int) -> list[Section]:
    """The sections of a message, in order, each as often as it begins."""
    return [section for section, _ in groupby(made.sections[win_id] for win_id in made.parts[part])]


def test_ana_with_three_wins_does_not_hide_ben_with_one() -> None:
    assert rounds([win(1, "ANA"), win(2, "ANA"), win(3, "ANA"), win(4, "BEN")]) == [1, 4, 2, 3]


def test_in_each_round_what_nobody_has_cheered_comes_first() -> None:
    told = [win(1, "ANA", cheers=5), win(2, "BEN"), win(3, "CHLOE", cheers=1), win(4, "ANA"), win(5, "BEN", cheers=1)]
    assert rounds(told) == [2, 1, 3, 4, 5]


def test_a_persons_wins_are_told_in_the_order_they_came_cheered_or_not() -> None:
    assert rounds([win(2, "ANA"), win(1, "ANA", cheers=9)]) == [1, 2]


def test_a_win_of_several_people_comes_in_the_round_of_who_has_been_told_least() -> None:
    joint = [win(1, "BEN", with_ids=("CHLOE",)), win(2, "BEN", with_ids=("DMITRI",))]
    assert rounds([*joint, win(3, "CHLOE"), win(4, "ANA"), win(5, "ANA")]) == [1, 2, 4, 3, 5]


def test_wins_of_one_moment_keep_the_order_in_which_they_were_stored() -> None:
    assert rounds([win(3, "BEN", hours=1), win(2, "ANA", hours=1), win(1, "ANA", hours=1)]) == [1, 3, 2]


def test_no_wins_make_no_parts() -> None:
    assert in_rounds([]) == []
    assert in_parts([], max_size=LARGE) == []
    assert composed([]) == Composition((), {}, None, MONDAY.date())


def test_a_win_larger_than_a_part_has_one_of_its_own() -> None:
    told = [win(1, "ANA", size=10), win(2, "BEN", size=5000), win(3, "CHLOE", size=10), win(4, "ANA", size=10)]
    assert [ids(part) for part in in_parts(told, max_size=LARGE)] == [[1], [2], [3, 4]]


def test_a_part_takes_what_fits_exactly_and_no_more() -> None:
    told = [win(number, "ANA", size=1000) for number in range(7)]
    assert [len(part) for part in in_parts(told, max_size=LARGE)] == [3, 3, 1]
    assert [len(part) for part in in_parts(told, max_size=LARGE, max_wins=2)] == [2, 2, 2, 1]
    assert [len(part) for part in in_parts(told, max_size=Size(9000, 2000))] == [2, 2, 2, 1], "blocks count too"


def test_three_wins_are_told_without_sections() -> None:
    made = composed([win(1, "ANA", tags=("ux",)), win(2, "BEN", is_learning=True), win(3, "CHLOE", tags=("ux",))])
    assert made.parts == ((1, 2, 3),)
    assert made.sections == {}
    assert made.opening is not None
    assert made.opening.startswith("small.")


def test_climbs_come_first_then_themes_then_the_rest_and_learnings_before_the_end() -> None:
    made = composed(
        [
            win(1, "ANA"),
            win(2, "BEN", is_learning=True, tags=("ux",)),
            win(3, "CHLOE", tags=("ux",)),
            win(4, "DMITRI", tags=("ux", "a")),
            win(5, "ANA", climb_id=9, tags=("ux",)),
            win(6, "BEN", tags=("quality",)),
        ]
    )
    assert made.parts == ((5, 3, 4, 1, 6, 2),)
    assert [made.sections[win_id].kind for win_id in made.parts[0]] == [
        SectionKind.CLIMBS,
        SectionKind.THEME,
        SectionKind.THEME,
        SectionKind.REST,
        SectionKind.REST,
        SectionKind.LEARNINGS,
    ]
    assert made.sections[6] == REST, "a theme has two wins at least that are in no other section"


def test_the_steps_of_a_climb_stand_together_the_earliest_first() -> None:
    made = composed(
        [
            win(1, "ANA", climb_id=9, cheers=1),
            win(2, "BEN", climb_id=8),
            win(3, "CHLOE", climb_id=9),
            win(4, "DMITRI", climb_id=8),
        ]
    )
    assert made.parts == ((2, 4, 1, 3),)


def test_a_large_win_leaves_its_place_to_others_of_its_round_and_to_nobody_twice() -> None:
    wins = [win(1, "ANA", size=50), win(2, "BEN", size=90), win(3, "CHLOE", size=50), win(4, "ANA", size=1)]
    assert ids(first_message(in_rounds(wins), Size(100, 100))) == [1, 3]
    assert ids(first_message(in_rounds(wins[1:2]), Size(10, 10))) == [2], "one at least"


def test_twenty_people_are_told_fifteen_first_and_the_others_in_the_thread() -> None:
    made = composed([win(number, f"P{number}") for number in range(20)])
    assert [len(part) for part in made.parts] == [15, 5]
    assert made.opening is not None
    assert made.opening.startswith("busy.")


@pytest.mark.parametrize(
    ("wins", "mood"),
    [
        ([win(1, "ANA", climb_id=1, is_last_step=True), win(2, "BEN", is_learning=True)], Mood.CLIMB),
        ([win(1, "ANA"), win(2, "BEN", is_learning=True)], Mood.LEARNINGS),
        ([win(1, "ANA"), win(2, "BEN"), win(3, "CHLOE", is_learning=True)], Mood.SMALL),
        ([win(number, "ANA") for number in range(4)], Mood.USUAL),
        ([win(number, "ANA") for number in range(9)], Mood.USUAL),
        ([win(number, "ANA") for number in range(10)], Mood.BUSY),
    ],
)
def test_the_opening_suits_the_week(wins: list[OpenWin], mood: Mood) -> None:
    opening = parse_opening(composed(wins).opening)
    assert opening is not None
    assert opening.mood is mood


@always_the_same
@given(open_wins, st.integers(0, 400), st.sampled_from(Mood), st.integers(0, 20), st.booleans())
def test_a_roundup_never_opens_like_the_one_before(
    wins: list[OpenWin], days: int, mood: Mood, number: int, is_elsewhere: bool
) -> None:
    counts = OPENING_COUNTS_ELSEWHERE if is_elsewhere else OPENING_COUNTS
    day, last = FRIDAY + timedelta(days=days), f"{mood}.{number % counts[mood]}"
    made = compose(wins, day=day, starts_on=day, last_opening=last, is_elsewhere=is_elsewhere).opening
    assert made != last
    if wins:
        opening = parse_opening(made)
        assert opening is not None
        assert str(opening) == made
        assert opening.number < counts[opening.mood], "so that no two of them are shown as the same line"


@pytest.mark.parametrize("stored", [None, "", "usual", "usual.", "usual.x", "quiet.3"])
def test_an_opening_of_another_release_is_no_opening(stored: str | None) -> None:
    assert parse_opening(stored) is None


@always_the_same
@given(open_wins)
def test_everyone_is_told_once_before_anyone_is_told_twice(wins: list[OpenWin]) -> None:
    told = [win for each in in_rounds(wins) for win in each]
    assert Counter(ids(told)) == Counter(ids(wins)), "each win once"
    all_wins = Counter(win.person_id for win in wins)
    so_far: Counter[str] = Counter()
    for win in told:
        so_far[win.person_id] += 1
        waiting = [
            person for person, number in all_wins.items() if so_far[person] < min(number, so_far[win.person_id] - 1)
        ]
        assert not waiting, f"{win.person_id} came {so_far[win.person_id]} times before {waiting}"


@always_the_same
@given(open_wins, st.lists(st.lists(people, max_size=2).map(tuple), min_size=60, max_size=60))
def test_the_first_round_is_of_everyone_and_each_win_in_it_is_the_first_of_someone(
    wins: list[OpenWin], others: list[tuple[str, ...]]
) -> None:
    shared = [replace(win, with_ids=with_ids) for win, with_ids in zip(wins, others, strict=False)]
    first_ids = {win.id for each in in_rounds(shared)[:1] for win in each}
    seen: set[str] = set()
    for win in sorted(shared, key=lambda win: (win.created_at, win.id)):
        belongs_to = {win.person_id, *win.with_ids}
        assert (win.id in first_ids) is not (belongs_to <= seen)
        seen |= belongs_to


@always_the_same
@given(open_wins)
def test_in_the_first_message_nobody_is_told_twice_while_someone_waits(wins: list[OpenWin]) -> None:
    made = composed(wins)
    if not wins:
        return
    person = {win.id: win.person_id for win in wins}
    all_wins, first = Counter(person.values()), Counter(person[win_id] for win_id in made.parts[0])
    most = max(first.values())
    for each, number in all_wins.items():
        assert first[each] >= min(number, most - 1), f"{each} waits while someone is told {most} times"


@always_the_same
@given(open_wins)
def test_within_a_round_the_unseen_come_first_and_then_the_older(wins: list[OpenWin]) -> None:
    for told in in_rounds(wins):
        assert told == sorted(told, key=lambda win: (win.cheer_count > 0, win.created_at, win.id))


@always_the_same
@given(open_wins, st.randoms(use_true_random=False))
def test_the_order_in_which_wins_are_read_makes_no_difference(wins: list[OpenWin], chance: Any) -> None:
    shuffled = list(wins)
    chance.shuffle(shuffled)
    assert composed(shuffled) == composed(wins)


@always_the_same
@given(open_wins, st.randoms(use_true_random=False))
def test_shuffling_equal_wins_changes_only_their_order(wins: list[OpenWin], chance: Any) -> None:
    """Wins are equal that differ in nothing but their ids."""
    equal = [replace(win, size=Size(200, 700), created_at=MONDAY, tags=(), climb_id=None) for win in wins]
    new_ids = [win.id for win in equal]
    chance.shuffle(new_ids)
    shuffled = [replace(win, id=new_id) for win, new_id in zip(equal, new_ids, strict=True)]
    before, after = composed(equal), composed(shuffled)
    assert [len(part) for part in before.parts] == [len(part) for part in after.parts]
    person, new_person = ({win.id: win.person_id for win in each} for each in (equal, shuffled))
    for part, new_part in zip(before.parts, after.parts, strict=True):
        if part == before.parts[0]:
            assert len({person[each] for each in part}) == len({new_person[each] for each in new_part})
    assert before.opening == after.opening or len(before.parts) > 1
    assert Counter(after.win_ids) == Counter(new_ids)


@always_the_same
@given(open_wins, st.integers(0, 3), st.booleans())
def test_adding_one_persons_win_removes_nobody_elses(wins: list[OpenWin], cheers: int, is_learning: bool) -> None:
    added = replace(win(0, "NEW", cheers=cheers, hours=30), size=Size(200, 700), is_learning=is_learning)
    before, after = composed(wins), composed([*wins, added])
    assert Counter(after.win_ids) == Counter([*before.win_ids, added.id])
    assert [each for each in rounds([*wins, added]) if each != added.id] == rounds(wins)
    if before.parts and len(after.parts) == 1:
        assert set(before.parts[0]) < set(after.parts[0])


@always_the_same
@given(open_wins)
def test_each_win_is_in_one_section_and_each_section_begins_once_in_the_thread(wins: list[OpenWin]) -> None:
    made = composed(wins)
    assert Counter(made.win_ids) == Counter(ids(wins)), "each win once"
    if not made.sections:
        assert len(wins) <= 3
        return
    assert set(made.sections) == set(ids(wins))
    in_thread = [made.sections[win_id] for part in made.parts[1:] for win_id in part]
    for told in (in_thread, [made.sections[win_id] for win_id in made.parts[0]]):
        order = [section for section, _ in groupby(told)]
        assert len(order) == len(set(order))
        assert [section.kind for section in order] == sorted((each.kind for each in order), key=list(SectionKind).index)
    themes = {section for section in made.sections.values() if section.kind is SectionKind.THEME}
    assert len(themes) <= MAX_THEMES
    by_id = {win.id: win for win in wins}
    for section in themes:
        shared = [by_id[win_id] for win_id, each in made.sections.items() if each == section]
        assert len(shared) > 1
        assert all(section.theme in win.tags for win in shared)


@always_the_same
@given(open_wins, st.booleans())
def test_what_a_message_tells_has_room_in_it(wins: list[OpenWin], has_note: bool) -> None:
    note = Size(900, 1000) if has_note else Size(0, 0)
    made = composed(wins, note=note)
    by_id = {win.id: win for win in wins}
    for number, part in enumerate(made.parts):
        assert 1 <= len(part) <= MAX_WINS
        sections = made.sections.values()
        whole = room(sections, number=number, has_thread=len(made.parts) > 1, note=note)
        assert len(part) == 1 or total(by_id[win_id].size for win_id in part).fits(whole)


@always_the_same
@given(open_wins, st.integers(1, 20), st.integers(1, 5000))
def test_parts_never_cut_lose_or_reorder_a_win(wins: list[OpenWin], most_wins: int, most: int) -> None:
    whole = Size(most, most)
    parts = in_parts(wins, max_wins=most_wins, max_size=whole)
    assert [win for part in parts for win in part] == wins
    for part in parts:
        assert 1 <= len(part) <= most_wins
        assert len(part) == 1 or total(win.size for win in part).fits(whole)
    for earlier, later in pairwise(parts):
        full = len(earlier) == most_wins or not total([*(win.size for win in earlier), later[0].size]).fits(whole)
        assert full, "a new part begins only when the last one is full"


@pytest.mark.parametrize(
    ("last", "logged", "starts_on"),
    [
        (date(2030, 3, 1), [date(2030, 3, 5)], date(2030, 3, 4)),  # not on a weekend without wins
        (date(2030, 3, 1), [date(2030, 3, 3)], date(2030, 3, 3)),
        (date(2030, 3, 1), [date(2030, 3, 1), date(2030, 3, 5)], date(2030, 3, 4)),  # after last week's roundup
        (date(2030, 3, 1), [date(2030, 2, 20)], date(2030, 2, 20)),  # last week was skipped
        (date(2030, 3, 1), [], date(2030, 3, 4)),
        (date(2030, 3, 7), [FRIDAY], FRIDAY),
        (FRIDAY, [FRIDAY], FRIDAY),
        (date(2030, 2, 28), [date(2030, 3, 2)], date(2030, 3, 1)),
        (None, [date(2030, 3, 6), date(2030, 3, 7)], date(2030, 3, 6)),
        (None, [], FRIDAY),
    ],
)
def test_a_period_begins_after_the_roundup_before_or_with_its_first_win(
    last: date | None, logged: list[date], starts_on: date
) -> None:
    assert period_start(FRIDAY, last=last, saved_on=logged) == starts_on
