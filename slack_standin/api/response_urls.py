"""response_url addresses: five answers within thirty real minutes, wherever the person is, member or not.

Source: docs.slack.dev/interactivity/handling-user-interaction. In real life they live on https://hooks.slack.com.
"""

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from slack_standin.api.request import BotRequest, Reply, answer
from slack_standin.delivery.replies import Conversation, apply_reply, reply_problems
from slack_standin.model.state import World

USES = 5
LIFETIME = 30 * 60.0


@dataclass
class ResponseUrl:
    """One issued address."""

    conversation: Conversation
    uses_left: int = USES
    issued: float = field(default_factory=time.monotonic)


class ResponseUrls:
    """Issues response_url addresses and receives what is posted to them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, family: Literal["commands", "actions", "app"], conversation: Conversation) -> str:
        """A new address for a conversation."""
        path = f"/{family}/{conversation.workspace.team_id}/{secrets.randbelow(10**13)}/{secrets.token_urlsafe(18)}"
        self._issued[path] = ResponseUrl(conversation)
        return self._world.origin + path

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take one answer of the bot."""
        issued = self._issued.get(request.path)
        body = _read(await request.read())
        args = body if isinstance(body, dict) else {"body": body}
        asked = BotRequest(
            "response_url",
            args,
            channel=issued.conversation.channel.id if issued else None,
            team_id=issued.conversation.workspace.team_id if issued else None,
        )
        return await answer(self._world, request, asked, lambda: self._act(issued, body))

    def _act(self, issued: ResponseUrl | None, body: Any) -> Reply:
        refusal = _refusal(issued)
        if refusal:
            return refusal
        assert issued is not None
        problems = reply_problems(body, strict=self._world.strict_arguments)
        if problems:
            return Reply(_error_name(body, problems), status=400, done=False)
        issued.uses_left -= 1
        apply_reply(issued.conversation, body)
        return Reply("ok")


def _refusal(issued: ResponseUrl | None) -> Reply | None:
    if issued is None:
        return Reply("no_service", status=404, done=False)
    if not issued.conversation.workspace.installed:
        return Reply("no_service", status=404, done=False)
    if issued.uses_left < 1:
        return Reply("used_url", status=404, done=False)
    if time.monotonic() - issued.issued > LIFETIME:
        return Reply("expired_url", status=404, done=False)
    if issued.conversation.channel.archived:
        return Reply("channel_is_archived", status=410, done=False)
    return None


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _error_name(body: Any, problems: list[str]) -> str:
    if not isinstance(body, dict):
        return "invalid_payload"
    if problems == ["no_text"]:
        return "no_text"
    return "invalid_blocks" if any("json-pointer:/blocks" in problem for problem in problems) else "invalid_payload"
