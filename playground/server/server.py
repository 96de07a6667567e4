"""The page's web server: on loopback, for its own origin, and only with the key that was printed.

A session is a WebSocket. It says who it is (`hello`), gets a snapshot or the events it missed, then events as they
happen. Each command runs in a task of its own, so that waiting for the bot blocks no one.
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
from playground.sandbox import Sandbox
from playground.scenario import InvalidScenario
from playground.serializers import Json
from playground.server.commands import BUILT_IN, Commands
from playground.server.interactions import Refused
from slack_standin import Person
from slack_standin.api.methods.method import ApiError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MAX_QUEUED_FRAMES = 20_000
"""Frames queued for a session that does not read, before it is closed."""
MAX_LOG_LINES = 600
"""Lines that the API log gets when it is opened."""
MAX_FRAME_BYTES = 8 * 1024 * 1024
"""Files come in frames too."""
SHUTDOWN = 0.5
FAILURES = (ValueError, TypeError, LookupError, AttributeError, ApiError, OSError, InvalidScenario)
"""What a command may fail with, beside a refusal. A time limit that is reached is an OSError."""
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
LOCKED = (
    "<!doctype html><html lang=en><title>Winsome playground</title><body><h1>This page needs its access key</h1>"
    "<p>Open the address that <code>winsome playground</code> printed.</p>"
)


class Session:
    """An open page: its person, and the frames queued for it."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.who: Person | None = None
        self.api_log: int | None = None
        self.waiting: asyncio.Queue[str] = asyncio.Queue(MAX_QUEUED_FRAMES)
        self._closing: set[asyncio.Task[Any]] = set()

    def send(self, shape: Json) -> None:
        """Queue a frame."""
        try:
            self.waiting.put_nowait(json.dumps(shape, separators=(",", ":")))
        except asyncio.QueueFull:
            _spawn(self.socket.close(code=WSCloseCode.TRY_AGAIN_LATER), self._closing)

    async def write(self) -> None:
        """Send queued frames until cancelled."""
        while True:
            await self.socket.send_str(await self.waiting.get())


class PlaygroundServer:
    """Serves the page of a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.key = secrets.token_urlsafe(18)
        self._sandbox = sandbox
        self._sessions: set[Session] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._resetting = asyncio.Lock()
        self._runner: web.AppRunner | None = None
        self._port = 0
        sandbox.on_change = self._changed
        sandbox.on_state = self._state_changed

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and return the address with its key."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/ws", self._accept)
        app.router.add_get("/file/{id}", self._shared_file)
        app.router.add_get("/{name:.*}", self._file)
        app.on_shutdown.append(self._close_sessions)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self._port = self._runner.addresses[0][1]
        return f"http://{host}:{self._port}/?key={self.key}"

    async def stop(self) -> None:
        """Close every session and the port."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    # Access

    @property
    def _cookie(self) -> str:
        return f"winsome_playground_{self._port}"

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
        """Serve a file of the built page; they are all in one folder."""
        name = request.match_info["name"] or "index.html"
        path = static() / name
        if "/" in name or name.startswith(".") or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    async def _shared_file(self, request: web.Request) -> web.StreamResponse:
        """Serve a shared file: images inline, anything else as a download."""
        file = self._sandbox.slack.world.files.get(request.match_info["id"])
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

    # Sessions

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        if "Origin" not in request.headers:
            return web.Response(status=403, text="A WebSocket needs an Origin.")
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=MAX_FRAME_BYTES)
        await socket.prepare(request)
        session = Session(socket)
        self._sessions.add(session)
        writing = asyncio.create_task(session.write())
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._receive(session, frame.data)
        finally:
            self._sessions.discard(session)
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writing
        return socket

    async def _close_sessions(self, _app: web.Application) -> None:
        await asyncio.gather(
            *(session.socket.close(code=WSCloseCode.GOING_AWAY, message=b"stopped") for session in self._sessions)
        )

    def _receive(self, session: Session, text: str) -> None:
        try:
            asked = json.loads(text)
        except ValueError:
            return
        if not isinstance(asked, dict):
            return
        match asked.get("op"):
            case "hello":
                self._welcome(session, asked)
            case "api_log":
                self._open_api_log(session, on=bool(asked.get("on")))
            case _:
                _spawn(self._do(session, asked), self._tasks)

    def _welcome(self, session: Session, asked: Json) -> None:
        """Send a session the events it missed, or a snapshot."""
        sandbox = self._sandbox
        people = [person for home in sandbox.slack.world.workspaces.values() for person in home.people.values()]
        humans = [person for person in people if not person.is_bot and not person.deleted]
        if not humans:
            return
        who = next((person for person in humans if asked.get("as") in (person.name, person.id)), humans[0])
        known = session.who = who
        self._poll_changes()
        if asked.get("epoch") == sandbox.feed.epoch and asked.get("as") == who.name:
            missed = sandbox.feed.since(int(asked.get("since") or 0))
            if missed is not None:
                session.send({"t": "again", "n": sandbox.feed.last, "sandbox": sandbox.state()})
                self._send_events(session, missed)
                return
        session.send(
            {
                "t": "all",
                "epoch": sandbox.feed.epoch,
                "n": sandbox.feed.last,
                "me": known.id,
                "team": sandbox.slack.world.workspace_of(known).name,
                "app": {
                    "user": sandbox.slack.bot_user_id,
                    "name": sandbox.slack.bot.real_name,
                    "about": sandbox.manifest.get("display_information", {}).get("description", ""),
                    "home": sandbox.manifest.get("features", {}).get("app_home", {}).get("home_tab_enabled", False),
                },
                "commands": serializers.commands(sandbox.slack, sandbox.manifest),
                "builtin": [{"name": name, "about": about, "hint": hint} for name, (about, hint) in BUILT_IN.items()],
                "shortcuts": serializers.shortcuts(sandbox.manifest),
                "manifest": sandbox.manifest,
                "sandbox": sandbox.state(),
                **sandbox.feed.snapshot(known),
            }
        )

    async def _do(self, session: Session, asked: Json) -> None:
        """Run a session's command, and send its result."""
        answer: Json = {"t": "done", "re": asked.get("id")}
        try:
            answer["result"] = await self._act(session, str(asked.get("op")), dict(asked.get("with") or {}))
        except Refused as refusal:
            answer["error"] = str(refusal)
        except FAILURES as error:
            answer["error"] = f"That didn't work: {error}"
        self._poll_changes()
        session.send(answer)

    async def _act(self, session: Session, name: str, given: dict[str, Any]) -> Any:
        if name == "reset":
            async with self._resetting:
                await self._sandbox.reset(empty=bool(given.get("empty")))
            for each in self._sessions:
                each.api_log = None if each.api_log is None else 0
                self._welcome(each, {"as": each.who.name if each.who else None})
                if each.api_log is not None:
                    self._open_api_log(each, on=True)
            return None
        if session.who is None:
            raise Refused("This session hasn't said who it belongs to.")
        await self._sandbox.ready.wait()
        commands = Commands(self._sandbox, session.who)
        act = getattr(commands, name, None) if not name.startswith("_") else None
        if not asyncio.iscoroutinefunction(act):
            raise Refused(f"The playground has no command {name!r}.")
        return await act(**given)

    # Sending

    def _poll_changes(self) -> None:
        self._changed(self._sandbox.feed.poll())

    def _changed(self, events: list[Event]) -> None:
        for session in self._sessions:
            self._send_events(session, events)
            self._send_api_log(session)

    def _send_events(self, session: Session, events: list[Event]) -> None:
        if session.who is None:
            return
        for event in events:
            if session.who.id in event.audience:
                session.send(event.body)

    def _state_changed(self) -> None:
        state = {"t": "sandbox", "sandbox": self._sandbox.state()}
        for session in self._sessions:
            if session.who is not None:
                session.send(state)

    def _open_api_log(self, session: Session, *, on: bool) -> None:
        session.api_log = 0 if on else None
        self._send_api_log(session, first=True)

    def _send_api_log(self, session: Session, *, first: bool = False) -> None:
        if session.api_log is None:
            return
        seen = session.api_log
        lines = self._sandbox.slack.ledger.lines(after=seen)
        if lines or first:
            session.api_log = lines[-1].number if lines else seen
            shown = [serializers.api_log_line(one) for one in lines[-MAX_LOG_LINES:]]
            session.send({"t": "api_log", "first": first, "lines": shown})


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
