"""The change feed of the page: numbered events, each with the people who may see it.

The stand-in's own feed names what changed; an event holds its present state, so it can safely be sent twice. A session
that missed too many events gets a new snapshot.
"""

import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground import serializers
from playground.serializers import Json
from slack_standin import Change, Channel, Message, Person, StandIn, View, Workspace

MAX_EVENTS = 5000
"""Events that are kept for sessions that reconnect."""


@dataclass(frozen=True)
class Event:
    """A change; `audience` holds the ids of the people who may see it."""

    number: int
    audience: frozenset[str]
    body: Json


class Feed:
    """The events of one stand-in, identified by `epoch`."""

    def __init__(self, slack: StandIn) -> None:
        self.epoch = secrets.token_hex(6)
        self.last = 0
        self._slack = slack
        self._kept: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._forms: dict[str, tuple[Any, Any]] = {}
        self._seen = slack.world.feed.number
        self._audiences = {channel.id: self._audience(channel) for channel in self._channels()}

    def poll(self) -> list[Event]:
        """Return the events since the last poll."""
        changes = self._slack.changes_since(self._seen)
        self._seen = self._slack.world.feed.number
        if changes is None:
            events = [self._event(frozenset(person.id for person in self._people()), {"t": "anew"})]
        else:
            changed = dict.fromkeys(
                changed_object for change in changes for changed_object in self._changed_objects(change)
            )
            events = [event for each in changed for event in self._events_for(each)]
            events += self._events_of_gone_channels()
        self._kept.extend(events)
        return events

    def since(self, number: int) -> list[Event] | None:
        """Return the events after this number; None if some of them are no longer kept."""
        if number > self.last or (self._kept and self._kept[0].number > number + 1):
            return None
        return [event for event in self._kept if event.number > number]

    def snapshot(self, who: Person) -> Json:
        """Return everything that a person may see."""
        visible = [channel for channel in self._channels() if channel.is_open_to(who)]
        home = self._slack.home(who)
        return {
            "views": [serializers.view(view) for view in self._slack.modals(who)],
            "home": home and serializers.view(home),
            "people": [serializers.person(person) for person in self._people()],
            "channels": [serializers.channel(channel) for channel in visible],
            "messages": [
                serializers.message(message)
                for channel in visible
                for message in channel.messages
                if serializers.is_there(message) and message.ephemeral_to in (None, who.id)
            ],
        }

    def _people(self) -> list[Person]:
        return [person for home in self._slack.world.workspaces.values() for person in home.people.values()]

    def _channels(self) -> list[Channel]:
        return [channel for home in self._slack.world.workspaces.values() for channel in home.channels.values()]

    def _audience(self, channel: Channel) -> frozenset[str]:
        people = self._slack.world.workspace_of(channel).people.values()
        return frozenset(person.id for person in people if channel.is_open_to(person))

    def _changed_objects(self, change: Change) -> Iterator[Person | Channel | Message | str]:
        """Yield what a change concerns: a person, a channel, a message (and its thread's parent), or whose views."""
        home: Workspace | None = self._slack.world.workspaces.get(change.team_id or "")
        if home is None or change.id is None:
            return
        channel = home.channels.get(change.channel or "")
        match change.kind:
            case "person":
                yield home.people[change.id]
            case "channel" if channel:
                yield channel
            case "message" | "message_gone" | "ephemeral" if channel:
                message = channel.posted_at(change.id)
                yield message
                if message.is_reply and message.thread_ts:
                    yield channel.posted_at(message.thread_ts)
            case "view" | "home" if change.person:
                yield change.person

    def _events_for(self, changed_object: Person | Channel | Message | str) -> Iterator[Event]:
        match changed_object:
            case Person():
                yield from self._person_events(changed_object)
            case Channel():
                yield from self._channel_events(changed_object)
            case Message():
                yield self._message_event(changed_object)
            case str():
                yield from self._view_events(changed_object)

    def _person_events(self, person: Person) -> Iterator[Event]:
        """Yield an event for everyone, and one for a person who sees other channels: they came, or became a guest."""
        everybody = frozenset(self._slack.world.workspace_of(person).people)
        yield self._event(everybody, {"t": "person", "person": serializers.person(person)})
        sees = {channel.id for channel in self._channels() if person.id in self._audience(channel)}
        changed = [
            channel_id for channel_id, knew in self._audiences.items() if (person.id in knew) != (channel_id in sees)
        ]
        for channel_id in changed:
            self._audiences[channel_id] ^= {person.id}
        if changed:
            yield self._event(frozenset({person.id}), {"t": "anew"})

    def _channel_events(self, channel: Channel) -> Iterator[Event]:
        audience, knew = self._audience(channel), self._audiences.get(channel.id)
        self._audiences[channel.id] = audience
        shape = {"t": "channel", "channel": serializers.channel(channel)}
        yield self._event(audience if knew is None else audience & knew, shape)
        if knew is not None and (changed := audience ^ knew):
            yield self._event(changed, {"t": "anew"})

    def _events_of_gone_channels(self) -> Iterator[Event]:
        """Yield events for those who saw a channel that was deleted, or that has another id now."""
        there = {channel.id for channel in self._channels()}
        for gone in [channel_id for channel_id in self._audiences if channel_id not in there]:
            yield self._event(self._audiences.pop(gone), {"t": "anew"})

    def _message_event(self, message: Message) -> Event:
        audience = self._audiences[message.channel]
        seen_by = audience & {message.ephemeral_to} if message.ephemeral_to else audience
        if serializers.is_there(message):
            return self._event(seen_by, {"t": "message", "message": serializers.message(message)})
        return self._event(seen_by, {"t": "gone", "channel": message.channel, "ts": message.ts})

    def _view_events(self, person_id: str) -> Iterator[Event]:
        """Yield events for a person's modals and Home tab, unless only their own input changed."""
        person = next(person for person in self._people() if person.id == person_id)
        modals, home = self._slack.modals(person), self._slack.home(person)
        looks = ([_appearance(view) for view in modals], home and _appearance(home))
        known = self._forms.get(person_id, ([], None))
        self._forms[person_id] = looks
        if known[0] != looks[0]:
            views = [serializers.view(view) for view in modals]
            yield self._event(frozenset({person_id}), {"t": "views", "views": views})
        if known[1] != looks[1]:
            yield self._event(frozenset({person_id}), {"t": "home", "view": home and serializers.view(home)})

    def _event(self, audience: frozenset[str], body: Json) -> Event:
        self.last += 1
        return Event(self.last, audience, body | {"n": self.last})


def _appearance(view: View) -> tuple[Any, ...]:
    return (view.id, view.hash, dict(view.errors), view.trouble)
