"""Playing a script: everybody does what it says, at its time, in the stand-in Slack."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from playground.scenario import Invites, Presses, Reacts, Says, Script, Sees, Step, Types
from slack_standin import Channel, Message, Person, StandIn

LONGEST_STEP = 15.0


class Play:
    """A script's people and channels in a stand-in Slack."""

    def __init__(self, script: Script, slack: StandIn) -> None:
        self._slack = slack
        self._steps = script.steps
        self.people: dict[str, Person] = {
            line.name: slack.add_person(
                line.name,
                real_name=line.real_name,
                display_name=line.name.capitalize(),
                tz=line.zone,
                is_admin=line.is_admin,
                is_owner=line.is_owner,
                guest=line.is_guest,
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

    async def play(self, done: Callable[[], Awaitable[None]]) -> None:
        """Let everything happen, one step after the other. Raises TimeoutError where something does not happen.

        `done` returns when the bot owes nothing any more. It is waited for after commands, invitations and where
        something is due, so that what they lead to bears their time; other steps are over when the bot has acknowledged
        them.
        """
        for step in self._steps:
            self._slack.clock.move_on(step.at)
            await self._do(step)
            if isinstance(step.deed, Types | Sees | Invites | None) or step is self._steps[-1]:
                await done()

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
                message = await self._message(person, channel, text, of_all=True)
                react = self._slack.react if adds else self._slack.unreact
                await react(person, channel, message.ts, emoji)
            case Sees(who, text, where):
                await self._message(self.people[who], self.channels[where], text, since=step.at.timestamp())
            case Invites(who, where):
                await self._slack.invite_bot(self.channels[where], self.people[who])
            case Says(who, where, text, under):
                person, channel = self.people[who], self.channels[where]
                parent = await self._message(person, channel, under, of_all=True) if under else None
                thread = (parent.thread_ts or parent.ts) if parent else None
                await self._slack.say(person, channel, text, thread, typed=True)

    async def _message(
        self,
        person: Person,
        channel: Channel,
        text: str,
        label: str = "",
        *,
        since: float = 0.0,
        of_all: bool = False,
    ) -> Message:
        """Wait until somebody sees a message that holds `text` (and a button with `label`): the last one.

        With `since` (seconds since 1970), it is not older than that; `of_all` is for those that everybody sees, for
        what the bot told this person alone may have come after them.
        """

        def found() -> list[Message]:
            return [
                message
                for message in self._slack.seen_by(person, channel)
                if text in message.plain()
                and float(message.ts) >= since
                and (not label or _action_id(message, label))
                and not (of_all and message.ephemeral_to)
            ]

        await self._slack.wait_for(found, timeout=LONGEST_STEP)
        return found()[-1]

    async def _button(self, person: Person, channel: Channel, text: str, label: str) -> tuple[Message, str]:
        message = await self._message(person, channel, text, label)
        action_id = _action_id(message, label)
        assert action_id is not None, "the message was chosen for its button"
        return message, action_id


def _action_id(message: Message, label: str) -> str | None:
    """The action of the button on which `label` stands."""
    for block in message.blocks:
        elements: list[dict[str, Any]] = [*block.get("elements", []), block.get("accessory", {})]
        for element in elements:
            if element.get("type") == "button" and label in element["text"]["text"]:
                return str(element["action_id"])
    return None
