"""Blocks as readable text, for printing and for tests."""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from slack_standin.block_kit.plain_text_blocks import card_parts, chart_lines, children, table_rows, task_lines

Readable = Callable[[str], str]
Part = Mapping[str, Any]
_MARKUP = re.compile(r"<([^<>]+)>")


def readable_markup(text: str, names: Mapping[str, str]) -> str:
    """Turn Slack's markup into what is displayed: <@U1> into @ana, links into labels, entities into characters."""

    def displayed(found: re.Match[str]) -> str:
        target, _, label = found.group(1).partition("|")
        if target.startswith(("@", "#")):
            return target[0] + (names.get(target[1:]) or label or "unknown")
        if target.startswith("!"):
            return label or "@" + target[1:].partition("^")[0]
        return label or target

    return html.unescape(_MARKUP.sub(displayed, text))


def plain_lines(blocks: Iterable[Part], readable: Readable) -> list[str]:
    """Render blocks from top to bottom, a line or more for each."""
    return [line for block in blocks for line in _block_lines(block, readable)]


def _block_lines(block: Part, readable: Readable) -> list[str]:
    renderer = _BLOCKS.get(block["type"])
    return renderer(block, readable) if renderer else [f"({block['type']})"]


def _section(block: Part, readable: Readable) -> list[str]:
    texts = [block["text"]] if "text" in block else []
    lines = [line for part in [*texts, *block.get("fields", [])] for line in _text(part, readable).splitlines()]
    if "accessory" in block:
        lines = [*lines[:-1], " ".join([*lines[-1:], _element(block["accessory"], readable)])]
    return lines


def _row(block: Part, readable: Readable) -> list[str]:
    return [" ".join(_element(part, readable) for part in block["elements"])]


def _table(block: Part, readable: Readable) -> list[str]:
    caption = [block["caption"]] if "caption" in block else []
    return [*caption, *(" | ".join(_cell(cell, readable) for cell in row) for row in table_rows(block))]


def _cell(cell: Part, readable: Readable) -> str:
    return " ".join(plain_lines([cell], readable)) if cell["type"] == "rich_text" else str(cell["text"])


def _stacked(block: Part, readable: Readable) -> list[str]:
    """Yield the texts, content and buttons of a card, a container, a carousel or an alert."""
    texts = [
        line
        for part in card_parts(block)
        for line in (_rich_text(part, readable) if part["type"] == "rich_text" else _text(part, readable).splitlines())
    ]
    buttons = " ".join(_element(part, readable) for part in block.get("actions", []))
    return [*texts, *plain_lines(children(block), readable), *([buttons] if buttons else [])]


def _input(block: Part, readable: Readable) -> list[str]:
    return [f"{_text(block['label'], readable)} {_element(block['element'], readable)}"]


def _rich_text(block: Part, readable: Readable) -> list[str]:
    return [line for part in block["elements"] for line in _rich_part(part, readable)]


def _rich_part(part: Part, readable: Readable) -> list[str]:
    if part["type"] == "rich_text_list":
        return _rich_list(part, readable)
    quote = "> " if part["type"] == "rich_text_quote" else ""
    return [quote + line for line in _inline_text(part["elements"], readable).splitlines()]


def _rich_list(part: Part, readable: Readable) -> list[str]:
    first = 1 + part.get("offset", 0)
    margin = "  " * part.get("indent", 0)
    numbered = part.get("style") == "ordered"
    return [
        f"{margin}{f'{number}.' if numbered else '•'} {_inline_text(item['elements'], readable)}"
        for number, item in enumerate(part["elements"], start=first)
    ]


def _inline_text(elements: Iterable[Part], readable: Readable) -> str:
    return "".join(_INLINE.get(bit["type"], _unknown)(bit, readable) for bit in elements)


def _text(part: Part, readable: Readable) -> str:
    return readable(part["text"]) if part["type"] == "mrkdwn" else html.unescape(part["text"])


def _element(part: Part, readable: Readable) -> str:
    return _ELEMENTS.get(part["type"], _menu)(part, readable)


def _menu(part: Part, _readable: Readable) -> str:
    return f"[{part.get('placeholder', {}).get('text') or part['type']}]"


def _unknown(part: Part, _readable: Readable) -> str:
    return f"({part['type']})"


_ELEMENTS: Mapping[str, Callable[[Part, Readable], str]] = {
    "mrkdwn": _text,
    "plain_text": _text,
    "button": lambda part, readable: f"[{_text(part['text'], readable)}]",
    "image": lambda part, _: f"({part['alt_text']})",
    "overflow": lambda _part, _: "[...]",
    "icon_button": lambda part, readable: f"[{_text(part['text'], readable)}]",
    "feedback_buttons": lambda part, readable: " ".join(
        f"[{_text(part[side]['text'], readable)}]" for side in ("positive_button", "negative_button")
    ),
}
_BLOCKS: Mapping[str, Callable[[Part, Readable], list[str]]] = {
    "section": _section,
    "header": lambda block, readable: [_text(block["text"], readable)],
    "context": _row,
    "actions": _row,
    "divider": lambda _block, _: ["---"],
    "image": lambda block, readable: [_element(block, readable)],
    "markdown": lambda block, _: str(block["text"]).splitlines(),
    "rich_text": _rich_text,
    "table": _table,
    "data_table": _table,
    "context_actions": _row,
    "input": _input,
    "alert": _stacked,
    "card": _stacked,
    "carousel": _stacked,
    "container": _stacked,
    "data_visualization": lambda block, _: chart_lines(block),
    "plan": lambda block, _: task_lines(block),
    "task_card": lambda block, _: task_lines(block),
    "video": lambda block, readable: [f"{_text(block['title'], readable)} ({block['alt_text']})"],
}
_INLINE: Mapping[str, Callable[[Part, Readable], str]] = {
    "text": lambda bit, _: str(bit["text"]),
    "link": lambda bit, _: str(bit.get("text") or bit["url"]),
    "emoji": lambda bit, _: f":{bit['name']}:",
    "user": lambda bit, readable: readable(f"<@{bit['user_id']}>"),
    "channel": lambda bit, readable: readable(f"<#{bit['channel_id']}>"),
    "broadcast": lambda bit, _: f"@{bit['range']}",
    "date": lambda bit, _: str(bit.get("fallback", bit["format"])),
}
