"""The Socket Mode transport: tickets, up to ten connections, envelopes and their acknowledgements.

Source: docs.slack.dev/apis/events-api/using-socket-mode.
"""

import asyncio
import contextlib
import itertools
import json
import secrets
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from slack_standin.delivery.tcp_reset import reset_connection
from slack_standin.delivery.transport import Delivery, Outcome, Raw
from slack_standin.model.state import World

MAX_CONNECTIONS = 10
PING_INTERVAL = 5.0
CLOSED_AFTER = 0.5
"""Seconds from the request that a connection be replaced until it is closed; the client may close it before."""


class Connection:
    """One WebSocket with the bot. A silent one stays open but no longer reads, answers or sends."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.request = request
        self.silent = False

    async def send(self, message: Any) -> None:
        """Send a message as JSON."""
        await self.send_text(json.dumps(message))

    async def send_text(self, text: str) -> None:
        """Send a frame of text; a connection that is gone swallows it."""
        if not self.silent:
            with contextlib.suppress(ConnectionError):
                await self.socket.send_str(text)


class SocketMode:
    """Gives out addresses, keeps the connections and matches acknowledgements with envelopes."""

    name = "socket_mode"

    def __init__(self, world: World) -> None:
        self._world = world
        self._tickets: set[str] = set()
        self._connections: list[Connection] = []
        self._turn = itertools.count()
        self._acks: dict[str, asyncio.Future[Any]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """The number of connections that payloads can go to."""
        return len(self._connections)

    def new_address(self) -> str:
        """A ws:// URL whose ticket opens one connection."""
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return f"{self._world.origin.replace('http', 'ws', 1)}/link?ticket={ticket}&app_id={self._world.app_id}"

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Answer the handshake and keep the connection until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="ticket used or unknown")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(socket, request)
        if self.connections >= MAX_CONNECTIONS:
            await connection.send({"type": "disconnect", "reason": "too_many_websockets", "debug_info": _debug_info()})
            await socket.close()
            return socket
        await self._serve(connection)
        return socket

    async def send(self, delivery: Delivery, attempt: int, reason: str | None) -> Outcome:
        """Send to any one connection, and wait for the acknowledgement on whichever it comes."""
        if not self._connections:
            return Outcome(error="dispatch_failed", reason="connection_failed")
        connection = self._connections[next(self._turn) % self.connections]
        raw = delivery.raw or Raw()
        if raw.body is not None:
            await connection.send_text(raw.body.decode(errors="replace"))
            return Outcome()
        envelope = _envelope(delivery, attempt, reason) | raw.envelope
        envelope_id = str(envelope.get("envelope_id"))
        ack = self._acks[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await connection.send(envelope)
            payload = await asyncio.wait_for(ack, self._world.ack_timeout)
        except TimeoutError:
            return Outcome(error="operation_timeout", reason="timeout")
        finally:
            del self._acks[envelope_id]
        return Outcome(200, payload if envelope["accepts_response_payload"] else None)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask each connection to be replaced (`warning`, `refresh_requested`, `link_disabled`), then close it."""
        for connection in list(self._connections):
            await connection.send({"type": "disconnect", "reason": reason, "debug_info": _debug_info()})
            if reason != "warning":
                self._forget(connection)
                task = asyncio.create_task(self._close_soon(connection))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    def go_silent(self) -> None:
        """Keep the connections that are open now, but answer no ping and send and read nothing more on them."""
        for connection in self._connections:
            connection.silent = True

    def reset(self) -> None:
        """Break every connection at the TCP level."""
        for connection in list(self._connections):
            reset_connection(connection.request)

    async def stop(self) -> None:
        """Close every connection."""
        closing = list(self._closing)
        for task in closing:
            task.cancel()
        await asyncio.gather(*closing, return_exceptions=True)
        for connection in list(self._connections):
            await connection.socket.close()

    async def _close_soon(self, connection: Connection) -> None:
        await asyncio.sleep(CLOSED_AFTER)
        if not connection.silent:
            with contextlib.suppress(ConnectionError):
                await connection.socket.close()

    async def _serve(self, connection: Connection) -> None:
        self._connections.append(connection)
        approximate = 360 if connection.request.query.get("debug_reconnects") == "true" else 3600
        await connection.send(
            {
                "type": "hello",
                "num_connections": self.connections,
                "debug_info": _debug_info() | {"approximate_connection_time": approximate},
                "connection_info": {"app_id": self._world.app_id},
            }
        )
        self._world.changes.signal()
        pings = asyncio.create_task(self._ping(connection))
        try:
            async for message in connection.socket:
                if connection.silent:
                    continue
                if message.type is WSMsgType.PING:
                    await connection.socket.pong(message.data)
                elif message.type is WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            pings.cancel()
            self._forget(connection)

    async def _ping(self, connection: Connection) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(PING_INTERVAL)
                if not connection.silent:
                    await connection.socket.ping(b"Ping from applink")

    def _acknowledge(self, text: str) -> None:
        """Take an acknowledgement; whatever is not one, or comes too late, is dropped as Slack drops it."""
        try:
            message = json.loads(text)
        except ValueError:
            return
        ack = self._acks.get(str(message.get("envelope_id"))) if isinstance(message, dict) else None
        if ack and not ack.done():
            ack.set_result(message.get("payload"))

    def _forget(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._world.changes.signal()


def _envelope(delivery: Delivery, attempt: int, reason: str | None) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "envelope_id": str(uuid.uuid4()),
        "type": delivery.kind,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.kind != "events_api",
    }
    if delivery.kind == "events_api":
        envelope |= {"retry_attempt": attempt, "retry_reason": reason or ""}
    return envelope


def _debug_info() -> dict[str, Any]:
    return {"host": "applink-stand-in", "build_number": 1}
