"""Reading what was entered into a view: Slack's value objects, by block, become plain texts, by the field's name.

Each input stands in a block of its own whose block_id is the field's name (docs.slack.dev, view-interaction-payloads).
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.slack.payloads import Malformed, clean

Entered = str | list[str] | None


def read(state: Mapping[str, Any]) -> dict[str, Entered]:
    """Return what is entered, by field: a text, a list of texts, or None for nothing. Raises Malformed."""
    return {name: _value(next(iter(block.values()), {})) for name, block in state.items()}


def _value(held: Any) -> Entered:
    if not isinstance(held, dict):
        raise Malformed("value")
    for name, read_one in _LISTS.items():
        if name in held:
            chosen = [] if held[name] is None else held[name]
            if not isinstance(chosen, list):
                raise Malformed(name)
            return [read_one(each) for each in chosen]
    for name, read_one in _SINGLES.items():
        if name in held:
            return None if held[name] is None else read_one(held[name])
    return None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("value")
    return clean(value)


def _option(value: Any) -> str:
    return _text(value.get("value") if isinstance(value, dict) else None)


_LISTS: dict[str, Callable[[Any], str]] = {"selected_options": _option, "selected_users": _text}
_SINGLES: dict[str, Callable[[Any], str]] = {
    "selected_option": _option,
    "selected_time": _text,
    "selected_date": _text,
    "selected_conversation": _text,
    "value": _text,
}
"""Where Slack's value objects hold what was entered."""
