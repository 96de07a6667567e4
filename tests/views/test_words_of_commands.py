"""What `/wins` and a word bring, and the form of the defaults: valid, said twice, and pinging nobody."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.changes import Change, Kind
from bot.domain.pauses import Ambiguous, NoSuchDate, NotAhead, TooFar
from bot.domain.roundups import Part
from bot.domain.schedules import Schedule
from bot.domain.setups import Defaults
from bot.playground.standin.view_rules import is_too_large, validate_view
from bot.slack.defaults import NotChosen, read
from bot.views import audit, defaults, pause, preview
from bot.views.fields import channel
from bot.views.format import Names
from bot.views.help import Here, help_text
from tests.domain.test_schedules import days, schedules
from tests.domain.test_setups import defaults as any_defaults
from tests.slack import pings
from tests.views.test_views_are_valid import (
    EVIL,
    NOW,
    assert_good,
    link,
    moments,
    named,
    parts,
    people,
    some,
    texts,
)
from tests.views.test_words_for_admins import changes

zones = st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia"])
due = st.none() | moments


@some
@given(st.lists(parts(), min_size=1, max_size=8), people)
def test_a_preview_is_valid(told: list[Part], known: Names) -> None:
    shown = preview.preview(told, known, link=link, now=NOW)
    assert len(shown) == min(len(told), preview.MOST_PARTS)
    for said in shown:
        assert_good(named(said))
        assert not [block for block in said["blocks"] if block["type"] == "actions"], "it is looked at, not used"
    left_out = sum(len(part.wins) for part in told[preview.MOST_PARTS :])
    assert ("which I don't show here" in shown[-1]["text"]) is bool(left_out)


@some
@given(st.integers(1, 10**6), st.integers(1, 10**12), due, zones, st.sampled_from([None, "C2"]))
def test_the_question_before_a_post_is_valid(
    wins: int, up_to: int, next_due_at: datetime | None, zone: str, elsewhere: str | None
) -> None:
    where = None if elsewhere is None else channel(elsewhere)
    said = preview.question(wins, up_to=up_to, next_due_at=next_due_at, zone=zone, elsewhere=where)
    assert_good(named(said))
    buttons = [element for block in said["blocks"] if block["type"] == "actions" for element in block["elements"]]
    assert [(one["action_id"], one["value"]) for one in buttons] == [
        (preview.POST_NOW, str(up_to)),
        (preview.NOT_NOW, "-"),
    ]


@some
@given(st.integers(0, 10**6), due, zones)
def test_what_was_posted_or_was_not_is_told_in_a_valid_way(wins: int, next_due_at: datetime | None, zone: str) -> None:
    for said in (preview.posted(wins), preview.not_posted(), preview.nothing_to_tell(next_due_at, zone)):
        assert_good(said)


@some
@given(schedules, due, st.none() | days)
def test_what_is_said_of_a_pause_is_valid(schedule: Schedule, next_due_at: datetime | None, day: date | None) -> None:
    for said in (
        pause.question(schedule, next_due_at, now=NOW),
        pause.done(schedule, next_due_at, skipped=day, now=NOW),
        pause.resumed(schedule, next_due_at),
        pause.nothing_to_resume(schedule, next_due_at),
        pause.rests_already(schedule, next_due_at),
        pause.is_over(),
        pause.not_set_up(),
    ):
        assert_good(said)


@pytest.mark.parametrize("kind", [NoSuchDate, Ambiguous, NotAhead, TooFar])
@some
@given(typed=texts)
def test_why_something_is_no_date_is_told_in_a_valid_way(kind: type[NoSuchDate], typed: str) -> None:
    assert_good(pause.no_such_date(kind(typed)), as_typed=True)


@some
@given(st.none() | st.builds(Here, st.none() | schedules, due, st.booleans()))
def test_the_help_is_valid_on_one_screen_and_offers_what_the_reader_may_do(here: Here | None) -> None:
    said = help_text(here, now=NOW)
    assert_good(said)
    assert len(said["blocks"]) <= 6
    assert ("/wins pause" in said["text"]) is bool(here and here.may_change)


@some
@given(any_defaults, st.integers(0, 10**12))
def test_the_form_of_the_defaults_is_one_that_slack_takes(chosen: Defaults, revision: int) -> None:
    view = defaults.form(chosen, keeps=str(revision))
    assert validate_view(view, "modal") == []
    assert pings.problems(view, posted=False) == []
    fields = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    assert fields | {"one_weekday"} == defaults.ERRORS.keys()


def test_each_field_that_is_not_chosen_has_its_words() -> None:
    with pytest.raises(NotChosen) as refusal:
        read({})
    assert all(defaults.ERRORS[word] for word in refusal.value.errors.values())


@some
@given(
    st.lists(changes([*Kind]), max_size=10), people, st.sampled_from([(), ("C1",), ("C1", "C2")]), zones, st.booleans()
)
def test_the_log_of_what_was_changed_is_valid(
    entries: list[Change], known: Names, visible: tuple[str, ...], zone: str, is_newest: bool
) -> None:
    view = audit.log(entries, known, visible=visible, zone=zone, has_older=bool(entries), is_newest=is_newest)
    assert validate_view(view, "modal") == []
    assert not is_too_large(view)
    assert pings.problems(named(view), posted=False) == []
    if "C2" not in visible:
        assert "<#C2>" not in str(view)


def test_names_that_try_to_ping_do_not() -> None:
    change = Change(1, "T1", "C1", "U001", Kind.TOOK_OVER, {"owner": "U001"}, {"owner": "U002"}, NOW)
    for evil in EVIL:
        view = audit.log(
            [change], {"U001": evil, "U002": evil}, visible=["C1"], zone="UTC", has_older=False, is_newest=True
        )
        assert pings.problems(named(view), posted=False) == []
