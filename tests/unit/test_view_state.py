"""What Slack says was entered, element by element (docs.slack.dev, reference/block-kit/block-elements)."""

from typing import Any

import pytest

from bot.slack.payloads import Malformed
from bot.slack.view_state import parse_state

OPTION = {"text": {"type": "plain_text", "text": "Friday"}, "value": "FR"}
ENTERED: list[tuple[dict[str, Any], Any]] = [
    ({"type": "plain_text_input", "value": "words"}, "words"),
    ({"type": "plain_text_input", "value": None}, None),
    ({"type": "plain_text_input", "value": "a\x00b"}, "ab"),
    ({"type": "static_select", "selected_option": OPTION}, "FR"),
    ({"type": "static_select", "selected_option": None}, None),
    ({"type": "external_select", "selected_option": OPTION}, "FR"),
    ({"type": "radio_buttons", "selected_option": OPTION}, "FR"),
    ({"type": "multi_static_select", "selected_options": [OPTION, OPTION | {"value": "MO"}]}, ["FR", "MO"]),
    ({"type": "multi_static_select", "selected_options": []}, []),
    ({"type": "checkboxes", "selected_options": [OPTION]}, ["FR"]),
    ({"type": "multi_users_select", "selected_users": ["U1", "U2"]}, ["U1", "U2"]),
    ({"type": "multi_users_select", "selected_users": None}, []),
    ({"type": "conversations_select", "selected_conversation": "C1"}, "C1"),
    ({"type": "conversations_select", "selected_conversation": None}, None),
    ({"type": "timepicker", "selected_time": "16:00"}, "16:00"),
    ({"type": "timepicker", "selected_time": None}, None),
    ({"type": "datepicker", "selected_date": "2030-03-08"}, "2030-03-08"),
    ({"type": "datepicker", "selected_date": None}, None),
    ({"type": "something_new"}, None),
]


@pytest.mark.parametrize(("held", "entered"), ENTERED, ids=lambda each: str(each)[:60])
def test_an_element_s_value_is_read(held: dict[str, Any], entered: Any) -> None:
    assert parse_state({"name": {"action": held}}) == {"name": entered}


def test_a_block_in_which_nothing_is_said_holds_nothing() -> None:
    assert parse_state({"name": {}}) == {"name": None}
    assert parse_state({}) == {}


@pytest.mark.parametrize(
    "held",
    [
        *(None, "FR", 7, [], {"value": 7}, {"value": []}, {"selected_option": {}}, {"selected_option": "FR"}),
        *({"selected_option": []}, {"selected_option": 7}, {"selected_option": {"value": None}}),
        *({"selected_option": {"value": ["FR"]}}, {"selected_options": "FR"}, {"selected_options": 7}),
        *({"selected_options": {"value": "FR"}}, {"selected_options": [None]}, {"selected_options": [{}]}),
        *({"selected_users": [7]}, {"selected_users": "U1"}, {"selected_time": 16}, {"selected_date": {}}),
    ],
    ids=str,
)
def test_what_slack_would_not_say_is_malformed(held: Any) -> None:
    with pytest.raises(Malformed):
        parse_state({"name": {"action": held}})
