"""Finding the interactive elements in blocks, and giving ids to blocks and elements that have none, as Slack does."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

Block = dict[str, Any]
Element = dict[str, Any]

_ROWS = ("actions", "context_actions")
_INERT = ("image",)


def elements_in(blocks: Iterable[Block]) -> Iterator[tuple[Block, Element]]:
    """Yield every interactive element with its block, from top to bottom."""
    for block in blocks:
        for element in _own_elements(block):
            if element["type"] not in _INERT:
                yield block, element
        yield from elements_in(_children(block))


def with_ids(blocks: Iterable[Block], new_id: Callable[[], str]) -> list[Block]:
    """Return the blocks with a block_id in each and an action_id in each element, generated where missing."""
    return [_with_ids(block, new_id) for block in blocks]


def _with_ids(block: Block, new_id: Callable[[], str]) -> Block:
    named = {**block, "block_id": block.get("block_id") or new_id()}
    match block["type"]:
        case "actions" | "context_actions":
            named["elements"] = [_with_action_id(element, new_id) for element in block["elements"]]
        case "section" if "accessory" in block:
            named["accessory"] = _with_action_id(block["accessory"], new_id)
        case "input":
            named["element"] = _with_action_id(block["element"], new_id)
        case "card" if "actions" in block:
            named["actions"] = [_with_action_id(element, new_id) for element in block["actions"]]
        case "carousel":
            named["elements"] = with_ids(block["elements"], new_id)
        case "container":
            named["child_blocks"] = with_ids(block["child_blocks"], new_id)
    return named


def _with_action_id(element: Element, new_id: Callable[[], str]) -> Element:
    if element["type"] in _INERT:
        return element
    return {**element, "action_id": element.get("action_id") or new_id()}


def _own_elements(block: Block) -> list[Element]:
    if block["type"] in _ROWS:
        return list(block["elements"])
    return [*_listed(block.get("accessory")), *_listed(block.get("element")), *block.get("actions", [])]


def _children(block: Block) -> list[Block]:
    if block["type"] == "carousel":
        return list(block["elements"])
    return list(block.get("child_blocks", []))


def _listed(element: Element | None) -> list[Element]:
    return [element] if element else []
