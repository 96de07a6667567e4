"""External menus: asking the bot for options as a person types, within three seconds.

Source: docs.slack.dev/reference/interaction-payloads/block_suggestion-payload.
"""

from typing import Any

from slack_standin.block_kit.elements import OPTION, OPTION_GROUP
from slack_standin.block_kit.input_state import options_of
from slack_standin.block_kit.rules import ListOf, Shape
from slack_standin.delivery import payloads
from slack_standin.delivery.transport import Answer, Delivery, Sender
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.views import View
from slack_standin.model.workspace import Person
from slack_standin.people.block_actions import Spot, check_sees, spots

_TYPES = ("external_select", "multi_external_select")
_LEAST_QUERY = 3
"""Characters typed before the bot is asked, by default (min_query_length of the external select)."""
_GROUPS = ListOf(OPTION_GROUP, 0, 100)
_OFFER = Shape({"options": ListOf(OPTION, 0, 100), "option_groups": _GROUPS})


class BlockSuggestions:
    """Asks for options in people's names."""

    def __init__(self, world: World, sender: Sender) -> None:
        self._world = world
        self._sender = sender

    async def ask(
        self, person: Person, target: Message | View, action_id: str, query: str, *, block_id: str | None
    ) -> Answer:
        """Type into an external select; the options that come back can be chosen. `too_short` sends no request."""
        check_sees(self._world, person, target)
        spot = _menu(person, target, action_id, block_id)
        workspace = self._world.workspaces[target.team_id]
        if len(query) < spot.element.get("min_query_length", _LEAST_QUERY):
            return Answer(None, None, 0.0, "too_short", Delivery("", "interactive", {}, workspace.team_id))
        if not (self._may_ask and workspace.installed):
            return Answer(None, None, 0.0, "dispatch_failed", Delivery("", "interactive", {}, workspace.team_id))
        payload = {"type": "block_suggestion"} | payloads.of_person(self._world, workspace, person)
        if isinstance(target, View):
            payload |= payloads.of_view(target, with_state=False)
        else:
            payload |= payloads.of_message(workspace.channels[target.channel], target)
        payload |= {"action_id": action_id, "block_id": spot.block["block_id"], "value": query}
        request = Delivery(self._world.ids.make("options-"), "interactive", payload, workspace.team_id, person.id)
        answer = await self._sender.deliver(request)
        error = answer.error or _take(spot, answer.payload)
        return Answer(answer.status, answer.payload, answer.elapsed, error, request)

    @property
    def _may_ask(self) -> bool:
        """Whether Slack has a URL to ask: over HTTP it needs message_menu_options_url."""
        manifest = self._world.manifest
        knows_where = manifest.options_url is not None or not self._world.delivers_by_http
        return manifest.interactivity and knows_where


def _menu(person: Person, target: Message | View, action_id: str, block_id: str | None) -> Spot:
    for spot in spots(person, target, action_id):
        if spot.element["type"] in _TYPES and block_id in (None, spot.block["block_id"]):
            return spot
    raise ValueError(f"there is no external menu {action_id!r}")


def _take(spot: Spot, offer: Any) -> str | None:
    if not isinstance(offer, dict) or len({"options", "option_groups"} & set(offer)) != 1:
        return "invalid_options"
    if list(_OFFER.problems(offer, "")):
        return "invalid_options"
    spot.state.offered[(spot.block["block_id"], spot.element["action_id"])] = options_of(offer)
    return None
