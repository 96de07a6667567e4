"""Block Kit limits: inputs, and the blocks that contain them.

Source: docs.slack.dev/reference/block-kit/block-elements, /blocks/input-block, @slack/types 3.2.0.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slack_standin.block_kit.elements import COMMON, ELEMENTS, ID, plain
from slack_standin.block_kit.rich_text import RICH_TEXT
from slack_standin.block_kit.rules import Flag, ListOf, Number, OneOf, Rule, Shape, String, Typed, problem

_DISPATCH = Shape({"trigger_actions_on": ListOf(OneOf(("on_enter_pressed", "on_character_entered")), 1, 2)})
_TYPED: Mapping[str, Rule] = {
    "action_id": ID,
    "placeholder": plain(150),
    "dispatch_action_config": _DISPATCH,
    "focus_on_load": COMMON["focus_on_load"],
}
_DECIMAL = String(64, pattern=r"-?\d+(\.\d+)?")


def _lengths(value: Mapping[str, Any], at: str) -> Iterator[str]:
    least, most = value.get("min_length", 0), value.get("max_length", 3000)
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield problem("min_length must not exceed max_length", at)


INPUTS = Typed(
    {
        "plain_text_input": Shape(
            {
                **_TYPED,
                "initial_value": String(3000, least=0),
                "multiline": Flag(),
                "min_length": Number(0, 3000),
                "max_length": Number(1, 3000),
            },
            across=_lengths,
        ),
        "number_input": Shape(
            {
                **_TYPED,
                "is_decimal_allowed": Flag(),
                "initial_value": _DECIMAL,
                "min_value": _DECIMAL,
                "max_value": _DECIMAL,
            },
            ("is_decimal_allowed",),
        ),
        "email_text_input": Shape({**_TYPED, "initial_value": String(3000)}),
        "url_text_input": Shape({**_TYPED, "initial_value": String(3000)}),
        "rich_text_input": Shape(
            {
                **_TYPED,
                "initial_value": Typed({"rich_text": RICH_TEXT}),
                "min_lines": Number(1, 100),
                "max_lines": Number(1, 100),
            }
        ),
        "file_input": Shape(
            {"action_id": ID, "filetypes": ListOf(String(50), 1, 100), "max_files": Number(1, 10)},
        ),
        **{name: shape for name, shape in ELEMENTS.shapes.items() if name not in ("button", "image", "overflow")},
    },
    "element type",
)
INPUT = Shape(
    {
        "block_id": ID,
        "label": plain(2000),
        "hint": plain(2000),
        "element": INPUTS,
        "optional": Flag(),
        "dispatch_action": Flag(),
    },
    ("label", "element"),
)
_FEEDBACK = Shape({"text": plain(75), "value": String(2000), "accessibility_label": String(75)}, ("text", "value"))
CONTEXT_ACTIONS = Typed(
    {
        "feedback_buttons": Shape(
            {"action_id": ID, "positive_button": _FEEDBACK, "negative_button": _FEEDBACK},
            ("positive_button", "negative_button"),
        ),
        "icon_button": Shape(
            {
                "action_id": ID,
                "icon": OneOf(("trash",)),
                "text": plain(75),
                "value": String(2000),
                "accessibility_label": String(75),
                "visible_to_user_ids": ListOf(ID, 1, 100),
                "confirm": COMMON["confirm"],
            },
            ("icon", "text"),
        ),
    },
    "element type",
)
