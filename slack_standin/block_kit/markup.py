"""Slack's markup in the text of messages: the three characters that it reserves.

Source: docs.slack.dev/messaging/formatting-message-text#escaping.
"""

import re

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
