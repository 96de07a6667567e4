"""The watchdog breaks what takes too long, whatever it has met before."""

import time

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bot.storage.database import engine
from bot.storage.time_limits import Watchdog

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000000) SELECT count(*) FROM n"
"""Counts for some seconds."""


@pytest.fixture
def watchdog() -> Watchdog:
    return Watchdog(lambda: 0.2)


def count_long(connection: Connection) -> None:
    connection.exec_driver_sql(LONG)


def test_it_outlives_a_connection_that_takes_long_to_be_made(sqlite_url: str, watchdog: Watchdog) -> None:
    with watchdog.operation():
        time.sleep(0.6)
    reading = engine(sqlite_url, writes=False)
    watchdog.watch(reading)
    with watchdog.operation(), reading.connect() as connection, pytest.raises(OperationalError, match="interrupted"):
        count_long(connection)
    reading.dispose()
    watchdog.break_all()


def test_it_ends_while_a_connection_is_being_made(watchdog: Watchdog) -> None:
    with watchdog.operation():
        watchdog.break_all()
