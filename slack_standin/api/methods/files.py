"""files.*: the external upload in three steps, and files.info."""

from typing import Any

from slack_standin.api.methods.chat import thread_of
from slack_standin.api.methods.method import ApiError, Ask, Method, invalid_arguments
from slack_standin.api.uploads import new_file, share, tell_shared
from slack_standin.block_kit.validation import validate_blocks
from slack_standin.model.files import File
from slack_standin.model.rate_limits import Tier
from slack_standin.model.workspace import Channel

MAX_BYTES = 1024**3
MAX_CHANNELS = 100


def get_upload_url(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/files.getUploadURLExternal"""
    size = ask.args["length"]
    if size < 1:
        raise invalid_arguments("must be greater than 0 [json-pointer:/length]")
    if size > MAX_BYTES:
        raise ApiError("file_upload_size_restricted")
    file = new_file(ask.world, ask.workspace.team_id, ask.workspace.bot_user_id, ask.text("filename"), size)
    file.alt_text = ask.text("alt_txt")
    return {"upload_url": f"{ask.world.origin}/upload/v1/{file.ticket}", "file_id": file.id}


def complete_upload(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/files.completeUploadExternal: without a channel the files stay private.

    An initial_comment takes the place of blocks.
    """
    wanted = ask.args["files"]
    if not isinstance(wanted, list) or not wanted or not all(isinstance(each, dict) for each in wanted):
        raise invalid_arguments("must be an array of objects with an id [json-pointer:/files]")
    files = [_uploaded(ask, str(each.get("id"))) for each in wanted]
    channels = [_place(ask, each) for each in _channel_ids(ask)]
    blocks = [] if "initial_comment" in ask.args else ask.args.get("blocks") or []
    if validate_blocks(blocks):
        raise ApiError("invalid_blocks")
    thread_ts = thread_of(ask, channels[0]) if channels else None
    for file, each in zip(files, wanted, strict=True):
        file.title, file.completed = str(each.get("title") or file.name), True
    bot = ask.workspace.bot_author()
    for channel in channels:
        text = ask.text("initial_comment")
        message = share(ask.world, files, channel, text=text, blocks=blocks, thread_ts=thread_ts, **bot)
        tell_shared(ask.world, ask.events, files, channel, message)
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def info(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/files.info"""
    return {"file": _known(ask, ask.text("file")).to_slack(ask.world.origin), "comments": []}


def delete(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/files.delete, for the bot's own files"""
    file = _known(ask, ask.text("file"))
    if file.user != ask.workspace.bot_user_id:
        raise ApiError("cant_delete_file")
    del ask.world.files[file.id]
    for channel_id in file.shared:
        for message in ask.workspace.channels[channel_id].messages:
            if any(each["id"] == file.id for each in message.files):
                message.files = [each for each in message.files if each["id"] != file.id]
                ask.workspace.touch(message)
    ask.world.feed.add("file", team_id=file.team_id, id=file.id)
    return {}


def _uploaded(ask: Ask, file_id: str) -> File:
    """Return a file of the bot that is uploaded but not completed yet."""
    file = ask.own_file(file_id)
    if file.content is None or file.completed:
        raise ApiError("file_not_found")
    return file


def _known(ask: Ask, file_id: str) -> File:
    """Return a completed file of the bot's own, or of a channel that the bot is in."""
    file = ask.world.files.get(file_id)
    if file is None or file.team_id != ask.workspace.team_id or not file.completed:
        raise ApiError("file_not_found")
    bot = ask.workspace.bot_user_id
    places = [ask.workspace.channels.get(each) for each in file.shared]
    if file.user != bot and not any(place and bot in place.members for place in places):
        raise ApiError("file_not_found")
    return file


def _channel_ids(ask: Ask) -> list[str]:
    ids = [each for each in [ask.text("channel_id"), *ask.text("channels").split(",")] if each]
    if len(ids) > MAX_CHANNELS:
        raise invalid_arguments(f"no more than {MAX_CHANNELS} channels [json-pointer:/channels]")
    return ids


def _place(ask: Ask, channel_id: str) -> Channel:
    channel = ask.workspace.channels.get(channel_id)
    inside = channel is not None and ask.workspace.bot_user_id in channel.members
    if channel is None or (not channel.public and not inside):
        raise ApiError("channel_not_found")
    if not inside:
        raise ApiError("not_in_channel")
    if channel.archived:
        raise ApiError("is_archived")
    return channel


METHODS = (
    Method(
        "files.getUploadURLExternal",
        get_upload_url,
        Tier.FOUR,
        {"filename": "text", "length": "number", "alt_txt": "text", "snippet_type": "text"},
        required=("filename", "length"),
        scopes=("files:write",),
    ),
    Method(
        "files.completeUploadExternal",
        complete_upload,
        Tier.FOUR,
        {
            "files": "json",
            "channel_id": "text",
            "channels": "text",
            "initial_comment": "text",
            "thread_ts": "text",
            "blocks": "json",
        },
        required=("files",),
        scopes=("files:write",),
    ),
    Method(
        "files.info",
        info,
        Tier.FOUR,
        {"file": "text", "cursor": "text", "limit": "number", "count": "number", "page": "number"},
        required=("file",),
        scopes=("files:read",),
    ),
    Method("files.delete", delete, Tier.THREE, {"file": "text"}, required=("file",), scopes=("files:write",)),
)
