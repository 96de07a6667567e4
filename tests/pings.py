"""No one is pinged: what a message must not hold, wherever it is shown."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.team import Team

_CONTROL = re.compile(r"<([^<>]*)>")
_HARMLESS = re.compile(r"https?://.*|!date\^.*|#C[A-Z0-9]*", re.DOTALL)
"""Addresses, dates, and channels without a label."""


def problems(message: Mapping[str, Any], *, posted: bool) -> list[str]:
    """What in a message might ping someone, format by itself or be parsed; a `posted` one must forbid parsing."""
    found = [f"control sequence <{one}>" for text in _mrkdwn_texts(message) for one in _control_sequences(text)]
    found += [f"not verbatim: {one['text'][:60]}" for one in _text_objects(message) if not _is_inert(one)]
    if posted and message.get("parse") != "none":
        found.append("parse is not none")
    if message.get("link_names"):
        found.append("link_names is set")
    if posted and (message.get("unfurl_links") is not False or message.get("unfurl_media") is not False):
        found.append("it unfurls")
    return found


def problems_in_team(team: Team) -> list[str]:
    """What in anything that the bot has said might ping someone."""
    messages = [
        (call.args, True)
        for method in ("chat.postMessage", "chat.update", "response_url")
        for call in team.slack.ledger.calls(method)
        # chat.update leaves unfurling as it was
    ]
    messages += [(sent.answer, False) for sent in team.slack.ledger.deliveries() if isinstance(sent.answer, dict)]
    found = [problem for message, posted in messages for problem in problems(message, posted=posted)]
    return [problem for problem in found if problem != "it unfurls"] + [
        problem
        for call in team.slack.ledger.calls("chat.postMessage")
        for problem in problems(call.args, posted=True)
        if problem == "it unfurls"
    ]


def _control_sequences(text: str) -> list[str]:
    return [one for one in _CONTROL.findall(text) if not _HARMLESS.fullmatch(one)]


def _mrkdwn_texts(message: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(message.get("text"), str):
        yield message["text"]
    yield from (one["text"] for one in _text_objects(message) if one["type"] == "mrkdwn")


def _is_inert(one: Mapping[str, Any]) -> bool:
    return one["type"] == "plain_text" or one.get("verbatim") is True


def _text_objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every text object in a message."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text") and isinstance(value.get("text"), str):
            yield value
        for one in value.values():
            yield from _text_objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from _text_objects(one)
