"""Parsing view.state.values: Slack's value objects become plain values by field.

Each input has a block of its own, whose block_id is the field's name (docs.slack.dev, view-interaction-payloads).
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.slack.payloads import Malformed, clean

FieldValue = str | list[str] | None


def parse_state(state: Mapping[str, Any]) -> dict[str, FieldValue]:
    """Return the values by field: a text, a list of texts, or None for an empty field. Raises Malformed."""
    return {name: _parse_value(next(iter(block.values()), {})) for name, block in state.items()}


def _parse_value(element: Any) -> FieldValue:
    if not isinstance(element, dict):
        raise Malformed("value")
    for name, parse in _LIST_PARSERS.items():
        if name in element:
            values = [] if element[name] is None else element[name]
            if not isinstance(values, list):
                raise Malformed(name)
            return [parse(value) for value in values]
    for name, parse in _SINGLE_PARSERS.items():
        if name in element:
            return None if element[name] is None else parse(element[name])
    return None


def _parse_text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("value")
    return clean(value)


def _parse_option(value: Any) -> str:
    return _parse_text(value.get("value") if isinstance(value, dict) else None)


_LIST_PARSERS: dict[str, Callable[[Any], str]] = {"selected_options": _parse_option, "selected_users": _parse_text}
_SINGLE_PARSERS: dict[str, Callable[[Any], str]] = {
    "selected_option": _parse_option,
    "selected_time": _parse_text,
    "selected_date": _parse_text,
    "selected_conversation": _parse_text,
    "value": _parse_text,
}
"""The key under which a value object has its value, and how it is parsed."""
