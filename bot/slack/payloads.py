"""Parsing Slack's payloads. No field is trusted to be there, or to have the documented type.

Commands, actions and submissions are read here; event_payloads.py and message_payloads.py read the rest.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Payload = Mapping[str, Any]

_SLACK_ID = re.compile(r"[A-Z0-9]{2,32}", re.ASCII)
_CONTROLS = {"\n": "\n", "\t": "\t", **dict.fromkeys("\v\f\x1c\x1d\x1e\x1f", " ")}
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{6}", re.ASCII)


class Malformed(Exception):
    """A payload that Slack would not send: a field is missing or has a wrong value."""


@dataclass(frozen=True)
class InConversation:
    """A request from a conversation; `channel_name` is as Slack gives it, "privategroup" for each private channel."""

    team_id: str
    channel_id: str
    channel_name: str

    @property
    def channel_key(self) -> tuple[str, str]:
        """Its workspace and channel."""
        return (self.team_id, self.channel_id)

    @property
    def is_in_dm(self) -> bool:
        """Whether it is in a direct message with the bot, or with one other person."""
        return self.channel_id.startswith("D")

    @property
    def is_in_group(self) -> bool:
        """Whether it is in a group conversation, a direct message of several people."""
        return self.channel_name.startswith("mpdm-")


@dataclass(frozen=True)
class SlashCommand(InConversation):
    """A slash command. `idempotency_key` is the same in a retry; `user_name` is the deprecated short name.

    One that is not `is_typed` is that of a button: the person, of `user_team_id`, may have left the channel meanwhile.
    """

    user_id: str
    user_name: str | None
    text: str
    response_url: str
    trigger_id: str
    idempotency_key: str
    user_team_id: str | None = None
    is_typed: bool = True


@dataclass(frozen=True)
class MessageAction(InConversation):
    """A button press. `message_ts` is the message with the button, `action_ts` (Slack's ts) the time of the press.

    `team_id` is the workspace of the installation, `user_team_id` that of the user. They differ in a channel that is
    shared with another workspace, of the same organization or of another one.
    """

    user_id: str
    user_name: str | None
    user_team_id: str
    value: str
    message_ts: str
    action_ts: str
    response_url: str
    trigger_id: str
    idempotency_key: str


@dataclass(frozen=True)
class ViewAction:
    """An action in a modal or on the Home tab: the element's `action_id`, and its chosen, typed or fixed `value`.

    `state` has all input in the view: block id to action id to Slack's value object. `hash` identifies the content
    that the user saw; `private_metadata` is ours.
    """

    team_id: str
    user_id: str
    user_team_id: str
    action_id: str
    value: str
    view_id: str
    view_type: str
    hash: str
    private_metadata: str
    state: Payload
    trigger_id: str
    action_ts: str
    idempotency_key: str


@dataclass(frozen=True)
class ViewSubmission:
    """A modal that was submitted. Its fields are as in `ViewAction`."""

    team_id: str
    user_id: str
    user_team_id: str
    view_id: str
    hash: str
    private_metadata: str
    state: Payload


def slash_command(payload: Payload) -> SlashCommand:
    """Read a slash command (docs.slack.dev, implementing-slash-commands). Raises Malformed."""
    return SlashCommand(
        team_id=slack_id(payload, "team_id"),
        channel_id=slack_id(payload, "channel_id"),
        channel_name=text(payload, "channel_name", default=""),
        user_id=slack_id(payload, "user_id"),
        user_name=text(payload, "user_name", default="")[:80] or None,
        text=text(payload, "text", default=""),
        response_url=text(payload, "response_url"),
        trigger_id=text(payload, "trigger_id"),
        idempotency_key=request_key("command", text(payload, "trigger_id")),
    )


def command_of_button(action: MessageAction) -> SlashCommand:
    """Return the slash command whose text a button carries."""
    return SlashCommand(
        team_id=action.team_id,
        channel_id=action.channel_id,
        channel_name=action.channel_name,
        user_id=action.user_id,
        user_name=action.user_name,
        text=action.value,
        response_url=action.response_url,
        trigger_id=action.trigger_id,
        idempotency_key=action.idempotency_key,
        user_team_id=action.user_team_id,
        is_typed=False,
    )


def message_action(payload: Payload) -> MessageAction:
    """Read a button press (a block_actions payload with one action). Raises Malformed."""
    actions = payload.get("actions")
    if not isinstance(actions, list) or len(actions) != 1:
        raise Malformed("actions")
    container = nested(payload, "container")
    user, action = nested(payload, "user"), nested({"action": actions[0]}, "action")
    message_ts = ts(container, "message_ts")
    team_id = slack_id(nested(payload, "team"), "id")
    user_id, action_ts = slack_id(user, "id"), ts(action, "action_ts")
    return MessageAction(
        team_id=team_id,
        user_id=user_id,
        user_name=text(user, "username", default="")[:80] or None,
        user_team_id=slack_id(user, "team_id"),
        channel_id=slack_id(container, "channel_id"),
        channel_name=text(nested(payload, "channel"), "name", default="") if "channel" in payload else "",
        value=_chosen(action),
        message_ts=message_ts,
        action_ts=action_ts,
        response_url=text(payload, "response_url"),
        trigger_id=text(payload, "trigger_id", default=""),
        idempotency_key=_digest_key("press", user_id, message_ts, text(action, "action_id"), action_ts),
    )


def _chosen(action: Payload) -> str:
    """Return the value of what was pressed or chosen in a message."""
    match action.get("type"):
        case "datepicker":
            return text(action, "selected_date")
        case "static_select":
            return text(nested(action, "selected_option"), "value")
        case _:
            return text(action, "value")


def view_action(payload: Payload) -> ViewAction:
    """Read an action in a view (a block_actions payload with one action). Raises Malformed."""
    actions = payload.get("actions")
    if not isinstance(actions, list) or len(actions) != 1:
        raise Malformed("actions")
    action, view, user = nested({"action": actions[0]}, "action"), nested(payload, "view"), nested(payload, "user")
    user_id, action_id, action_ts = slack_id(user, "id"), text(action, "action_id"), ts(action, "action_ts")
    chosen, typed = action.get("selected_option"), action.get("value")
    value = chosen.get("value", "") if isinstance(chosen, dict) else "" if typed is None else typed
    if not isinstance(value, str):
        raise Malformed("value")
    return ViewAction(
        team_id=slack_id(nested(payload, "team"), "id"),
        user_id=user_id,
        user_team_id=slack_id(user, "team_id"),
        action_id=action_id,
        value=clean(value),
        view_id=text(view, "id"),
        view_type=text(view, "type"),
        hash=text(view, "hash", default=""),
        private_metadata=text(view, "private_metadata", default=""),
        state=view_values(view),
        trigger_id=text(payload, "trigger_id"),
        action_ts=action_ts,
        idempotency_key=_digest_key("press", user_id, text(view, "id"), action_id, action_ts),
    )


def any_action(payload: Payload) -> MessageAction | ViewAction:
    """Read an action in a message, in a modal or on the Home tab. Raises Malformed."""
    return view_action(payload) if "view" in payload else message_action(payload)


def view_submission(payload: Payload) -> ViewSubmission:
    """Read a modal that was submitted (view_submission). Raises Malformed."""
    view, user = nested(payload, "view"), nested(payload, "user")
    return ViewSubmission(
        team_id=slack_id(nested(payload, "team"), "id"),
        user_id=slack_id(user, "id"),
        user_team_id=slack_id(user, "team_id"),
        view_id=text(view, "id"),
        hash=text(view, "hash", default=""),
        private_metadata=text(view, "private_metadata", default=""),
        state=view_values(view),
    )


def interaction_user(payload: Payload) -> tuple[str, str]:
    """Return the workspace and the user of a shortcut, or of a request for options. Raises Malformed."""
    return slack_id(nested(payload, "team"), "id"), slack_id(nested(payload, "user"), "id")


def view_values(view: Payload) -> Payload:
    """Return what is entered in a view: block id to action id to Slack's value object. Raises Malformed."""
    state = view.get("state") or {}
    values = state.get("values", {}) if isinstance(state, dict) else None
    if not isinstance(values, dict) or not all(isinstance(block, dict) for block in values.values()):
        raise Malformed("state")
    return values


def nested(payload: Payload, name: str) -> Payload:
    """Return the object at `name`. Raises Malformed."""
    value = payload.get(name)
    if not isinstance(value, dict):
        raise Malformed(name)
    return value


def text(payload: Payload, name: str, default: str | None = None) -> str:
    """Return the string at `name`, cleaned. Raises Malformed."""
    value = payload.get(name, default)
    if not isinstance(value, str):
        raise Malformed(name)
    return clean(value)


def slack_id(payload: Payload, name: str) -> str:
    """Return the id of a workspace, channel or user at `name`. Raises Malformed."""
    value = text(payload, name)
    if not _SLACK_ID.fullmatch(value):
        raise Malformed(name)
    return value


def optional_id(payload: Payload, name: str) -> str | None:
    """Return the id at `name`; None if there is none."""
    value = payload.get(name)
    return value if isinstance(value, str) and _SLACK_ID.fullmatch(value) else None


def channel_id(value: object) -> str:
    """Return the channel id in a button or form. Raises Malformed."""
    return slack_id({"channel": value}, "channel")


def user_id(value: object) -> str:
    """Return the user id in a button or form. Raises Malformed."""
    return slack_id({"user": value}, "user")


def row_id(value: str) -> int:
    """Return the row id in a button. Raises Malformed."""
    if not re.fullmatch(r"[0-9]{1,18}", value, re.ASCII):
        raise Malformed("value")
    return int(value)


def day(value: str) -> date:
    """Return the date in a button or datepicker. Raises Malformed."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Malformed("date") from None


def clean(value: str) -> str:
    """Return `value` without control characters and lone surrogates, which databases refuse and screens can't show.

    A control character that separates words, such as a vertical tab, is a space.
    """
    if value.isprintable():
        return value
    whole = value.encode("utf-8", "ignore").decode("utf-8")
    return "".join(character if ord(character) >= 32 else _CONTROLS.get(character, "") for character in whole)


def ts(payload: Payload, name: str) -> str:
    """Return Slack's id of a message, or of a press, at `name`. Raises Malformed."""
    value = text(payload, name)
    if not _TS.fullmatch(value):
        raise Malformed(name)
    return value


def request_key(kind: str, identifier: str) -> str:
    """Return a key with Slack's id in it, unless that is long. Slack counts upwards, which keeps an index in order."""
    return f"{kind}:{identifier}" if len(identifier) <= 80 else _digest_key(kind, identifier)


def _digest_key(*parts: str) -> str:
    """Return a short key of any strings."""
    whole = "\0".join(parts).encode("utf-8", "replace")
    return f"{parts[0]}:{hashlib.sha256(whole).hexdigest()[:32]}"
