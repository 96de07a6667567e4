"""Replies to a command or a button: in the acknowledgement, or later through a response_url.

Source: docs.slack.dev/interactivity/handling-user-interaction (response_type, replace_original, delete_original).
"""

from dataclasses import dataclass
from typing import Any

from slack_standin.block_kit.markup import stored
from slack_standin.block_kit.validation import MESSAGE, validate_message
from slack_standin.model.messages import SLACKBOT, Message
from slack_standin.model.workspace import Channel, Person, Workspace


@dataclass
class Conversation:
    """Where a reply goes: the channel, the person, and the message whose button was pressed."""

    workspace: Workspace
    channel: Channel
    person: Person
    original: Message | None = None
    typed: str | None = None
    """The command as typed, shown to all once with the first answer in the channel."""


def reply_problems(body: Any, *, strict: bool) -> list[str]:
    """Return why a reply can't be shown; empty if it can. Fields that Slack ignores count if `strict`."""
    if not isinstance(body, dict):
        return ["must be an object"]
    problems = validate_message(body if strict else MESSAGE.known(body))
    wants_nothing = body.get("delete_original") or body.get("response_type") == "in_channel"
    if not wants_nothing and not any(body.get(part) for part in ("text", "blocks", "attachments")):
        problems.append("no_text")
    return problems


def apply_reply(conversation: Conversation, body: dict[str, Any]) -> None:
    """Show a valid reply: replace or delete the original, or post, to the person alone or to the channel."""
    original, body = conversation.original, MESSAGE.known(body)
    if body.get("delete_original") and original:
        original.deleted = True
        conversation.workspace.touch(original)
    elif body.get("replace_original") and original:
        _replace(conversation, original, body)
    else:
        _post(conversation, body)


def slackbot_notice(conversation: Conversation, text: str) -> Message:
    """Show the person a message from Slackbot."""
    return conversation.workspace.add_message(
        conversation.channel, text, user=SLACKBOT, ephemeral_to=conversation.person.id
    )


def _replace(conversation: Conversation, original: Message, body: dict[str, Any]) -> None:
    workspace = conversation.workspace
    original.text = stored(body.get("text", ""))
    original.blocks = workspace.with_block_ids(body.get("blocks") or [])
    original.attachments = body.get("attachments") or []
    if not original.ephemeral_to:
        original.edited = {"user": workspace.bot_user_id, "ts": workspace.next_ts()}
    workspace.touch(original)


def _post(conversation: Conversation, body: dict[str, Any]) -> None:
    workspace, channel, person = (conversation.workspace, conversation.channel, conversation.person)
    in_channel = body.get("response_type") == "in_channel"
    if in_channel and conversation.typed is not None:
        workspace.add_typed(channel, person, conversation.typed)
        conversation.typed = None
    if not any(body.get(part) for part in ("text", "blocks", "attachments")):
        return
    workspace.add_message(
        channel,
        body.get("text", ""),
        blocks=body.get("blocks"),
        attachments=body.get("attachments") or [],
        **workspace.bot_author() | {"user": None, "subtype": "bot_message"},
        ephemeral_to=None if in_channel else person.id,
        thread_ts=body.get("thread_ts"),
        through_response_url=True,
    )
