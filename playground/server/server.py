"""The web server of the page: on loopback, for whoever has the key that was printed, and for its own origin only.

A window is a WebSocket. It says who it is (`hello`), gets all that this person may see or what was missed since, then
events as they happen. What it asks for is done in a task of its own each, so that waiting for the bot blocks nobody.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import WSCloseCode, WSMsgType, web

from playground import serializers
from playground.feed import Event
from playground.sandbox import Stage
from playground.serializers import Shape
from playground.server.commands import BUILT_IN, Acts
from playground.server.interactions import Refused
from slack_standin import Person
from slack_standin.api.methods.method import ApiError
from slack_standin.model.ledger import Call, Sent

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MOST_WAITING = 20_000
"""Frames that wait for a window that does not read, before it is closed."""
MOST_LINES = 600
"""Lines of the wire that a drawer gets when it opens."""
LARGEST_FRAME = 8 * 1024 * 1024
"""Bytes: files come in frames too."""
SHUTDOWN = 0.5
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
LOCKED = (
    "<!doctype html><html lang=en><title>Winsome playground</title><body><h1>This page needs its access key</h1>"
    "<p>Open the address that <code>winsome playground</code> printed.</p>"
)


class Window:
    """One open page: a person, and the frames on their way to it."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.who: Person | None = None
        self.wire: int | None = None
        self.waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._closing: set[asyncio.Task[Any]] = set()

    def tell(self, shape: Shape) -> None:
        """Put a frame on its way."""
        try:
            self.waiting.put_nowait(json.dumps(shape, separators=(",", ":")))
        except asyncio.QueueFull:
            _spawn(self.socket.close(code=WSCloseCode.TRY_AGAIN_LATER), self._closing)

    async def write(self) -> None:
        """Send what waits, for ever."""
        while True:
            await self.socket.send_str(await self.waiting.get())


class Desk:
    """Serves the page of a stage."""

    def __init__(self, stage: Stage) -> None:
        self.key = secrets.token_urlsafe(18)
        self._stage = stage
        self._windows: set[Window] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._resetting = asyncio.Lock()
        self._runner: web.AppRunner | None = None
        self._port = 0
        stage.on_change = self._changed
        stage.on_state = self._state_changed

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and return the address with its key."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/ws", self._accept)
        app.router.add_get("/file/{id}", self._shared_file)
        app.router.add_get("/{name:.*}", self._file)
        app.on_shutdown.append(self._close_windows)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self._port = self._runner.addresses[0][1]
        return f"http://{host}:{self._port}/?key={self.key}"

    async def stop(self) -> None:
        """Close every window and the port."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    # The door

    @property
    def _cookie(self) -> str:
        return f"winsome_desk_{self._port}"

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        name, _, port = host.rpartition(":")
        if (name if port.isdigit() else host) not in LOOPBACK:
            return web.Response(status=403, text="The Host must be loopback.")
        if request.headers.get("Origin", f"http://{host}") != f"http://{host}":
            return web.Response(status=403, text="The Origin is foreign.")
        if request.path == "/" and secrets.compare_digest(request.query.get("key", "").encode(), self.key.encode()):
            moved = web.Response(status=303, headers={"Location": "/"})
            moved.set_cookie(self._cookie, self.key, httponly=True, samesite="Strict", path="/")
            return moved
        if not secrets.compare_digest(request.cookies.get(self._cookie, "").encode(), self.key.encode()):
            return web.Response(status=403, text=LOCKED, content_type="text/html")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_headers(host))
        return response

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """Serve a file of the built page, all of which lie in one folder."""
        name = request.match_info["name"] or "index.html"
        path = static() / name
        if "/" in name or name.startswith(".") or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    async def _shared_file(self, request: web.Request) -> web.StreamResponse:
        """Serve a file that somebody or the bot shared: pictures to be shown, everything else to be kept."""
        file = self._stage.slack.world.files.get(request.match_info["id"])
        if file is None or file.content is None:
            raise web.HTTPNotFound
        if file.mimetype in PICTURES:
            return web.Response(body=file.content, content_type=file.mimetype)
        name = quote(file.name, safe="")
        return web.Response(
            body=file.content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    # Windows

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        if "Origin" not in request.headers:
            return web.Response(status=403, text="A window says where it comes from.")
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=LARGEST_FRAME)
        await socket.prepare(request)
        window = Window(socket)
        self._windows.add(window)
        writing = asyncio.create_task(window.write())
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._hear(window, frame.data)
        finally:
            self._windows.discard(window)
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writing
        return socket

    async def _close_windows(self, _app: web.Application) -> None:
        await asyncio.gather(
            *(window.socket.close(code=WSCloseCode.GOING_AWAY, message=b"stopped") for window in self._windows)
        )

    def _hear(self, window: Window, text: str) -> None:
        try:
            asked = json.loads(text)
        except ValueError:
            return
        if not isinstance(asked, dict):
            return
        match asked.get("op"):
            case "hello":
                self._welcome(window, asked)
            case "wire":
                self._open_wire(window, on=bool(asked.get("on")))
            case _:
                _spawn(self._do(window, asked), self._tasks)

    def _welcome(self, window: Window, asked: Shape) -> None:
        """Tell a window what it missed, or everything."""
        stage = self._stage
        people = [person for home in stage.slack.world.workspaces.values() for person in home.people.values()]
        humans = [person for person in people if not person.is_bot and not person.deleted]
        if not humans:
            return
        who = next((person for person in humans if asked.get("as") in (person.name, person.id)), humans[0])
        known = window.who = who
        self._look()
        if asked.get("epoch") == stage.feed.epoch and asked.get("as") == who.name:
            missed = stage.feed.since(int(asked.get("since") or 0))
            if missed is not None:
                window.tell({"t": "again", "n": stage.feed.last, "stage": stage.state()})
                self._tell_events(window, missed)
                return
        window.tell(
            {
                "t": "all",
                "epoch": stage.feed.epoch,
                "n": stage.feed.last,
                "me": known.id,
                "team": stage.slack.world.workspace_of(known).name,
                "app": {
                    "user": stage.slack.bot_user_id,
                    "name": stage.slack.bot.real_name,
                    "about": stage.manifest.get("display_information", {}).get("description", ""),
                    "home": stage.manifest.get("features", {}).get("app_home", {}).get("home_tab_enabled", False),
                },
                "commands": serializers.commands(stage.slack, stage.manifest),
                "builtin": [{"name": name, "about": about, "hint": hint} for name, (about, hint) in BUILT_IN.items()],
                "shortcuts": serializers.shortcuts(stage.manifest),
                "manifest": stage.manifest,
                "stage": stage.state(),
                **stage.feed.snapshot(known),
            }
        )

    async def _do(self, window: Window, asked: Shape) -> None:
        """Do what a window asks for, and answer it."""
        answer: Shape = {"t": "done", "re": asked.get("id")}
        try:
            answer["result"] = await self._act(window, str(asked.get("op")), dict(asked.get("with") or {}))
        except Refused as refusal:
            answer["error"] = str(refusal)
        except (ValueError, TypeError, LookupError, AttributeError, ApiError, TimeoutError) as error:
            answer["error"] = f"That didn't work: {error}"
        self._look()
        window.tell(answer)

    async def _act(self, window: Window, name: str, given: dict[str, Any]) -> Any:
        if name == "reset":
            async with self._resetting:
                await self._stage.reset(empty=bool(given.get("empty")))
            for each in self._windows:
                each.wire = None if each.wire is None else 0
                self._welcome(each, {"as": each.who.name if each.who else None})
                if each.wire is not None:
                    self._open_wire(each, on=True)
            return None
        if window.who is None:
            raise Refused("This window hasn't said who it belongs to.")
        await self._stage.ready.wait()
        acts = Acts(self._stage, window.who)
        act = getattr(acts, name, None) if not name.startswith("_") else None
        if not asyncio.iscoroutinefunction(act):
            raise Refused(f"The playground has no command {name!r}.")
        return await act(**given)

    # Telling

    def _look(self) -> None:
        self._changed(self._stage.feed.look())

    def _changed(self, events: list[Event]) -> None:
        for window in self._windows:
            self._tell_events(window, events)
            self._tell_wire(window)

    def _tell_events(self, window: Window, events: list[Event]) -> None:
        if window.who is None:
            return
        for event in events:
            if window.who.id in event.audience:
                window.tell(event.body)

    def _state_changed(self) -> None:
        state = {"t": "stage", "stage": self._stage.state()}
        for window in self._windows:
            if window.who is not None:
                window.tell(state)

    def _open_wire(self, window: Window, *, on: bool) -> None:
        window.wire = 0 if on else None
        self._tell_wire(window, first=True)

    def _tell_wire(self, window: Window, *, first: bool = False) -> None:
        if window.wire is None:
            return
        ledger = self._stage.slack.ledger
        seen = window.wire
        all_lines: list[Call | Sent] = [*ledger.calls(), *ledger.deliveries()]
        lines = [one for one in all_lines if one.number > seen]
        lines.sort(key=lambda one: one.number)
        if lines or first:
            window.wire = lines[-1].number if lines else seen
            shown = [serializers.wire(one) for one in lines[-MOST_LINES:]]
            window.tell({"t": "wire", "first": first, "lines": shown})


def static() -> Path:
    """Return the folder of the built page."""
    return Path(str(resources.files("playground.server") / "static"))


def _headers(host: str) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self' data: blob:",
        "connect-src": f"'self' ws://{host}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def _spawn(work: Any, tasks: set[asyncio.Task[Any]]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
