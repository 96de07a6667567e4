"""chat.*: posting, changing and deleting messages."""

import re
from collections.abc import Mapping
from typing import Any

from slack_standin.api.methods.content import Content, check_update, read_content
from slack_standin.api.methods.method import ApiError, ArgKind, Ask, Method
from slack_standin.api.uploads import attach
from slack_standin.block_kit.markup import stored
from slack_standin.delivery.events import changed_event, deleted_event, message_event
from slack_standin.model.messages import Message
from slack_standin.model.rate_limits import Tier
from slack_standin.model.workspace import Channel

_CONTENT: Mapping[str, ArgKind] = {
    "channel": "text",
    "text": "text",
    "blocks": "json",
    "attachments": "json",
    "markdown_text": "text",
    "parse": "text",
    "link_names": "flag",
    "as_user": "flag",
}
_TS = re.compile(r"\d+\.\d+", re.ASCII)
_DISGUISE = ("username", "icon_emoji", "icon_url")


def post_message(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/chat.postMessage"""
    channel = _postable(ask)
    _check_messages_tab(ask, channel)
    content = _content(ask, truncates=True)
    message = _add_message(ask, channel, content, broadcast=bool(ask.args.get("reply_broadcast")))
    body = message.to_slack(include_metadata=True)
    ask.events.tell_in_background(ask.workspace, message_event(channel, message.to_slack()), channel)
    return content.answer({"channel": channel.id, "ts": message.ts, "message": body})


def update(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/chat.update: an empty list removes; text without blocks removes the blocks."""
    channel = _writable(ask, if_archived="is_inactive")
    message = _own_message(ask, channel, "cant_update_message")
    content = read_content(ask, truncates=False)
    check_update(content)
    unsaid_blocks = message.blocks if content.text is None else []
    kept_blocks = unsaid_blocks if content.blocks is None else content.blocks
    kept_attachments = message.attachments if content.attachments is None else content.attachments
    kept_text = message.text if content.text is None and content.blocks is None else content.shown_text(ask)
    if not (kept_text.strip() or kept_blocks or kept_attachments):
        raise ApiError("no_text")
    before = message.to_slack()
    message.text, message.attachments = stored(kept_text), kept_attachments
    message.blocks = ask.workspace.with_block_ids(kept_blocks)
    if content.metadata is not None:
        message.metadata = content.metadata or None
    if "file_ids" in ask.args:
        message.files = attach(ask.world, [ask.own_file(each) for each in ask.args["file_ids"]], channel)
    message.edited = {"user": ask.workspace.bot_id, "ts": ask.workspace.next_ts()}
    ask.workspace.touch(message)
    changed = changed_event(ask.workspace, channel, message, before)
    ask.events.tell_in_background(ask.workspace, changed, channel)
    body = message.to_slack(include_metadata=True)
    return content.answer({"channel": channel.id, "ts": message.ts, "text": message.text, "message": body})


def delete(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/chat.delete"""
    channel = _writable(ask, if_archived="cant_delete_message")
    message = _own_message(ask, channel, "cant_delete_message")
    before = message.to_slack()
    message.deleted = True
    ask.workspace.touch(message)
    ask.events.tell_in_background(ask.workspace, deleted_event(ask.workspace, channel, before), channel)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/chat.postEphemeral"""
    channel = ask.own_channel(by_name=True)
    if channel.archived:
        raise ApiError("is_archived")
    _check_messages_tab(ask, channel)
    person = ask.workspace.people.get(ask.text("user"))
    if person is None or person.id not in channel.members:
        raise ApiError("user_not_in_channel")
    content = _content(ask, truncates=False)
    message = _add_message(ask, channel, content, ephemeral_to=person.id)
    return content.answer({"message_ts": message.ts})


def get_permalink(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/chat.getPermalink"""
    channel = ask.known_channel()
    message = channel.find(ask.text("message_ts"))
    if message is None:
        raise ApiError("message_not_found")
    return {"channel": channel.id, "permalink": message.permalink}


def _content(ask: Ask, *, truncates: bool) -> Content:
    content = read_content(ask, truncates=truncates)
    if content.is_empty:
        raise ApiError("no_text")
    return content


def _add_message(ask: Ask, channel: Channel, content: Content, **details: Any) -> Message:
    return ask.workspace.add_message(
        channel,
        content.shown_text(ask),
        blocks=content.blocks,
        attachments=content.attachments or [],
        metadata=content.metadata or None,
        thread_ts=thread_of(ask, channel),
        **_author(ask),
        **details,
    )


def _author(ask: Ask) -> dict[str, Any]:
    """The author of a message: the bot, or the name and icon given, which need a scope of their own."""
    disguise = {name: ask.text(name) for name in _DISGUISE if ask.args.get(name)}
    if disguise:
        ask.require_scope("chat:write.customize")
    return ask.workspace.bot_author(**disguise)


def _check_messages_tab(ask: Ask, channel: Channel) -> None:
    if channel.is_im and not ask.world.manifest.messages_tab:
        raise ApiError("messages_tab_disabled")


def _postable(ask: Ask) -> Channel:
    """The channel to write to: a member's, a public one with chat:write.public, or a person's direct message.

    Slack takes what is written to a deactivated person, too: slackapi/python-slack-sdk#1156.
    """
    user = ask.workspace.people.get(ask.text("channel"))
    if user and not user.is_bot:
        return ask.workspace.dm_between(user.id, ask.workspace.bot_user_id)
    return _writable(ask, if_archived="is_archived", by_name=True)


def _writable(ask: Ask, *, if_archived: str, by_name: bool = False) -> Channel:
    """The channel to write to, by its id or name; `if_archived` is the error of the method where it is archived."""
    channel = ask.known_channel(by_name=by_name)
    if channel.archived:
        raise ApiError(if_archived)
    if "chat:write.public" in ask.provided_scopes:
        return channel
    return ask.own_channel(by_name=by_name)


def _own_message(ask: Ask, channel: Channel, refusal: str) -> Message:
    message = channel.find(ask.text("ts"))
    if message is None or message.deleted:
        raise ApiError("message_not_found")
    if message.bot_id != ask.workspace.bot_id or message.through_response_url:
        raise ApiError(refusal)
    return message


def thread_of(ask: Ask, channel: Channel) -> str | None:
    """The thread to post into: its parent must be there, gone or not, and be no reply itself."""
    thread_ts = ask.text("thread_ts")
    if not thread_ts:
        return None
    if not _TS.fullmatch(thread_ts):
        message = f"[ERROR] {thread_ts} is not a valid thread_ts"
        raise ApiError("invalid_thread_ts", response_metadata={"messages": [message]})
    parent = channel.find(thread_ts)
    if parent is None or parent.is_reply:
        raise ApiError("thread_not_found")
    return thread_ts


METHODS = (
    Method(
        "chat.postMessage",
        post_message,
        Tier.POSTING,
        {
            **_CONTENT,
            "thread_ts": "text",
            "reply_broadcast": "flag",
            "metadata": "json",
            "mrkdwn": "flag",
            "unfurl_links": "flag",
            "unfurl_media": "flag",
            "container_id": "text",
            "current_draft_last_updated_ts": "text",
            **dict.fromkeys(_DISGUISE, "text"),
        },
        required=("channel",),
        scopes=("chat:write",),
    ),
    Method(
        "chat.update",
        update,
        Tier.THREE,
        {
            **_CONTENT,
            "ts": "text",
            "metadata": "json",
            "reply_broadcast": "flag",
            "file_ids": "ids",
            "unfurled_attachments": "json",
        },
        required=("channel", "ts"),
        scopes=("chat:write",),
    ),
    Method(
        "chat.delete",
        delete,
        Tier.THREE,
        {"channel": "text", "ts": "text", "as_user": "flag"},
        required=("channel", "ts"),
        scopes=("chat:write",),
    ),
    Method(
        "chat.postEphemeral",
        post_ephemeral,
        Tier.FOUR,
        {**_CONTENT, "user": "text", "thread_ts": "text", "metadata": "json", **dict.fromkeys(_DISGUISE, "text")},
        required=("channel", "user"),
        scopes=("chat:write",),
    ),
    Method(
        "chat.getPermalink",
        get_permalink,
        Tier.SPECIAL,
        {"channel": "text", "message_ts": "text"},
        required=("channel", "message_ts"),
    ),
)
