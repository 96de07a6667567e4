"""Posting, editing and deleting messages, and opening the Home tab, with their events."""

from typing import Any

from slack_standin.block_kit.composer import rich_text
from slack_standin.block_kit.markup import stored
from slack_standin.delivery.events import Events, changed_event, deleted_event, message_event
from slack_standin.delivery.replies import Conversation, slackbot_notice
from slack_standin.delivery.transport import Answer
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.workspace import Channel, Person, Workspace
from slack_standin.people.escaping import escape_message

_TABS = ("home", "messages", "about")


class Messages:
    """People posting, editing, deleting."""

    def __init__(self, world: World, events: Events) -> None:
        self._world = world
        self._events = events

    async def say(
        self, person: Person, channel: Channel, text: str, thread_ts: str | None, *, broadcast: bool, typed: bool
    ) -> Message:
        """Post as a person; the bot hears of it if it listens to messages or is mentioned."""
        workspace = self._world.workspace_of(channel)
        self._check_may_write(workspace, person, channel)
        parent = channel.find(thread_ts) if thread_ts else None
        if thread_ts and (parent is None or parent.is_reply):
            raise ValueError(f"there is no thread {thread_ts} in {channel.name or channel.id}")
        message = workspace.add_typed(
            channel,
            person,
            escape_message(text, workspace, person) if typed else text,
            thread_ts=thread_ts,
            broadcast=broadcast,
        )
        event = message_event(channel, message.to_slack())
        self._events.tell_in_background(workspace, event, channel)
        if f"<@{workspace.bot_user_id}>" in message.text:
            self._tell_of_mention(workspace, person, channel, event)
        self._world.changes.signal()
        return message

    async def edit(self, person: Person, message: Message, text: str, *, typed: bool) -> Answer:
        """Change one's own message."""
        workspace, channel = self._place(message)
        if message.user != person.id or message.deleted or message.is_notice:
            raise ValueError(f"{person.name} can't edit this message")
        before = message.to_slack()
        message.text = stored(escape_message(text, workspace, person) if typed else text)
        message.blocks = workspace.with_block_ids(rich_text(message.text))
        message.edited = {"user": person.id, "ts": workspace.next_ts()}
        return await self._tell(workspace, channel, message, changed_event(workspace, channel, message, before))

    async def delete(self, person: Person, message: Message) -> Answer:
        """Delete one's own message, or as an admin anyone's."""
        workspace, channel = self._place(message)
        if message.deleted or not (message.user == person.id or person.may_administer):
            raise ValueError(f"{person.name} can't delete this message")
        before = message.to_slack()
        message.deleted = True
        return await self._tell(workspace, channel, message, deleted_event(workspace, channel, before))

    async def open_home(self, person: Person, tab: str) -> Answer:
        """Open a tab of the bot's Home (docs.slack.dev/reference/events/app_home_opened)."""
        if tab not in _TABS:
            raise ValueError(f"the tabs are {', '.join(_TABS)}")
        workspace = self._world.workspace_of(person)
        dm = workspace.dm_between(person.id, workspace.bot_user_id)
        event: dict[str, Any] = {"type": "app_home_opened", "user": person.id, "channel": dm.id, "tab": tab}
        view = workspace.views.home(person.id)
        if tab == "home" and view:
            event["view"] = view.to_slack()
        self._world.changes.signal()
        return await self._events.tell(workspace, event)

    def _tell_of_mention(self, workspace: Workspace, person: Person, channel: Channel, event: dict[str, Any]) -> None:
        """Send app_mention; never in a direct message. Where the bot isn't a member, Slack tells the person instead."""
        if channel.is_im:
            return
        mention = {name: value for name, value in event.items() if name not in ("channel_type", "subtype")}
        self._events.tell_in_background(workspace, mention | {"type": "app_mention"}, channel)
        if workspace.bot_user_id not in channel.members:
            words = f"You mentioned <@{workspace.bot_user_id}>, but they're not in this channel."
            slackbot_notice(Conversation(workspace, channel, person), words)

    async def _tell(self, workspace: Workspace, channel: Channel, message: Message, event: dict[str, Any]) -> Answer:
        workspace.touch(message)
        self._world.changes.signal()
        return await self._events.tell(workspace, event, channel)

    def _place(self, message: Message) -> tuple[Workspace, Channel]:
        workspace = self._world.workspaces[message.team]
        return workspace, workspace.channels[message.channel]

    def _check_may_write(self, workspace: Workspace, person: Person, channel: Channel) -> None:
        with_bot = channel.is_im and workspace.bot_user_id in channel.members
        if channel.archived or not channel.is_open_to(person):
            raise ValueError(f"{person.name} can't write in {channel.name or channel.id}")
        if with_bot and not self._world.manifest.takes_messages:
            raise ValueError("the manifest doesn't let people write to the bot (messages_tab_enabled, read_only)")
