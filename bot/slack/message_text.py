"""What a message says, in Slack's markup: its text or, if it has none, that of its blocks and attachments.

People's messages have a text that says all (docs.slack.dev, message events). Apps may leave it out.
"""

from collections.abc import Iterator
from typing import Any

from bot.domain.text import is_visible
from bot.slack.payloads import Payload, clean

MAX_LENGTH = 12_000
"""The most characters that are read: a person's message has no more."""
_PLACEHOLDER = "This content can't be displayed."
"""What Slack gives as the text of blocks that have none."""
_MAX_DEPTH = 20
_PARTS = (
    "pretext",
    "text",
    "fields",
    "elements",
    "rows",
    "title",
    "message_blocks",
    "message",
    "blocks",
    "attachments",
)
"""Where blocks and attachments hold text and what has text, in the order in which it is read."""


def of(message: Payload) -> str:
    """Return what a message says, "" if it says nothing, as a message of files alone does."""
    text = message.get("text")
    text = clean(text) if isinstance(text, str) else ""
    if is_visible(text) and text.strip() != _PLACEHOLDER:
        return text.strip()[:MAX_LENGTH]
    parts = _texts([message.get("blocks"), message.get("attachments")], _MAX_DEPTH)
    lines = [clean(part).strip() for part in parts]
    return "\n".join(filter(is_visible, lines))[:MAX_LENGTH].strip()


def _texts(value: Any, depth: int) -> Iterator[str]:
    """Yield the texts in blocks, attachments and their parts."""
    if depth < 0:
        return
    if isinstance(value, list):
        for each in value:
            yield from _texts(each, depth - 1)
    elif isinstance(value, dict):
        if value.get("type") in _RICH_TEXT:
            yield "".join(_rich_text(value, depth))
        elif not isinstance(value.get("type"), str) or value["type"] not in _CONTROLS:
            for name in _PARTS:
                part = value.get(name)
                if isinstance(part, str):
                    yield part
                else:
                    yield from _texts(part, depth - 1)


_RICH_TEXT = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")
_CONTROLS = ("actions", "button", "overflow", "input")
"""What people press and fill in: it says nothing of its own."""


def _rich_text(element: dict[str, Any], depth: int) -> Iterator[str]:
    elements = element.get("elements")
    for each in elements if isinstance(elements, list) else ():
        if not isinstance(each, dict):
            continue
        kind = each.get("type")
        if kind in _RICH_TEXT and depth > 0:
            yield "".join(_rich_text(each, depth - 1)) + "\n"
        elif isinstance(kind, str) and kind in _RICH_ELEMENTS:
            name, form = _RICH_ELEMENTS[kind]
            value = each.get(name)
            if isinstance(value, str):
                yield form.format(_escape(value))


_RICH_ELEMENTS = {
    "text": ("text", "{}"),
    "emoji": ("name", ":{}:"),
    "link": ("url", "<{}>"),
    "user": ("user_id", "<@{}>"),
    "channel": ("channel_id", "<#{}>"),
}


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
