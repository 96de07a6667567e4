"""Plays a scenario: its people act in the stand-in Slack, each step at its time."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from playground.scenario import (
    THEIR_DM,
    Enters,
    Invites,
    Presses,
    Reacts,
    Says,
    Scenario,
    Sees,
    Step,
    Submits,
    Types,
    Uses,
)
from slack_standin import Channel, Message, Person, StandIn, View

STEP_TIMEOUT = 60.0
"""Seconds until what a step needs is there; the machine may be busy."""


class Player:
    """A scenario's people and channels in a stand-in Slack."""

    def __init__(self, scenario: Scenario, slack: StandIn) -> None:
        self._slack = slack
        self._steps = scenario.steps
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
            for line in scenario.people
        }
        self.channels: dict[str, Channel] = {
            f"#{line.name}": slack.add_channel(
                line.name,
                private=line.private,
                members=[self.people[name] for name in line.members],
                creator=self.people[line.members[0]],
                with_bot=line.with_bot,
            )
            for line in scenario.channels
        }

    def begin(self) -> None:
        """Set the clock to just before the first step; a scenario may lie in the past."""
        self._slack.clock.move_to(self._steps[0].at - timedelta(minutes=5), force=True)

    async def play(self, wait_until_idle: Callable[[], Awaitable[None]]) -> None:
        """Play the steps in order. Raises TimeoutError if one does not come about.

        `wait_until_idle` returns when the bot has no work left. It is awaited after commands, invitations and due
        times, so that the messages they lead to get their time; other steps are over once the bot has acknowledged
        them.
        """
        for step in self._steps:
            self._slack.clock.move_on(step.at)
            await self._do(step)
            if isinstance(step.action, Types | Submits | Sees | Invites | None) or step is self._steps[-1]:
                await wait_until_idle()

    async def _do(self, step: Step) -> None:
        match step.action:
            case Types(who, where, line):
                await self._slack.slash(self.people[who], self._place(who, where), line)
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
                person, channel = self.people[who], self._place(who, where)
                parent = await self._message(person, channel, under, of_all=True) if under else None
                thread = (parent.thread_ts or parent.ts) if parent else None
                await self._slack.say(person, channel, text, thread, typed=True)
            case Uses(who, name, text, where):
                await self._use(self.people[who], self.channels[where], name, text)
            case Enters(who, label, text):
                form = await self._form(self.people[who])
                [field] = [block for block in form.blocks if block.get("label", {}).get("text") == label]
                block_id, action_id = field["block_id"], field["element"]["action_id"]
                await self._slack.fill(self.people[who], action_id, text, on=form, block_id=block_id)
            case Submits(who):
                await self._submit(self.people[who])

    def _place(self, who: str, where: str) -> Channel:
        return self._slack.open_dm(self.people[who]) if where == THEIR_DM else self.channels[where]

    async def _use(self, person: Person, channel: Channel, name: str, text: str | None) -> None:
        """Use the shortcut with this name, on a message that contains `text` if that is given."""
        [callback_id] = [each.callback_id for each in self._slack.world.manifest.shortcuts if each.name == name]
        if text is None:
            await self._slack.shortcut(person, callback_id, channel)
        else:
            message = await self._message(person, channel, text, of_all=True)
            await self._slack.message_shortcut(person, message, callback_id)

    async def _submit(self, person: Person) -> None:
        """Submit the form, and close what the bot shows in its place."""
        form = await self._form(person)
        answer = await self._slack.submit(person, form)
        if answer.error or form.errors:
            raise ValueError(f"{person.name}'s form isn't accepted: {answer.error or form.errors}")
        if form.is_open:
            await self._slack.close_view(person, form)

    async def _form(self, person: Person) -> View:
        """Wait until a person has a form open, and return it."""

        def form() -> View | None:
            view = self._slack.modal(person)
            return view if view and "submit" in view.body else None

        await self._slack.wait_for(form, timeout=STEP_TIMEOUT)
        found = form()
        assert found is not None, "it was waited for"
        return found

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
        """Wait until a person sees a message that contains `text` (and a button with `label`), and return the last one.

        With `since` (seconds since 1970) it is no older than that. `of_all` skips ephemeral messages, which may have
        come later.
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

        await self._slack.wait_for(found, timeout=STEP_TIMEOUT)
        return found()[-1]

    async def _button(self, person: Person, channel: Channel, text: str, label: str) -> tuple[Message, str]:
        message = await self._message(person, channel, text, label)
        action_id = _action_id(message, label)
        assert action_id is not None, "the message was chosen for its button"
        return message, action_id


def _action_id(message: Message, label: str) -> str | None:
    """Return the action id of the button whose text contains `label`."""
    for block in message.blocks:
        elements: list[dict[str, Any]] = [*block.get("elements", []), block.get("accessory", {})]
        for element in elements:
            if element.get("type") == "button" and label in element["text"]["text"]:
                return str(element["action_id"])
    return None
