"""Taking and giving the bytes of files, and showing files in channels.

Source: docs.slack.dev/messaging/working-with-files. In real life bytes go to https://files.slack.com.
"""

from typing import Any

from aiohttp import web

from slack_standin.api.request import BotRequest, Reply, answer
from slack_standin.block_kit.composer import rich_text
from slack_standin.block_kit.markup import stored
from slack_standin.delivery.events import Events, message_event
from slack_standin.model.files import File
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.workspace import Channel, Person


class Uploads:
    """The way in and out for files, of the bot and of people."""

    def __init__(self, world: World, events: Events) -> None:
        self._world = world
        self._events = events

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes that an upload_url was given out for, raw or as the `file` of a form."""
        ticket = request.match_info["ticket"]
        file = next((each for each in self._world.files.values() if each.ticket == ticket and not each.completed), None)
        content = await _content(request)
        args = {"file": file.id if file else None, "bytes": len(content)}
        asked = BotRequest("upload_url", args, team_id=file.team_id if file else None)

        def act() -> Reply:
            if file is None:
                return Reply("unknown upload", status=404, done=False)
            if len(content) != file.size:
                return Reply(f"length is {len(content)}, not {file.size}", status=400, done=False)
            file.content = content
            return Reply(f"OK - {len(content)}")

        return await answer(self._world, request, asked, act)

    async def download(self, request: web.Request) -> web.Response:
        """Serve a file's content to anyone with a bot token of the workspace."""
        team_id, _, file_id = request.match_info["file"].partition("-")
        file = self._world.files.get(file_id)
        workspace = self._world.workspace_with_token(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if file is None or file.content is None or workspace is None or workspace.team_id != team_id != file.team_id:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type=file.mimetype)

    def of_person(self, person: Person, filename: str, content: bytes) -> File:
        """Upload a person's file."""
        file = new_file(self._world, person.team_id, person.id, filename, len(content))
        file.content, file.completed = content, True
        self._world.feed.add("file", team_id=person.team_id, person=person.id, id=file.id)
        self._world.changes.signal()
        return file

    def share(self, file: File, channel: Channel, user: str, text: str) -> Message:
        """Show a file in a channel, in a person's name."""
        message = share(self._world, [file], channel, text=text, user=user, blocks=rich_text(stored(text)))
        tell_shared(self._world, self._events, [file], channel, message)
        return message


def new_file(world: World, team_id: str, user: str, name: str, size: int) -> File:
    """Create a file that is not uploaded yet."""
    file = File(world.ids.make("F"), team_id, name, size, user, int(world.clock.now().timestamp()))
    world.files[file.id] = file
    return file


def share(world: World, files: list[File], channel: Channel, **details: Any) -> Message:
    """Post files in a channel."""
    shown = attach(world, files, channel)
    message = world.workspace_of(channel).add_message(channel, details.pop("text", ""), files=shown, **details)
    world.changes.signal()
    return message


def attach(world: World, files: list[File], channel: Channel) -> list[dict[str, Any]]:
    """Let files be seen in a channel, and return them as a message there shows them."""
    for file in files:
        if channel.id not in file.shared:
            file.shared.append(channel.id)
        file.completed = True
        world.feed.add("file", team_id=file.team_id, channel=channel.id, id=file.id)
    return [file.to_slack(world.origin) for file in files]


def tell_shared(world: World, events: Events, files: list[File], channel: Channel, message: Message) -> None:
    """Send the events of shared files: file_shared for each, and the message."""
    workspace = world.workspace_of(channel)
    for file in files:
        event = {"type": "file_shared", "file_id": file.id, "user_id": file.user, "file": {"id": file.id}}
        events.tell_in_background(workspace, event | {"channel_id": channel.id}, channel)
    event = message_event(channel, message.to_slack() | {"subtype": "file_share", "upload": True})
    events.tell_in_background(workspace, event, channel)


async def _content(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    form = await request.post()
    field = form.get("file", form.get("filename"))
    return field.file.read() if isinstance(field, web.FileField) else str(field or "").encode()
