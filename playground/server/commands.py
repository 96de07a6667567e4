"""What people do on the page: a session may call each public method.

`who` is the person the session belongs to; the rest are JSON values from the browser.
"""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playground.server.interactions import Interactions, Refused
from slack_standin import Channel, Person

MAX_LEAP = timedelta(days=100)
CHANNEL_NAME = re.compile(r"[\w-]{1,80}")
BUILT_IN = {
    "/invite": ("Add someone or an app to this channel", "@winsome"),
    "/remove": ("Remove someone or an app", "@winsome"),
    "/leave": ("Leave this channel", ""),
    "/rename": ("Rename this channel", "new-name"),
    "/archive": ("Archive this channel", ""),
}
"""Slack's own slash commands, as far as the page has them."""


@dataclass(frozen=True)
class Commands(Interactions):
    """The commands of one person in a sandbox."""

    async def send(self, channel: str, text: str, thread: str | None = None) -> None:
        """Post a message, or run a slash command."""
        where = self._channel(channel)
        if text.startswith("/") and not text.startswith("//"):
            if thread is not None:
                raise Refused(f"{text.split(maxsplit=1)[0]} doesn't work in threads. Send it in the channel.")
            await self._command(where, text)
            return
        self._check_is_member(where)
        await self.slack.say(self.who, where, text, thread, typed=True)

    async def react(self, channel: str, ts: str, name: str, on: bool) -> None:
        """Add or remove a reaction."""
        act = self.slack.react if on else self.slack.unreact
        await act(self.who, self._channel(channel), ts, name, wait=False)

    async def edit(self, channel: str, ts: str, text: str) -> None:
        """Edit one's own message."""
        await self.slack.edit(self.who, self._message(channel, ts), text, typed=True)

    async def delete(self, channel: str, ts: str) -> None:
        """Delete one's own message."""
        await self.slack.delete(self.who, self._message(channel, ts))

    async def share(self, channel: str, name: str, content: str) -> None:
        """Share a file, given in base64."""
        where = self._channel(channel)
        self._check_is_member(where)
        await self.slack.share(self.who, where, name, base64.b64decode(content))

    async def dm(self, person: str) -> str:
        """Open a direct message with a person, and return its id."""
        other = self._home_of(self.who).people.get(person)
        if other is None:
            raise Refused("That person doesn't exist.")
        return self.slack.open_dm(self.who, other).id

    async def join(self, channel: str) -> None:
        """Join a channel."""
        await self.slack.join(self._channel(channel), self.who)

    # The clock, faults and the bot

    async def friday(self) -> None:
        """Move the clock to Friday, 16:00."""
        await self.sandbox.pass_time(self.sandbox.friday() + timedelta(seconds=2))

    async def later(self, hours: float) -> None:
        """Move the clock by some hours."""
        await self.sandbox.pass_time(self.slack.clock.now() + _checked_leap(timedelta(hours=hours)))

    async def until(self, at: float) -> None:
        """Move the clock to a time in seconds since 1970."""
        now = self.slack.clock.now()
        moment = datetime.fromtimestamp(at, UTC)
        if moment < now:
            raise Refused("You can't go back in time. To start over, reset the playground.")
        await self.sandbox.pass_time(now + _checked_leap(moment - now))

    async def fault(self, kind: str, on: bool) -> None:
        """Start or end a simulated problem of Slack."""
        self.sandbox.set_fault(kind, on=on)

    async def bot(self, on: bool) -> None:
        """Start or kill the bot."""
        if on:
            await self.sandbox.start_bot()
        else:
            await self.sandbox.kill_bot()

    async def _command(self, where: Channel, line: str) -> None:
        name, rest = (*line.split(maxsplit=1), "")[:2]
        if name not in BUILT_IN:
            await self.slack.slash(self.who, where, line)
            return
        if where.is_im:
            raise Refused(f"{name} only works in channels.")
        slack = self.slack
        if name == "/rename":
            await slack.rename(where, self._new_name(where, rest), self.who)
        elif name == "/archive":
            await (slack.unarchive if where.archived else slack.archive)(where, self.who)
        elif name == "/leave":
            await slack.leave(where, self.who)
        else:
            await self._membership(where, rest.strip().lstrip("@"), joins=name == "/invite")

    async def _membership(self, where: Channel, name: str, *, joins: bool) -> None:
        person = self._person_named(where, name)
        if (person.id in where.members) == joins:
            raise Refused(f"@{name} is already in this channel." if joins else f"@{name} isn't in this channel.")
        if joins:
            await self.slack.join(where, person, by=self.who)
        else:
            await self.slack.leave(where, person)

    def _new_name(self, where: Channel, typed: str) -> str:
        """Return the name that a channel gets, as Slack takes it; the page tells channels apart by their names."""
        name = typed.strip().lstrip("#").lower()
        if not CHANNEL_NAME.fullmatch(name):
            raise Refused("Say the new name: up to 80 letters, digits, hyphens and underscores, without spaces.")
        if self._home_of(where).channel_named(name):
            raise Refused(f"There's already a channel called #{name}.")
        return name

    def _check_is_member(self, where: Channel) -> None:
        if self.who.id not in where.members:
            raise Refused("Join this channel to send messages.")

    def _person_named(self, where: Channel, name: str) -> Person:
        person = self._home_of(where).person_named(name.lower())
        if person is None:
            raise Refused(f"No one here is called @{name}.")
        return person


def _checked_leap(step: timedelta) -> timedelta:
    if not timedelta() <= step <= MAX_LEAP:
        raise Refused("You can jump forward up to 100 days at a time.")
    return step
