"""What somebody can do on the page: each public function here is something that a window may ask for.

`who` is the person the window belongs to; the rest are JSON values from the browser.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.playground.desk.forms import Forms, Payload, Refused
from bot.playground.standin import Channel, Message, Person
from bot.playground.standin.escaping import escape_typed

LONGEST_LEAP = timedelta(days=100)
BUILT_IN = {
    "/invite": ("Bring somebody, or the app, into this channel", "@winsome"),
    "/remove": ("Remove somebody, or the app, from this channel", "@winsome"),
    "/leave": ("Leave this channel", ""),
    "/rename": ("Rename this channel", "new-name"),
    "/archive": ("Archive this channel; again brings it back", ""),
}
"""Commands of Slack's own, as far as the page knows them."""


@dataclass(frozen=True)
class Acts(Forms):
    """The acts of one person on a stage."""

    async def send(self, channel: str, text: str, thread: str | None = None) -> None:
        """Post what was typed, or carry out what begins as a command."""
        where = self._channel(channel)
        if text.startswith("/") and not text.startswith("//") and thread is None:
            await self._command(where, text)
            return
        if self.who.id not in where.members:
            raise Refused("Join the channel to write in it.")
        written = _without_labels(escape_typed(text, self._home_of(where), self.who))
        await self.stage.slack.say(self.who, where, written, thread)

    async def react(self, channel: str, ts: str, name: str, on: bool) -> None:
        """Put an emoji under a message, or take it away."""
        act = self.stage.slack.react if on else self.stage.slack.unreact
        await act(self.who, self._channel(channel), ts, name, wait=False)

    async def press(self, *, block: str, action: str, payload: Payload, **target: str) -> str | None:
        """Use an element; the answer is the error that the person sees, if there is one."""
        if hasattr(self.slack, "fill"):
            return await super().press(block=block, action=action, payload=payload, **target)
        message = self._message(target["channel"], target["ts"])
        value = self._entered({name: held for name, held in payload.items() if name.startswith("selected_")})
        answer = await self.stage.slack.press(self.who, message, action, value, _index(message, block, action, value))
        return answer.error

    async def dm(self, person: str) -> str:
        """Open the direct message with somebody, and return its id."""
        other = self._home_of(self.who).people.get(person)
        if other is None:
            raise Refused("That person is not there.")
        return self.stage.slack.open_dm(self.who, other).id

    async def join(self, channel: str) -> None:
        """Become a member."""
        await self.stage.slack.join(self._channel(channel), self.who)

    # The stage

    async def friday(self) -> None:
        """Pass the time until Friday, 16:00."""
        await self.stage.pass_time(self.stage.friday() + timedelta(seconds=2))

    async def later(self, hours: float) -> None:
        """Pass some time."""
        await self.stage.pass_time(self.stage.slack.clock.now() + _leap(timedelta(hours=hours)))

    async def until(self, at: float) -> None:
        """Pass the time until a moment, in seconds since 1970."""
        now = self.stage.slack.clock.now()
        moment = datetime.fromtimestamp(at, UTC)
        if moment < now:
            raise Refused("Time goes forward only. To begin anew, reset the playground.")
        await self.stage.pass_time(now + _leap(moment - now))

    async def fault(self, kind: str, on: bool) -> None:
        """Let something be wrong with Slack, or well again."""
        self.stage.set_fault(kind, on=on)

    async def bot(self, on: bool) -> None:
        """Kill the bot, or start it again."""
        if on:
            await self.stage.start_bot()
        else:
            await self.stage.kill_bot()

    # Inside

    async def _command(self, where: Channel, line: str) -> None:
        name, _, rest = line.partition(" ")
        if name not in BUILT_IN:
            await self.stage.slack.slash(self.who, where, line)
            return
        if where.is_im:
            raise Refused(f"{name} works in channels.")
        slack = self.stage.slack
        if name == "/rename":
            await slack.rename(where, rest.strip().lstrip("#").lower() or where.name)
        elif name == "/archive":
            await (slack.unarchive if where.archived else slack.archive)(where, self.who)
        elif name == "/leave":
            await slack.leave(where, self.who)
        else:
            await self._membership(where, rest.strip().lstrip("@"), joins=name == "/invite")

    async def _membership(self, where: Channel, name: str, *, joins: bool) -> None:
        person = self._person_named(where, name)
        if (person.id in where.members) == joins:
            raise Refused(f"@{name} is {'already' if joins else 'not'} here.")
        if joins:
            await self.stage.slack.join(where, person, by=self.who)
        else:
            await self.stage.slack.leave(where, person)

    def _person_named(self, where: Channel, name: str) -> Person:
        person = self._home_of(where).person_named(name.lower())
        if person is None:
            raise Refused(f"There is nobody called @{name}.")
        return person


def _leap(step: timedelta) -> timedelta:
    if not timedelta() <= step <= LONGEST_LEAP:
        raise Refused("Up to a hundred days at a time, and forward only.")
    return step


def _without_labels(markup: str) -> str:
    """Messages name people by id alone; only commands carry the name as well."""
    parts = markup.split("<@")
    return "<@".join([parts[0], *(_without_label(part) for part in parts[1:])])


def _without_label(part: str) -> str:
    mention, _, rest = part.partition(">")
    return f"{mention.partition('|')[0]}>{rest}"


def _index(message: Message, block: str, action: str, value: Any) -> int:
    """Count, as the stand-in does, the elements that carry this action and offer this value, up to the one meant."""
    matching = [
        block_id
        for block_id, element in _elements(message)
        if element.get("action_id") == action and _offers(element, value)
    ]
    if block not in matching:
        raise Refused("That button is not there any more.")
    return matching.index(block)


def _elements(message: Message) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in message.blocks:
        if block["type"] == "actions":
            yield from ((block["block_id"], element) for element in block["elements"])
        elif block["type"] == "section" and "accessory" in block:
            yield block["block_id"], block["accessory"]


def _offers(element: dict[str, Any], value: Any) -> bool:
    if element["type"] in ("static_select", "overflow", "radio_buttons"):
        return any(option["value"] == value for option in element.get("options", []))
    return value is None or element.get("value") == value
