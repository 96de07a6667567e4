"""The control address: JSON over HTTP on a loopback port of its own, for programs in any language.

POST {control_url}/VERB with a JSON object of arguments answers {"ok": true, "result": ...}, or {"ok": false, "error":
"why"} with status 400; GET {control_url}/ lists the verbs. It returns tokens and moves the clock, so it refuses
requests that a web page could send: a Host that isn't loopback, a foreign Origin, a body that isn't declared as JSON.
"""

import inspect
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from slack_standin.api.methods.method import ApiError
from slack_standin.api.server import Listener
from slack_standin.control.verbs import Verbs
from slack_standin.standin import StandIn

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@asynccontextmanager
async def serve_control(slack: StandIn, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Let programs drive the stand-in from a port of its own, and yield the control address."""
    listener = Listener(_ControlServer(Verbs(slack)).app())
    try:
        yield await listener.start(host, port)
    finally:
        await listener.stop()


class _ControlServer:
    def __init__(self, verbs: Verbs) -> None:
        self._verbs = {
            name: verb for name, verb in inspect.getmembers(verbs, inspect.iscoroutinefunction) if name[0] != "_"
        }

    def app(self) -> web.Application:
        app = web.Application(middlewares=[_only_local])
        app.router.add_get("/", self._list)
        app.router.add_post("/{verb}", self._do)
        return app

    async def _list(self, _request: web.Request) -> web.Response:
        return _answer({name: _described(verb) for name, verb in self._verbs.items()})

    async def _do(self, request: web.Request) -> web.Response:
        verb = self._verbs.get(request.match_info["verb"])
        if verb is None:
            return _refusal(404, f"no verb {request.match_info['verb']!r}; GET / lists them")
        if request.content_type != "application/json":
            return _refusal(415, "the body must be application/json")
        try:
            args = json.loads(await request.read() or b"{}")
            inspect.signature(verb).bind(**args)
            return _answer(await verb(**args))
        except (ValueError, TypeError, LookupError, ApiError, TimeoutError) as error:
            return _refusal(400, str(error))


@web.middleware
async def _only_local(request: web.Request, handler: Any) -> web.StreamResponse:
    host = request.headers.get("Host", "")
    name, _, port = host.rpartition(":")
    if (name if port.isdigit() else host) not in _LOOPBACK:
        return _refusal(403, "the Host must be loopback")
    if request.headers.get("Origin", f"http://{host}") != f"http://{host}":
        return _refusal(403, "the Origin is foreign")
    response: web.StreamResponse = await handler(request)
    return response


def _described(verb: Any) -> dict[str, Any]:
    arguments = inspect.signature(verb).parameters.values()
    return {
        "about": inspect.getdoc(verb),
        "required": [each.name for each in arguments if each.default is inspect.Parameter.empty],
        "optional": [each.name for each in arguments if each.default is not inspect.Parameter.empty],
    }


def _answer(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _refusal(status: int, why: str) -> web.Response:
    return web.json_response({"ok": False, "error": why}, status=status)
