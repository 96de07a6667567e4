"""Parsing what Slack sends about people's messages: one that a shortcut is used on, and one that is for the bot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.domain.wins import MessageSource
from bot.domain.workspaces import SLACKBOT
from bot.slack import message_text
from bot.slack.payloads import InConversation, Payload, nested, optional_id, slack_id, text, ts

_WRITTEN = ("", "file_share", "thread_broadcast", "me_message")
"""The subtypes of messages that people write. The others tell of changes, or are written by apps."""


@dataclass(frozen=True)
class MessageShortcut(InConversation):
    """A message shortcut, used by `user_id` on a message.

    `text` is what the message says, in Slack's markup; "" if it says nothing. `author_id` is None if an app wrote it;
    `sender_id` is then the app's user, if Slack gives one: it gives none for what was posted through a response_url.
    `buttons` are the values of its buttons, by action_id.
    """

    user_id: str
    user_team_id: str
    source: MessageSource
    author_id: str | None
    sender_id: str | None
    buttons: Mapping[str, str]
    text: str
    response_url: str
    trigger_id: str


@dataclass(frozen=True)
class MessageToBot:
    """A message that a person wrote to the bot: one that mentions it, or one in their conversation with it.

    `text` is in Slack's markup.
    """

    team_id: str
    user_id: str
    source: MessageSource
    text: str

    @property
    def is_direct(self) -> bool:
        """Whether it is in the person's conversation with the bot, where no one else reads it."""
        return self.source.channel_id.startswith("D")


def message_shortcut(payload: Payload) -> MessageShortcut:
    """Read a message shortcut (docs.slack.dev, shortcuts-interaction-payload). Raises Malformed."""
    user, channel, message = nested(payload, "user"), nested(payload, "channel"), nested(payload, "message")
    team_id, channel_id = slack_id(nested(payload, "team"), "id"), slack_id(channel, "id")
    sender_id = optional_id(message, "user")
    is_by_app = bool(message.get("bot_id")) or sender_id == SLACKBOT or message.get("subtype") == "bot_message"
    return MessageShortcut(
        team_id=team_id,
        channel_id=channel_id,
        channel_name=text(channel, "name", default=""),
        user_id=slack_id(user, "id"),
        user_team_id=optional_id(user, "team_id") or team_id,
        source=_source(channel_id, message, ts(message, "ts")),
        author_id=None if is_by_app else sender_id,
        sender_id=sender_id,
        buttons=dict(_buttons(message)),
        text=message_text.of(message),
        response_url=text(payload, "response_url", default=""),
        trigger_id=text(payload, "trigger_id"),
    )


def message_to_bot(payload: Payload) -> MessageToBot | None:
    """Read an app_mention or message event; None if no person wrote the message. Raises Malformed."""
    event = nested(payload, "event")
    user_id = optional_id(event, "user")
    if user_id is None or event.get("bot_id") or (event.get("subtype") or "") not in _WRITTEN:
        return None
    team_id = slack_id(payload, "team_id")
    return MessageToBot(
        team_id=team_id,
        user_id=user_id,
        source=_source(slack_id(event, "channel"), event, ts(event, "ts")),
        text=message_text.of(event),
    )


def _buttons(message: Payload) -> Iterator[tuple[str, str]]:
    blocks = message.get("blocks")
    for block in blocks if isinstance(blocks, list) else ():
        elements = block.get("elements") if isinstance(block, dict) else None
        for element in elements if isinstance(elements, list) else ():
            button = (element.get("action_id"), element.get("value")) if isinstance(element, dict) else ()
            match button:
                case (str(action_id), str(value)):
                    yield action_id, value


def _source(channel_id: str, message: Payload, message_ts: str) -> MessageSource:
    """Return where a message is; `thread_ts` is that of its thread's first message, None if it is in no thread."""
    thread_ts = ts(message, "thread_ts") if message.get("thread_ts") else message_ts
    return MessageSource(channel_id, message_ts, None if thread_ts == message_ts else thread_ts)
