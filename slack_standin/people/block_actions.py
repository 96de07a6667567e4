"""Buttons, menus and inputs in messages, modals and Home tabs: the block_actions payload.

Source: docs.slack.dev/reference/interaction-payloads/block_actions-payload, /reference/block-kit/blocks/input-block
(dispatch_action).
"""

from dataclasses import dataclass
from typing import Any

from slack_standin.api.response_urls import ResponseUrls
from slack_standin.block_kit.input_state import FIELDS, TEXT_INPUTS, State, options_of
from slack_standin.block_kit.interactive import Block, Element, elements_in
from slack_standin.delivery import payloads
from slack_standin.delivery.replies import Conversation
from slack_standin.delivery.transport import Answer, Delivery, Sender
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.views import View
from slack_standin.model.workspace import Person, Workspace
from slack_standin.people.choices import check_choice

_COPIED = ("value", "style", "url", "placeholder")
_ENTER = ["on_enter_pressed"]
_LETTER = "on_character_entered"


@dataclass(frozen=True)
class Spot:
    """An element that a person uses, with its block and its message or view."""

    person: Person
    target: Message | View
    block: Block
    element: Element
    state: State


class BlockActions:
    """Uses elements in people's names."""

    def __init__(self, world: World, sender: Sender, response_urls: ResponseUrls) -> None:
        self._world = world
        self._sender = sender
        self._response_urls = response_urls

    async def press(self, person: Person, target: Message | View, action_id: str, value: Any, index: int) -> Answer:
        """Use the `index`th element with this action_id (and, if given, this value or option)."""
        check_sees(self._world, person, target)
        matching = [spot for spot in spots(person, target, action_id) if _offers(spot, value)]
        if len(matching) <= index:
            what = "message" if isinstance(target, Message) else "view"
            raise ValueError(f"the {what} has no element {action_id!r} number {index} that offers {value!r}")
        answer = await self.use(matching[index], value, enter=True)
        return answer or Answer(None, None, 0.0, None, Delivery("", "interactive", {}, person.team_id))

    async def fill(
        self, person: Person, target: Message | View, action_id: str, value: Any, *, block_id: str | None, enter: bool
    ) -> Answer | None:
        """Enter or choose something; the bot hears of it unless the element is an input that doesn't dispatch."""
        check_sees(self._world, person, target)
        matching = [spot for spot in spots(person, target, action_id) if block_id in (None, spot.block["block_id"])]
        if not matching:
            raise ValueError(f"there is no element {action_id!r}{f' in {block_id!r}' if block_id else ''}")
        return await self.use(matching[0], value, enter=enter)

    async def use(self, spot: Spot, value: Any, *, enter: bool) -> Answer | None:
        """Use an element, and send the payload if the element has one."""
        kind = spot.element["type"]
        if kind == "file_input":
            value = [self._world.files[each].to_slack(self._world.origin) for each in value or []]
        workspace = self._world.workspaces[spot.target.team_id]
        if kind in FIELDS:
            check_choice(workspace, spot.person, spot.block, spot.element, value=value, state=spot.state)
            spot.state.enter(spot.block, spot.element, value)
            self._touch(spot)
        if spot.block["type"] == "input" and not _dispatches(spot, enter=enter):
            return None
        if not (self._world.manifest.interactivity and workspace.installed):
            return Answer(None, None, 0.0, "dispatch_failed", Delivery("", "interactive", {}, workspace.team_id))
        payload = {"type": "block_actions"} | payloads.of_person(self._world, workspace, spot.person)
        payload |= self._place(workspace, spot)
        payload["actions"] = [_action(workspace, spot, value)]
        message = spot.target if isinstance(spot.target, Message) else None
        channel = message.channel if message else None
        return await self._sender.deliver(
            Delivery(payload["trigger_id"], "interactive", payload, workspace.team_id, spot.person.id, channel, message)
        )

    def _place(self, workspace: Workspace, spot: Spot) -> dict[str, Any]:
        target, person = spot.target, spot.person
        if isinstance(target, View):
            here = payloads.trigger(self._world, workspace, person, channel=target.channel, view=target.id)
            return payloads.of_view(target) | here
        channel = workspace.channels[target.channel]
        conversation = Conversation(workspace, channel, person, original=target)
        return (
            payloads.of_message(channel, target)
            | payloads.trigger(self._world, workspace, person, channel=channel.id)
            | {"state": {"values": spot.state.values}}
            | {"response_url": self._response_urls.issue("actions", conversation)}
        )

    def _touch(self, spot: Spot) -> None:
        workspace = self._world.workspaces[spot.target.team_id]
        if isinstance(spot.target, View):
            spot.target.errors.pop(spot.block["block_id"], None)
            workspace.touch_view(spot.target)
        self._world.changes.signal()


def check_sees(world: World, person: Person, target: Message | View) -> None:
    """Raise ValueError if the person doesn't see the message or view."""
    if isinstance(target, View):
        sees = target.is_open and target.person == person.id
    else:
        channel = world.workspaces[target.team_id].channels.get(target.channel)
        there = channel is not None and channel.is_open_to(person)
        sees = there and not target.deleted and target.ephemeral_to in (None, person.id)
    if not sees:
        raise ValueError(f"{person.name} doesn't see this {'view' if isinstance(target, View) else 'message'}")


def spots(person: Person, target: Message | View, action_id: str) -> list[Spot]:
    """The elements with this action_id, from top to bottom."""
    state = target.state if isinstance(target, View) else target.state_of(person.id)
    return [
        Spot(person, target, block, element, state)
        for block, element in elements_in(target.blocks)
        if element["action_id"] == action_id
    ]


def _offers(spot: Spot, value: Any) -> bool:
    element = spot.element
    if element["type"] == "feedback_buttons":
        return value in (element["positive_button"]["value"], element["negative_button"]["value"])
    if element["type"] in ("static_select", "overflow", "radio_buttons"):
        return any(option["value"] == value for option in options_of(element))
    return element["type"] in FIELDS or value is None or element.get("value") == value


def _dispatches(spot: Spot, *, enter: bool) -> bool:
    if not spot.block.get("dispatch_action"):
        return False
    if spot.element["type"] not in TEXT_INPUTS:
        return True
    wanted = spot.element.get("dispatch_action_config", {}).get("trigger_actions_on", _ENTER)
    return (enter and _ENTER[0] in wanted) or _LETTER in wanted


def _action(workspace: Workspace, spot: Spot, value: Any) -> dict[str, Any]:
    block, element = spot.block, spot.element
    kind = element["type"]
    action: dict[str, Any] = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "type": kind,
        "action_ts": workspace.next_ts(),
    }
    action |= {name: element[name] for name in _COPIED if name in element}
    if kind in FIELDS:
        initial = FIELDS[kind].initial
        action |= {initial: element[initial]} if initial in element else {}
        return action | spot.state.values[block["block_id"]][element["action_id"]]
    if kind in ("button", "icon_button"):
        action["text"] = {"emoji": True} | element["text"]
    elif kind == "overflow":
        action["selected_option"] = next(option for option in element["options"] if option["value"] == value)
    elif kind == "feedback_buttons":
        pressed = [element[side] for side in ("positive_button", "negative_button") if element[side]["value"] == value]
        action |= {"text": {"emoji": True} | pressed[0]["text"], "value": value}
    return action
