"""Fields of a form: inputs whose block_id is the field's name, so that an error can be shown under each.

A field with `dispatch_action` sends an action on every change, so that the bot can update the form.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.views.format import Block, plain_text, section
from bot.views.translations import Translations

Options = Mapping[str, str]
"""Values with their labels, in the order in which they are shown."""


def field(
    name: str,
    label: str,
    element: dict[str, Any],
    *,
    hint: str = "",
    dispatch_action: bool = True,
    optional: bool = False,
) -> Block:
    """Make an input block around an element."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain_text(label),
        "element": {"action_id": name, **element},
        "dispatch_action": dispatch_action,
        "optional": optional,
    }
    return block | {"hint": plain_text(hint)} if hint else block


def select(name: str, label: str, options: Options, chosen: str, **rest: Any) -> Block:
    """Make a field in which one option is chosen."""
    return field(name, label, _one_of("static_select", options, chosen), **rest)


def radio(name: str, label: str, options: Options, chosen: str, **rest: Any) -> Block:
    """Make a field of up to ten options, all of them visible, in which one is chosen."""
    return field(name, label, _one_of("radio_buttons", options, chosen), **rest)


def _one_of(kind: str, options: Options, chosen: str) -> dict[str, Any]:
    element: dict[str, Any] = {"type": kind, "options": _options(options)}
    return element | {"initial_option": option(chosen, options[chosen])} if chosen in options else element


def checkboxes(name: str, label: str, options: Options, chosen: Sequence[str], **rest: Any) -> Block:
    """Make a field of up to ten options, all of them visible, of which any may be chosen."""
    return field(name, label, _any_of("checkboxes", options, chosen), **rest)


def multi_select(name: str, label: str, options: Options, chosen: Sequence[str], **rest: Any) -> Block:
    """Make a field in which several options can be chosen."""
    return field(name, label, _any_of("multi_static_select", options, chosen), **rest)


def _any_of(kind: str, options: Options, chosen: Sequence[str]) -> dict[str, Any]:
    element: dict[str, Any] = {"type": kind, "options": _options(options)}
    initial = [option(value, options[value]) for value in chosen if value in options]
    return element | {"initial_options": initial} if initial else element


def zone(name: str, label: str, chosen: str | None, selected_label: str, **rest: Any) -> Block:
    """Make a field for a time zone, whose options Slack requests while the user types."""
    element: dict[str, Any] = {"type": "external_select", "action_id": ZONE_ACTION_ID, "min_query_length": 0}
    if chosen:
        element["initial_option"] = zone_option(chosen, selected_label)
    return field(name, label, element, **rest)


ZONE_ACTION_ID = "zone"
"""The action whose options Slack requests."""


def zone_option(zone: str, label: str) -> dict[str, Any]:
    """Make the option of a time zone."""
    return option(zone, label)


def suggested(name: str, label: str, chosen: Options, *, limit: int, **rest: Any) -> Block:
    """Make a field of up to `limit` options, which Slack requests while the user types."""
    element: dict[str, Any] = {"type": "multi_external_select", "min_query_length": 0, "max_selected_items": limit}
    if chosen:
        element["initial_options"] = _options(chosen)
    return field(name, label, element, **rest)


def option(value: str, text: str) -> dict[str, Any]:
    """Make an option."""
    return {"text": plain_text(text[:75]), "value": value}


def _options(options: Options) -> list[dict[str, Any]]:
    return [option(value, text) for value, text in options.items()]


def modal(
    t: Translations,
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    private_metadata: str = "",
    submit: str = "",
) -> dict[str, Any]:
    """Make a modal; Slack sends `private_metadata` back with every action and submission."""
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title),
        "close": plain_text(t.gettext("Cancel") if submit else t.gettext("Close")),
        "blocks": list(blocks),
        "private_metadata": private_metadata,
    }
    return view | {"submit": plain_text(submit)} if submit else view


def warning(text: str) -> Block:
    """Make a section with a warning sign, of escaped text."""
    return section(f":warning: {text}")
