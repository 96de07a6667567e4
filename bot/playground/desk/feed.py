"""What changes in the stand-in Slack, as numbered events, each for those who may know of it.

It compares: after every change that the stand-in signals, what each message looks like is held against what it looked
like before. An event sets something, so it may be told twice; whoever missed too many of them gets all anew.
"""

import itertools
import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.playground.desk import shapes
from bot.playground.desk.shapes import Shape
from bot.playground.standin import Channel, Message, Person, StandIn

MOST_KEPT = 5000
"""Events that are kept for those who come back."""


@dataclass(frozen=True)
class Event:
    """A change; `audience` are the ids of those who may know of it."""

    number: int
    audience: frozenset[str]
    body: Shape


class Feed:
    """The changes of one stand-in, which the `epoch` names."""

    def __init__(self, slack: StandIn) -> None:
        self.epoch = secrets.token_hex(6)
        self._slack = slack
        self._numbers = itertools.count(1)
        self.last = 0
        self._kept: deque[Event] = deque(maxlen=MOST_KEPT)
        self._messages: dict[tuple[str, int], tuple[Any, ...]] = {}
        self._channels: dict[str, tuple[Shape, frozenset[str]]] = {}
        self._people: dict[str, Shape] = {}
        self._forms: dict[str, tuple[Any, ...]] = {}
        self.look()

    def look(self) -> list[Event]:
        """Return what has changed since the last look."""
        events = [*self._look_at_people(), *self._look_at_channels(), *self._look_at_forms()]
        self._kept.extend(events)
        return events

    def since(self, number: int) -> list[Event] | None:
        """Return the events after this number; None when they are not all there any more."""
        if number > self.last or (self._kept and self._kept[0].number > number + 1):
            return None
        return [event for event in self._kept if event.number > number]

    def snapshot(self, who: Person) -> Shape:
        """Return all that a person may see."""
        visible = [channel for channel in self._all_channels() if shapes.may_see(who, channel)]
        modals, home = self._forms_of(who)
        return {
            "views": [shapes.view(view) for view in modals],
            "home": home and shapes.view(home),
            "people": list(self._people.values()),
            "channels": [shapes.channel(channel) for channel in visible],
            "messages": [
                shapes.message(message)
                for channel in visible
                for message in channel.messages
                if shapes.is_there(message) and message.ephemeral_to in (None, who.id)
            ],
        }

    def _all_people(self) -> list[Person]:
        return [person for home in self._slack.world.workspaces.values() for person in home.people.values()]

    def _all_channels(self) -> list[Channel]:
        return [channel for home in self._slack.world.workspaces.values() for channel in home.channels.values()]

    def _look_at_people(self) -> Iterator[Event]:
        for person in self._all_people():
            shape = shapes.person(person)
            if self._people.get(person.id) != shape:
                self._people[person.id] = shape
                yield self._event(self._everybody(), {"t": "person", "person": shape})

    def _look_at_channels(self) -> Iterator[Event]:
        people = self._all_people()
        for channel in self._all_channels():
            audience = frozenset(person.id for person in people if shapes.may_see(person, channel))
            shape = shapes.channel(channel)
            known, knew = self._channels.get(channel.id, ({}, frozenset()))
            if known != shape or knew != audience:
                self._channels[channel.id] = (shape, audience)
                yield self._event(audience & knew if known else audience, {"t": "channel", "channel": shape})
                if known and (changed := audience ^ knew):
                    yield self._event(changed, {"t": "anew"})
            for place, message in enumerate(channel.messages):
                yield from self._look_at(channel, place, message, audience)

    def _look_at(self, channel: Channel, place: int, message: Message, audience: frozenset[str]) -> Iterator[Event]:
        looks = _looks(message)
        known = self._messages.get((channel.id, place))
        if known is not None and len(known) == len(looks) and all(map(_same, known, looks)):
            return
        self._messages[(channel.id, place)] = looks
        seen_by = audience & {message.ephemeral_to} if message.ephemeral_to else audience
        if shapes.is_there(message):
            yield self._event(seen_by, {"t": "message", "message": shapes.message(message)})
        elif known is not None:
            yield self._event(seen_by, {"t": "gone", "channel": channel.id, "ts": message.ts})

    def _forms_of(self, person: Person) -> tuple[list[Any], Any]:
        slack: Any = self._slack
        return (slack.modals(person), slack.home(person)) if hasattr(slack, "modals") else ([], None)

    def _look_at_forms(self) -> Iterator[Event]:
        for person in self._all_people():
            modals, home = self._forms_of(person)
            looks = ([_form_looks(view) for view in modals], home and _form_looks(home))
            known = self._forms.get(person.id, ([], None))
            if known == looks:
                continue
            self._forms[person.id] = looks
            if known[0] != looks[0]:
                views = [shapes.view(view) for view in modals]
                yield self._event(frozenset({person.id}), {"t": "views", "views": views})
            if known[1] != looks[1]:
                yield self._event(frozenset({person.id}), {"t": "home", "view": home and shapes.view(home)})

    def _event(self, audience: frozenset[str], body: Shape) -> Event:
        self.last = next(self._numbers)
        return Event(self.last, audience, body | {"n": self.last})

    def _everybody(self) -> frozenset[str]:
        return frozenset(person.id for person in self._all_people())


def _looks(message: Message) -> tuple[Any, ...]:
    """What changes when a message does; lists are replaced and not changed, so that holding them is enough."""
    return (
        message.text,
        message.deleted,
        message.blocks,
        message.attachments,
        getattr(message, "files", None),
        message.edited,
        message.reply_count,
        *itertools.chain.from_iterable(message.reactions.items()),
    )


def _form_looks(view: Any) -> tuple[Any, ...]:
    """What changes when a form does, what is entered into it excepted: the page knows that already."""
    return (view.id, view.hash, dict(view.errors), view.trouble)


def _same(one: Any, other: Any) -> bool:
    return one is other or (not isinstance(one, dict) and one == other)
