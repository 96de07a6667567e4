"""What is entered in the form of a win: which of it makes a win, and what is said of each field that doesn't."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.climbs import NextStepOf
from bot.domain.entered_win import EnteredWin, OriginalText
from bot.domain.win_form import (
    MAX_PEOPLE,
    MAX_TAGS,
    FieldError,
    InvalidEntries,
    is_blank,
    only_named,
    to_draft,
    with_whose,
)
from bot.domain.wins import Cheerers, Draft, Empty, Mention, OnlyPeople, TooLong, Win, WinKind
from tests.examples import examples

NAMES = {"U1": "Ana", "U2": "Ben Okafor", "U3": "Ben", "U4": "李"}
GOOD = EnteredWin("fixed it", whose=("U1",), channel_id="C1")
some = settings(max_examples=examples(100), derandomize=True, database=None, deadline=None)

ENTERED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"text": ""}, {"text": Empty}),
    ({"text": "\u200b \u3164"}, {"text": Empty}),
    ({"text": "with @Ben", "whose": ("U1", "U3")}, {"text": OnlyPeople}),
    ({"text": "x" * 501}, {"text": TooLong}),
    ({"whose": ()}, {"whose": FieldError.NO_ONE}),
    ({"whose": tuple(f"U{number}" for number in range(MAX_PEOPLE + 1))}, {"whose": FieldError.TOO_MANY}),
    ({"whose": ("U1", "B1")}, {"whose": FieldError.IS_BOT}),
    ({"thanked": ("B1",)}, {"thanked": FieldError.IS_BOT}),
    ({"thanked": ("U1",)}, {"thanked": FieldError.ALSO_WHOSE}),
    ({"whose": ("U2",), "thanked": ("U2", "U3")}, {"thanked": FieldError.ALSO_WHOSE}),
    ({"reason": "patience"}, {"thanked": FieldError.REASON_ALONE}),
    ({"thanked": ("U2",), "reason": "é" * 201}, {"reason": FieldError.TOO_LONG}),
    ({"tags": tuple(f"tag{number}" for number in range(MAX_TAGS + 1))}, {"tags": FieldError.TOO_MANY}),
    ({"channel_id": None}, {"channel_id": FieldError.NO_CHANNEL}),
    ({"url": f"https://{'a' * 1000}"}, {"url": FieldError.TOO_LONG}),
    *(
        ({"url": url}, {"url": FieldError.NOT_WEB})
        for url in (
            "x",
            "ftp://x.y",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://a b",
        )
    ),
    (
        {"text": "", "whose": (), "channel_id": None},
        {"text": Empty, "whose": FieldError.NO_ONE, "channel_id": FieldError.NO_CHANNEL},
    ),
]


@pytest.mark.parametrize(("changes", "errors"), ENTERED, ids=str)
def test_each_field_that_makes_no_win_is_named(changes: dict[str, Any], errors: dict[str, Any]) -> None:
    with pytest.raises(InvalidEntries) as invalid:
        to_draft(replace(GOOD, **changes), "U1", names=NAMES, bot_ids={"B1"})
    found = {
        name: error if isinstance(error, FieldError) else type(error) for name, error in invalid.value.errors.items()
    }
    assert found == errors


def test_the_people_of_a_win_can_stay_in_it_when_it_is_edited() -> None:
    ana, many = Mention("U1"), tuple(Mention(f"U{number}") for number in range(2, MAX_PEOPLE + 7))
    ben, chloe = many[:2]
    now = datetime.now(UTC)
    win = Win(1, "T1", "C1", ana, "fixed it", many, now, False, None, Cheerers(), joined=(ben,), thanked=(ben,))
    people = ("U1", *(person.user_id for person in many))
    entered = replace(GOOD, whose=people, thanked=("U2",), reason="patience")
    draft = to_draft(entered, "U1", names=NAMES, edited=win)
    assert [person.user_id for person in draft.credited] == [person.user_id for person in many]
    assert [person.user_id for person in draft.thanked] == ["U2"]
    for wrong, error in (
        (replace(entered, whose=(*people, "U99")), {"whose": FieldError.TOO_MANY}),
        (replace(entered, thanked=(ben.user_id, chloe.user_id)), {"thanked": FieldError.ALSO_WHOSE}),
    ):
        with pytest.raises(InvalidEntries) as invalid:
            to_draft(wrong, "U1", names=NAMES, edited=win)
        assert invalid.value.errors == error


def test_a_draft_has_all_that_was_entered() -> None:
    entered = EnteredWin(
        "moved @Ben Okafor and @Ben, not ben@Ben, to https://a.test #fast",
        whose=("U2", "U3"),
        thanked=("U4",),
        reason=" patience ",
        tags=("fast", "緑"),
        url="https://b.test/?q=<x>",
        kind=WinKind.LEARNING,
        is_private=True,
    )
    draft = to_draft(entered, "U1", names=NAMES)
    assert draft.text == "moved <@U2> and <@U3>, not ben@Ben, to https://a.test #fast"
    assert draft.credited == (Mention("U2", "Ben Okafor"), Mention("U3", "Ben"))
    assert (draft.thanked, draft.reason) == ((Mention("U4", "李"),), "patience")
    assert (draft.tags, draft.url) == (("fast", "緑"), "https://b.test/?q=%3Cx%3E")
    assert (draft.kind, draft.is_own) == (WinKind.LEARNING, False)


def test_who_is_in_an_edited_text_stays_in_it_where_no_space_follows_the_name() -> None:
    now, li, ben = datetime.now(UTC), Mention("U4", "李"), Mention("U3", "Ben")
    win = Win(1, "T1", "C1", Mention("U1"), "<@U4>さんと<@U3>と直す", (ben, li), now, False, None, Cheerers())
    entered = replace(GOOD, text="@李さんと@Benと直した", whose=("U1", "U3", "U4"))
    assert to_draft(entered, "U1", names=NAMES, edited=win).text == "<@U4>さんと<@U3>と直した"


def test_a_name_in_an_edited_text_means_who_comes_in_place_of_another_one_of_that_name() -> None:
    now, ben = datetime.now(UTC), Mention("U3", "Ben")
    win = Win(1, "T1", "C1", Mention("U1"), "fixed it with <@U3>", (ben,), now, False, None, Cheerers())
    entered = replace(GOOD, text="fixed it with @Ben", whose=("U1", "U5"))
    assert to_draft(entered, "U1", names={"U5": "Ben"}, edited=win).text == "fixed it with <@U5>"


def test_who_is_taken_out_of_a_win_and_not_out_of_its_text_is_no_plain_name_in_it() -> None:
    now, li, ben, ana = datetime.now(UTC), Mention("U4", "李"), Mention("U3", "Ben"), Mention("U1", "Ana")
    win = Win(1, "T1", "C1", ana, "<@U4>さんと<@U3>と直す", (ben,), now, False, None, Cheerers(), former=(li,))
    draft = to_draft(replace(GOOD, text="@李さんと@Benと直した"), "U1", names=NAMES, edited=win)
    assert (draft.text, draft.credited) == ("<@U4>さんと<@U3>と直した", ())
    assert to_draft(replace(GOOD, text="直した"), "U1", names=NAMES, edited=win).text == "直した"
    with pytest.raises(InvalidEntries):
        to_draft(replace(GOOD, text="@Ben"), "U1", names=NAMES, edited=win)


def test_who_is_only_named_in_a_new_win_is_no_plain_name_in_it() -> None:
    ana, ben, li, eva = (Mention(*each) for each in (("U1", "Ana"), ("U3", "Ben"), ("U4", "李"), ("U6", "Eva")))
    original = OriginalText("<@U4>さんと<@U3>と<@U1>, <@U6>", (li, ben, ana, eva))
    entered = replace(GOOD, text="@李さんと@Benと@Ana直した。Eva!", whose=("U1", "U3"))
    draft = to_draft(entered, "U1", names={"U3": "Benjamin"}, original=original)
    assert (draft.text, draft.credited) == ("<@U4>さんと<@U3>と@Ana直した。Eva!", (ben,))
    assert only_named(draft, original, "U1") == (li, eva)
    thanked = to_draft(replace(entered, thanked=("U4",)), "U1", names={}, original=original)
    assert only_named(thanked, original, "U1") == (eva,)


def test_a_name_of_two_people_in_a_new_win_is_that_of_neither_and_both_may_prefer_not_to_be_named() -> None:
    ben, other_ben = Mention("U3", "Ben"), Mention("U5", "Ben")
    original = OriginalText("<@U3>, <@U5>", (ben, other_ben))
    for text, stored in (("@Ben fixed it", "@Ben fixed it"), ("@Ben and @Ben fixed it", "<@U3> and <@U5> fixed it")):
        draft = to_draft(replace(GOOD, text=text), "U1", names=NAMES, original=original)
        assert (draft.text, only_named(draft, original, "U1")) == (stored, (ben, other_ben))


def test_the_author_is_no_credited_person_of_an_own_win() -> None:
    draft = to_draft(replace(GOOD, text="did it with @Ana", whose=("U1", "U3")), "U1", names=NAMES)
    assert (draft.text, draft.is_own, draft.credited) == ("did it with @Ana", True, (Mention("U3", "Ben"),))


def test_whose_win_it_is_is_taken_from_the_text_until_it_is_said() -> None:
    assert with_whose(EnteredWin("met <@U2> and <@U2>"), "U1").whose == ("U1", "U2")
    assert with_whose(EnteredWin("met <@U2>", whose=("U3",)), "U1").whose == ("U3",)


def test_what_would_not_have_to_be_entered_again_is_blank() -> None:
    assert is_blank(EnteredWin(" \u200b", whose=("U1",), channel_id="C1", is_private=True))
    for changes in ({"text": "x"}, {"thanked": ("U1",)}, {"tags": ("a",)}, {"url": "h"}, {"reason": "r"}):
        assert not is_blank(replace(EnteredWin(), **changes)), changes
    assert not is_blank(EnteredWin(step_of=NextStepOf(climb_id=7)))


entered_wins = st.builds(
    EnteredWin,
    text=st.text(max_size=60) | st.sampled_from(["<@U2>", "@Ben @Ben Okafor", "<!here> <https://x|y>", "a <@U9> b"]),
    whose=st.lists(st.sampled_from(["U1", "U2", "U3", "U9"]), max_size=4, unique=True).map(tuple),
    thanked=st.lists(st.sampled_from(["U1", "U4", "U8"]), max_size=3, unique=True).map(tuple),
    reason=st.text(max_size=30),
    tags=st.lists(st.sampled_from(["a", "緑", "café"]), max_size=3, unique=True).map(tuple),
    url=st.sampled_from(["", "https://a.test", "https://ä.test/<|>", "nope"]),
    kind=st.sampled_from(WinKind),
    channel_id=st.sampled_from([None, "C1"]),
    is_private=st.booleans(),
)


@some
@given(entered_wins)
def test_whatever_is_entered_comes_back_from_storage_and_makes_a_win_or_named_errors(entered: EnteredWin) -> None:
    assert EnteredWin.from_json(entered.to_json()) == entered
    draft: Draft | None
    try:
        draft = to_draft(entered, "U1", names=NAMES)
    except InvalidEntries as invalid:
        fields = {*invalid.errors}
        draft = None
    if draft is None:
        assert fields
        assert fields <= {"text", "whose", "thanked", "reason", "tags", "url", "channel_id"}
    else:
        assert {person.user_id for person in draft.credited} == set(entered.whose) - {"U1"}
        assert not {person.user_id for person in draft.thanked} & {*entered.whose}
        assert set(entered.tags) <= set(draft.tags)
