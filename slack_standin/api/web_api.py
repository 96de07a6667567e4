"""The Web API's entry point: checks token, scopes, limits and arguments, and calls the method."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from slack_standin.api.methods import METHODS
from slack_standin.api.methods.method import EVERYWHERE, ApiError, Ask, Method, missing_scope, with_warnings
from slack_standin.api.read_call import read_call
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
        call = await read_call(request)
        token, args = call.token, call.args
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
                if call.error:
                    raise ApiError(call.error)
                reply = self._act(name, token, args, asked.channel)
            except ApiError as error:
                reply = Reply(error.to_body(), done=False)
            return replace(reply, body=with_warnings(reply.body, *call.warnings))

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
    """The id by which limits and faults know a call's channel, whether it names an id, a name or a person."""
    if not isinstance(given, str):
        return None
    if workspace is None:
        return given
    channel = workspace.find_channel(given) or workspace.direct_conversation(given, workspace.bot_user_id)
    return channel.id if channel else given
