"""Block Kit limits: rich text.

Source: docs.slack.dev/reference/block-kit/blocks/rich-text-block, @slack/types 3.2.0.
"""

from slack_standin.block_kit.elements import ID, LINK
from slack_standin.block_kit.rules import Flag, ListOf, Number, OneOf, Shape, String, Typed

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
RICH_TEXT = Shape({"elements": ListOf(_RICH_PARTS, 1, 1000), "block_id": ID}, ("elements",))
