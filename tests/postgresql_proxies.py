"""What can stand between the bot and PostgreSQL: a proxy whose connections go silent, and a pooler of sessions."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from threading import Thread

from sqlalchemy.engine import make_url

CHUNK = 65536
SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
STALL_POLL_SECONDS = 0.02

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Proxy:
    """Listens on a port of this machine for those who want to speak with the PostgreSQL at a URL."""

    def __init__(self, url: str) -> None:
        self._upstream = make_url(url)
        self._tasks: set[asyncio.Task[None]] = set()
        self._dialed: list[asyncio.StreamWriter] = []

    async def start(self) -> str:
        """Listen, and return the URL of the same database through here."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        through = self._upstream.difference_update_query(["host"]).set(host="127.0.0.1", port=self.port)
        return through.render_as_string(hide_password=False)

    async def stop(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._dialed:
            writer.transport.abort()
        await asyncio.sleep(0.1)  # what was aborted is closed in the next turns of the loop

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a connection is served by a task"
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve((reader, writer))
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _serve(self, client: Stream) -> None:
        raise NotImplementedError

    async def _dial(self) -> Stream:
        folder = self._upstream.query["host"]
        stream = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{self._upstream.port or 5432}")
        self._dialed.append(stream[1])
        return stream


@dataclass(eq=False)
class _Pair:
    is_stalled: bool = False
    loses_answers: bool = False


class StallingProxy(_Proxy):
    """Its connections can go silent without closing, as when a network drops packets; new ones work."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._pairs: set[_Pair] = set()

    def stall(self, *, answers_only: bool = False) -> None:
        """Let all connections that are open go silent, for good. May be called in any thread."""
        for pair in list(self._pairs):
            pair.is_stalled, pair.loses_answers = not answers_only, True

    async def _serve(self, client: Stream) -> None:
        server = await self._dial()
        pair = _Pair()
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                self._pump(client[0], server[1], pair, is_answer=False),
                self._pump(server[0], client[1], pair, is_answer=True),
            )
        finally:
            self._pairs.discard(pair)
            server[1].transport.abort()

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, pair: _Pair, *, is_answer: bool
    ) -> None:
        while chunk := await source.read(CHUNK):
            while pair.is_stalled or (is_answer and pair.loses_answers):  # noqa: ASYNC110 - a thread sets it
                await asyncio.sleep(STALL_POLL_SECONDS)
            target.write(chunk)
            await target.drain()
        while pair.is_stalled:  # noqa: ASYNC110 - not even its end comes through
            await asyncio.sleep(STALL_POLL_SECONDS)
        target.close()


class Pooler(_Proxy):
    """Lends sessions of PostgreSQL to its clients, as PgBouncer does: for one transaction each, or until they leave.

    The sessions are lent again in the order in which they came back last, and clients get a process id of its own.
    """

    def __init__(self, url: str, *, shares_sessions: bool) -> None:
        super().__init__(url)
        self.shares_sessions = shares_sessions
        self._free: list[Stream] = []

    async def _serve(self, client: Stream) -> None:
        startup = await self._startup(client)
        session: Stream | None = await self._open_session(client, startup)
        open_requests = 0

        async def answer(lent: Stream) -> None:
            """Pass on what PostgreSQL says, until the transaction is over."""
            nonlocal session, open_requests
            while True:
                kind, message = await _message(lent[0])
                if kind == b"Z":
                    open_requests -= 1
                if kind == b"Z" and message[-1:] == b"I" and not open_requests and self.shares_sessions:
                    self._free.append(lent)
                    session = None
                client[1].write(message)
                await client[1].drain()
                if session is None:
                    return

        if self.shares_sessions and session is not None:
            self._free.append(session)
            session = None
        answering = asyncio.create_task(answer(session)) if session is not None else None
        try:
            while True:
                kind, message = await _message(client[0])
                if kind == b"X":
                    return
                if session is None:
                    session = self._free.pop() if self._free else await self._open_session(None, startup)
                    answering = asyncio.create_task(answer(session))
                open_requests += kind in {b"Q", b"S"}
                session[1].write(message)
                await session[1].drain()
        finally:
            if answering is not None:
                answering.cancel()
            if session is not None:
                session[1].transport.abort()

    @staticmethod
    async def _startup(client: Stream) -> bytes:
        """Return the client's first message, once it has accepted that nothing is encrypted."""
        while True:
            (length,) = struct.unpack("!I", head := await client[0].readexactly(4))
            message = head + await client[0].readexactly(length - 4)
            if struct.unpack("!I", message[4:8])[0] not in {SSL_REQUEST, GSS_REQUEST}:
                return message
            client[1].write(b"N")

    async def _open_session(self, client: Stream | None, startup: bytes) -> Stream:
        """Start a session; a `client` hears what PostgreSQL says at its start."""
        session = await self._dial()
        session[1].write(startup)
        kind = b""
        while kind != b"Z":
            kind, message = await _message(session[0])
            if kind == b"K":
                message = message[:5] + struct.pack("!I", 1) + message[9:]
            if client is not None:
                client[1].write(message)
        return session


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Return the next message of PostgreSQL's protocol: its kind, and all of it."""
    head = await reader.readexactly(5)
    (length,) = struct.unpack("!I", head[1:])
    return head[:1], head + await reader.readexactly(length - 4)


@asynccontextmanager
async def through(proxy: _Proxy) -> AsyncIterator[str]:
    """Let a proxy stand before its database, and give the URL through it. It runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="proxy", daemon=True)
    thread.start()
    url = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(proxy.start(), loop))
    try:
        yield url
    finally:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(proxy.stop(), loop))
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join)
        loop.close()
