"""The table of Block Kit limits, upper half: blocks, rich text, and which block may stand where. One entry each.

Source: docs.slack.dev/reference/block-kit/blocks, @slack/types 3.2.0.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from bot.playground.standin.block_elements import ELEMENTS, ID, LINK, SLACK_FILE, any_text, exactly_one, plain, text
from bot.playground.standin.block_rules import Flag, ListOf, Number, OneOf, Rule, Shape, String, Typed, problem

Surface = Literal["message", "modal", "home"]

MOST_BLOCKS: Mapping[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MOST_MARKDOWN = 12_000
MOST_TEXT = 40_000
MOST_ATTACHMENTS = 100
MOST_METADATA_BYTES = 2_000
"""Slack has a limit and doesn't publish it; this one is ours."""

_STYLES = {"bold": Flag(), "italic": Flag(), "strike": Flag(), "code": Flag(), "underline": Flag()}
_STYLE = Shape(_STYLES)
_MENTION_STYLE = Shape({**_STYLES, "highlight": Flag(), "client_highlight": Flag(), "unlink": Flag()})
_RICH_INLINE = Typed(
    {
        "text": Shape({"text": String(3000), "style": _STYLE}, ("text",)),
        "link": Shape({"url": LINK, "text": String(3000), "unsafe": Flag(), "style": _STYLE}, ("url",)),
        "emoji": Shape({"name": String(255), "unicode": String(255), "skin_tone": Number(2, 6)}, ("name",)),
        "user": Shape({"user_id": ID, "style": _MENTION_STYLE}, ("user_id",)),
        "usergroup": Shape({"usergroup_id": ID, "style": _MENTION_STYLE}, ("usergroup_id",)),
        "channel": Shape({"channel_id": ID, "style": _MENTION_STYLE}, ("channel_id",)),
        "broadcast": Shape({"range": OneOf(("here", "channel", "everyone"))}, ("range",)),
        "date": Shape(
            {"timestamp": Number(), "format": String(3000), "url": LINK, "fallback": String(3000)},
            ("timestamp", "format"),
        ),
        "color": Shape({"value": String(7, pattern="#[0-9A-Fa-f]{6}")}, ("value",)),
    },
    "rich text element",
)
_RICH_SECTION = Shape({"elements": ListOf(_RICH_INLINE, 1, 1000)}, ("elements",))
_RICH_PARTS = Typed(
    {
        "rich_text_section": _RICH_SECTION,
        "rich_text_list": Shape(
            {
                "elements": ListOf(Typed({"rich_text_section": _RICH_SECTION}), 1, 1000),
                "style": OneOf(("bullet", "ordered")),
                "indent": Number(0, 8),
                "offset": Number(),
                "border": Number(0, 1),
            },
            ("elements", "style"),
        ),
        "rich_text_preformatted": Shape(
            {
                "elements": ListOf(_RICH_INLINE.only("text", "link"), 1, 1000),
                "border": Number(0, 1),
                "language": String(64),
            },
            ("elements",),
        ),
        "rich_text_quote": Shape({"elements": ListOf(_RICH_INLINE, 1, 1000), "border": Number(0, 1)}, ("elements",)),
    },
    "rich text part",
)
_RICH_TEXT = Shape({"elements": ListOf(_RICH_PARTS, 1, 1000), "block_id": ID}, ("elements",))
_CELL = Typed({"raw_text": Shape({"text": String(3000)}, ("text",)), "rich_text": _RICH_TEXT}, "cell type")
_COLUMN = Shape({"align": OneOf(("left", "center", "right")), "is_wrapped": Flag()})

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


def _even_rows(block: Mapping[str, Any], at: str) -> Iterator[str]:
    rows = block.get("rows")
    widths = {len(row) for row in rows if isinstance(row, list)} if isinstance(rows, list) else set()
    if len(widths) > 1:
        yield problem("rows must have the same number of cells", f"{at}/rows")


def _block(fields: Mapping[str, Rule], *required: str, **rest: Any) -> Shape:
    return Shape({"block_id": ID, **fields}, required, **rest)


BLOCKS: Mapping[str, Shape] = {
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
    "rich_text": _RICH_TEXT,
    "markdown": _block({"text": String(MOST_MARKDOWN)}, "text"),
    "table": _block(
        {"rows": ListOf(ListOf(_CELL, 1, 20), 1, 100), "column_settings": ListOf(_COLUMN, 1, 20)},
        "rows",
        across=_even_rows,
    ),
}

_EVERYWHERE = ("section", "header", "divider", "context", "actions", "image", "rich_text")
ON_SURFACE: Mapping[Surface, tuple[str, ...]] = {
    "message": (*_EVERYWHERE, "markdown", "table"),
    "modal": _EVERYWHERE,
    "home": _EVERYWHERE,
}
MOST_OF_A_KIND: Mapping[str, int] = {"table": 1}
