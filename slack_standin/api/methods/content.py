"""Reads and checks the content of a message, for all chat.* methods."""

from dataclasses import dataclass
from typing import Any

from slack_standin.api.methods.method import ApiError, Ask, with_warnings
from slack_standin.block_kit.blocks import (
    MAX_ATTACHMENTS,
    MAX_BLOCKS_LENGTH,
    MAX_BLOCKS_TEXT,
    MAX_MARKDOWN,
    MAX_TEXT,
    MAX_UPDATED_TEXT_BYTES,
)
from slack_standin.block_kit.plain_text import plain_lines
from slack_standin.block_kit.validation import metadata_error, stored_length, text_length, validate_blocks


@dataclass(frozen=True)
class Content:
    """The checked content of a message; None means that the call didn't speak of it."""

    text: str | None
    blocks: list[dict[str, Any]] | None
    attachments: list[dict[str, Any]] | None
    metadata: dict[str, Any] | None
    warnings: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not ((self.text or "").strip() or self.blocks or self.attachments)

    def shown_text(self, ask: Ask) -> str:
        """The text, or the one that Slack builds from the blocks when there is none."""
        if self.text:
            return self.text
        return " ".join(plain_lines(self.blocks or [], ask.workspace.readable))

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body of an answer, with the warnings there are."""
        return with_warnings(body, *self.warnings)


def read_content(ask: Ask, *, truncates: bool) -> Content:
    """Check text, blocks, attachments and metadata; text that is too long is cut (`truncates`) or refused."""
    text, blocks = ask.args.get("text"), _blocks(ask)
    warnings = []
    if "markdown_text" in ask.args:
        text, blocks = None, [{"type": "markdown", "text": _markdown(ask)}]
    if text is not None and len(text) > MAX_TEXT:
        if not truncates:
            raise ApiError("msg_too_long")
        text = text[:MAX_TEXT]
        warnings.append("message_truncated")
    if blocks and not text:
        warnings.append("missing_text_in_message")
    return Content(text, blocks, _attachments(ask), _metadata(ask), tuple(warnings))


def check_update(content: Content) -> None:
    """Refuse a text that a message can be posted with, but not updated to."""
    if len((content.text or "").encode()) > MAX_UPDATED_TEXT_BYTES:
        raise ApiError("msg_too_long")


def _blocks(ask: Ask) -> list[dict[str, Any]] | None:
    blocks = ask.args.get("blocks")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    problems = validate_blocks(blocks)
    if problems:
        raise ApiError("invalid_blocks", response_metadata={"messages": [f"[ERROR] {each}" for each in problems]})
    if text_length(blocks) > MAX_BLOCKS_TEXT or stored_length(blocks) > MAX_BLOCKS_LENGTH:
        raise ApiError("msg_blocks_too_long")
    return blocks


def _markdown(ask: Ask) -> str:
    if ask.args.get("text") or ask.args.get("blocks"):
        raise ApiError("markdown_text_conflict")
    if len(ask.text("markdown_text")) > MAX_MARKDOWN:
        raise ApiError("msg_too_long")
    return ask.text("markdown_text")


def _attachments(ask: Ask) -> list[dict[str, Any]] | None:
    attachments = ask.args.get("attachments")
    if attachments is None:
        return None
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise ApiError("invalid_attachments")
    if len(attachments) > MAX_ATTACHMENTS:
        raise ApiError("too_many_attachments")
    return attachments


def _metadata(ask: Ask) -> dict[str, Any] | None:
    metadata = ask.args.get("metadata")
    if metadata is None or metadata == {}:
        return metadata
    error = metadata_error(metadata)
    if error:
        raise ApiError(error)
    checked: dict[str, Any] = metadata
    return checked
