"""What the conversations share."""

import io
import logging
from collections.abc import Iterator

import pytest

from bot import log


@pytest.fixture
def debug_log() -> Iterator[io.StringIO]:
    """What the bot logs at LOG_LEVEL=DEBUG."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.JSONFormatter())
    loggers = {name: logging.getLogger(name).level for name in ("", "bot", *log.LIBRARIES)}
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING if name in log.LIBRARIES else logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)
    for name, level in loggers.items():
        logging.getLogger(name).setLevel(level)
