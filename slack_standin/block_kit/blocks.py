"""Block Kit limits: blocks, views, and which block is allowed on which surface. One entry each.

Source: docs.slack.dev/reference/block-kit/blocks, @slack/types 3.2.0.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from slack_standin.block_kit.cards import ALERT, CARD, CAROUSEL, FILE, PLAN, TASK_CARD, VIDEO, container
from slack_standin.block_kit.data_blocks import DATA_TABLE, DATA_VISUALIZATION, TABLE
from slack_standin.block_kit.elements import ELEMENTS, ID, LINK, SLACK_FILE, any_text, exactly_one, plain, text
from slack_standin.block_kit.inputs import CONTEXT_ACTIONS, INPUT, INPUTS
from slack_standin.block_kit.rich_text import RICH_TEXT
from slack_standin.block_kit.rules import Flag, ListOf, Rule, Shape, String, Typed, problem

Surface = Literal["message", "modal", "home"]

MAX_BLOCKS: Mapping[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MAX_MARKDOWN = 12_000
MAX_TEXT = 40_000
MAX_UPDATED_TEXT_BYTES = 4_000
"""Of the text that chat.update takes, in UTF-8. Slack's reference says characters; bytes were measured in
github.com/openclaw/openclaw/issues/115027.
"""
MAX_BLOCKS_TEXT = 12_000
"""Of all text in the blocks of what chat.* posts, in characters: github.com/slackapi/bolt-js/issues/2509. Slack takes a
little more where the blocks are few.
"""
MAX_BLOCKS_LENGTH = 13_200
"""Of the same blocks as JSON, in characters. Slack doesn't say what it counts beside the text. 11,341 characters of it
in many blocks were refused, but not through a response_url (github.com/slackapi/bolt-js/issues/2867), and headers were
measured to take some 100 characters each beyond their text, of about 13,200 in all.
"""
MAX_TABLE_TEXT = 10_000
"""Of all cells of all tables in a message, in characters."""
MAX_ATTACHMENTS = 100
MAX_METADATA_BYTES = 2_000
"""Slack has a limit and doesn't publish it; this one is ours."""

_INTERACTIVE = (
    "button",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "datepicker",
    "timepicker",
)
_MULTI = (
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
)
_ACCESSORY = ELEMENTS.only("image", *_INTERACTIVE, *_MULTI)
_IN_ACTIONS = ELEMENTS.only("datetimepicker", *_INTERACTIVE)
_IN_CONTEXT = Typed({"image": ELEMENTS.shapes["image"], **text("plain_text", "mrkdwn").shapes}, "element type")


def _text_or_fields(block: Mapping[str, Any], at: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield problem("text or fields are required", at)


def _unique_action_ids(block: Mapping[str, Any], at: str) -> Iterator[str]:
    elements = block.get("elements")
    seen: set[str] = set()
    for number, element in enumerate(elements if isinstance(elements, list) else []):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str):
            if action_id in seen:
                yield problem(f"duplicate action_id: {action_id}", f"{at}/elements/{number}/action_id")
            seen.add(action_id)


def _block(fields: Mapping[str, Rule], *required: str, **rest: Any) -> Shape:
    return Shape({"block_id": ID, **fields}, required, **rest)


_PLAIN_BLOCKS: Mapping[str, Shape] = {
    "section": _block(
        {"text": any_text(3000), "fields": ListOf(any_text(2000), 1, 10), "accessory": _ACCESSORY, "expand": Flag()},
        across=_text_or_fields,
    ),
    "header": _block({"text": plain(150)}, "text"),
    "divider": _block({}),
    "context": _block({"elements": ListOf(_IN_CONTEXT, 1, 10)}, "elements"),
    "actions": _block({"elements": ListOf(_IN_ACTIONS, 1, 25)}, "elements", across=_unique_action_ids),
    "image": _block(
        {"image_url": LINK, "slack_file": SLACK_FILE, "alt_text": String(2000), "title": plain(2000)},
        "alt_text",
        across=exactly_one("image_url", "slack_file"),
    ),
    "rich_text": RICH_TEXT,
    "video": VIDEO,
    "card": CARD,
    "markdown": _block({"text": String(MAX_MARKDOWN)}, "text"),
    "table": TABLE,
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
}
BLOCKS: Mapping[str, Shape] = {
    **_PLAIN_BLOCKS,
    "input": INPUT,
    "context_actions": _block({"elements": ListOf(CONTEXT_ACTIONS, 1, 5)}, "elements", across=_unique_action_ids),
    "alert": ALERT,
    "carousel": CAROUSEL,
    "container": container(Typed(_PLAIN_BLOCKS, "block type")),
    "plan": PLAN,
    "task_card": TASK_CARD,
    "file": FILE,
}

_EVERYWHERE = ("section", "header", "divider", "context", "actions", "image", "rich_text", "input", "video", "card")
_IN_MESSAGES = (
    "markdown",
    "table",
    "data_table",
    "data_visualization",
    "context_actions",
    "carousel",
    "container",
    "plan",
    "task_card",
    "file",
)
ON_SURFACE: Mapping[Surface, tuple[str, ...]] = {
    "message": (*_EVERYWHERE, *_IN_MESSAGES),
    "modal": (*_EVERYWHERE, "alert"),
    "home": (*_EVERYWHERE, "carousel"),
}
MAX_OF_A_KIND: Mapping[str, int] = {"table": 1, "data_visualization": 2}


def block_type(surface: Surface) -> Typed:
    """A block that one surface shows. Files can be asked for in modals only (file-input-element)."""
    shapes = {name: BLOCKS[name] for name in ON_SURFACE[surface]}
    if surface != "modal":
        allowed = INPUTS.only(*(name for name in INPUTS.shapes if name != "file_input"))
        shapes["input"] = Shape({**INPUT.fields, "element": allowed}, INPUT.required)
    return Typed(shapes, "block type")
