"""What somebody does with the elements of messages, modals and the Home tab, and with shortcuts.

What is entered is kept by the stand-in, as Slack keeps it; the page sends each change.
"""

import base64
from dataclasses import dataclass
from typing import Any

from playground import serializers
from playground.sandbox import Stage
from slack_standin import Channel, Message, Person, StandIn, View, Workspace

Payload = dict[str, Any]


class Refused(Exception):
    """Something that can't be done; `args` say why, to the person."""


@dataclass(frozen=True)
class Forms:
    """The forms of one person on a stage. A target is a message (`channel` and `ts`) or a `view`."""

    stage: Stage
    who: Person

    @property
    def slack(self) -> StandIn:
        """The stand-in Slack."""
        return self.stage.slack

    async def press(self, *, block: str, action: str, payload: Payload, **target: str) -> str | None:
        """Use an element; the answer is the error that the person sees, if there is one."""
        answer = await self.slack.fill(
            self.who, action, self._entered(payload), on=self._target(**target), block_id=block, enter=True
        )
        return None if answer is None else answer.error

    async def fill(self, *, block: str, action: str, payload: Payload, **target: str) -> str | None:
        """Enter something that the bot hears of only if it asked for every letter."""
        answer = await self.slack.fill(
            self.who, action, self._entered(payload), on=self._target(**target), block_id=block
        )
        return None if answer is None else answer.error

    async def suggest(self, *, block: str, action: str, typed: str, **target: str) -> list[Payload] | None:
        """Ask the bot for the options of an external menu, or for groups of them; None if it does not give any."""
        answer = await self.slack.suggest(self.who, action, typed, on=self._target(**target), block_id=block)
        if answer.error is not None:
            return None
        offer = answer.payload if isinstance(answer.payload, dict) else {}
        return list(offer.get("options") or offer.get("option_groups") or [])

    async def submit(self, view: str) -> None:
        """Submit a modal; what is wrong with it stands in the modal afterwards."""
        await self.slack.submit(self.who, self._view(view))

    async def close(self, view: str, everything: bool = False) -> None:
        """Close a modal, or all of them."""
        await self.slack.close_view(self.who, self._view(view), everything=everything)

    async def shortcut(self, id: str, channel: str | None = None, ts: str | None = None) -> str | None:  # noqa: A002 - the page calls it so
        """Use a shortcut: a global one, or one on a message."""
        if channel and ts:
            answer = await self.slack.message_shortcut(self.who, self._message(channel, ts), id)
        else:
            answer = await self.slack.shortcut(self.who, id)
        return None if answer.error is None else str(answer.error)

    async def home(self, tab: str = "home") -> None:
        """Open the bot's Home tab, its messages, or what it says about itself."""
        await self.slack.open_home(self.who, tab)

    # Finding

    def _target(self, *, channel: str = "", ts: str = "", view: str = "") -> Message | View:
        return self._view(view) if view else self._message(channel, ts)

    def _view(self, view_id: str) -> View:
        open_now = [*self.slack.modals(self.who), self.slack.home(self.who)]
        found = [view for view in open_now if view is not None and view.id == view_id]
        if not found:
            raise Refused("That form is closed.")
        return found[0]

    def _channel(self, channel_id: str) -> Channel:
        channel = self._home_of(self.who).channels.get(channel_id)
        if channel is None or not serializers.may_see(self.who, channel):
            raise Refused("That channel no longer exists.")
        return channel

    def _message(self, channel: str, ts: str) -> Message:
        found = [each for each in self.slack.seen_by(self.who, self._channel(channel)) if each.ts == ts]
        if not found:
            raise Refused("That message was deleted.")
        return found[0]

    def _home_of(self, one: Person | Channel) -> Workspace:
        return self.slack.world.workspace_of(one)

    def _entered(self, payload: Payload) -> Any:
        """What the stand-in takes: options by their values, files by their ids, everything else as it is."""
        value = next(iter(payload.values()), None)
        if "files" in payload:
            uploads = [
                self.slack.upload(self.who, str(file["name"]), base64.b64decode(file["content"]))
                for file in value or []
            ]
            return [file.id for file in uploads]
        if isinstance(value, list):
            return [_bare(each) for each in value]
        return _bare(value)


def _bare(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) and "text" in value and "value" in value else value
