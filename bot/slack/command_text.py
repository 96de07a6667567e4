"""What somebody typed after a command, read out of the form in which Slack sends it.

With `should_escape` Slack sends people as `<@U123|name>`, channels as `<#C123|name>`, addresses as `<https://...>`, and
`&`, `<`, `>` as entities (docs.slack.dev, implementing-slash-commands). Every such mark becomes what the person meant.
"""

import re

from bot.domain.wins import Mention, mention_token
from bot.slack.payloads import clean

_MARK = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_USER = re.compile(r"[UW][A-Z0-9]{1,31}", re.ASCII)


def read(sent: str) -> tuple[str, list[Mention]]:
    """Return what was typed, plain, with each mentioned person as their mark (see Mention), and who they are."""
    mentions: dict[str, Mention] = {}

    def typed(found: re.Match[str]) -> str:
        sigil, target, label = found[1], found[2], _unescape(found[3] or "")
        if sigil == "@" and _USER.fullmatch(target):
            mentions[target] = Mention(target, label.lstrip("@") or None)
            return mention_token(target)
        if sigil == "@":
            return f"@{label.lstrip('@') or target}"
        if sigil == "#":
            return f"#{label}" if label else "(a private channel)"
        if sigil == "!":
            # <!here>, <!subteam^S1|@crew>, <!date^1^{date}|yesterday>: what a reader would have seen
            return label or f"@{target.partition('^')[0]}"
        if target.startswith("mailto:"):
            return label or target.removeprefix("mailto:")
        # An address is shown bare: a label could promise another one.
        return _unescape(target) or label

    pieces: list[str] = []
    end = 0
    sent = clean(sent)
    for found in _MARK.finditer(sent):
        pieces += [_unescape(sent[end : found.start()]), typed(found)]
        end = found.end()
    return "".join([*pieces, _unescape(sent[end:])]), list(mentions.values())


def _unescape(text: str) -> str:
    """Undo Slack's three entities, and only those."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
