"""Looks up people, channels, messages and views for the control address, and serialises results.

People and channels are given by id or by name, workspaces by team id, messages by channel and ts, views by id.
"""

from dataclasses import asdict, fields
from typing import Any

from slack_standin.delivery.transport import Answer, Delivery
from slack_standin.model.faults import Fault
from slack_standin.model.ledger import Call, Sent
from slack_standin.model.messages import Message
from slack_standin.model.views import View
from slack_standin.model.workspace import Channel, Person, Workspace
from slack_standin.standin import StandIn


class Lookup:
    """Names into things, answers into JSON."""

    def __init__(self, slack: StandIn) -> None:
        self._slack = slack
        self._sent: dict[str, Delivery] = {}

    def _workspace(self, team_id: str | None) -> Workspace:
        workspaces = self._slack.world.workspaces
        return workspaces[team_id or self._slack.team_id]

    def _person(self, named: str) -> Person:
        for workspace in self._slack.world.workspaces.values():
            person = workspace.people.get(named) or workspace.person_named(named)
            if person:
                return person
        raise LookupError(f"no person {named!r}")

    def _channel(self, named: str) -> Channel:
        for workspace in self._slack.world.workspaces.values():
            channel = workspace.channels.get(named) or workspace.channel_named(named)
            if channel:
                return channel
        raise LookupError(f"no channel {named!r}")

    def _message(self, channel: str, ts: str) -> Message:
        for message in self._channel(channel).messages:
            if message.ts == ts:
                return message
        raise LookupError(f"no message {ts} in {channel!r}")

    def _answer(self, answer: Answer) -> dict[str, Any]:
        self._sent[answer.request.id] = answer.request
        return {
            "status": answer.status,
            "payload": answer.payload,
            "elapsed": answer.elapsed,
            "error": answer.error,
            "delivery": answer.request.id,
        }

    def _view(self, person: Person, view: str | None) -> View:
        found = self._slack.world.workspace_of(person).views.find(view) if view else self._slack.modal(person)
        if found is None:
            raise LookupError(f"no view {view!r}" if view else f"{person.name} has no modal open")
        return found

    def _target(self, person: Person, channel: str | None, ts: str | None, view: str | None) -> Message | View:
        """A message if a channel and a ts are given, else a view: the modal on top unless it is named."""
        if channel and ts:
            return self._message(channel, ts)
        return self._view(person, view)


def person_to_json(person: Person) -> dict[str, Any]:
    """The person as a program reads it."""
    return asdict(person)


def channel_to_json(channel: Channel) -> dict[str, Any]:
    """The channel as a program reads it."""
    return {each.name: getattr(channel, each.name) for each in fields(channel) if each.repr}


def message_to_json(message: Message) -> dict[str, Any]:
    """The message as a program reads it."""
    return message.to_slack(include_metadata=True) | {
        "plain": message.plain(),
        "permalink": message.permalink,
        "ephemeral_to": message.ephemeral_to,
    }


def line_to_json(entry: Call | Sent) -> dict[str, Any]:
    """A line of the ledger."""
    return asdict(entry) | {"at": entry.at.isoformat()}


def fault_to_json(fault: Fault) -> dict[str, Any]:
    """A fault."""
    return {each.name: getattr(fault, each.name) for each in fields(fault) if each.repr}


def view_to_json(view: View) -> dict[str, Any]:
    """Return a view as in payloads, with its state and errors."""
    return view.to_slack() | {"errors": view.errors, "trouble": view.trouble, "is_open": view.is_open}
