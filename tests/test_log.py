"""The log: one JSON object on a line, and one win can be followed through it by the key of its announcement."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot import log

LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """What the bot logs meanwhile, as an operator's tools read it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.JSONFormatter())
    logger = logging.getLogger("bot")
    level, logger.level = logger.level, logging.INFO
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_a_line_has_its_own_fields_and_what_is_bound(log_lines: LogLines) -> None:
    logger = logging.getLogger("bot.tests")
    with log.bound(workspace="T1", request="1.2.3"):
        with log.bound(workspace="T1", delivery="abc"):
            logger.info('a "quoted"\nmessage', extra={"attempt": 2})
        logger.warning("outside")
    logger.info("bound to nothing")
    inner, outer, unbound = log_lines()
    assert inner.pop("time").endswith("Z")
    assert inner == {
        "level": "info",
        "logger": "bot.tests",
        "message": 'a "quoted"\nmessage',
        "workspace": "T1",
        "delivery": "abc",
        "attempt": 2,
    }
    assert (outer["request"], outer["level"]) == ("1.2.3", "warning")
    assert "delivery" not in outer
    assert "workspace" not in unbound


def test_an_exception_is_a_field_of_the_same_line(log_lines: LogLines) -> None:
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("bot.tests").exception("failed")
    (line,) = log_lines()
    assert line["message"] == "failed"
    assert line["traceback"].endswith("ValueError: no")
