"""What kind of request a payload is, of which workspace, and whether Bolt can route it."""

import re
from collections.abc import Callable
from typing import Any

from bot.slack import payloads
from bot.slack.payloads import Payload

_REQUEST_ID = re.compile(r"[A-Za-z0-9.-]{1,100}", re.ASCII)
COMMAND, EVENT, INTERACTION, NOTICE = "command", "event", "interaction", "notice"


def kind(payload: Any) -> str | None:
    """Return the kind of the request; None if it is none of Slack's, or lacks a field that Bolt needs to route it."""
    if not isinstance(payload, dict):
        return None
    type_name = payload.get("type")
    if "command" in payload:  # Bolt would read one that has a type as that, too
        return COMMAND if type_name is None and isinstance(payload["command"], str) else None
    request_kind, is_routable = _KINDS.get(type_name if isinstance(type_name, str) else "", (None, bool))
    return request_kind if is_routable(payload) else None


def workspace(payload: Any) -> str | None:
    """Return the id of the workspace that a request is from; None if it names none, or two."""
    if not isinstance(payload, dict):
        return None
    team = payload.get("team")
    named = {"team_id": payload.get("team_id"), "team": team.get("id") if isinstance(team, dict) else team}
    ids = {payloads.optional_id(named, name) for name, value in named.items() if isinstance(value, str)}
    return ids.pop() if len(ids) == 1 else None


def request_id(payload: Any) -> str | None:
    """Return Slack's id of a request, which is the same in each retry; None if it has none."""
    if not isinstance(payload, dict):
        return None
    found = payload.get("event_id") or payload.get("trigger_id")
    return found if isinstance(found, str) and _REQUEST_ID.fullmatch(found) else None


def _has_event(payload: Payload) -> bool:
    event, authorizations = payload.get("event"), payload.get("authorizations") or []
    return (
        isinstance(event, dict)
        and isinstance(event.get("type"), str)
        and isinstance(authorizations, list)
        and all(isinstance(authorization, dict) for authorization in authorizations)
    )


def _has_actions(payload: Payload) -> bool:
    actions = payload.get("actions")
    return (
        isinstance(actions, list)
        and len(actions) > 0
        and all(isinstance(action, dict) and isinstance(action.get("action_id"), str) for action in actions)
    )


def _has_view(payload: Payload) -> bool:
    view = payload.get("view")
    return isinstance(view, dict) and isinstance(view.get("type"), str) and "callback_id" in view


def _has(name: str) -> Callable[[Payload], bool]:
    return lambda payload: isinstance(payload.get(name), str)


_KINDS: dict[str, tuple[str, Callable[[Payload], bool]]] = {
    "event_callback": (EVENT, _has_event),
    "block_actions": (INTERACTION, _has_actions),
    "block_suggestion": (INTERACTION, _has("action_id")),
    "view_submission": (INTERACTION, _has_view),
    "view_closed": (INTERACTION, _has_view),
    "shortcut": (INTERACTION, _has("callback_id")),
    "message_action": (INTERACTION, _has("callback_id")),
    "app_rate_limited": (NOTICE, _has("type")),
}
