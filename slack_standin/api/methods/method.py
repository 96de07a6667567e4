"""A Web API method: its arguments, scopes, tier and handler."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slack_standin.delivery.events import Events
from slack_standin.delivery.socket_mode import SocketMode
from slack_standin.model.files import File
from slack_standin.model.rate_limits import Tier
from slack_standin.model.state import World
from slack_standin.model.workspace import Channel, Workspace

EVERYWHERE = "team_id"
"""An argument that every method takes: Bolt's clients send it with each call (org-wide tokens need it)."""

_ARG_NAME = re.compile(r"[A-Za-z0-9_]{1,255}")
_ARRAY_ARG = re.compile(r"\w{1,255}\[\w*\]")
_INTEGER = re.compile(r"-?[0-9]{1,18}")

ArgKind = Literal["text", "flag", "number", "ids", "json"]


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
    """The error for arguments that are missing or malformed."""
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in words]})


def parse_json(text: str) -> Any:
    """Parse JSON; halves of characters, which clients leave that cut text between them, are replaced."""
    parsed = json.loads(text)
    if "\\ud" not in text.lower():
        return parsed
    halves = json.dumps(parsed, ensure_ascii=False).encode("utf-16", "surrogatepass")
    return json.loads(halves.decode("utf-16", "replace"))


def with_warnings(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """The body of an answer with warnings added, in both places where Slack puts them."""
    if not names:
        return body
    metadata = body.get("response_metadata", {})
    warnings = [*metadata.get("warnings", []), *names]
    return body | {"warning": ",".join(warnings), "response_metadata": metadata | {"warnings": warnings}}


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

    def require_any_scope(self, *scopes: str) -> None:
        """Refuse the call if none of these scopes is granted."""
        if not self.provided_scopes.intersection(scopes):
            raise missing_scope(self.provided_scopes, *scopes)

    def known_channel(self, *, by_name: bool = False) -> Channel:
        """Return the argument's channel, by id or name, if the bot can see it. A private one takes membership."""
        wanted = self.text("channel")
        channel = self.workspace.find_channel(wanted) if by_name else self.workspace.channels.get(wanted)
        if channel is None or (not channel.public and not self._inside(channel)):
            raise ApiError("channel_not_found")
        return channel

    def own_channel(self, *, by_name: bool = False) -> Channel:
        """The channel of the argument, if the bot is a member there."""
        channel = self.known_channel(by_name=by_name)
        if not self._inside(channel):
            raise ApiError("not_in_channel")
        return channel

    def own_file(self, file_id: str) -> File:
        """A file that the bot has uploaded."""
        file = self.world.files.get(file_id)
        if file is None or file.team_id != self.workspace.team_id or file.user != self.workspace.bot_user_id:
            raise ApiError("file_not_found")
        return file

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
    takes_anything: bool = False
    """Whether it takes arguments of every name."""

    def checked(self, given: Mapping[str, Any], *, strict: bool = False) -> dict[str, Any]:
        """The arguments in their own types. Refuses missing and malformed ones by name, and unknown ones if `strict`.

        Slack ignores arguments that it doesn't know. A client's mistake is easier to find when they are refused.
        """
        for name in given:
            if not _ARG_NAME.fullmatch(name):
                raise ApiError("invalid_array_arg" if _ARRAY_ARG.fullmatch(name) else "invalid_arg_name")
        unknown = [name for name in given if name not in self.args and name != EVERYWHERE]
        problems = [f"unknown argument: {name}" for name in unknown] if strict and not self.takes_anything else []
        problems += [f"missing required field: {name}" for name in self.required if given.get(name) in (None, "")]
        values = {name: given[name] for name in unknown} if self.takes_anything else {}
        for name, value in given.items():
            if name in self.args and not _is_left_out(value, self.args[name]):
                try:
                    values[name] = _READERS[self.args[name]](value)
                except Malformed as error:
                    problems.append(f"{error} [json-pointer:/{name}]")
        if problems:
            raise invalid_arguments(*problems)
        return values


def _is_left_out(value: Any, kind: ArgKind) -> bool:
    """Whether a value counts as none: null, and an empty string where it can't be a text."""
    return value is None or (value == "" and kind in ("flag", "number"))


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
    if isinstance(value, bool) or not _INTEGER.fullmatch(str(value)):
        raise Malformed("must be an integer")
    return int(value)


def _read_ids(value: Any) -> list[str]:
    """Return a list of ids, which forms carry with commas between them."""
    ids = value.split(",") if isinstance(value, str) else value
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise Malformed("must be an array of strings")
    return [each.strip() for each in ids if each.strip()]


def _read_json(value: Any) -> Any:
    """Return a structure, or parse one from a string, as forms carry it; unreadable strings are left as they are."""
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except ValueError:
        return value


_READERS: Mapping[ArgKind, Callable[[Any], Any]] = {
    "text": _read_text,
    "flag": _read_flag,
    "number": _read_number,
    "ids": _read_ids,
    "json": _read_json,
}
