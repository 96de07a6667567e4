"""Playing a script: everybody does what it says, at its time, in the stand-in Slack."""

import asyncio
from datetime import timedelta
from typing import Any

from bot.playground.script import Presses, Reacts, Says, Script, Sees, Step, Types
from bot.playground.standin import Channel, Message, Person, StandIn
from bot.playground.standin.escaping import escape_typed

QUIET = 0.4
"""Seconds without a word between Slack and the bot after which a step is over."""
LOOKS = 4
"""How often the silence is looked at meanwhile."""
LONGEST_STEP = 15.0


class Play:
    """A script's people and channels in a stand-in Slack."""

    def __init__(self, script: Script, slack: StandIn) -> None:
        self._slack = slack
        self._steps = script.steps
        self.people: dict[str, Person] = {
            line.name: slack.add_person(
                line.name, real_name=line.real_name, tz=line.zone, is_admin=line.is_admin, guest=line.is_guest
            )
            for line in script.people
        }
        self.channels: dict[str, Channel] = {
            f"#{line.name}": slack.add_channel(
                line.name,
                private=line.private,
                members=[self.people[name] for name in line.members],
                creator=self.people[line.members[0]],
                with_bot=line.with_bot,
            )
            for line in script.channels
        }

    def begin(self) -> None:
        """Put the clock to the first morning; a script may lie in the past."""
        self._slack.clock.move_to(self._steps[0].at - timedelta(minutes=5), force=True)

    async def play(self, *, quiet: float = QUIET) -> None:
        """Let everything happen, one step after the other. Raises TimeoutError where something does not happen.

        A step is over after `quiet` seconds without a word; one in which only time passes after five times as long, for
        what is due then has first to be noticed.
        """
        for step in self._steps:
            self._slack.clock.move_to(max(step.at, self._slack.clock.now()))
            await self._do(step)
            if not isinstance(step.deed, Says):
                await self._quiet(quiet if step.deed else 5 * quiet)

    async def _do(self, step: Step) -> None:
        match step.deed:
            case Types(who, where, line):
                person = self.people[who]
                channel = self._slack.open_dm(person) if where == "their DM" else self.channels[where]
                await self._slack.slash(person, channel, line)
            case Presses(who, label, text, where):
                person = self.people[who]
                message, action_id = await self._button(person, self.channels[where], text, label)
                await self._slack.press(person, message, action_id=action_id)
            case Reacts(who, emoji, text, where, adds):
                person, channel = self.people[who], self.channels[where]
                message = await self._message(person, channel, text)
                react = self._slack.react if adds else self._slack.unreact
                await react(person, channel, message.ts, emoji)
            case Sees(who, text, where):
                await self._message(self.people[who], self.channels[where], text, since=step.at.timestamp())
            case Says(who, where, text, under):
                person, channel = self.people[who], self.channels[where]
                parent = await self._message(person, channel, under) if under else None
                written = escape_typed(text, self._slack.world.workspace_of(channel), person)
                await self._slack.say(person, channel, written, (parent.thread_ts or parent.ts) if parent else None)

    async def _message(
        self, person: Person, channel: Channel, text: str, label: str = "", *, since: float = 0.0
    ) -> Message:
        """Wait until somebody sees a message that holds `text` (and a button with `label`): the last one.

        With `since` (seconds since 1970), it is not older than that.
        """

        def found() -> list[Message]:
            return [
                message
                for message in self._slack.seen_by(person, channel)
                if text in message.plain() and float(message.ts) >= since and (not label or _action_id(message, label))
            ]

        await self._slack.wait_for(found, timeout=LONGEST_STEP)
        return found()[-1]

    async def _button(self, person: Person, channel: Channel, text: str, label: str) -> tuple[Message, str]:
        message = await self._message(person, channel, text, label)
        action_id = _action_id(message, label)
        assert action_id is not None, "the message was chosen for its button"
        return message, action_id

    async def _quiet(self, quiet: float) -> None:
        """Wait until Slack and the bot have had nothing to say to each other for a moment."""
        async with asyncio.timeout(LONGEST_STEP):
            seen, silent = self._words(), 0
            while silent < LOOKS:
                await asyncio.sleep(quiet / LOOKS)
                before, seen = seen, self._words()
                silent = silent + 1 if seen == before else 0

    def _words(self) -> int:
        ledger = self._slack.ledger
        return len(ledger.calls()) + len(ledger.deliveries())


def _action_id(message: Message, label: str) -> str | None:
    """The action of the button on which `label` stands."""
    for block in message.blocks:
        elements: list[dict[str, Any]] = [*block.get("elements", []), block.get("accessory", {})]
        for element in elements:
            if element.get("type") == "button" and label in element["text"]["text"]:
                return str(element["action_id"])
    return None
