"""Blocks as text that a person could read: what the playground prints and what tests compare."""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Readable = Callable[[str], str]
_MARKUP = re.compile(r"<([^<>]+)>")


def readable_markup(text: str, names: Mapping[str, str]) -> str:
    """Turn Slack's markup into what is displayed: <@U1> into @ana, links into their labels, entities into signs."""

    def displayed(found: re.Match[str]) -> str:
        target, _, label = found.group(1).partition("|")
        if target[0] in "@#":
            return target[0] + (names.get(target[1:]) or label or "unknown")
        if target[0] == "!":
            return label or "@" + target[1:].partition("^")[0]
        return label or target

    return html.unescape(_MARKUP.sub(displayed, text))


def plain_lines(blocks: Iterable[Mapping[str, Any]], readable: Readable) -> list[str]:
    """Render blocks from top to bottom, a line or more for each."""
    return [line for block in blocks for line in _block_lines(block, readable)]


def _block_lines(block: Mapping[str, Any], readable: Readable) -> list[str]:
    match block.get("type"):
        case "header":
            return [_text(block["text"], readable)]
        case "section":
            return _section(block, readable)
        case "context":
            return [" ".join(_element(part, readable) for part in block["elements"])]
        case "actions":
            return [" ".join(_element(part, readable) for part in block["elements"])]
        case "divider":
            return ["---"]
        case "image":
            return [_element(block, readable)]
        case "markdown":
            return str(block["text"]).splitlines()
        case "rich_text":
            return [line for part in block["elements"] for line in _rich_part(part, readable)]
        case "table":
            return [" | ".join(_cell(cell, readable) for cell in row) for row in block["rows"]]
        case other:
            return [f"({other})"]


def _section(block: Mapping[str, Any], readable: Readable) -> list[str]:
    texts = [block["text"]] if "text" in block else []
    lines = [line for part in [*texts, *block.get("fields", [])] for line in _text(part, readable).splitlines()]
    if "accessory" in block:
        lines[-1] += " " + _element(block["accessory"], readable)
    return lines


def _text(part: Mapping[str, Any], readable: Readable) -> str:
    return readable(part["text"]) if part.get("type") == "mrkdwn" else str(part["text"])


def _element(part: Mapping[str, Any], readable: Readable) -> str:
    match part.get("type"):
        case "mrkdwn" | "plain_text":
            return _text(part, readable)
        case "button":
            return f"[{_text(part['text'], readable)}]"
        case "image":
            return f"({part['alt_text']})"
        case "overflow":
            return "[...]"
        case other:
            label = part.get("placeholder", {}).get("text") or other
            return f"[{label}]"


def _rich_part(part: Mapping[str, Any], readable: Readable) -> list[str]:
    elements = part["elements"]
    if part["type"] == "rich_text_list":
        numbered = part.get("style") == "ordered"
        margin = "  " * int(part.get("indent", 0))
        marks = [f"{1 + number + part.get('offset', 0)}." if numbered else "•" for number in range(len(elements))]
        return [
            f"{margin}{mark} {''.join(_inline(bit, readable) for bit in item['elements'])}"
            for mark, item in zip(marks, elements, strict=True)
        ]
    text = "".join(_inline(bit, readable) for bit in elements)
    quote = "> " if part["type"] == "rich_text_quote" else ""
    return [quote + line for line in text.splitlines()]


def _inline(bit: Mapping[str, Any], readable: Readable) -> str:
    match bit["type"]:
        case "text":
            return str(bit["text"])
        case "link":
            return str(bit.get("text") or bit["url"])
        case "emoji":
            return f":{bit['name']}:"
        case "user":
            return readable(f"<@{bit['user_id']}>")
        case "channel":
            return readable(f"<#{bit['channel_id']}>")
        case "broadcast":
            return f"@{bit['range']}"
        case "date":
            return str(bit.get("fallback", bit["format"]))
        case other:
            return f"({other})"


def _cell(cell: Mapping[str, Any], readable: Readable) -> str:
    if cell["type"] == "rich_text":
        return " ".join(plain_lines([cell], readable))
    return str(cell["text"])
