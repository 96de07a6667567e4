"""Cursors: opaque to the client, a position in a list to us."""

import base64
from collections.abc import Sequence
from typing import Any

from slack_standin.api.methods.method import ApiError, Ask


def page(ask: Ask, items: Sequence[Any], *, default: int, most: int) -> tuple[Sequence[Any], str]:
    """A page of the items, and the cursor of the next one ("" when there is none)."""
    limit = ask.args.get("limit", default)
    if not 0 < limit <= most:
        raise ApiError("invalid_limit")
    start = _position(ask.text("cursor"))
    end = start + limit
    following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
    return items[start:end], following


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
    except ValueError:
        raise ApiError("invalid_cursor") from None
    if word != "next" or not number.isdigit():
        raise ApiError("invalid_cursor")
    return int(number)
