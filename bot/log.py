"""Logs: one JSON object on a line for each event, with the workspace, request and delivery that it belongs to.

`logger.info("sent to Slack", extra={"method": method})` adds fields to one line, `bound(...)` to each line that the
current task logs. Fields hold ids, codes and counts: never what people wrote. Of an error, it has the type and where
it was raised, and what it says if that can't be a value. Of what a library logs, it has the fixed words.
"""

import asyncio
import json
import logging
import os
import re
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from queue import SimpleQueue
from types import MappingProxyType, TracebackType
from typing import Any

FLUSH_SECONDS = 0.1
WAIT_SECONDS = 1.0
"""At the end, for lines that aren't written yet."""
RETRY_SECONDS = 0.1
MAX_WAITING = 1_000_000
"""How many characters may wait to be written."""
OWN = ("bot", "playground")
"""The packages whose loggers are ours."""

_fields: ContextVar[Mapping[str, object]] = ContextVar("log_fields", default=MappingProxyType({}))
_SAFE_ERRORS = (AttributeError, NameError, ImportError, RecursionError, AssertionError)
"""Their messages are about code."""
_SAFE_MODULES = ("bot.config", "bot.outbox", "bot.slack", "bot.storage")
"""The modules whose errors name only codes, fields and files."""
_VALUES_OF_SQLITE = ("fts5", "MATCH")
_INVALID_VALUE = "22"
"""The class of PostgreSQL's errors that quote a value."""
_GIST = re.compile(r"[^:({\[<\"'\n]*")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "taskName"}


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Add these fields, in place of those bound outside, to each line that is logged inside."""
    token = _fields.set(fields)
    try:
        yield
    finally:
        _fields.reset(token)


class JSONFormatter(logging.Formatter):
    """Formats a record as one line of JSON. The time is UTC; an exception's traceback is a field."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        is_own = record.name.partition(".")[0] in OWN
        fields = {
            "time": f"{_second(int(record.created))}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if is_own else _gist(record),
            **_fields.get(),
            **{name: value for name, value in record.__dict__.items() if name not in _STANDARD},
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return _encode(fields)

    def formatException(self, exc_info: Any) -> str:  # noqa: N802 - logging's
        """Format an error with those that it came from, the first one first."""
        return "\n".join(_traceback_lines(exc_info[1], set()))


def describe(error: BaseException) -> str:
    """Return the type of an error, and what it says if that can't be a value, such as what someone wrote."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    said = _said(error)
    return f"{name}: {said}" if said else name


def _said(error: BaseException) -> str | None:
    module = type(error).__module__
    origin = getattr(error, "orig", None)
    if module.startswith("sqlalchemy.") and isinstance(origin, BaseException):
        return f"{describe(origin)} [SQL: {getattr(error, 'statement', None)}]"
    if module.startswith("psycopg"):  # its message goes on with the values, under DETAIL
        state, diagnosis = getattr(error, "sqlstate", None), getattr(error, "diag", None)
        return None if not state or state.startswith(_INVALID_VALUE) else f"{state} {diagnosis.message_primary}"  # type: ignore[union-attr]
    if module == "sqlite3":
        return None if any(each in str(error) for each in _VALUES_OF_SQLITE) else str(error)
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    is_safe = isinstance(error, _SAFE_ERRORS) or module.startswith(_SAFE_MODULES)
    return str(error) if is_safe else None


def _traceback_lines(error: BaseException | None, seen: set[int]) -> Iterator[str]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from _traceback_lines(before, seen)
    yield "Traceback (most recent call last):"
    yield from "".join(traceback.format_tb(error.__traceback__)).splitlines()
    yield describe(error)
    for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _traceback_lines(part, seen)


def _gist(record: logging.LogRecord) -> str:
    """Return the fixed words at the beginning of what a library says."""
    template = str(record.msg)
    return template.partition("\n")[0] if record.args else _GIST.match(template)[0].strip()  # type: ignore[index]


def _plain(value: object) -> str:
    return (_said(value) or type(value).__name__) if isinstance(value, BaseException) else str(value)


_encode = json.JSONEncoder(default=_plain).encode


class BufferedHandler(logging.Handler):
    """Has a thread write the lines of a tenth of a second together; a warning, or one from outside the loop, at once.

    A write lets other threads run, which costs a /win more than the line itself. It lasts until someone reads what was
    written before: only the thread waits for that. Lines beyond `MAX_WAITING` are left out, and counted in a later one.
    """

    def __init__(self, file_number: int) -> None:
        super().__init__()
        self._file_number = file_number
        self._lines: deque[str] = deque()
        self._work = SimpleQueue[None]()
        self._flushes_in: asyncio.AbstractEventLoop | None = None
        # Characters that were taken or written, and lines that were left out or told about. `emit` counts the first of
        # each, the thread the second: neither needs a lock that the other may hold.
        self._taken = self._left_out = 0
        self._written = self._told = 0
        self._gave_up_at: int | None = None
        threading.Thread(target=self._write_lines, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line, and have it written in a moment or now."""
        try:
            line = self.format(record) + "\n"
        except Exception:  # noqa: BLE001 - logging's own way
            self.handleError(record)
            return
        room = MAX_WAITING if self._told == self._left_out else 0
        if self._taken - self._written > room:
            self._left_out += 1
        else:
            self._taken += len(line)
            self._lines.append(line)
        self._write_soon(is_urgent=record.levelno >= logging.WARNING)

    def flush(self) -> None:
        """Wait until all lines are written; no longer than `WAIT_SECONDS`, and not again where that was in vain."""
        self._write_now()
        ends_at = time.monotonic() + WAIT_SECONDS
        while (self._written, self._told) != (self._taken, self._left_out):
            if self._written == self._gave_up_at:
                return
            if time.monotonic() > ends_at:
                self._gave_up_at = self._written
                return
            time.sleep(0.005)

    def _write_soon(self, *, is_urgent: bool) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or is_urgent:
            self._write_now()
        elif self._flushes_in is not loop:
            self._flushes_in = loop
            loop.call_later(FLUSH_SECONDS, self._end_moment)

    def _end_moment(self) -> None:
        self._flushes_in = None
        self._write_now()

    def _write_now(self) -> None:
        if self._work.empty():
            self._work.put(None)

    def _write_lines(self) -> None:
        while True:
            self._work.get()
            text = "".join([self._lines.popleft() for _ in range(len(self._lines))])
            self._write(text)
            self._written += len(text)
            left_out = self._left_out
            if left_out > self._told and self._written == self._taken:
                self._write(self._missing(left_out - self._told))
                self._told = left_out

    def _missing(self, count: int) -> str:
        fields = {"name": __name__, "levelno": logging.WARNING, "levelname": "WARNING", "lines": count}
        return self.format(logging.makeLogRecord(fields | {"msg": "lines are missing: no one read the log"})) + "\n"

    def _write(self, text: str) -> None:
        left = text.encode(errors="backslashreplace")
        while left:
            try:
                left = left[os.write(self._file_number, left) :]
            except OSError:  # such as a full disk, or a pipe that has lost its reader
                time.sleep(RETRY_SECONDS)


@lru_cache(maxsize=1)
def _second(timestamp: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(timestamp))


def set_up(level: str) -> None:
    """Write the log to standard error. Lines of libraries below WARNING are left out."""
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # see "Optimization" in its manual
    send_to(BufferedHandler(sys.stderr.fileno()), level)
    catch_uncaught()


def flush() -> None:
    """Wait until what was logged is written, or `WAIT_SECONDS` if no one reads it."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def catch_uncaught() -> None:
    """Log errors that nothing catches, rather than have Python print all that they say."""
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda failed: _log_uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)
    sys.unraisablehook = _log_ignored


def send_to(handler: logging.Handler, level: str) -> None:
    """Send each line of ours of this level or above to a handler, and the libraries' that warn."""
    handler.setFormatter(JSONFormatter())
    min_level = logging.getLevelNamesMapping()[level]
    # A library asks the root whether to log in detail: SQLAlchemy would log every row that it reads.
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, min_level))
    for name in OWN:
        logging.getLogger(name).setLevel(min_level)


def _log_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("bot").critical("ended by an error", exc_info=(kind, error, trace))


def _log_ignored(ignored: "sys.UnraisableHookArgs") -> None:
    """Log an error that Python can raise nowhere, such as one of an object that is thrown away."""
    if ignored.exc_value is not None:
        logging.getLogger("bot").error("ignored an error", exc_info=ignored.exc_value)
