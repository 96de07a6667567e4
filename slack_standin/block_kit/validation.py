"""Checks whole messages and lists of blocks against the table of Block Kit limits (block_table, block_elements).

Every function is pure and answers with Slack's kind of messages: a sentence and a JSON pointer each.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_standin.block_kit.blocks import (
    MAX_ATTACHMENTS,
    MAX_BLOCKS,
    MAX_MARKDOWN,
    MAX_METADATA_BYTES,
    MAX_OF_A_KIND,
    MAX_TABLE_TEXT,
    MAX_TEXT,
    Surface,
    block_type,
)
from slack_standin.block_kit.interactive import with_ids
from slack_standin.block_kit.markup import stored_blocks
from slack_standin.block_kit.rules import Flag, ListOf, OneOf, Rule, Shape, String, problem


class _AnyObject:
    """Any JSON object."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", at)


class _Blocks:
    """The blocks of a message."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        yield from validate_blocks(value, at=at)


class _Metadata:
    """The metadata of a message."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        error = metadata_error(value)
        if error:
            yield problem(error, at)


_TABLES = ("table", "data_table")
_FIELDS: dict[str, Rule] = {
    "text": String(MAX_TEXT, least=0),
    "blocks": _Blocks(),
    "attachments": ListOf(_AnyObject(), 0, MAX_ATTACHMENTS),
    "metadata": _Metadata(),
    "channel": String(255),
    "user": String(255),
    "ts": String(255),
    "thread_ts": String(255),
    "reply_broadcast": Flag(),
    "mrkdwn": Flag(),
    "link_names": Flag(),
    "parse": OneOf(("none", "full")),
    "unfurl_links": Flag(),
    "unfurl_media": Flag(),
    "response_type": OneOf(("ephemeral", "in_channel")),
    "replace_original": Flag(),
    "delete_original": Flag(),
}
MESSAGE = Shape(_FIELDS)


def validate_message(payload: dict[str, Any]) -> list[str]:
    """Check a message: the arguments of chat.postMessage and its kin, or an answer to a command or a button."""
    return list(MESSAGE.problems(payload, ""))


def validate_blocks(blocks: Any, surface: Surface = "message", *, at: str = "/blocks") -> list[str]:
    """Check a list of blocks as one surface would show them."""
    problems = list(ListOf(block_type(surface), 0, MAX_BLOCKS[surface]).problems(blocks, at))
    whole = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    return [*problems, *_across_blocks(whole, at)]


def text_length(blocks: Any) -> int:
    """Count the characters of all text in blocks."""
    if isinstance(blocks, list):
        return sum(map(text_length, blocks))
    if not isinstance(blocks, dict):
        return 0
    own = len(blocks["text"]) if isinstance(blocks.get("text"), str) else 0
    return own + sum(map(text_length, blocks.values()))


def stored_length(blocks: Any) -> int:
    """Count the characters of valid blocks as JSON, with the ids and entities that Slack adds."""
    kept = with_ids(stored_blocks(blocks), lambda: "AAAAA")
    return len(json.dumps(kept, ensure_ascii=False, separators=(",", ":")))


def metadata_error(metadata: Any) -> str | None:
    """The name of Slack's error for message metadata, or None (docs.slack.dev/messaging/message-metadata)."""
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        return "invalid_metadata_format"
    event_type, payload = metadata["event_type"], metadata["event_payload"]
    if not isinstance(event_type, str) or not event_type or not isinstance(payload, dict):
        return "invalid_metadata_format"
    if any(isinstance(value, dict) or _holds_objects(value) for value in payload.values()):
        return "invalid_metadata_schema"
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > MAX_METADATA_BYTES:
        return "metadata_too_large"
    return None


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict | list) for item in value)


def _across_blocks(blocks: list[dict[str, Any]], at: str) -> Iterator[str]:
    ids = Counter(block["block_id"] for block in blocks if isinstance(block.get("block_id"), str))
    for block_id, uses in ids.items():
        if uses > 1:
            yield problem(f"duplicate block_id: {block_id}", at)
    kinds = Counter(block["type"] for block in blocks if isinstance(block.get("type"), str))
    for kind, most in MAX_OF_A_KIND.items():
        if kinds[kind] > most:
            yield problem(f"no more than {most} block of type {kind} allowed", at)
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    if markdown > MAX_MARKDOWN:
        yield problem(f"markdown blocks hold more than {MAX_MARKDOWN} characters together", at)
    cells = [block.get("rows") for block in blocks if block.get("type") in _TABLES]
    if text_length(cells) > MAX_TABLE_TEXT:
        yield problem(f"tables hold more than {MAX_TABLE_TEXT} characters together", at)
