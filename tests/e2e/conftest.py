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
    loggers = {name: logging.getLogger(name).level for name in ("", *log.OWN)}
    log.send_to(handler, "DEBUG")
    yield stream
    logging.getLogger().removeHandler(handler)
    for name, level in loggers.items():
        logging.getLogger(name).setLevel(level)
