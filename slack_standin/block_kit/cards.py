"""Block Kit limits: alerts, cards, containers, plans, videos and files.

Source: docs.slack.dev/reference/block-kit/blocks, @slack/types 3.2.0, slack_sdk 3.47.0 models/blocks.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slack_standin.block_kit.elements import ELEMENTS, ID, LINK, any_text, plain
from slack_standin.block_kit.rich_text import RICH_TEXT
from slack_standin.block_kit.rules import Flag, ListOf, OneOf, Shape, String, Typed, problem

_IMAGE = ELEMENTS.only("image")
_RICH_TEXT = Typed({"rich_text": RICH_TEXT})


def _has_content(card: Mapping[str, Any], at: str) -> Iterator[str]:
    if not any(part in card for part in ("hero_image", "title", "actions", "body")):
        yield problem("one of hero_image, title, actions, body is required", at)


def titled(container: Mapping[str, Any], at: str) -> Iterator[str]:
    """A container has a title, and is collapsed only when it can be."""
    if "title" not in container and "rich_text_title" not in container:
        yield problem("title or rich_text_title is required", at)
    if container.get("default_collapsed") and not container.get("is_collapsible"):
        yield problem("default_collapsed needs is_collapsible", at)


ALERT = Shape(
    {"block_id": ID, "text": any_text(200), "level": OneOf(("default", "info", "warning", "error", "success"))},
    ("text",),
)
CARD = Shape(
    {
        "block_id": ID,
        "hero_image": _IMAGE,
        "icon": _IMAGE,
        "title": any_text(150),
        "subtitle": any_text(150),
        "body": any_text(200),
        "actions": ListOf(ELEMENTS.only("button"), 1, 5),
    },
    across=_has_content,
)
CAROUSEL = Shape({"block_id": ID, "elements": ListOf(Typed({"card": CARD}), 1, 10)}, ("elements",))


def container(children: Typed) -> Shape:
    """The container block around blocks of these types."""
    return Shape(
        {
            "block_id": ID,
            "title": plain(150),
            "rich_text_title": _RICH_TEXT,
            "subtitle": any_text(150),
            "child_blocks": ListOf(children, 1, 10),
            "width": OneOf(("narrow", "standard", "wide", "full")),
            "icon": _IMAGE,
            "is_collapsible": Flag(),
            "default_collapsed": Flag(),
            "has_header_divider": Flag(),
        },
        ("child_blocks",),
        titled,
    )


_SOURCE = Typed({"url": Shape({"url": LINK, "text": String(3000)}, ("url", "text"))})
TASK_CARD = Shape(
    {
        "block_id": ID,
        "task_id": ID,
        "title": String(3000),
        "details": _RICH_TEXT,
        "output": _RICH_TEXT,
        "sources": ListOf(_SOURCE, 0, 100),
        "status": OneOf(("pending", "in_progress", "complete", "error")),
    },
    ("task_id", "title", "status"),
)
PLAN = Shape(
    {"block_id": ID, "title": String(3000), "tasks": ListOf(Typed({"task_card": TASK_CARD}), 0, 50)}, ("title",)
)
VIDEO = Shape(
    {
        "block_id": ID,
        "alt_text": String(2000),
        "video_url": LINK,
        "thumbnail_url": LINK,
        "title": plain(199),
        "title_url": LINK,
        "description": plain(200),
        "provider_icon_url": LINK,
        "provider_name": String(49),
        "author_name": String(49),
    },
    ("alt_text", "video_url", "thumbnail_url", "title"),
)
FILE = Shape({"block_id": ID, "external_id": ID, "source": OneOf(("remote",))}, ("external_id", "source"))
