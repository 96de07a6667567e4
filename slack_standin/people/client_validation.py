"""The errors that Slack's client shows under inputs before it submits, in Slack's words.

Source: docs.slack.dev/reference/block-kit/block-elements (min_length, max_length, min_value, max_selected_items, ...).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_standin.block_kit.input_state import FIELDS, Values
from slack_standin.block_kit.interactive import Block, Element

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/]+\S*|mailto:\S+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def validation_errors(blocks: list[Block], values: Values) -> dict[str, str]:
    """Return the errors that keep a view from being submitted, by block_id."""
    found = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            entered = values[block["block_id"]][element["action_id"]]
            words = _complaint(block, element, entered[FIELDS[element["type"]].name])
            if words:
                found[block["block_id"]] = words
    return found


def _complaint(block: Block, element: Element, value: Any) -> str | None:
    if value in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    complain = _BY_TYPE.get(element["type"])
    if complain:
        return complain(element, value)
    most = element.get("max_selected_items")
    return f"You can choose up to {most} items." if most and len(value) > most else None


def _length(element: Element, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    most = element.get("max_length", 3000)
    return f"Please enter no more than {most} characters." if len(value) > most else None


def _number(element: Element, value: str) -> str | None:
    if not _NUMBER.fullmatch(value):
        return "Please enter a valid number."
    if "." in value and not element["is_decimal_allowed"]:
        return "Please enter a whole number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None


def _email(_element: Element, value: str) -> str | None:
    return None if _EMAIL.fullmatch(value) else "Please enter a valid email address."


def _url(_element: Element, value: str) -> str | None:
    return None if _URL.fullmatch(value) else "Please enter a valid URL."


def _files(element: Element, value: list[Any]) -> str | None:
    most = element.get("max_files", 10)
    return f"You can upload up to {most} files." if len(value) > most else None


_BY_TYPE: Mapping[str, Callable[[Element, Any], str | None]] = {
    "plain_text_input": _length,
    "number_input": _number,
    "email_text_input": _email,
    "url_text_input": _url,
    "file_input": _files,
}
