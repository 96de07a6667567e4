"""How anything that people wrote, and any date, is put into a message: escaped, inert, and short enough.

Slack escapes only `&`, `<` and `>` (docs.slack.dev, formatting-message-text). That leaves "@here" and bare addresses to
automatic parsing, so every text object here is `verbatim` and every message goes out with `parse: none`.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain import urls
from bot.domain.wins import Mention, Win, with_names

Block = dict[str, Any]
Message = dict[str, Any]
Names = Mapping[str, str]
"""User id to name."""

MAX_SECTION_CHARACTERS = 3000
MAX_TEXT_CHARACTERS = 4000
MAX_NAME_LENGTH = 40
MAX_NAMES = 5
FALLBACK_NAME = "a teammate"

_BROKEN_TAIL = re.compile(r"(&[a-z]{0,3}|<[^<>]*)$")
# Characters that turn the direction of everything after them (Unicode, annex 9), and those that show nothing at all.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])


def escape(text: str) -> str:
    """Return `text` with Slack's three control characters escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """Return one line of `text` in Slack's code style, escaped, without the characters that would end or turn it."""
    return f"`{escape(' '.join(text.translate(_BIDI_CONTROLS).replace('`', '').split()))}`"


def shorten(text: str, limit: int) -> str:
    """Return escaped `text` in at most `most` characters, with "…" where something is missing."""
    if len(text) <= limit:
        return text
    return _BROKEN_TAIL.sub("", text[: limit - 1]).rstrip() + "…"


def name(person: Mention, names: Names) -> str:
    """Return somebody's plain name on one line, unescaped: as Slack gives it, or as it was typed."""
    full_name = names.get(person.user_id) or person.name or ""
    on_one_line = " ".join(full_name.translate(_BIDI_CONTROLS).split()) or FALLBACK_NAME
    short = on_one_line if len(on_one_line) <= MAX_NAME_LENGTH else on_one_line[: MAX_NAME_LENGTH - 1] + "…"
    return _isolate_bidi(short)


def win_text(win: Win, names: Names) -> str:
    """Return a win's text for a message: people as plain names, addresses as links, everything else inert."""
    labels = {person.user_id: name(person, names) for person in win.credited}
    return neutralise(with_names(win.text, labels))


def neutralise(text: str) -> str:
    """Return what somebody wrote, escaped, so that it pings nobody and formats nothing but itself."""
    text = text.translate(_BIDI_CONTROLS).replace("```", "`\u200b`\u200b`")
    parts: list[str] = []
    end = 0
    for start, url in urls.find_urls(text):
        parts += [escape(text[end:start]), f"<{escape(url)}>"]
        end = start + len(url)
    return _isolate_bidi("".join([*parts, escape(text[end:])]))


def _isolate_bidi(text: str) -> str:
    """Keep right-to-left words from turning the sentence around them."""
    if not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text):
        return f"\u2068{text}\u2069"
    return text


def cheered_by(user_ids: Sequence[str], names: Names) -> str:
    """Return "Cheered by Ben and Chloe", escaped, or "" for nobody."""
    if not user_ids:
        return ""
    labels = [escape(name(Mention(user_id), names)) for user_id in user_ids[:MAX_NAMES]]
    rest = len(user_ids) - len(labels)
    if rest:
        labels.append("1 other" if rest == 1 else f"{rest} others")
    return f"Cheered by {join_and(labels)}"


def join_and(words: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def date_and_time(moment: datetime, zone: str) -> str:
    """Return a moment as Slack shows it in each reader's own zone, and for whoever can't see that in `zone`."""
    local = moment.astimezone(ZoneInfo(zone))
    fallback = f"{local:%A} {local.day} {local:%B}, {local:%H:%M} ({city(zone)})"
    return f"<!date^{int(moment.timestamp())}^{{date_long}} at {{time}}|{fallback}>"


def city(zone: str) -> str:
    """Return what people call a zone (an IANA name): "New York". One that is no place keeps its name."""
    return zone if zone.startswith("Etc/") else zone.rpartition("/")[2].replace("_", " ")


def capitalise_first(text: str) -> str:
    """Return a text that can begin a sentence."""
    return text[:1].upper() + text[1:]


def channel(channel_id: str) -> str:
    """Return a channel as Slack shows it: by name to those who may know it."""
    return f"<#{escape(channel_id)}>"


def mrkdwn(text: str) -> Block:
    """Make a text object of text that is escaped already."""
    return {"type": "mrkdwn", "text": shorten(text, MAX_SECTION_CHARACTERS), "verbatim": True}


def section(text: str, **rest: Any) -> Block:
    """Make a section of text that is escaped already."""
    return {"type": "section", "text": mrkdwn(text), **rest}


def context(text: str) -> Block:
    """Make a line of small print of text that is escaped already."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def header(text: str) -> Block:
    """Make a heading of plain text."""
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": True}}


def button(label: str, *, action_id: str, value: str, accessibility_label: str | None = None) -> Block:
    """Make a button; `says` is what a screen reader says instead of the label."""
    element: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": label, "emoji": True},
        "action_id": action_id,
        "value": value,
    }
    return (
        element if accessibility_label is None else element | {"accessibility_label": shorten(accessibility_label, 75)}
    )


def message(text: str, blocks: Sequence[Block]) -> Message:
    """Make a message; `text` is escaped already."""
    return {"text": shorten(text, MAX_TEXT_CHARACTERS), "blocks": list(blocks)}


def paragraph(text: str) -> Message:
    """Make a message of one paragraph, of text that is escaped already."""
    return message(text, [section(text)])
