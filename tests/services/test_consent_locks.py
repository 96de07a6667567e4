"""Two replicas on one PostgreSQL that lock the same rows at once: neither ends the other's work with an error."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import sleep

import pytest
from sqlalchemy import Connection, select, text

from bot.domain.consent import Preference
from bot.domain.wins import parse_win
from bot.storage.tables import deliveries
from tests.databases import Databases, filling_engine
from tests.services.consent_scene import BEN, DMITRI, Scene
from tests.services.test_consent_races import replace_connection

BEFORE = [parse_win(f"{each} with <@UDMITRI>", [DMITRI]) for each in ("shipped the search", "shipped the door")]
WITH_BEN = [replace(draft, thanked=(BEN,)) for draft in BEFORE]


def until_they_wait(connection: Connection, count: int) -> None:
    """Wait until so many transactions wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(1000):
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))
        if connection.execute(text(waiting)).scalar_one() >= count:
            return
        sleep(0.01)
    raise AssertionError("they don't wait")


@pytest.mark.parametrize(
    ("before", "preference"), [(Preference.ASK, Preference.SHARE), (Preference.SHARE, Preference.NEVER)]
)
def test_a_choice_locks_its_wins_before_a_roundup_that_someone_else_leaves(
    all_databases: Databases, before: Preference, preference: Preference
) -> None:
    """The choice is about both wins of the roundup, and Dmitri takes his name out of the second."""
    opened = filling_engine(all_databases.postgresql())  # who waits may do so while a busy machine connects the next
    with opened.begin() as connection:
        scene = Scene(connection)
        scene.chooses("UBEN", before)
        win_ids = []
        for draft in BEFORE:
            win_ids.append(scene.save(draft))
            scene.answer("UDMITRI", is_yes=True)
        scene.settle()
        scene.roundup()
        scene.settle()
        for scene.win_id, draft in zip(win_ids, WITH_BEN, strict=True):
            scene.edit(draft)
        scene.settle()

    def act(what: Callable[[Scene], object]) -> None:
        with opened.begin() as connection:
            what(replace_connection(scene, connection))

    with ThreadPoolExecutor(2) as others:
        with opened.begin() as connection:
            is_part = deliveries.c.roundup_id.is_not(None)
            connection.execute(select(deliveries.c.id).where(is_part).with_for_update())
            running = [others.submit(act, lambda scene: scene.chooses("UBEN", preference))]
            until_they_wait(connection, 1)
            running.append(others.submit(act, lambda scene: scene.leave("UDMITRI")))
            until_they_wait(connection, 2)
        for each in running:
            each.result(timeout=20)
    opened.dispose()
