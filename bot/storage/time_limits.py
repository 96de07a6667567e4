"""Time limits for everything that waits for the database.

The server ends statements that take too long, and sessions that it hears nothing from. A connection that was never
closed and doesn't answer is broken from another thread, so that what waits for it raises an error at once.
"""

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event

OPERATION_SECONDS = 6.0
"""How long a transaction and its connecting may take; then the connection is broken. Usually it takes milliseconds."""
WAIT_SECONDS = 15.0
"""How long a read or write that no one in Slack waits for may take, with its wait for a thread."""
MIN_WAIT_SECONDS = 1.0
"""How long one may take that begins when the time of its request is used up."""
CONNECT_ARGUMENTS: Mapping[str, Any] = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""What libpq is told, in seconds. The last is in milliseconds: how long sent data may stay unacknowledged."""
TCP_LIMITS = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}
"""With these the server finds out about a client that is gone, and gives up its locks."""
SESSION_LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "4s",
    "idle_in_transaction_session_timeout": "5s",  # one that stands still keeps the others waiting: see 0013
    # A transaction isn't idle after a Flush (of pipeline mode), so from PostgreSQL 17 on its whole time is limited.
    "transaction_timeout": "8s",
    **TCP_LIMITS,
}
MIGRATION_LIMITS = {"lock_timeout": "10s", **TCP_LIMITS}
"""A migration may take long. While it waits for a lock, though, everyone else waits behind it."""


def limit_sessions(engine: Engine, limits: Mapping[str, str]) -> None:
    """Connect to PostgreSQL with a timeout, and set `limits` in each session of the engine."""

    @event.listens_for(engine, "do_connect")
    def add_arguments(_dialect: Any, _record: Any, _arguments: list[Any], options: dict[str, Any]) -> None:
        for name, value in CONNECT_ARGUMENTS.items():
            options.setdefault(name, value)

    @event.listens_for(engine, "connect")
    def set_limits(connection: Any, _record: object) -> None:
        connection.execute(*set_statement(limits))
        connection.commit()


def set_statement(limits: Mapping[str, str]) -> tuple[str, list[Any]]:
    """Return a statement, with its values, that sets those of the limits that the server has."""
    statement = (
        "SELECT set_config(given.name, given.value, false) FROM unnest(%s::text[], %s::text[]) AS given(name, value) "
        "JOIN pg_settings ON pg_settings.name = given.name"
    )
    return statement, [list(limits), list(limits.values())]


def break_off(connection: Any) -> None:
    """Break a driver's connection from another thread: what waits for it raises an error.

    Of SQLite, only what runs now is interrupted. None is one that is still being made, for which libpq has a limit.
    """
    if connection is None:
        return
    with suppress(OSError, psycopg.Error, sqlite3.Error):  # it is closed already
        if isinstance(connection, sqlite3.Connection):
            connection.interrupt()
        else:
            with socket.socket(fileno=os.dup(connection.pgconn.socket)) as same:
                same.shutdown(socket.SHUT_RDWR)


@dataclass
class _Operation:
    ends_at: float
    connection: Any


class Watchdog:
    """Breaks the connections of operations that take longer than `seconds`."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._operations: dict[int, _Operation] = {}
        self._is_closing = threading.Event()
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def watch(self, engine: Engine) -> None:
        """Track the connections that the engine makes and hands out."""

        @event.listens_for(engine, "connect", insert=True)
        def connected(connection: Any, _record: object) -> None:
            self._note(connection)

        @event.listens_for(engine, "checkout")
        def checked_out(connection: Any, _record: object, _proxy: object) -> None:
            self._note(connection)

    @contextmanager
    def operation(self, connection: Connection | None = None) -> Iterator[None]:
        """Limit how long this thread takes inside; `connection` is the one that it has already."""
        driver_connection = None
        if connection is not None and not (connection.closed or connection.invalidated):
            driver_connection = connection.connection.driver_connection
        operation = _Operation(time.monotonic() + self._seconds(), driver_connection)
        thread = threading.get_ident()
        with self._lock:
            self._operations[thread] = operation
        try:
            yield
        finally:
            with self._lock:
                del self._operations[thread]

    def break_all(self) -> None:
        """Break the connections of all operations that run now, and end."""
        self._is_closing.set()
        with self._lock:
            for operation in self._operations.values():
                break_off(operation.connection)

    def _note(self, connection: Any) -> None:
        with self._lock:
            if operation := self._operations.get(threading.get_ident()):
                operation.connection = connection

    def _run(self) -> None:
        while not self._is_closing.wait(min(0.5, self._seconds() / 4)):
            now = time.monotonic()
            with self._lock:
                for operation in self._operations.values():
                    if operation.ends_at < now:
                        break_off(operation.connection)


@contextmanager
def limited(engine: Engine) -> Iterator[None]:
    """Limit how long this thread takes inside, with connections of an engine that no other thread uses."""
    watchdog = Watchdog(lambda: OPERATION_SECONDS)
    watchdog.watch(engine)
    try:
        with watchdog.operation():
            yield
    finally:
        watchdog.break_all()
