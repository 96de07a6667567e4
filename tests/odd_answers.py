"""Answers that Slack would never give, by method: what they are, for the tests of each and for the fault run."""

import gzip
import itertools
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from bot.slack.http_session import MAX_ANSWER_BYTES

READ_FIELDS = {
    "chat.postMessage": ("ts", "channel"),
    "chat.postEphemeral": ("message_ts",),
    "chat.update": ("ts", "channel"),
    "chat.delete": ("ts", "channel"),
    "chat.getPermalink": ("permalink",),
    "conversations.info": ("channel", "channel.creator", "channel.is_private", "channel.is_member"),
    "conversations.history": (
        "messages",
        "messages.ts",
        "messages.metadata",
        "messages.metadata.event_payload",
        "messages.metadata.event_payload.key",
        "response_metadata",
        "response_metadata.next_cursor",
    ),
    "users.conversations": ("channels", "channels.id", "channels.name", "response_metadata.next_cursor"),
    "users.info": (
        "user",
        "user.tz",
        "user.team_id",
        "user.is_admin",
        "user.enterprise_user",
        "user.profile",
        "user.profile.display_name",
        "user.profile.real_name",
        "user.profile.image_48",
    ),
    "views.open": ("view", "view.id"),
    "views.push": ("view", "view.id"),
    "views.update": ("view", "view.id"),
    "views.publish": ("view", "view.id"),
}
READ_FIELDS["conversations.replies"] = READ_FIELDS["conversations.history"]
"""The fields of each method's answer that the bot takes, a dot leading into an object."""
WRONG = {
    "missing": None,
    "a number": 5,
    "a fraction": -1.5,
    "true": True,
    "an empty text": "",
    "NUL": "\0",
    "a text with NUL": "1900000000.0\0",
    "half a character": "\ud800",
    "300 characters": "1" * 300,
    "100 KB": "x" * 100_000,
    "controls": "https://a.test/\x1b[31m\x7f",
    "markup": "https://a.test/><!channel>|",
    "a list": ["x"],
    "an object": {"a": "\0"},
}
NOT_ODD = {("messages.metadata", "missing"), ("channel.is_member", "true"), ("channel.is_private", "true")}
"""What Slack does say: of messages of others, and of channels that the bot is in or that are private."""
STATUSES = (301, 302, 303, 307, 308)
YEARS = str(10**9)


def of(method: str, elsewhere: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the odd answers to a method, by name, as options of the stand-in's fault `odd_answer`.

    `elsewhere` is another host, to which some of them lead.
    """
    for field, (name, value) in itertools.product(READ_FIELDS[method], WRONG.items()):
        if (field, name) not in NOT_ODD:
            yield f"{field}: {name}", {"fields": {field: value}}
    yield from everywhere(elsewhere)


def everywhere(elsewhere: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the odd answers that any method can give."""
    for name, body in {
        "null": "null",
        "a number": "5",
        "a text": '"ok"',
        "a list": '[{"ok": true}]',
        "no text": b"\xff\xfe\x00",
        "nothing": b"",
        "deep": "[" * 100_000,
        "a huge number": '{"ok": true, "ts": ' + "9" * 5000 + "}",
        "two objects": '{"ok": true}{"ok": true}',
        "no word of success": "{}",
    }.items():
        yield f"body: {name}", {"body": body}
    for name, value in {"yes": "yes", "one": 1, "null": None, "a list": [True]}.items():
        yield f"ok: {name}", {"fields": {"ok": value}}
    for name, value in WRONG.items():
        yield f"error: {name}", {"fields": {"ok": False, "error": value}, "effect": "before"}
    yield "large", {"body": json.dumps({"ok": True, "more": "x" * MAX_ANSWER_BYTES})}
    yield "a bomb", {"body": _bomb(), "headers": {"Content-Encoding": "gzip"}}
    yield "no gzip", {"body": b'{"ok": true}', "headers": {"Content-Encoding": "gzip"}}
    for kind in ("text/html", "text/plain", "application/gzip", "application/json; charset=utf-7", "x"):
        yield f"type: {kind}", {"body": '{"ok": true}', "headers": {"Content-Type": kind}}
    for status in STATUSES:
        yield (
            f"redirect {status}",
            {"status": status, "body": "", "headers": {"Location": elsewhere}, "effect": "before"},
        )
    for status in (204, 404, 418, 599):
        yield f"status {status}", {"status": status, "body": ""}
    for wait in (YEARS, "9" * 400, "-5", "NaN", "soon", "1.5", "Fri, 31 Dec 2100 23:59:59 GMT", "٣", "0"):
        yield (
            f"Retry-After {wait[:12]}",
            {
                "status": 429,
                "fields": {"ok": False, "error": "ratelimited"},
                "headers": {"Retry-After": wait},
                "effect": "before",
            },
        )


@cache
def _bomb() -> bytes:
    """Return a small answer that is large once it is decompressed. To make it takes a second."""
    return gzip.compress(b'{"ok": true, "more": "' + bytes(20 * MAX_ANSWER_BYTES), compresslevel=9)
