"""How people use the elements of messages, modals and the Home tab, and shortcuts.

The stand-in holds the state of inputs, as Slack does; the page sends each change.
"""

import base64
from dataclasses import dataclass
from typing import Any

from playground.sandbox import Sandbox
from slack_standin import Channel, Message, Person, StandIn, View, Workspace

Payload = dict[str, Any]


class Refused(Exception):
    """A command that can't be done; `args` say why, for the person to read."""


@dataclass(frozen=True)
class Interactions:
    """The interactions of one person in a sandbox. A target is a message (`channel` and `ts`) or a `view`."""

    sandbox: Sandbox
    who: Person

    @property
    def slack(self) -> StandIn:
        """The stand-in Slack."""
        return self.sandbox.slack

    async def press(self, *, block: str, action: str, payload: Payload, **target: str) -> str | None:
        """Use an element; returns the error that the person sees, or None."""
        answer = await self.slack.fill(
            self.who, action, self._entered(payload), on=self._target(**target), block_id=block, enter=True
        )
        return None if answer is None else answer.error

    async def fill(self, *, block: str, action: str, payload: Payload, **target: str) -> str | None:
        """Fill an input; the bot hears of it only with dispatch_action_config."""
        answer = await self.slack.fill(
            self.who, action, self._entered(payload), on=self._target(**target), block_id=block
        )
        return None if answer is None else answer.error

    async def suggest(self, *, block: str, action: str, typed: str, **target: str) -> list[Payload] | None:
        """Ask the bot for the options or option groups of an external select; None if it fails."""
        answer = await self.slack.suggest(self.who, action, typed, on=self._target(**target), block_id=block)
        if answer.error is not None:
            return None
        offer = answer.payload if isinstance(answer.payload, dict) else {}
        return list(offer.get("options") or offer.get("option_groups") or [])

    async def submit(self, view: str) -> None:
        """Submit a modal; its errors are in the modal afterwards."""
        await self.slack.submit(self.who, self._view(view))

    async def close(self, view: str, everything: bool = False) -> None:
        """Close a modal, or all of them."""
        await self.slack.close_view(self.who, self._view(view), everything=everything)

    async def shortcut(self, id: str, channel: str | None = None, ts: str | None = None) -> str | None:  # noqa: A002 - the page's name for it
        """Use a shortcut: one on a message, or a global one while viewing a channel."""
        if channel and ts:
            answer = await self.slack.message_shortcut(self.who, self._message(channel, ts), id)
        else:
            answer = await self.slack.shortcut(self.who, id, self._channel(channel) if channel else None)
        return None if answer.error is None else str(answer.error)

    async def home(self, tab: str = "home") -> None:
        """Open the Home, Messages or About tab of the bot."""
        await self.slack.open_home(self.who, tab)

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
        if channel is None or not channel.is_open_to(self.who):
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
        """Return what the stand-in takes: options by value, files by id, anything else unchanged."""
        value = next(iter(payload.values()), None)
        if "files" in payload:
            uploads = [
                self.slack.upload(self.who, str(file["name"]), base64.b64decode(file["content"]))
                for file in value or []
            ]
            return [file.id for file in uploads]
        if isinstance(value, list):
            return [_value_of(each) for each in value]
        return _value_of(value)


def _value_of(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) and "text" in value and "value" in value else value
