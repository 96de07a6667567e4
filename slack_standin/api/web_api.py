"""The Web API's entry point: reads arguments and token, checks scopes, limits and argument names, calls the method.

Source: docs.slack.dev/apis/web-api (forms, JSON, errors, the Authorization header).
"""

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from slack_standin.api.methods import METHODS
from slack_standin.api.methods.method import EVERYWHERE, ApiError, Ask, Method, missing_scope
from slack_standin.api.request import BotRequest, Reply, answer, rate_limited
from slack_standin.delivery.events import Events
from slack_standin.delivery.socket_mode import SocketMode
from slack_standin.model.state import World
from slack_standin.model.workspace import Workspace

_APP_SCOPES = frozenset({"connections:write"})


@dataclass(frozen=True)
class _Access:
    """Who came in, and with which scopes."""

    workspace: Workspace
    scopes: frozenset[str]


class WebApi:
    """Answers {origin}/api/METHOD."""

    def __init__(self, world: World, events: Events, socket: SocketMode) -> None:
        self._world = world
        self._events = events
        self._socket = socket

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name = request.match_info["method"]
        token, args, unreadable = await _read(request)
        workspace = self._world.workspace_with_token(token) if token else None
        asked = BotRequest(
            name,
            args,
            channel=_channel_id(workspace, args.get("channel")),
            team_id=workspace.team_id if workspace else None,
            token=token,
        )

        def act() -> Reply:
            try:
                if unreadable:
                    raise ApiError(unreadable)
                return self._act(name, token, args, asked.channel)
            except ApiError as error:
                return Reply(error.to_body(), done=False)

        return await answer(self._world, request, asked, act)

    def _act(self, name: str, token: str | None, given: Mapping[str, Any], channel: str | None) -> Reply:
        method = METHODS.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        access = self._enter(method, token)
        wait = self._world.limits.wait(access.workspace.team_id, name, method.tier, channel)
        if wait:
            return rate_limited(math.ceil(wait))
        if given.get(EVERYWHERE, access.workspace.team_id) != access.workspace.team_id:
            raise ApiError("team_access_not_granted")
        args = method.checked(given, strict=self._world.strict_arguments)
        ask = Ask(self._world, self._events, self._socket, access.workspace, args, access.scopes)
        headers = {
            "X-OAuth-Scopes": ",".join(sorted(access.scopes)),
            "X-Accepted-OAuth-Scopes": ",".join(method.scopes),
        }
        return Reply({"ok": True, **method.handler(ask)}, headers=headers)

    def _enter(self, method: Method, token: str | None) -> _Access:
        first = next(iter(self._world.workspaces.values()))
        if method.opened_by == "anyone":
            return _Access(first, frozenset())
        if not token:
            raise ApiError("not_authed")
        with_app_token = token == self._world.app_token
        access = _Access(first, _APP_SCOPES) if with_app_token else self._bot_access(token)
        if (method.opened_by == "app") != with_app_token:
            raise ApiError("not_allowed_token_type")
        if method.scopes and not access.scopes.intersection(method.scopes):
            raise missing_scope(access.scopes, *method.scopes)
        return access

    def _bot_access(self, token: str) -> _Access:
        workspace = self._world.workspace_with_token(token)
        if workspace is None:
            raise ApiError("invalid_auth")
        if not workspace.installed:
            raise ApiError("account_inactive")
        return _Access(workspace, workspace.scopes)


def _channel_id(workspace: Workspace | None, given: Any) -> str | None:
    """The id of the channel that a call names, as limits and faults know it."""
    if not isinstance(given, str):
        return None
    channel = workspace.find_channel(given) if workspace else None
    return channel.id if channel else given


async def _read(request: web.Request) -> tuple[str | None, dict[str, Any], str | None]:
    """The token, the arguments, and the name of the error if the body can't be read.

    A token counts in the Authorization header, in a form or in the query; in a JSON body it doesn't.
    """
    args: dict[str, Any] = dict(request.query)
    unreadable = None
    try:
        args |= await _body(request)
    except ApiError as error:
        unreadable = error.error
    in_args = args.pop("token", None)
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else in_args
    if scheme.lower() == "basic":
        args = _client(bearer) | args
    return token if isinstance(token, str) else None, args, unreadable


def _client(credentials: str) -> dict[str, Any]:
    """The client_id and client_secret of HTTP Basic, which oauth.v2.access prefers."""
    try:
        client_id, _, secret = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": client_id, "client_secret": secret}


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return _json(await request.read())
    if request.method != "POST" or not request.body_exists:
        return {}
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise ApiError("invalid_post_type")
    try:
        form = await request.post()
    except (ValueError, LookupError):
        raise ApiError("invalid_form_data") from None
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _json(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content or b"{}")
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return {name: value for name, value in body.items() if name != "token"}
