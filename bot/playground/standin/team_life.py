"""What people do to channels and to themselves, and the events that follow from it."""

from typing import Any

from bot.playground.standin.delivery import Answer
from bot.playground.standin.events import Events, message_event, reaction_event
from bot.playground.standin.messages import Message
from bot.playground.standin.methods.reactions import add_reaction, remove_reaction
from bot.playground.standin.workspace import Channel, Person, Workspace
from bot.playground.standin.world import World

_MAY_CHANGE = ("name", "real_name", "tz", "is_admin", "guest", "deleted")


class TeamLife:
    """People joining, leaving, talking, reacting; channels renamed and archived."""

    def __init__(self, world: World, events: Events) -> None:
        self._world = world
        self._events = events

    async def say(self, person: Person, channel: Channel, text: str, thread_ts: str | None) -> Message:
        """Post as a person; the bot hears of it if it listens to messages or is mentioned."""
        workspace = self._at(channel)
        message = workspace.add_message(channel, text, user=person.id, thread_ts=thread_ts)
        event = message_event(channel, message.to_slack())
        self._events.tell_in_background(workspace, event, channel)
        if f"<@{workspace.bot_user_id}" in text:
            self._events.tell_in_background(workspace, event | {"type": "app_mention"}, channel)
        self._world.changes.signal()
        return message

    async def react(self, person: Person, channel: Channel, ts: str, name: str, *, wait: bool) -> Answer:
        """Put a person's emoji under a message."""
        message = _message(channel, ts)
        add_reaction(message, name, person.id)
        return await self._reaction("reaction_added", person, channel, ts, name, wait=wait)

    async def unreact(self, person: Person, channel: Channel, ts: str, name: str, *, wait: bool) -> Answer:
        """Take a person's emoji away."""
        message = _message(channel, ts)
        remove_reaction(message, name, person.id)
        return await self._reaction("reaction_removed", person, channel, ts, name, wait=wait)

    async def join(self, channel: Channel, person: Person, inviter: Person | None) -> Answer:
        """Make a person (or the bot's user) a member."""
        if person.id not in channel.members:
            channel.members.append(person.id)
        event = self._membership("member_joined_channel", channel, person)
        if inviter:
            event["inviter"] = inviter.id
        return await self._tell(channel, event)

    async def leave(self, channel: Channel, person: Person) -> Answer:
        """End a membership; the bot still hears of its own."""
        channel.members.remove(person.id)
        outside = person.id == self._at(channel).bot_user_id
        return await self._tell(channel, self._membership("member_left_channel", channel, person), outside=outside)

    async def archive(self, channel: Channel, by: Person | None, *, archived: bool) -> Answer:
        """Archive a channel, or bring it back."""
        channel.archived = archived
        kind = f"{_family(channel)}_{'archive' if archived else 'unarchive'}"
        event = {"type": kind, "channel": channel.id, "user": by.id if by else channel.creator}
        return await self._tell(channel, event)

    async def rename(self, channel: Channel, name: str) -> Answer:
        """Rename a channel."""
        channel.name = name
        body = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}
        return await self._tell(channel, {"type": f"{_family(channel)}_rename", "channel": body})

    async def change_person(self, person: Person, changes: dict[str, Any]) -> Answer:
        """Change a profile: name, real_name, tz, is_admin, guest, deleted."""
        unknown = set(changes) - set(_MAY_CHANGE)
        if unknown:
            raise ValueError(f"a person has no {', '.join(sorted(unknown))} to change")
        for name, value in changes.items():
            setattr(person, name, value)
        now = self._world.clock.now()
        person.updated = int(now.timestamp())
        event = {"type": "user_change", "user": person.to_slack(now), "cache_ts": person.updated}
        answer = await self._events.tell(self._world.workspace_of(person), event)
        self._world.changes.signal()
        return answer

    async def uninstall(self, workspace: Workspace) -> list[Answer]:
        """Remove the app from a workspace: its token dies, and both events of it are sent."""
        workspace.installed = False
        self._world.changes.signal()
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [workspace.bot_user_id]}}
        return [
            await self._events.tell(workspace, revoked),
            await self._events.tell(workspace, {"type": "app_uninstalled"}),
        ]

    async def _reaction(self, kind: str, person: Person, channel: Channel, ts: str, name: str, *, wait: bool) -> Answer:
        workspace = self._at(channel)
        event = reaction_event(kind, workspace, person, channel, ts, name=name)
        self._world.changes.signal()
        if not wait:
            return self._events.tell_in_background(workspace, event, channel)
        return await self._events.tell(workspace, event, channel)

    def _membership(self, kind: str, channel: Channel, person: Person) -> dict[str, Any]:
        return {
            "type": kind,
            "user": person.id,
            "channel": channel.id,
            "channel_type": "G" if channel.private else "C",
            "team": channel.team_id,
        }

    async def _tell(self, channel: Channel, event: dict[str, Any], *, outside: bool = False) -> Answer:
        self._world.changes.signal()
        return await self._events.tell(self._at(channel), event, channel, outside=outside)

    def _at(self, channel: Channel) -> Workspace:
        return self._world.workspace_of(channel)


def _family(channel: Channel) -> str:
    return "group" if channel.private else "channel"


def _message(channel: Channel, ts: str) -> Message:
    message = channel.find(ts)
    if message is None:
        raise ValueError(f"no message {ts} to react to in {channel.name or channel.id}")
    return message
