"""StandIn's actions of people: everything that someone can do in a workspace."""

from typing import Any

from slack_standin.api.uploads import Uploads
from slack_standin.delivery.transport import Answer
from slack_standin.model.files import File
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.views import View
from slack_standin.model.workspace import Channel, Person, Workspace
from slack_standin.people.block_actions import BlockActions
from slack_standin.people.block_suggestions import BlockSuggestions
from slack_standin.people.membership import Membership
from slack_standin.people.messages import Messages
from slack_standin.people.modals import Modals
from slack_standin.people.shortcuts import Shortcuts
from slack_standin.people.slash_commands import SlashCommands


class PeopleActions:
    """Actions; each returns once the bot has answered, unless its docstring says otherwise."""

    world: World
    _slash_commands: SlashCommands
    _block_actions: BlockActions
    _modals: Modals
    _block_suggestions: BlockSuggestions
    _shortcuts: Shortcuts
    _membership: Membership
    _messages: Messages
    _uploads: Uploads

    @property
    def _first(self) -> Workspace:
        """The default workspace."""
        return next(iter(self.world.workspaces.values()))

    async def slash(self, person: Person, channel: Channel, line: str) -> Answer:
        """Type a command and wait for its acknowledgement."""
        if channel.archived or not channel.is_open_to(person):
            raise ValueError(f"{person.name} can't type in {channel.name or channel.id}")
        return await self._slash_commands.type(person, channel, line)

    async def press(
        self, person: Person, target: Message | View, action_id: str, value: Any = None, index: int = 0
    ) -> Answer:
        """Press a button, or choose the option with this value, in a message, a modal or the Home tab."""
        return await self._block_actions.press(person, target, action_id, value, index)

    async def fill(
        self,
        person: Person,
        action_id: str,
        value: Any,
        *,
        on: Message | View | None = None,
        block_id: str | None = None,
        enter: bool = False,
    ) -> Answer | None:
        """Enter or choose something, by default in the top modal; returns None if the bot is not informed.

        Options are given by value, people, channels and files by id, several in a list.
        """
        target = on or self._modal(person)
        return await self._block_actions.fill(person, target, action_id, value, block_id=block_id, enter=enter)

    async def suggest(
        self,
        person: Person,
        action_id: str,
        query: str = "",
        *,
        on: Message | View | None = None,
        block_id: str | None = None,
    ) -> Answer:
        """Type into an external select; its options are in the answer's payload."""
        return await self._block_suggestions.ask(person, on or self._modal(person), action_id, query, block_id=block_id)

    async def submit(self, person: Person, view: View | None = None) -> Answer:
        """Submit the modal on top; `invalid_input` means that Slack's client complains (view.errors)."""
        return await self._modals.submit(person, view or self._modal(person))

    async def close_view(self, person: Person, view: View | None = None, everything: bool = False) -> list[Answer]:
        """Close the modal on top, or (as the X does) all of them; the answers are those to view_closed."""
        return await self._modals.close(person, view or self._modal(person), everything=everything)

    async def shortcut(self, person: Person, callback_id: str, viewing: Channel | None = None) -> Answer:
        """Use a global shortcut, while `viewing` a channel, which the bot isn't told."""
        return await self._shortcuts.use(person, callback_id, viewing)

    async def message_shortcut(self, person: Person, message: Message, callback_id: str) -> Answer:
        """Use a shortcut on a message."""
        return await self._shortcuts.use_on(person, message, callback_id)

    async def open_home(self, person: Person, tab: str = "home") -> Answer:
        """Open the bot's Home tab (or its `messages` or `about`), and answer with the event's first attempt."""
        return await self._messages.open_home(person, tab)

    async def say(
        self,
        person: Person,
        channel: Channel,
        text: str,
        thread_ts: str | None = None,
        *,
        broadcast: bool = False,
        typed: bool = False,
    ) -> Message:
        """Post as a person; `text` is in Slack's markup already, unless it is as `typed`. Returns at once."""
        return await self._messages.say(person, channel, text, thread_ts, broadcast=broadcast, typed=typed)

    async def mention(self, person: Person, channel: Channel, text: str, thread_ts: str | None = None) -> Message:
        """Post a message that starts with a mention of the bot."""
        bot = self.world.workspace_of(channel).bot_user_id
        return await self.say(person, channel, f"<@{bot}> {text}", thread_ts)

    async def edit(self, person: Person, message: Message, text: str, *, typed: bool = False) -> Answer:
        """Change one's own message; `text` is in Slack's markup already, unless it is as `typed`."""
        return await self._messages.edit(person, message, text, typed=typed)

    async def delete(self, person: Person, message: Message) -> Answer:
        """Delete one's own message; admins can delete anyone's."""
        return await self._messages.delete(person, message)

    def upload(self, person: Person, filename: str, content: bytes) -> File:
        """Upload a file without sharing it, for a file input."""
        return self._uploads.of_person(person, filename, content)

    async def share(self, person: Person, channel: Channel, filename: str, content: bytes, text: str = "") -> Message:
        """Post a file."""
        file = self.upload(person, filename, content)
        return self._uploads.share(file, channel, person.id, text)

    async def react(self, person: Person, channel: Channel, ts: str, name: str, wait: bool = True) -> Answer:
        """Put an emoji under a message, and answer with the event's first attempt (at once if wait is false)."""
        return await self._membership.react(person, channel, ts, name, wait=wait)

    async def unreact(self, person: Person, channel: Channel, ts: str, name: str, wait: bool = True) -> Answer:
        """Take an emoji away, and answer as react does."""
        return await self._membership.unreact(person, channel, ts, name, wait=wait)

    async def invite_bot(self, channel: Channel, by: Person | None = None) -> Answer:
        """Make the bot a member."""
        return await self._membership.join(channel, self.world.workspace_of(channel).bot, by)

    async def remove_bot(self, channel: Channel) -> Answer:
        """Remove the bot from a channel."""
        return await self._membership.leave(channel, self.world.workspace_of(channel).bot)

    async def join(self, channel: Channel, person: Person, by: Person | None = None) -> Answer:
        """Make a person a member."""
        return await self._membership.join(channel, person, by)

    async def leave(self, channel: Channel, person: Person) -> Answer:
        """End a person's membership."""
        return await self._membership.leave(channel, person)

    async def archive(self, channel: Channel, by: Person | None = None) -> Answer:
        """Archive a channel."""
        return await self._membership.archive(channel, by, archived=True)

    async def unarchive(self, channel: Channel, by: Person | None = None) -> Answer:
        """Bring an archived channel back."""
        return await self._membership.archive(channel, by, archived=False)

    async def create_channel(self, person: Person, name: str, *, private: bool = False) -> Channel:
        """Create a channel as a person, which the bot hears of if it is public."""
        return await self._membership.create(person, name, private=private)

    async def delete_channel(self, channel: Channel, by: Person | None = None) -> Answer:
        """Delete a channel for good."""
        return await self._membership.delete_channel(channel, by)

    async def make_private(self, channel: Channel, by: Person | None = None) -> Answer:
        """Turn a public channel into a private one; its id stays."""
        return await self._membership.make_private(channel, by)

    async def change_channel_id(self, channel: Channel) -> Answer:
        """Change a channel's id, as sharing it with another organization can."""
        return await self._membership.change_id(channel)

    async def rename(self, channel: Channel, name: str, by: Person | None = None) -> Answer:
        """Rename a channel."""
        return await self._membership.rename(channel, name, by)

    async def hire(self, name: str, **details: Any) -> Person:
        """Add a person as StandIn.add_person does, and send team_join."""
        return await self._membership.hire(name, details, self._first)

    async def deactivate(self, person: Person) -> Answer:
        """Deactivate a person's account."""
        return await self._membership.deactivate(person)

    async def change_person(self, person: Person, **changes: Any) -> Answer:
        """Change a profile: names, email, tz, locale, the status, is_admin, is_owner, guest, deleted."""
        return await self._membership.change_person(person, changes)

    async def uninstall(self, workspace: Workspace | None = None) -> list[Answer]:
        """Remove the app from a workspace: its token dies, and both events of it are sent."""
        return await self._membership.uninstall(workspace or self._first)

    def _modal(self, person: Person) -> View:
        stacks = [home.views.stack(person.id) for home in self.world.workspaces.values()]
        open_now = [view for stack in stacks for view in stack]
        if not open_now:
            raise ValueError(f"{person.name} has no modal open")
        return open_now[-1]
