"""Reading what was entered into a view: Slack's value objects, by block, become plain texts, by the field's name.

Each input stands in a block of its own whose block_id is the field's name (docs.slack.dev, view-interaction-payloads).
"""

from collections.abc import Mapping
from typing import Any

from bot.slack.payloads import Malformed, clean

Entered = str | list[str] | None


def read(state: Mapping[str, Any]) -> dict[str, Entered]:
    """Return what is entered, by field: a text, a list of texts, or None for nothing. Raises Malformed."""
    return {name: _value(next(iter(block.values()), {})) for name, block in state.items()}


def _value(held: Any) -> Entered:
    if not isinstance(held, dict):
        raise Malformed("value")
    for name in ("selected_options", "selected_users"):
        if name in held:
            chosen = held[name] or []
            return [_text(option.get("value") if isinstance(option, dict) else option) for option in chosen]
    for name in ("selected_option", "selected_time", "selected_date", "selected_conversation", "value"):
        if name in held:
            chosen = held[name]
            chosen = chosen.get("value") if isinstance(chosen, dict) else chosen
            return None if chosen is None else _text(chosen)
    return None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("value")
    return clean(value)
