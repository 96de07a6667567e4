"""Text as a person's client sends it, as the rich_text block that Slack's composer makes of it.

Source: docs.slack.dev/reference/block-kit/blocks/rich-text-block; the shapes are those of recorded message events.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Part = dict[str, Any]
Style = Mapping[str, bool]
Kind = tuple[object, ...]

_PREFORMATTED = re.compile(r"```\n?([\s\S]+?)\n?```")
_QUOTED = re.compile(r"&gt; ?(.*)")
_ITEM = re.compile(r"(?P<margin>[ \t]*)(?:(?P<bullet>[•◦▪*-])|(?P<number>\d{1,3})\.)[ \t]+(?P<text>\S.*)")
_EMOJI = r":[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:"
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    rf"|(?<![\w:])(?P<emoji>(?:{_EMOJI})+)"
    + "".join(
        # A mark that opens stands before a character and after no word, one that closes the other way round.
        rf"|(?<![\w{mark}]){mark}(?P<{style}>(?![\s{mark}])(?:<[^<>\n]*>|`[^`\n]*`|{mark}(?=\w)|[^{mark}\n])+?(?<!\s))"
        rf"{mark}(?![\w{mark}])"
        for style, mark in (("bold", r"\*"), ("italic", "_"), ("strike", "~"))
    )
)
_ONE_EMOJI = re.compile(r":([a-z0-9_+'-]+?)(?:::skin-tone-([2-6]))?:")


def rich_text(markup: str) -> list[Part]:
    """The blocks of a message with this text; none for an empty one."""
    parts: list[Part] = []
    for number, piece in enumerate(_PREFORMATTED.split(markup)):
        if number % 2:
            parts.append({"type": "rich_text_preformatted", "elements": [_text(html.unescape(piece), {})]})
        else:
            parts += _lines(piece.removeprefix("\n") if number else piece)
    return [{"type": "rich_text", "elements": parts}] if parts else []


def _lines(text: str) -> Iterator[Part]:
    """Sections, quotes and lists, each of neighbouring lines of one kind."""
    kind: Kind = ()
    held: list[str] = []
    for line in text.removesuffix("\n").split("\n") if text.strip() else []:
        this, shown = _kind_of(line, kind)
        if this != kind and held:
            yield _part(kind, held)
            held = []
        kind = this
        held.append(shown)
    if held:
        yield _part(kind, held)


def _kind_of(line: str, before: Kind) -> tuple[Kind, str]:
    """The kind of part a line belongs to, and the line without its mark; a numbered list begins with 1."""
    quoted = _QUOTED.fullmatch(line)
    if quoted:
        return ("quote",), quoted[1]
    item = _ITEM.fullmatch(line)
    if item:
        indent = min(len(item["margin"].expandtabs(4)) // 4, 8)
        kind: Kind = ("list", "bullet" if item["bullet"] else "ordered", indent)
        if item["bullet"] or item["number"] == "1" or kind == before:
            return kind, item["text"]
    return ("section",), line


def _part(kind: Kind, lines: list[str]) -> Part:
    if kind[0] == "list":
        items = [{"type": "rich_text_section", "elements": _inline(line, {})} for line in lines]
        return {"type": "rich_text_list", "style": kind[1], "indent": kind[2], "elements": items, "border": 0}
    return {"type": f"rich_text_{kind[0]}", "elements": _inline("\n".join(lines), {}) or [_text("\n", {})]}


def _inline(text: str, style: Style) -> list[Part]:
    elements: list[Part] = []
    position = 0
    for found in _INLINE.finditer(text):
        if found.start() > position:
            elements.append(_text(html.unescape(text[position : found.start()]), style))
        assert found.lastgroup is not None
        elements += _PIECES[found.lastgroup](found[found.lastgroup], style)
        position = found.end()
    if position < len(text):
        elements.append(_text(html.unescape(text[position:]), style))
    return elements


def _text(text: str, style: Style) -> Part:
    return _styled({"type": "text", "text": text}, style)


def _styled(element: Part, style: Style) -> Part:
    return element | {"style": dict(style)} if style else element


def _emoji(names: str, _style: Style) -> list[Part]:
    return [
        {"type": "emoji", "name": name} | ({"skin_tone": int(tone)} if tone else {})
        for name, tone in _ONE_EMOJI.findall(names)
    ]


def _angle(inside: str, style: Style) -> list[Part]:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        element: Part = {"type": "user", "user_id": target[1:]}
    elif target.startswith("#"):
        element = {"type": "channel", "channel_id": target[1:]}
    elif target.startswith("!subteam^"):
        element = {"type": "usergroup", "usergroup_id": target.removeprefix("!subteam^")}
    elif target in ("!here", "!channel", "!everyone"):
        return [{"type": "broadcast", "range": target[1:]}]
    elif target.startswith("!"):
        return [_text(html.unescape(label or target), style)]
    else:
        element = {"type": "link", "url": html.unescape(target)} | ({"text": html.unescape(label)} if label else {})
    return [_styled(element, style)]


def _marked(name: str) -> Callable[[str, Style], list[Part]]:
    return lambda text, style: _inline(text, {**style, name: True})


_PIECES: Mapping[str, Callable[[str, Style], list[Part]]] = {
    "code": lambda text, style: [_text(html.unescape(text), {**style, "code": True})],
    "angle": _angle,
    "emoji": _emoji,
    **{name: _marked(name) for name in ("bold", "italic", "strike")},
}
