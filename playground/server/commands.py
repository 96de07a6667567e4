"""What somebody can do on the page: each public function here is something that a window may ask for.

`who` is the person the window belongs to; the rest are JSON values from the browser.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playground.server.interactions import Forms, Refused
from slack_standin import Channel, Person

LONGEST_LEAP = timedelta(days=100)
BUILT_IN = {
    "/invite": ("Add someone or an app to this channel", "@winsome"),
    "/remove": ("Remove someone or an app", "@winsome"),
    "/leave": ("Leave this channel", ""),
    "/rename": ("Rename this channel", "new-name"),
    "/archive": ("Archive or unarchive this channel", ""),
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
        self._check_is_member(where)
        await self.slack.say(self.who, where, text, thread, typed=True)

    async def react(self, channel: str, ts: str, name: str, on: bool) -> None:
        """Put an emoji under a message, or take it away."""
        act = self.slack.react if on else self.slack.unreact
        await act(self.who, self._channel(channel), ts, name, wait=False)

    async def edit(self, channel: str, ts: str, text: str) -> None:
        """Change one's own message to what was typed."""
        await self.slack.edit(self.who, self._message(channel, ts), text, typed=True)

    async def delete(self, channel: str, ts: str) -> None:
        """Delete one's own message."""
        await self.slack.delete(self.who, self._message(channel, ts))

    async def share(self, channel: str, name: str, content: str) -> None:
        """Show a file (in base64) in a channel."""
        where = self._channel(channel)
        self._check_is_member(where)
        await self.slack.share(self.who, where, name, base64.b64decode(content))

    async def dm(self, person: str) -> str:
        """Open the direct message with somebody, and return its id."""
        other = self._home_of(self.who).people.get(person)
        if other is None:
            raise Refused("That person doesn't exist.")
        return self.slack.open_dm(self.who, other).id

    async def join(self, channel: str) -> None:
        """Become a member."""
        await self.slack.join(self._channel(channel), self.who)

    # The stage

    async def friday(self) -> None:
        """Pass the time until Friday, 16:00."""
        await self.stage.pass_time(self.stage.friday() + timedelta(seconds=2))

    async def later(self, hours: float) -> None:
        """Pass some time."""
        await self.stage.pass_time(self.slack.clock.now() + _leap(timedelta(hours=hours)))

    async def until(self, at: float) -> None:
        """Pass the time until a moment, in seconds since 1970."""
        now = self.slack.clock.now()
        moment = datetime.fromtimestamp(at, UTC)
        if moment < now:
            raise Refused("You can't go back in time. To start over, reset the playground.")
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
            await self.slack.slash(self.who, where, line)
            return
        if where.is_im:
            raise Refused(f"{name} only works in channels.")
        slack = self.slack
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
            raise Refused(f"@{name} is already in this channel." if joins else f"@{name} isn't in this channel.")
        if joins:
            await self.slack.join(where, person, by=self.who)
        else:
            await self.slack.leave(where, person)

    def _check_is_member(self, where: Channel) -> None:
        if self.who.id not in where.members:
            raise Refused("Join this channel to send messages.")

    def _person_named(self, where: Channel, name: str) -> Person:
        person = self._home_of(where).person_named(name.lower())
        if person is None:
            raise Refused(f"No one here is called @{name}.")
        return person


def _leap(step: timedelta) -> timedelta:
    if not timedelta() <= step <= LONGEST_LEAP:
        raise Refused("You can jump forward up to 100 days at a time.")
    return step
