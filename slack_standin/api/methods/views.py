"""views.*: modals and Home tabs."""

from typing import Any

from slack_standin.api.methods.method import ApiError, Ask, Method, invalid_arguments
from slack_standin.block_kit.views import is_too_large, validate_view
from slack_standin.model.rate_limits import Tier
from slack_standin.model.triggers import TriggerSource
from slack_standin.model.views import MAX_STACKED, View


def open_view(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/views.open"""
    body = _body(ask, "modal")
    _unused_external_id(ask, body)
    holder = _exchanged(ask)
    view = ask.workspace.views.open(holder.person, body, holder.channel)
    return _shown(ask, view)


def push(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/views.push: the trigger comes from within an open modal."""
    body = _body(ask, "modal")
    _unused_external_id(ask, body)
    holder = ask.world.triggers.holder(_pointer(ask))
    under = ask.workspace.views.find(holder.view) if holder and holder.view else None
    if under and len(ask.workspace.views.stack(under.person)) >= MAX_STACKED:
        raise ApiError("push_limit_reached")
    _exchanged(ask)
    if under is None or under.kind != "modal":
        raise ApiError("not_found")
    return _shown(ask, ask.workspace.views.push(under, body))


def update(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/views.update"""
    views = ask.workspace.views
    if ("view_id" in ask.args) == ("external_id" in ask.args):
        raise invalid_arguments("either view_id or external_id is required")
    view = views.find(ask.text("view_id")) or views.find_external(ask.text("external_id"))
    if view is None:
        raise ApiError("not_found")
    body = _body(ask, view.kind)
    _unused_external_id(ask, body, view)
    _same_hash(ask, view)
    return _shown(ask, views.replace(view, body))


def publish(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/views.publish"""
    if not ask.world.manifest.home_tab:
        raise ApiError("not_enabled")
    person = ask.workspace.people.get(ask.text("user_id"))
    if person is None or person.is_bot:
        raise invalid_arguments("user_id is nobody here [json-pointer:/user_id]")
    body = _body(ask, "home")
    home = ask.workspace.views.home(person.id)
    _unused_external_id(ask, body, home)
    if home:
        _same_hash(ask, home)
    return _shown(ask, ask.workspace.views.publish(person.id, body))


def _body(ask: Ask, kind: Any) -> dict[str, Any]:
    view = ask.args["view"]
    if is_too_large(view):
        raise ApiError("view_too_large")
    problems = validate_view(view, kind)
    if problems:
        raise invalid_arguments(*problems)
    body: dict[str, Any] = view
    return body


def _unused_external_id(ask: Ask, body: dict[str, Any], own: View | None = None) -> None:
    other = ask.workspace.views.find_external(body.get("external_id", ""))
    if other and other is not own:
        raise ApiError("duplicate_external_id")


def _pointer(ask: Ask) -> str:
    """The id that a person's act gave the bot, under either of its names."""
    pointer = ask.text("trigger_id") or ask.text("interactivity_pointer")
    if not pointer:
        raise invalid_arguments("missing required field: trigger_id")
    return pointer


def _exchanged(ask: Ask) -> TriggerSource:
    triggers, trigger_id = (ask.world.triggers, _pointer(ask))
    holder = triggers.holder(trigger_id)
    if holder is None or holder.team_id != ask.workspace.team_id:
        raise ApiError("invalid_trigger_id")
    error = triggers.exchange(trigger_id)
    if error:
        raise ApiError(error)
    return holder


def _same_hash(ask: Ask, view: View) -> None:
    if "hash" in ask.args and ask.text("hash") != view.hash:
        raise ApiError("hash_conflict")


def _shown(ask: Ask, view: View) -> dict[str, Any]:
    ask.workspace.touch_view(view)
    return {"view": view.to_slack()}


_TRIGGERED: dict[str, Any] = {
    "args": {"view": "json", "trigger_id": "text", "interactivity_pointer": "text"},
    "required": ("view",),
}
METHODS = (
    Method("views.open", open_view, Tier.FOUR, **_TRIGGERED),
    Method("views.push", push, Tier.FOUR, **_TRIGGERED),
    Method(
        "views.update",
        update,
        Tier.FOUR,
        {"view": "json", "view_id": "text", "external_id": "text", "hash": "text"},
        required=("view",),
    ),
    Method(
        "views.publish",
        publish,
        Tier.FOUR,
        {"view": "json", "user_id": "text", "hash": "text"},
        required=("view", "user_id"),
    ),
)
