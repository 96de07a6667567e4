"""Slack's markup in the text of messages: the three characters that it reserves.

Source: docs.slack.dev/messaging/formatting-message-text#escaping; for blocks slackapi/bolt-python#513.
"""

import html
import re
from collections.abc import Callable
from typing import Any

_RESERVED = re.compile(
    r"<(?:[@#]\w+|!\w[^<>|\n]*|[a-z][a-z0-9+.-]*:[^<>|\s]+)(?:\|[^<>\n]*)?>|&(?:amp|lt|gt);|[&<>]",
    re.IGNORECASE | re.ASCII,
)


def escape_entities(text: str) -> str:
    """Replace the three characters that Slack's markup reserves."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def stored(text: str) -> str:
    """Text as Slack keeps it and gives it back: what is no mention, link or entity is escaped."""
    return _RESERVED.sub(lambda found: found[0] if len(found[0]) > 1 else escape_entities(found[0]), text)


def stored_blocks(blocks: Any) -> Any:
    """The blocks of a message as Slack gives them back: the text in text objects is escaped, plain text too."""
    return _with_texts(blocks, stored, ("plain_text", "mrkdwn"))


def shown_blocks(blocks: Any) -> Any:
    """Blocks for a client that shows plain text as it is: its entities are characters again."""
    return _with_texts(blocks, html.unescape, ("plain_text",))


def _with_texts(part: Any, change: Callable[[str], str], kinds: tuple[str, ...]) -> Any:
    if isinstance(part, list):
        return [_with_texts(each, change, kinds) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") in kinds and isinstance(part.get("text"), str):
        return part | {"text": change(part["text"])}
    return {name: _with_texts(value, change, kinds) for name, value in part.items()}
