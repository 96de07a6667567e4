"""The open connections of a web server, and the limits of their time and number.

aiohttp waits for headers and bodies without a limit. Here, a request has to be complete `REQUEST_SECONDS` after its
first byte, and a server keeps only so many connections that wait for one: when there are more, those that began first
to send a request are closed, then those that have been idle longest.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from errno import EADDRINUSE

from aiohttp import web

REQUEST_SECONDS = 10.0
"""From the first byte of a request to its last."""
IDLE_SECONDS = 300.0
"""Longer than a proxy keeps a connection: one that it uses again just when it is closed costs a request."""
LINGER_SECONDS = 2.0
"""For the rest of a request that is too large, so that its sender can read the answer."""
BACKLOG = 128

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Connections:
    """Makes the connections of a server, and closes those that take too much. At most `limit` wait for a request."""

    def __init__(self, server: web.Server, *, limit: int) -> None:
        self._server = server
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._open: set[_Connection] = set()
        self._idle: dict[_Connection, None] = {}  # the one that has been idle longest comes first
        self._sending: dict[_Connection, float] = {}  # since when; the first to begin comes first
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self) -> asyncio.Protocol:
        """Make a connection."""
        return _Connection(self, self._server, self._loop)

    def open(self, connection: "_Connection") -> None:
        """Note that a connection is made."""
        self._open.add(connection)
        self.wait_for_request(connection)

    def wait_for_request(self, connection: "_Connection") -> None:
        """Note that a connection is idle, and make room."""
        self._idle[connection] = None
        while len(self._idle) + len(self._sending) > self._limit:
            next(iter(self._sending or self._idle)).abort()

    def begin_request(self, connection: "_Connection") -> None:
        """Note that bytes have arrived: they are of the request that a connection was waiting for, if it was."""
        if connection not in self._idle:
            return
        del self._idle[connection]
        self._sending[connection] = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(REQUEST_SECONDS, self._close_late)

    def forget(self, connection: "_Connection") -> None:
        """Note that a connection waits for nothing: its request is whole, or it is closed."""
        self._idle.pop(connection, None)
        self._sending.pop(connection, None)

    def lose(self, connection: "_Connection") -> None:
        """Note that a connection is closed."""
        self._open.discard(connection)
        self.forget(connection)

    def _close_late(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._sending:
            connection, began_at = next(iter(self._sending.items()))
            if (left := began_at + REQUEST_SECONDS - now) > 0:
                self._timer = self._loop.call_later(left, self._close_late)
                return
            connection.abort()

    def close(self) -> None:
        """Close what is still open: aiohttp waits without a limit for a client to read the rest of its answer."""
        if self._timer is not None:
            self._timer.cancel()
        for connection in list(self._open):
            connection.abort()


class _Connection(web.RequestHandler):
    """aiohttp's connection, whose requests are timed."""

    def __init__(self, connections: Connections, server: web.Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # there is none
            auto_decompress=False,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGER_SECONDS,
        )
        self.connections = connections
        self._opened: asyncio.Transport | None = None  # `transport` is None once it is to close, not once it has

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._opened = self.transport
        self.connections.open(self)

    def data_received(self, data: bytes) -> None:
        self.connections.begin_request(self)
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.connections.lose(self)
        super().connection_lost(exc)

    def abort(self) -> None:
        """Close it at once, whatever it is waiting for."""
        self.connections.forget(self)
        if self._opened is not None:
            self._opened.abort()


class CannotListen(Exception):
    """The address can't be listened on: another program does, it isn't this machine's, or the bot may not."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        reason = "another program uses it" if error.errno == EADDRINUSE else error.strerror or type(error).__name__
        super().__init__(f"Winsome can't listen on {host}:{port} ({reason}). Check HOST, PORT and HEALTH_PORT.")


async def serve(
    stack: AsyncExitStack, app: web.Application, host: str, port: int, *, limit: int, shutdown_timeout: float
) -> str:
    """Serve an application until the stack is closed, which waits up to `shutdown_timeout` seconds for requests.

    Returns its URL. At most `limit` connections wait for a request. Raises CannotListen.
    """
    app.middlewares.append(_receive)
    runner = web.AppRunner(app, shutdown_timeout=shutdown_timeout / 2)  # aiohttp waits twice: then it cancels them
    await runner.setup()
    assert runner.server is not None, "it is set up"
    connections = Connections(runner.server, limit=limit)
    stack.callback(connections.close)
    stack.push_async_callback(runner.cleanup)
    try:
        listener = await asyncio.get_running_loop().create_server(connections, host, port, backlog=BACKLOG)
    except OSError as error:
        raise CannotListen(host, port, error) from error
    stack.callback(listener.close)
    bound_host, bound_port = listener.sockets[0].getsockname()[:2]
    return f"http://{bound_host}:{bound_port}"


@web.middleware
async def _receive(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Read a request, and answer it once it is whole."""
    connection = request.protocol
    assert isinstance(connection, _Connection), "it was made here"
    connection.connections.begin_request(connection)  # its first bytes may have come with the request before it
    try:
        await request.read()
    except web.HTTPRequestEntityTooLarge:
        return web.Response(status=413, text="too large")
    connection.connections.forget(connection)
    try:
        return await handler(request)
    finally:
        if connection.transport is not None:
            connection.connections.wait_for_request(connection)
