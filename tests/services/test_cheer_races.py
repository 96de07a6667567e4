"""Two replicas at once: a win is cheered in its announcement and in the roundup, and both messages show it.

The first has done its work and not committed yet when the second begins.
"""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from threading import Barrier
from time import sleep

import pytest
from sqlalchemy import Connection, Engine

from bot.domain.deliveries import PendingOp
from bot.storage.database import engine
from tests.services.test_cheers import Channel, Event

SECONDS_AHEAD = 0.05
"""How long the second is given to come as far as it can before the first commits."""
ROUNDS = 40
TOLD, ANNOUNCED = "part 0, win 0", "win 0"
PRESSES = {
    "Ben in the roundup": Event(TOLD, "ben", None, is_active=True, second=0),
    "Ben in the announcement": Event(ANNOUNCED, "ben", None, is_active=True, second=0),
    "Ben takes it back in the roundup": Event(TOLD, "ben", None, is_active=False, second=0),
    "Chloe in the roundup": Event(TOLD, "chloe", None, is_active=True, second=0),
    "Chloe in the announcement": Event(ANNOUNCED, "chloe", None, is_active=True, second=0),
    "Chloe reacts": Event(ANNOUNCED, "chloe", "tada", is_active=True, second=0),
    "Chloe cheers them all": Event("part 0", "chloe", None, is_active=True, second=0),
}


@pytest.fixture
def writing_engine(database_url: str) -> Iterator[Engine]:
    opened = engine(database_url, writes=True, pool_size=2)  # one for each replica
    yield opened
    opened.dispose()


def test_two_presses_at_once_both_count_and_both_messages_are_updated(writing_engine: Engine) -> None:
    with writing_engine.begin() as connection:
        channel = Channel(connection)
        channel.send()
    seconds = itertools.count(1)

    def press(connection: Connection, name: str) -> None:
        on_connection(channel, connection).hear(replace(PRESSES[name], second=next(seconds)))

    def press_in_another_replica(name: str) -> None:
        with writing_engine.begin() as connection:
            press(connection, name)

    for first, second in itertools.permutations(PRESSES, 2):
        with ThreadPoolExecutor(1) as other:
            with writing_engine.begin() as connection:
                press(connection, first)
                running = other.submit(press_in_another_replica, second)
                sleep(SECONDS_AHEAD)
            running.result(timeout=30)
        with writing_engine.begin() as connection:
            seen = on_connection(channel, connection)
            assert seen.delivery("part 0").pending_op == PendingOp.UPDATE, (first, second)
            for name in (first, second):
                if PRESSES[name].emoji is None and PRESSES[name].on != "part 0":
                    assert seen.delivery("win 0").pending_op == PendingOp.UPDATE, (first, second)
            seen.check()
            seen.send()


def test_people_who_press_in_both_messages_for_long_never_wait_for_each_other(writing_engine: Engine) -> None:
    with writing_engine.begin() as connection:
        channel = Channel(connection)
        channel.send()
    meet = Barrier(2, timeout=30)

    def press(name: str) -> None:
        for second in range(1, 1 + ROUNDS):
            meet.wait()
            with writing_engine.begin() as connection:
                on_connection(channel, connection).hear(replace(PRESSES[name], second=second))

    with ThreadPoolExecutor(2) as replicas:
        both = [replicas.submit(press, name) for name in ("Ben in the roundup", "Chloe in the announcement")]
        for running in both:
            running.result(timeout=90)
    with writing_engine.begin() as connection:
        on_connection(channel, connection).check()


def on_connection(channel: Channel, connection: Connection) -> Channel:
    """The same channel, as one of two replicas sees it."""
    seen = copy(channel)
    seen.connection = connection
    return seen
