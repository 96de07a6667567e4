"""What a form of a win keeps in its view, and what Slack says is entered in it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.climbs import NextStepOf
from bot.domain.entered_win import NO_TEXT, EnteredWin, OriginalText
from bot.domain.wins import Mention, MessageSource, WinKind
from bot.listeners.win_form_state import WinFormState, parse_entered, parse_win_form_state
from bot.slack.payloads import Malformed
from bot.views import win_form as view
from bot.views.translations import ENGLISH
from slack_standin.block_kit.input_state import State

STATES = [
    WinFormState(None),
    WinFormState(None, opened_at=datetime(2030, 3, 4, 9, 0, 0, 123456, tzinfo=UTC)),
    WinFormState(
        "C1",
        "https://hooks.slack.com/x",
        replaces=True,
        is_in_group=True,
        unsaved_id=7,
        version=3,
        is_restored=True,
        may_repeat=True,
        is_saved_before=True,
    ),
    WinFormState("D1", source=MessageSource("C2", "1.000001", "1.000000")),
    WinFormState("D1", source=MessageSource("C2", "1.000001")),
    WinFormState("C1", suggested_channel_id="C2"),
    WinFormState("C1", original=OriginalText("<@U1>さ ,<@U2>", (Mention("U1", "田中"), Mention("U2")))),
]
FILLED = EnteredWin(
    "did it", ("U1", "U2"), ("U3",), "patience", ("緑",), "https://a.test", WinKind.LEARNING, "C1", is_private=True
)


@pytest.mark.parametrize("state", STATES, ids=str)
def test_what_a_form_keeps_comes_back(state: WinFormState) -> None:
    assert parse_win_form_state(state.encode()) == state
    assert len(state.encode()) < 3000


def test_a_response_url_that_is_too_long_is_left_out() -> None:
    assert parse_win_form_state(WinFormState("C1", "https://" + "x" * 3000).encode()).response_url == ""


def test_a_form_of_an_earlier_release_has_no_original() -> None:
    data = json.loads(STATES[1].encode())
    del data["original"]
    assert parse_win_form_state(json.dumps(data)) == STATES[1]


def test_of_an_original_that_has_no_room_the_form_keeps_nothing() -> None:
    people = tuple(Mention(f"U{number}", "a name as long as Slack allows".ljust(80, ".")) for number in range(40))
    state = replace(STATES[1], original=OriginalText(" ".join(person.token for person in people), people))
    assert parse_win_form_state(state.encode()) == replace(state, original=NO_TEXT)
    assert len(state.encode()) <= 3000


@pytest.mark.parametrize(
    "changes",
    [
        *({"channel": 7}, {"url": None}, {"replaces": "yes"}, {"group": 1}, {"source": "C1"}, {"source": ["C1"]}),
        *({"source": ["C1", 7, None]}, {"source": ["C1", "1.0", 7]}, {"unsaved": "7"}, {"unsaved": True}),
        *({"unsaved": -1}, {"unsaved": 2**70}, {"source": ["C1", "<x>", None]}, {"source": ["c|1", "1.000001", None]}),
        *({"source": {"C1": 1, "1.000001": 2, "x": 3}}, {"version": 2**70}),
        *({"original": None}, {"original": [7, []]}, {"original": ["", [["u|1", "Ana"]]]}, {"original": ["", ["U12"]]}),
        *({"original": ["", [["U1", 7]]]}, {"original": ["", 7]}, {"original": ["", [], []]}),
        *({"version": None}, {"version": True}, {"restored": 1}, {"repeats": None}, {"saved_before": 1}),
        *({"opened": 7}, {"opened": ""}, {"opened": "2030-03-04T09:00:00"}, {"opened": "0001-01-01T00:00:00+14:00"}),
    ],
    ids=str,
)
def test_what_the_bot_did_not_make_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse_win_form_state(json.dumps(json.loads(STATES[0].encode()) | changes))


@pytest.mark.parametrize("encoded", ["", "{}", "[]", "7", "null", "[" * 3000])
def test_what_is_no_state_is_malformed(encoded: str) -> None:
    with pytest.raises(Malformed):
        parse_win_form_state(encoded)


@pytest.mark.parametrize("version", [0, 4])
def test_what_a_form_shows_is_what_it_sends(version: int) -> None:
    for entered in (replace(FILLED, is_private=False), replace(FILLED, channel_id=None), EnteredWin(whose=("U1",))):
        shown = view.form(ENGLISH, entered, private_metadata="", version=version)
        state = State()
        state.adopt(shown["blocks"])
        assert parse_entered(state.values) == entered


def test_each_field_sends_each_change_so_that_it_is_kept_if_the_form_is_closed() -> None:
    entered = replace(FILLED, is_private=False, step_of=NextStepOf(win_id=7, name="Faster builds"))
    shown = view.form(ENGLISH, entered, private_metadata="", step_label="did it before")
    fields = [block for block in shown["blocks"] if block["type"] == "input"]
    assert {block["element"]["action_id"] for block in fields} == set(view.FIELDS)
    assert [block["block_id"] for block in fields if not block["dispatch_action"]] == []
    for element in (block["element"] for block in fields):
        is_typed = element["type"] in ("plain_text_input", "url_text_input")
        config = {"trigger_actions_on": ["on_character_entered"]} if is_typed else None
        assert element.get("dispatch_action_config") == config, element["action_id"]


def test_errors_are_shown_under_the_fields_of_the_form() -> None:
    shown = view.form(ENGLISH, replace(FILLED, is_private=False), private_metadata="", version=2)
    fields = {block["block_id"] for block in shown["blocks"]}
    found: dict[str, str] = {}
    for name, error in view.field_errors(ENGLISH):
        found |= view.errors(ENGLISH, {name: error}, version=2)
    assert found.keys() <= fields


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (view.KIND, {"selected_option": {"value": "loss"}}),
        (view.KIND, {"selected_option": None}),
        (view.AUDIENCE, {"selected_option": {"value": "everyone"}}),
        (view.WHOSE, {"selected_users": ["u1"]}),
        (view.WHOSE, {"selected_users": "U1"}),
        (view.TEXT, {"selected_users": ["U1"]}),
        (view.TAGS, {"value": "a"}),
        (view.TAGS, {"selected_options": [{"value": "Not Normal"}]}),
        (view.TAGS, {"selected_options": [{"value": "<!here>"}]}),
        (view.CHANNEL, {"selected_conversation": "#general"}),
    ],
    ids=str,
)
def test_what_the_form_does_not_offer_is_malformed(name: str, value: dict[str, Any]) -> None:
    state = State()
    state.adopt(view.form(ENGLISH, FILLED, private_metadata="")["blocks"])
    with pytest.raises(Malformed):
        parse_entered(state.values | {name: {name: value}})
