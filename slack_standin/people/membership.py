"""Channels, memberships, reactions and profiles: what people change, and the events of it."""

from typing import Any

from slack_standin.api.methods.reactions import add_reaction, remove_reaction
from slack_standin.delivery import channel_changes
from slack_standin.delivery.channel_changes import Notice
from slack_standin.delivery.events import Events, message_event, reaction_event, uninstalled_events
from slack_standin.delivery.transport import Answer
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.workspace import Channel, Person, Workspace

_MAY_CHANGE = (
    *("name", "real_name", "display_name", "email", "tz", "locale"),
    *("status_text", "status_emoji", "status_expiration", "is_admin", "is_owner", "guest", "deleted"),
)
_TO_PRIVATE = "channel_convert_to_private"


class Membership:
    """People joining, leaving, reacting; channels created, renamed, archived, gone."""

    def __init__(self, world: World, events: Events) -> None:
        self._world = world
        self._events = events

    async def react(self, person: Person, channel: Channel, ts: str, name: str, *, wait: bool) -> Answer:
        """Put a person's emoji under a message."""
        message = _message(person, channel, ts)
        add_reaction(message, name, person.id)
        return await self._reaction("reaction_added", person, channel, message, name, wait=wait)

    async def unreact(self, person: Person, channel: Channel, ts: str, name: str, *, wait: bool) -> Answer:
        """Take a person's emoji away."""
        message = _message(person, channel, ts)
        remove_reaction(message, name, person.id)
        return await self._reaction("reaction_removed", person, channel, message, name, wait=wait)

    async def join(self, channel: Channel, person: Person, inviter: Person | None) -> Answer:
        """Make a person (or the bot's user) a member."""
        changes = channel_changes.join(self._at(channel), channel, person.id, inviter.id if inviter else None)
        return await self._tell_of(channel, changes)

    async def leave(self, channel: Channel, person: Person) -> Answer:
        """End a membership; the bot still hears of its own."""
        return await self._tell_of(channel, channel_changes.leave(self._at(channel), channel, person.id))

    async def create(self, person: Person, name: str, *, private: bool) -> Channel:
        """Create a channel; of a public one the bot hears."""
        channel, changes = channel_changes.create(self._at(person), name, person.id, private=private)
        if changes:
            await self._tell_of(channel, changes)
        return channel

    async def delete_channel(self, channel: Channel, by: Person | None) -> Answer:
        """Delete a channel for good."""
        workspace = self._at(channel)
        actor = by.id if by else channel.creator
        event = {"type": f"{_family(channel)}_deleted", "channel": channel.id, "actor_id": actor}
        answer = await self._tell(channel, event)
        workspace.channels.pop(channel.id, None)
        self._touch(channel)
        return answer

    async def make_private(self, channel: Channel, by: Person | None) -> Answer:
        """Turn a public channel into a private one (a message of subtype channel_convert_to_private)."""
        if not channel.public:
            raise ValueError("only a public channel becomes private")
        channel.private = True
        message = self._at(channel).add_message(
            channel, "made the channel private", user=by.id if by else channel.creator, subtype=_TO_PRIVATE
        )
        return await self._tell(channel, message_event(channel, message.to_slack()))

    async def change_id(self, channel: Channel) -> Answer:
        """Give a channel a new id (channel_id_changed)."""
        workspace, old = self._at(channel), channel.id
        del workspace.channels[old]
        channel.id = self._world.ids.make("C")
        workspace.channels[channel.id] = channel
        for message in channel.messages:
            message.channel = channel.id
            message.permalink = workspace.permalink(channel.id, message.ts, message.thread_ts)
        event = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": channel.id}
        return await self._tell(channel, event)

    async def hire(self, name: str, details: dict[str, Any], home: Workspace) -> Person:
        """Add a person, and send team_join."""
        person = home.add_person(name, **details)
        self._world.changes.signal()
        await self._events.tell(home, {"type": "team_join", "user": home.user_object(person)})
        return person

    async def deactivate(self, person: Person) -> Answer:
        """Deactivate an account: it leaves every channel and closes its modals."""
        workspace = self._at(person)
        for channel in workspace.channels.values():
            if person.id in channel.members and not channel.is_im:
                channel.members.remove(person.id)
                self._touch(channel)
        workspace.views.clear(person.id)
        return await self.change_person(person, {"deleted": True})

    async def archive(self, channel: Channel, by: Person | None, *, archived: bool) -> Answer:
        """Archive a channel, or bring it back."""
        user = by.id if by else channel.creator
        return await self._tell_of(
            channel, channel_changes.archive(self._at(channel), channel, user, archived=archived)
        )

    async def rename(self, channel: Channel, name: str, by: Person | None) -> Answer:
        """Rename a channel."""
        user = by.id if by else channel.creator
        return await self._tell_of(channel, channel_changes.rename(self._at(channel), channel, name, user))

    async def change_person(self, person: Person, changes: dict[str, Any]) -> Answer:
        """Change a person's fields, those of _MAY_CHANGE."""
        unknown = set(changes) - set(_MAY_CHANGE)
        if unknown:
            raise ValueError(f"a person has no {', '.join(sorted(unknown))} to change")
        for name, value in changes.items():
            setattr(person, name, value)
        workspace = self._at(person)
        person.updated = int(self._world.clock.now().timestamp())
        event = {"type": "user_change", "user": workspace.user_object(person), "cache_ts": person.updated}
        workspace.touch_person(person)
        self._world.changes.signal()
        return await self._events.tell(workspace, event)

    async def uninstall(self, workspace: Workspace) -> list[Answer]:
        """Remove the app from a workspace: its token dies, and both events of it are sent."""
        workspace.installed = False
        self._world.changes.signal()
        return [await self._events.tell(workspace, event) for event in uninstalled_events(workspace)]

    async def _reaction(
        self, kind: str, person: Person, channel: Channel, message: Message, name: str, *, wait: bool
    ) -> Answer:
        workspace = self._at(channel)
        workspace.touch(message)
        event = reaction_event(kind, workspace, person, channel, message.ts, name=name)
        self._world.changes.signal()
        if not wait:
            return self._events.tell_in_background(workspace, event, channel)
        return await self._events.tell(workspace, event, channel)

    async def _tell_of(self, channel: Channel, notices: list[Notice]) -> Answer:
        """Tell of a change, and answer as to its last event."""
        workspace = self._at(channel)
        self._world.changes.signal()
        for notice in notices[:-1]:
            self._events.tell_in_background(workspace, notice.event, channel, outside=notice.outside)
        return await self._events.tell(workspace, notices[-1].event, channel, outside=notices[-1].outside)

    async def _tell(self, channel: Channel, event: dict[str, Any]) -> Answer:
        self._touch(channel)
        return await self._events.tell(self._at(channel), event, channel)

    def _touch(self, channel: Channel) -> None:
        self._at(channel).touch_channel(channel)
        self._world.changes.signal()

    def _at(self, one: Channel | Person) -> Workspace:
        return self._world.workspace_of(one)


def _family(channel: Channel) -> str:
    return "channel" if channel.public else "group"


def _message(person: Person, channel: Channel, ts: str) -> Message:
    """A message that someone can react to: it is there, they see it, and its channel isn't archived."""
    message = channel.find(ts)
    if message is None or message.deleted:
        raise ValueError(f"no message {ts} to react to in {channel.name or channel.id}")
    if channel.archived or not channel.is_open_to(person):
        raise ValueError(f"{person.name} can't react in {channel.name or channel.id}")
    return message
