"""The parts that interaction payloads share: user, channel, container.

Source: docs.slack.dev/reference/interaction-payloads.
"""

from typing import Any

from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.triggers import TriggerSource
from slack_standin.model.views import View
from slack_standin.model.workspace import Channel, Person, Workspace


def of_person(world: World, workspace: Workspace, person: Person) -> dict[str, Any]:
    """Who acts, in which workspace, with which app."""
    enterprise = workspace.enterprise
    return {
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": workspace.app_id,
        "token": world.verification_token,
        "team": {"id": workspace.team_id, "domain": workspace.domain} | (enterprise.of_team() if enterprise else {}),
        "enterprise": enterprise.of_interaction() if enterprise else None,
        "is_enterprise_install": False,
    }


def of_message(channel: Channel, message: Message) -> dict[str, Any]:
    """The container of a message, and the message unless it is ephemeral."""
    container: dict[str, Any] = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload: dict[str, Any] = {
        "container": container,
        "channel": {"id": channel.id, "name": channel.payload_name},
    }
    if message.ephemeral_to is None:
        payload["message"] = message.to_slack()
    return payload


def of_view(view: View, *, with_state: bool = True) -> dict[str, Any]:
    """A view; what was entered is in block_actions and view_submission alone (slack.dev changelog, September 2020)."""
    return {"container": {"type": "view", "view_id": view.id}, "view": view.to_slack(with_state=with_state)}


def trigger(
    world: World, workspace: Workspace, person: Person, *, channel: str | None = None, view: str | None = None
) -> dict[str, Any]:
    """A trigger_id for what a person does in a workspace, which need not be their own."""
    return {"trigger_id": world.triggers.issue(TriggerSource(workspace.team_id, person.id, channel, view))}
