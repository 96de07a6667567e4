"""What one person has entered into the elements of some blocks: state.values in payloads.

Source: docs.slack.dev/reference/interaction-payloads/view-interactions-payload, /reference/views (state.values).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_standin.block_kit.interactive import Block, Element, elements_in

Values = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Field:
    """The field of an element's value in payloads, and of its initial value in the element."""

    name: str
    initial: str
    several: bool = False


FIELDS: Mapping[str, Field] = {
    "plain_text_input": Field("value", "initial_value"),
    "number_input": Field("value", "initial_value"),
    "email_text_input": Field("value", "initial_value"),
    "url_text_input": Field("value", "initial_value"),
    "rich_text_input": Field("rich_text_value", "initial_value"),
    "file_input": Field("files", "", several=True),
    "datepicker": Field("selected_date", "initial_date"),
    "timepicker": Field("selected_time", "initial_time"),
    "datetimepicker": Field("selected_date_time", "initial_date_time"),
    "static_select": Field("selected_option", "initial_option"),
    "external_select": Field("selected_option", "initial_option"),
    "radio_buttons": Field("selected_option", "initial_option"),
    "multi_static_select": Field("selected_options", "initial_options", several=True),
    "multi_external_select": Field("selected_options", "initial_options", several=True),
    "checkboxes": Field("selected_options", "initial_options", several=True),
    "users_select": Field("selected_user", "initial_user"),
    "multi_users_select": Field("selected_users", "initial_users", several=True),
    "conversations_select": Field("selected_conversation", "initial_conversation"),
    "multi_conversations_select": Field("selected_conversations", "initial_conversations", several=True),
    "channels_select": Field("selected_channel", "initial_channel"),
    "multi_channels_select": Field("selected_channels", "initial_channels", several=True),
}
"""The elements that remember something; buttons and overflow menus don't."""
TEXT_INPUTS = ("plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input")
_CONVERSATIONS = ("conversations_select", "multi_conversations_select")


@dataclass
class State:
    """The values of one person; `offered` holds the options that the bot returned for external selects."""

    values: Values = field(default_factory=dict)
    offered: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def adopt(self, blocks: Iterable[Block], current: str | None = None) -> None:
        """Follow new blocks: keep values where block, action and type are the same, and reset the rest.

        `current` is the conversation for default_to_current_conversation.
        """
        before, self.values = self.values, {}
        for block, element in elements_in(blocks):
            if element["type"] in FIELDS:
                kept = before.get(block["block_id"], {}).get(element["action_id"])
                value = kept if kept and kept["type"] == element["type"] else _first(element, current)
                self.values.setdefault(block["block_id"], {})[element["action_id"]] = value

    def enter(self, block: Block, element: Element, value: Any) -> dict[str, Any]:
        """Set what a person entered or chose; None or nothing clears it. Raises ValueError for an unknown option."""
        place = FIELDS[element["type"]]
        spot = block["block_id"], element["action_id"]
        options = [*options_of(element), *self.offered.get(spot, []), *self._chosen(*spot)]
        entered = _first(element, None) | {place.name: _read(element, place, value, options)}
        self.values.setdefault(block["block_id"], {})[element["action_id"]] = entered
        return entered

    def _chosen(self, block_id: str, action_id: str) -> list[dict[str, Any]]:
        """The options that are chosen already: they can stay, whatever an external menu has offered since."""
        held = self.values.get(block_id, {}).get(action_id, {})
        return [
            *(held.get("selected_options") or []),
            *([held["selected_option"]] if held.get("selected_option") else []),
        ]


def options_of(element: Element) -> list[dict[str, Any]]:
    """The options that an element shows by itself, those of its groups included."""
    groups = element.get("option_groups") or []
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


def rich_text(words: str) -> dict[str, Any]:
    """Words as the rich_text block that a person would have typed them in."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    return {"type": "rich_text", "elements": [section]}


def _first(element: Element, current: str | None) -> dict[str, Any]:
    place = FIELDS[element["type"]]
    value = element.get(place.initial, [] if place.several else None)
    if not value and current and element.get("default_to_current_conversation"):
        value = [current] if place.several else current
    further = {"timezone": element["timezone"]} if "timezone" in element else {}
    return {"type": element["type"], place.name: value} | further


def _read(element: Element, place: Field, value: Any, options: list[dict[str, Any]]) -> Any:
    if place.name in ("selected_option", "selected_options"):
        if place.several:
            return [_option(each, options) for each in value or []]
        return None if value is None else _option(value, options)
    if place.several:
        return list(value or [])
    if element["type"] == "rich_text_input" and isinstance(value, str):
        return rich_text(value) if value else None
    if element["type"] == "datetimepicker":
        return None if value is None else int(value)
    return None if value in (None, "") else str(value) if not isinstance(value, dict) else value


def _option(value: Any, options: list[dict[str, Any]]) -> dict[str, Any]:
    for option in options:
        if value in (option, option["value"]):
            return option
    raise ValueError(f"there is no option {value!r}")
