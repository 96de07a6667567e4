"""Fields of a form: inputs whose block_id is the field's name, so that an error can be shown under each.

One that `answers` tells the bot of every change, so that the form can follow.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.views.format import Block, section

Options = Mapping[str, str]
"""Value to label, in the order in which they are shown."""


def plain(text: str) -> dict[str, Any]:
    """Make a plain text object."""
    return {"type": "plain_text", "text": text, "emoji": True}


def field(
    name: str, label: str, element: dict[str, Any], *, hint: str = "", answers: bool = True, optional: bool = False
) -> Block:
    """Make an input block around an element."""
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {"action_id": name, **element},
        "dispatch_action": answers,
        "optional": optional,
    }
    return made | {"hint": plain(hint)} if hint else made


def select(name: str, label: str, options: Options, chosen: str, **rest: Any) -> Block:
    """Make a field in which one option is chosen."""
    listed = [_option(value, text) for value, text in options.items()]
    element: dict[str, Any] = {"type": "static_select", "options": listed}
    return field(name, label, element | _initial("option", options, chosen), **rest)


def radio(name: str, label: str, options: Options, chosen: str, **rest: Any) -> Block:
    """Make a field of up to ten options that are all in sight."""
    listed = [_option(value, text) for value, text in options.items()]
    element: dict[str, Any] = {"type": "radio_buttons", "options": listed}
    return field(name, label, element | _initial("option", options, chosen), **rest)


def several(name: str, label: str, options: Options, chosen: Sequence[str], **rest: Any) -> Block:
    """Make a field in which several options can be chosen."""
    listed = [_option(value, text) for value, text in options.items()]
    element: dict[str, Any] = {"type": "multi_static_select", "options": listed}
    if initial := [_option(value, options[value]) for value in chosen if value in options]:
        element["initial_options"] = initial
    return field(name, label, element, **rest)


def zone(name: str, label: str, chosen: str | None, shown: str, **rest: Any) -> Block:
    """Make a field for a time zone, whose options are asked for while somebody types; `shown` is the chosen one."""
    element: dict[str, Any] = {"type": "external_select", "action_id": ZONE, "min_query_length": 0}
    if chosen:
        element["initial_option"] = zone_option(chosen, shown)
    return field(name, label, element, **rest)


ZONE = "zone"
"""The action whose options Slack asks for."""


def zone_option(zone: str, shown: str) -> dict[str, Any]:
    """Make the option of a time zone."""
    return _option(zone, shown)


def _option(value: str, text: str) -> dict[str, Any]:
    return {"text": plain(text[:75]), "value": value}


def _initial(kind: str, options: Options, chosen: str) -> dict[str, Any]:
    return {f"initial_{kind}": _option(chosen, options[chosen])} if chosen in options else {}


def modal(callback: str, title: str, blocks: Sequence[Block], *, keeps: str = "", submit: str = "") -> dict[str, Any]:
    """Make a modal; `keeps` comes back with whatever is done in it."""
    made: dict[str, Any] = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title),
        "close": plain("Cancel" if submit else "Close"),
        "blocks": list(blocks),
        "private_metadata": keeps,
    }
    return made | {"submit": plain(submit)} if submit else made


def warning(text: str) -> Block:
    """Make a paragraph that is not to be overlooked, of text that is escaped already."""
    return section(f":warning: {text}")
