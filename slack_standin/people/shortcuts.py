"""Shortcuts, global and on messages.

Source: docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload.
"""

from typing import Any

from slack_standin.api.response_urls import ResponseUrls
from slack_standin.delivery import payloads
from slack_standin.delivery.replies import Conversation
from slack_standin.delivery.transport import Answer, Delivery, Sender
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.workspace import Channel, Person, Workspace

_SHORT = ("user", "team", "token", "enterprise", "is_enterprise_install")


class Shortcuts:
    """Uses shortcuts in people's names."""

    def __init__(self, world: World, sender: Sender, response_urls: ResponseUrls) -> None:
        self._world = world
        self._sender = sender
        self._response_urls = response_urls

    async def use(self, person: Person, callback_id: str, viewing: Channel | None) -> Answer:
        """Use a global shortcut; its payload names no channel, but its modal can default to the one in view."""
        self._check(callback_id, "global")
        workspace = self._world.workspace_of(person)
        payload = {"type": "shortcut"}
        payload |= self._payload(workspace, person, callback_id, viewing.id if viewing else None)
        return await self._send(workspace, person, payload)

    async def use_on(self, person: Person, message: Message, callback_id: str) -> Answer:
        """Use a shortcut on a message that others see too."""
        self._check(callback_id, "message")
        workspace = self._world.workspaces[message.team]
        channel = workspace.channels[message.channel]
        visible = not message.deleted and channel.is_open_to(person)
        if message.ephemeral_to or not visible or workspace.is_foreign(person, self._world.workspace_of(person)):
            raise ValueError(f"{person.name} can't use a shortcut on this message")
        payload = {"type": "message_action"} | self._payload(workspace, person, callback_id, channel.id)
        payload |= {
            "channel": {"id": channel.id, "name": channel.payload_name},
            "message_ts": message.ts,
            "message": message.to_slack(),
            "response_url": self._response_urls.issue("app", Conversation(workspace, channel, person)),
        }
        return await self._send(workspace, person, payload)

    def _payload(
        self, workspace: Workspace, person: Person, callback_id: str, channel: str | None = None
    ) -> dict[str, Any]:
        whole = payloads.of_person(self._world, workspace, person)
        return (
            {name: whole[name] for name in _SHORT}
            | payloads.trigger(self._world, workspace, person, channel=channel)
            | {"callback_id": callback_id, "action_ts": workspace.next_ts()}
        )

    async def _send(self, workspace: Workspace, person: Person, payload: dict[str, Any]) -> Answer:
        request = Delivery(payload["trigger_id"], "interactive", payload, workspace.team_id, person.id)
        if not (self._world.manifest.interactivity and workspace.installed):
            return Answer(None, None, 0.0, "dispatch_failed", request)
        return await self._sender.deliver(request)

    def _check(self, callback_id: str, kind: str) -> None:
        known = [each.callback_id for each in self._world.manifest.shortcuts if each.kind == kind]
        if callback_id not in known:
            raise ValueError(f"the manifest has no {kind} shortcut {callback_id!r}, only {known}")
