"""Buttons and menus in messages: the block_actions payload.

Source: docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

from collections.abc import Iterator
from typing import Any

from bot.playground.standin.delivery import Answer, Courier, Delivery
from bot.playground.standin.messages import Message
from bot.playground.standin.replies import Conversation
from bot.playground.standin.response_urls import ResponseUrls
from bot.playground.standin.triggers import Triggers
from bot.playground.standin.workspace import Channel, Person, Workspace
from bot.playground.standin.world import World

_WITH_OPTIONS = ("static_select", "overflow", "radio_buttons")
_COPIED = ("value", "style", "url")


class Actions:
    """Presses in people's names."""

    def __init__(self, world: World, courier: Courier, triggers: Triggers, response_urls: ResponseUrls) -> None:
        self._world = world
        self._courier = courier
        self._triggers = triggers
        self._response_urls = response_urls

    async def press(self, person: Person, message: Message, action_id: str, value: str | None, index: int) -> Answer:
        """Use the `index`th element with this action_id (and, if given, this value or option)."""
        workspace = self._world.workspaces[message.team]
        channel = workspace.channels[message.channel]
        matching = [
            (block, element)
            for block, element in _elements(message)
            if element.get("action_id") == action_id and _offers(element, value)
        ]
        if len(matching) <= index:
            raise ValueError(f"the message has no element {action_id!r} number {index} that offers {value!r}")
        block, element = matching[index]
        if not (self._world.manifest.interactivity and workspace.installed):
            return Answer(None, None, 0.0, "dispatch_failed", Delivery("", "interactive", {}, workspace.team_id))
        conversation = Conversation(workspace, channel, person, original=message)
        payload = self._payload(workspace, channel, person, message)
        payload["response_url"] = self._response_urls.issue("actions", conversation)
        payload["actions"] = [self._action(workspace, block, element, value)]
        return await self._courier.deliver(
            Delivery(payload["trigger_id"], "interactive", payload, workspace.team_id, person.id, channel.id, message)
        )

    def _payload(self, workspace: Workspace, channel: Channel, person: Person, message: Message) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "type": "block_actions",
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
            "api_app_id": workspace.app_id,
            "token": self._world.verification_token,
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": channel.id,
                "is_ephemeral": message.ephemeral_to is not None,
            },
            "trigger_id": self._triggers.issue(),
            "team": {"id": workspace.team_id, "domain": workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel.id, "name": channel.payload_name},
            "state": {"values": {}},
        }
        if message.thread_ts:
            payload["container"]["thread_ts"] = message.thread_ts
        if message.ephemeral_to is None:
            payload["message"] = message.to_slack()
        return payload

    def _action(
        self, workspace: Workspace, block: dict[str, Any], element: dict[str, Any], value: str | None
    ) -> dict[str, Any]:
        action: dict[str, Any] = {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "type": element["type"],
            "action_ts": workspace.next_ts(),
        }
        action |= {name: element[name] for name in _COPIED if name in element}
        if element["type"] == "button":
            action["text"] = {"emoji": True} | element["text"]
        if element["type"] in _WITH_OPTIONS:
            action["selected_option"] = next(option for option in element["options"] if option["value"] == value)
        return action


def _elements(message: Message) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for block in message.blocks:
        if block["type"] == "actions":
            yield from ((block, element) for element in block["elements"])
        elif block["type"] == "section" and "accessory" in block:
            yield block, block["accessory"]


def _offers(element: dict[str, Any], value: str | None) -> bool:
    if element["type"] in _WITH_OPTIONS:
        return any(option["value"] == value for option in element.get("options", []))
    return value is None or element.get("value") == value
