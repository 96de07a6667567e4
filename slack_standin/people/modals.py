"""Submitting and closing modals: view_submission with the bot's response_action, view_closed.

Source: docs.slack.dev/surfaces/modals, /reference/interaction-payloads/view-interactions-payload.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slack_standin.api.response_urls import ResponseUrls
from slack_standin.block_kit.rules import OneOf, Shape, problem
from slack_standin.block_kit.views import VIEW, is_too_large
from slack_standin.delivery import payloads
from slack_standin.delivery.replies import Conversation
from slack_standin.delivery.transport import Answer, Delivery, Sender
from slack_standin.model.state import World
from slack_standin.model.views import MAX_STACKED, View
from slack_standin.model.workspace import Person, Workspace
from slack_standin.people.client_validation import validation_errors

TROUBLE = "We had some trouble connecting. Try again?"


class _Errors:
    """The errors to show under inputs: text by block_id."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        words = list(value.values()) if isinstance(value, dict) else []
        if not words or not all(isinstance(each, str) and each for each in words):
            yield problem("must be an object of texts by block_id", at)


_MODAL = VIEW.only("modal")
_RESPONSES: Mapping[str, Shape] = {
    "errors": Shape({"response_action": OneOf(("errors",)), "errors": _Errors()}, ("errors",)),
    "update": Shape({"response_action": OneOf(("update",)), "view": _MODAL}, ("view",)),
    "push": Shape({"response_action": OneOf(("push",)), "view": _MODAL}, ("view",)),
    "clear": Shape({"response_action": OneOf(("clear",))}),
}


class Modals:
    """Submits and closes modals in people's names."""

    def __init__(self, world: World, sender: Sender, response_urls: ResponseUrls) -> None:
        self._world = world
        self._sender = sender
        self._response_urls = response_urls

    async def submit(self, person: Person, view: View) -> Answer:
        """Submit a modal, unless Slack's client finds something to complain about first (`invalid_input`)."""
        workspace = self._world.workspaces[view.team_id]
        _check_visible(workspace, person, view)
        if "submit" not in view.body:
            raise ValueError("this view has nothing to submit with")
        if view.is_submitting:
            raise ValueError("this view is being submitted already")
        view.errors, view.trouble = validation_errors(view.blocks, view.state.values), None
        if view.errors or not (self._world.manifest.interactivity and workspace.installed):
            error = "invalid_input" if view.errors else "dispatch_failed"
            view.trouble = None if view.errors else TROUBLE
            self._touch(workspace, view)
            return Answer(None, None, 0.0, error, Delivery("", "interactive", {}, workspace.team_id))
        view.is_submitting = True
        self._touch(workspace, view)
        payload = self._payload("view_submission", workspace, person, view)
        payload |= payloads.trigger(self._world, workspace, person, channel=view.channel, view=view.id)
        payload["response_urls"] = self._chosen_places(workspace, person, view)
        answer = await self._sender.deliver(
            Delivery(payload["trigger_id"], "interactive", payload, workspace.team_id, person.id)
        )
        view.is_submitting = False
        failure = answer.error or self._respond(workspace, view, answer.payload)
        view.trouble = TROUBLE if failure else None
        self._touch(workspace, view)
        return Answer(answer.status, answer.payload, answer.elapsed, failure, answer.request)

    async def close(self, person: Person, view: View, *, everything: bool) -> list[Answer]:
        """Close a modal, or the whole stack; those that asked for it get view_closed, from the top down."""
        workspace = self._world.workspaces[view.team_id]
        _check_visible(workspace, person, view)
        cleared = everything or bool(view.body.get("clear_on_close"))
        gone = workspace.views.stack(person.id)[::-1] if cleared else [view]
        tell = [each for each in gone if each.body.get("notify_on_close")]
        told = [self._payload("view_closed", workspace, person, each) | {"is_cleared": cleared} for each in tell]
        if cleared:
            workspace.views.clear(person.id)
        else:
            workspace.views.close(view)
        for each in gone:
            self._touch(workspace, each)
        if not (self._world.manifest.interactivity and workspace.installed):
            return []
        return [
            await self._sender.deliver(
                Delivery(self._world.ids.make("closed-"), "interactive", payload, workspace.team_id, person.id)
            )
            for payload in told
        ]

    def _payload(self, kind: str, workspace: Workspace, person: Person, view: View) -> dict[str, Any]:
        shown = view.to_slack(with_state=kind == "view_submission")
        return {"type": kind, "view": shown} | payloads.of_person(self._world, workspace, person)

    def _respond(self, workspace: Workspace, view: View, response: Any) -> str | None:
        """Apply the acknowledgement's response_action; returns the error if it can't be applied."""
        if not response:
            self._close(workspace, view)
            return None
        shape = _RESPONSES.get(str(response.get("response_action"))) if isinstance(response, dict) else None
        if shape is None:
            return "invalid_response_action"
        if list(shape.problems(response if self._world.strict_arguments else shape.known(response), "")):
            return f"invalid_{response['response_action']}"
        return self._obey(workspace, view, response)

    def _obey(self, workspace: Workspace, view: View, response: dict[str, Any]) -> str | None:
        views, body = workspace.views, response.get("view", {})
        action = response["response_action"]
        other = views.find_external(body.get("external_id", ""))
        if is_too_large(body):
            return "view_too_large"
        if other and not (other is view and action == "update"):
            return "duplicate_external_id"
        match action:
            case "errors":
                inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
                if not set(response["errors"]) <= inputs:
                    return "invalid_errors"
                view.errors = dict(response["errors"])
            case "clear":
                for each in views.stack(view.person)[::-1]:
                    self._close(workspace, each)
            case "push" if len(views.stack(view.person)) >= MAX_STACKED:
                return "push_limit_reached"
            case "push" if view.is_open:
                self._touch(workspace, views.push(view, body))
            case "update" if view.is_open:
                views.replace(view, body)
        return None

    def _close(self, workspace: Workspace, view: View) -> None:
        workspace.views.close(view)
        self._touch(workspace, view)

    def _chosen_places(self, workspace: Workspace, person: Person, view: View) -> list[dict[str, Any]]:
        """A response_url for each chosen conversation with response_url_enabled."""
        places = []
        for block in view.blocks:
            element = block.get("element", {})
            if not element.get("response_url_enabled"):
                continue
            chosen = view.state.values[block["block_id"]][element["action_id"]]
            place = chosen.get("selected_conversation") or chosen.get("selected_channel")
            channel = workspace.channels.get(place or "")
            if channel:
                url = self._response_urls.issue("app", Conversation(workspace, channel, person))
                names = {"block_id": block["block_id"], "action_id": element["action_id"]}
                places.append(names | {"channel_id": channel.id, "response_url": url})
        return places

    def _touch(self, workspace: Workspace, view: View) -> None:
        workspace.touch_view(view)
        self._world.changes.signal()


def _check_visible(workspace: Workspace, person: Person, view: View) -> None:
    """Only the modal on top can be seen."""
    stack = workspace.views.stack(person.id)
    if not stack or stack[-1] is not view:
        raise ValueError(f"{person.name} doesn't see this modal")
