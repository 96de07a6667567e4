"""Which wins someone may give a first cheer, and in which order they are shown: fairly, to each viewer others."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.consent import Consent
from bot.domain.first_cheers import MAX_SHOWN, in_turn, waits_for
from bot.domain.wins import Cheerers, Mention, Win, WinKind
from tests.examples import examples

always_the_same = settings(derandomize=True, database=None, deadline=None, max_examples=examples(30))
DAY = date(2030, 3, 4)
NOW = datetime(2030, 3, 4, 12, tzinfo=UTC)
ANA, BEN, CHLOE = (Mention(f"U{name}", name) for name in ("ANA", "BEN", "CHLOE"))
WAITS = Win(1, "T1", "C1", ANA, "fixed it", (), NOW, is_undone=False, message_ts="1.1", cheered_by=Cheerers())


@always_the_same
@given(count=st.integers(MAX_SHOWN, 40), first_id=st.integers(1, 10**9), day=st.dates())
def test_each_waiting_win_is_shown_about_equally_often(count: int, first_id: int, day: date) -> None:
    viewers = 1000
    ids = range(first_id, first_id + count)
    shown = Counter(win_id for viewer in range(viewers) for win_id in in_turn(ids, f"U{viewer}", day)[:MAX_SHOWN])
    expected = viewers * MAX_SHOWN / count
    spread = 6 * (expected * (1 - MAX_SHOWN / count)) ** 0.5
    assert all(abs(shown[win_id] - expected) <= spread for win_id in ids)


@always_the_same
@given(count=st.integers(10, 40), viewer=st.text(min_size=1, max_size=12))
def test_each_waiting_win_gets_its_turn_with_one_viewer_from_day_to_day(count: int, viewer: str) -> None:
    days = [DAY + timedelta(days=number) for number in range(400)]
    shown = Counter(win_id for day in days for win_id in in_turn(range(count), viewer, day)[:MAX_SHOWN])
    assert set(shown) == set(range(count))


@always_the_same
@given(ids=st.lists(st.integers(1, 10**9), unique=True), viewer=st.text(max_size=12), day=st.dates())
def test_the_order_depends_on_nothing_else(ids: list[int], viewer: str, day: date) -> None:
    turn = in_turn(ids, viewer, day)
    assert sorted(turn) == sorted(ids)
    assert in_turn(reversed([*ids, *ids]), viewer, day) == turn
    for gone in ids[:3]:
        assert in_turn([each for each in ids if each != gone], viewer, day) == [each for each in turn if each != gone]


people = st.sampled_from([ANA, BEN, CHLOE]).flatmap(
    lambda person: st.builds(
        Mention,
        st.just(person.user_id),
        st.just(person.name),
        st.sampled_from([None, *Consent]),
        st.booleans(),
    )
)
some = st.lists(people, max_size=3).map(tuple)


@always_the_same
@given(
    author=people,
    credited=some,
    thanked=some,
    cheered_by=st.sampled_from([Cheerers(), Cheerers.of(["UDMITRI"])]),
    is_own=st.booleans(),
    kind=st.sampled_from(WinKind),
    viewer=people,
    is_guest=st.booleans(),
)
def test_no_one_is_shown_their_own_win_or_one_they_are_in(
    viewer: Mention, *, is_guest: bool, cheered_by: Cheerers, **parts: Any
) -> None:
    win = replace(WAITS, **parts, cheered_by=cheered_by)
    is_in_it = viewer.user_id in {person.user_id for person in (win.author, *win.credited, *win.thanked)}
    assert waits_for(win, viewer.user_id, is_guest=is_guest) is not (is_in_it or bool(cheered_by))


@pytest.mark.parametrize(
    "changes",
    [
        {"is_undone": True},
        {"is_private": True},
        {"held_until": NOW},
        {"channel_id": None},
        {"message_ts": None},
        {"cheered_by": Cheerers.of(["UCHLOE"])},
    ],
)
def test_a_win_that_its_channel_does_not_show_waits_for_no_cheer(changes: dict[str, Any]) -> None:
    assert waits_for(WAITS, BEN.user_id)
    assert not waits_for(replace(WAITS, **changes), BEN.user_id)
