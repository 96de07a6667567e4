"""Answers one request of the bot, with its faults and its line in the ledger.

Shared by the Web API and response_url, which pass in what the request does as `act`.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from slack_standin.delivery.tcp_reset import reset_connection
from slack_standin.model.faults import Fault
from slack_standin.model.state import World


@dataclass(frozen=True)
class Reply:
    """Slack's response; `done` says whether the request had its effect."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = True

    def to_response(self) -> web.Response:
        """Return the HTTP response: text and bytes unchanged, anything else as JSON."""
        if isinstance(self.body, bytes):
            return web.Response(body=self.body, status=self.status, headers=self.headers)
        if isinstance(self.body, str):
            return web.Response(text=self.body, status=self.status, headers=self.headers)
        return web.Response(
            text=json.dumps(self.body), status=self.status, headers=self.headers, content_type="application/json"
        )


@dataclass(frozen=True)
class BotRequest:
    """A request of the bot, with what faults and the ledger need of it."""

    method: str
    args: Mapping[str, Any]
    channel: str | None = None
    team_id: str | None = None
    token: str | None = None


async def answer(world: World, request: web.Request, asked: BotRequest, act: Callable[[], Reply]) -> web.StreamResponse:
    """Act, with a fault before or after if there is one, and record it in the ledger."""
    began = time.monotonic()
    fault = world.faults.strike(asked.method, asked.channel, asked.args)
    if fault is None:
        return _settle(world, asked, began, act(), None).to_response()
    if fault.kind == "slow":
        return await _slowly(world, asked, began, act, fault)
    acted = act() if fault.effect == "after" else None
    spoilt = _spoilt(fault, acted)
    _write(world, asked, began, spoilt, fault, effect=acted is not None and acted.done)
    if spoilt is not None:
        return spoilt.to_response()
    if fault.kind == "hang":
        await asyncio.Event().wait()
    reset_connection(request)
    return web.Response()


async def _slowly(
    world: World, asked: BotRequest, began: float, act: Callable[[], Reply], fault: Fault
) -> web.StreamResponse:
    async def wait_and_act() -> Reply:
        await asyncio.sleep(fault.seconds)
        return _settle(world, asked, began, act(), fault)

    if fault.effect == "before":
        return (await asyncio.shield(wait_and_act())).to_response()
    reply = _settle(world, asked, began, act(), fault)
    await asyncio.sleep(fault.seconds)
    return reply.to_response()


def _spoilt(fault: Fault, acted: Reply | None) -> Reply | None:  # noqa: PLR0911 - one for each kind
    """Return the response under a fault; None if there is none."""
    match fault.kind:
        case "rate_limited":
            return rate_limited(fault.retry_after)
        case "error":
            return Reply({"ok": False, "error": fault.name}, done=False)
        case "no_pictures":
            return Reply({"ok": False, "error": "invalid_blocks"}, done=False)
        case "http_500_before" | "http_500_after":
            return Reply("Internal Server Error", status=500)
        case "bad_json":
            whole = json.dumps(acted.body if acted else {"ok": True, "ts": "0"})
            return Reply(whole[: len(whole) // 2], headers={"Content-Type": "application/json; charset=utf-8"})
        case "odd_answer":
            return odd_answer(fault, acted)
        case _:
            return None


def odd_answer(fault: Fault, acted: Reply | None) -> Reply:
    """Return what the fault makes of the true answer."""
    body = fault.body
    if fault.fields is not None:
        body = deepcopy(acted.body) if acted is not None and isinstance(acted.body, dict) else {"ok": True}
        for path, value in fault.fields.items():
            _replace(body, path.split("."), value)
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    return Reply(body, fault.status, {"Content-Type": "application/json", **fault.headers})


def _replace(body: dict[str, Any], path: list[str], value: Any) -> None:
    """Replace a field of an object, or of each object in a list on the way; None takes it away."""
    inner = body.get(path[0])
    if len(path) == 1:
        body.pop(path[0], None)
        body |= {} if value is None else {path[0]: value}
    for each in inner if isinstance(inner, list) else [inner]:
        if len(path) > 1 and isinstance(each, dict):
            _replace(each, path[1:], value)


def rate_limited(seconds: int) -> Reply:
    """The 429 that Slack sends (docs.slack.dev/apis/web-api/rate-limits)."""
    return Reply({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(seconds)}, done=False)


def _settle(world: World, asked: BotRequest, began: float, reply: Reply, fault: Fault | None) -> Reply:
    _write(world, asked, began, reply, fault, effect=reply.done)
    return reply


def _write(
    world: World, asked: BotRequest, began: float, reply: Reply | None, fault: Fault | None, *, effect: bool
) -> None:
    world.ledger.received(
        asked.method,
        asked.args,
        began=began,
        answer=None if reply is None or isinstance(reply.body, bytes) else reply.body,
        status=reply.status if reply else None,
        team_id=asked.team_id,
        token=asked.token,
        fault=fault.kind if fault else None,
        effect=effect,
    )
    world.changes.signal()
