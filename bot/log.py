"""Logs: one JSON object on a line for each event, with the workspace, request and delivery that it belongs to.

`logger.info("sent to Slack", extra={"method": method})` adds fields to one line, `bound(...)` to each line that the
current task logs. Fields hold ids, codes and counts: never what people wrote.
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from types import MappingProxyType
from typing import TextIO

FLUSH_SECONDS = 0.1
LIBRARIES = ("apscheduler", "alembic", "slack_sdk", "aiohttp")

_fields: ContextVar[Mapping[str, object]] = ContextVar("log_fields", default=MappingProxyType({}))
_encode = json.JSONEncoder(default=str).encode
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
        fields = {
            "time": f"{_second(int(record.created))}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields.get(),
            **{name: value for name, value in record.__dict__.items() if name not in _STANDARD},
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return _encode(fields)


class BufferedHandler(logging.StreamHandler[TextIO]):
    """Writes the lines of a tenth of a second together; a warning, or a line from outside the event loop, at once.

    A write lets other threads run, which costs a /win more than the line itself.
    """

    _flushes_in: asyncio.AbstractEventLoop | None = None
    _is_urgent = False

    def emit(self, record: logging.LogRecord) -> None:
        """Buffer one line, or write it with those before it."""
        self._is_urgent = record.levelno >= logging.WARNING
        super().emit(record)

    def flush(self) -> None:
        """Write what is buffered, now or in a moment."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or self._is_urgent:
            super().flush()
        elif self._flushes_in is not loop:
            self._flushes_in = loop
            loop.call_later(FLUSH_SECONDS, self._flush_now)

    def _flush_now(self) -> None:
        self._flushes_in = None
        super().flush()


@lru_cache(maxsize=1)
def _second(timestamp: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(timestamp))


def set_up(level: str) -> None:
    """Write the log to standard error. The libraries' lines below WARNING are left out."""
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # see "Optimization" in its manual
    handler = BufferedHandler(open(sys.stderr.fileno(), "w", encoding="utf-8", closefd=False))  # noqa: SIM115 - open until the end
    handler.setFormatter(JSONFormatter())
    logging.basicConfig(level=level, handlers=[handler])
    min_level = logging.getLevelNamesMapping()[level]
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(max(logging.WARNING, min_level))
