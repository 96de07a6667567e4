"""A Web API method: its arguments, scopes, tier and handler."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slack_standin.delivery.events import Events
from slack_standin.delivery.socket_mode import SocketMode
from slack_standin.model.rate_limits import Tier
from slack_standin.model.state import World
from slack_standin.model.workspace import Channel, Workspace

EVERYWHERE = "team_id"
"""An argument that every method takes: Bolt's clients send it with each call (org-wide tokens need it)."""

ArgKind = Literal["text", "flag", "number", "json"]


class ApiError(Exception):
    """An answer with ok: false; `further` are the other fields of the answer."""

    def __init__(self, error: str, **further: Any) -> None:
        super().__init__(error)
        self.error = error
        self.further = further

    def to_body(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"ok": False, "error": self.error, **self.further}


class Malformed(Exception):
    """An argument of the wrong type."""


def invalid_arguments(*words: str) -> ApiError:
    """The error for arguments that are unknown, missing or malformed."""
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in words]})


@dataclass(frozen=True)
class Ask:
    """An authorised call: its token, its arguments, and what a handler needs of Slack."""

    world: World
    events: Events
    socket: SocketMode
    workspace: Workspace
    args: Mapping[str, Any]
    provided_scopes: frozenset[str]

    def text(self, name: str) -> str:
        """A text argument, empty when it isn't given."""
        return str(self.args.get(name, ""))

    def require_scope(self, scope: str) -> None:
        """Refuse the call if this scope isn't granted."""
        if scope not in self.provided_scopes:
            raise missing_scope(self.provided_scopes, scope)

    def known_channel(self, name: str = "channel") -> Channel:
        """Return the channel of an argument, by id, if the bot can see it; private ones only as a member."""
        channel = self.workspace.channels.get(self.text(name))
        if channel is None or (not channel.public and not self._inside(channel)):
            raise ApiError("channel_not_found")
        return channel

    def own_channel(self, name: str = "channel") -> Channel:
        """The channel of an argument, if the bot is a member there."""
        channel = self.known_channel(name)
        if not self._inside(channel):
            raise ApiError("not_in_channel")
        return channel

    def _inside(self, channel: Channel) -> bool:
        return self.workspace.bot_user_id in channel.members


def missing_scope(provided: frozenset[str], *needed: str) -> ApiError:
    """Return the missing_scope error with the needed and the granted scopes."""
    return ApiError("missing_scope", needed=",".join(needed), provided=",".join(sorted(provided)))


Handler = Callable[[Ask], dict[str, Any]]


@dataclass(frozen=True)
class Method:
    """An entry of the registry; any one of `scopes` is enough."""

    name: str
    handler: Handler
    tier: Tier
    args: Mapping[str, ArgKind]
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    opened_by: Literal["bot", "app", "anyone"] = "bot"

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments in their own types; unknown, missing and malformed ones are refused by name."""
        known = {*self.args, EVERYWHERE}
        problems = [f"unknown argument: {name}" for name in given if name not in known]
        problems += [f"missing required field: {name}" for name in self.required if given.get(name) in (None, "")]
        values = {}
        for name, value in given.items():
            if name in self.args and value is not None:
                try:
                    values[name] = _READERS[self.args[name]](value)
                except Malformed as error:
                    problems.append(f"{error} [json-pointer:/{name}]")
        if problems:
            raise invalid_arguments(*problems)
        return values


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("must be a string")
    return value


def _read_flag(value: Any) -> bool:
    if value in (True, False):
        return bool(value)
    if str(value).lower() in ("true", "1", "false", "0"):
        return str(value).lower() in ("true", "1")
    raise Malformed("must be a boolean")


def _read_number(value: Any) -> int:
    if isinstance(value, bool) or not str(value).lstrip("-").isascii() or not str(value).lstrip("-").isdigit():
        raise Malformed("must be an integer")
    return int(value)


def _read_json(value: Any) -> Any:
    """Return a structure, or parse one from a string, as forms carry it; unreadable strings are left as they are."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


_READERS: Mapping[ArgKind, Callable[[Any], Any]] = {
    "text": _read_text,
    "flag": _read_flag,
    "number": _read_number,
    "json": _read_json,
}
