"""Parsing the text of a command as Slack sends it.

With `should_escape` Slack sends people as `<@U123|name>`, channels as `<#C123|name>`, addresses as `<https://...>`, and
`&`, `<`, `>` as entities (docs.slack.dev, implementing-slash-commands).
"""

import re
from collections.abc import Iterable

from bot.domain.markup import mention_token, url_token, with_names
from bot.domain.wins import Mention
from bot.slack.payloads import clean

_ESCAPED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_WEB = re.compile(r"https?://.", re.IGNORECASE)
_USER = re.compile(r"[UW][A-Z0-9]{1,31}", re.ASCII)


def parse(escaped: str, *, keeps_channels: bool = False) -> tuple[str, list[Mention]]:
    """Return the text, in which people and addresses are tokens (see bot/domain/markup.py), and the mentions.

    Channels are their names, or stay as Slack sends them (`keeps_channels`).
    """
    mentions: dict[str, Mention] = {}

    def to_plain(match: re.Match[str]) -> str:
        sigil, target, label = match[1], match[2], _unescape(match[3] or "")
        if sigil == "@" and _USER.fullmatch(target):
            mentions[target] = Mention(target, label.lstrip("@") or None)
            return mention_token(target)
        if sigil == "@":
            return f"@{label.lstrip('@') or target}"
        if sigil == "#":
            name = f"#{label}" if label else "(a private channel)"
            return f"<#{target}|{label}>" if keeps_channels else name
        if sigil == "!":
            # <!here>, <!subteam^S1|@crew>, <!date^1^{date}|yesterday>: the text that a reader would see
            kind = target.partition("^")[0]
            return label if label and kind == "date" else f"@{label.lstrip('@') or kind}"
        if target.startswith("mailto:"):
            return label or target.removeprefix("mailto:")
        # A label that is not the URL itself is left out: it could look like another URL.
        url = _unescape(target)
        return url_token(url, label) if _WEB.match(url) else url or label

    pieces: list[str] = []
    end = 0
    escaped = clean(escaped)
    for match in _ESCAPED.finditer(escaped):
        pieces += [_unescape(escaped[end : match.start()]), to_plain(match)]
        end = match.end()
    return "".join([*pieces, _unescape(escaped[end:])]), list(mentions.values())


def readable(escaped: str) -> str:
    """Return the text as its writer reads it, with names and addresses instead of tokens."""
    return with_typed_names(*parse(escaped))


def with_typed_names(text: str, mentions: Iterable[Mention]) -> str:
    """Return the text of `parse` as its writer reads it."""
    return with_names(text, {mention.user_id: mention.typed_name for mention in mentions})


def _unescape(text: str) -> str:
    """Decode Slack's three entities, and no others."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
