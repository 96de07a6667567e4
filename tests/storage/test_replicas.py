"""Two replicas that write to the same channel at the same moment."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import Connection, Engine, text

from bot.domain.audit_log import AuditAction
from bot.services import channel_membership
from bot.storage import audit_log, channels, workspaces
from bot.storage.database import Database, engine
from tests.databases import Databases
from tests.storage.test_channels import ACME, FRIDAYS, MONDAY, change, friday, log_win


@pytest.fixture
def replicas(database_url: str) -> Iterator[tuple[Engine, Engine]]:
    """The writing facades of two bots on a database in which C1 is set up."""
    first, second = engine(database_url, writes=True), engine(database_url, writes=True)
    with first.begin() as connection:
        workspaces.save(connection, ACME)
        change(connection, FRIDAYS, MONDAY)
    yield first, second
    first.dispose()
    second.dispose()


def test_what_another_replica_changes_at_that_moment_goes_along_to_the_new_id(
    replicas: tuple[Engine, Engine],
) -> None:
    first, second = replicas

    def renumber() -> None:
        with second.begin() as connection:
            channel_membership.change_channel_id(connection, "T1", "C1", "C2", now=MONDAY)

    with ThreadPoolExecutor(1) as pool:
        with first.begin() as connection:
            channels.set_owner(connection, channels.lock(connection, "T1", "C1"), owner_id="UDMITRI")
            moved = pool.submit(renumber)
            wait([moved], timeout=0.3)
            assert not moved.done(), "it waits for what is not committed yet"
        moved.result()
    with first.begin() as connection:
        kept = channels.by_id(connection, "T1", "C2")
        assert kept is not None
        assert kept.owner_id == "UDMITRI"


def test_two_replicas_that_hear_of_a_new_id_at_the_same_moment_mind_each_other(
    replicas: tuple[Engine, Engine],
) -> None:
    first, second = replicas

    def renumber(by: Engine) -> None:
        with by.begin() as connection:
            channel_membership.change_channel_id(connection, "T1", "C1", "C2", now=MONDAY)

    with ThreadPoolExecutor(1) as pool:
        with first.begin() as connection:
            channel_membership.change_channel_id(connection, "T1", "C1", "C2", now=MONDAY)
            again = pool.submit(renumber, second)
            wait([again], timeout=0.3)
        again.result()
    with first.begin() as connection:
        assert channels.by_id(connection, "T1", "C1") is None
        assert [entry.action for entry in audit_log.latest(connection, "T1", channel_ids=["C2"], limit=9)] == [
            AuditAction.CHANNEL_ID_CHANGED
        ]


@pytest.mark.parametrize("holds", ["held", "claimed"])
def test_a_win_waits_for_nobody_who_holds_its_channel(all_databases: Databases, holds: str) -> None:
    url = all_databases.postgresql()  # SQLite has one writer at a time
    first, second = engine(url, writes=True), engine(url, writes=True)
    with first.begin() as connection:
        workspaces.save(connection, ACME)
        change(connection, FRIDAYS, MONDAY)
    with first.begin() as holding, second.begin() as connection:
        if holds == "held":
            channels.lock(holding, "T1", "C1")
        else:
            assert channels.claim_due(holding, "T1", "C1", friday(16)) is not None
        connection.execute(text("SET LOCAL lock_timeout = '500ms'"))
        log_win(connection, MONDAY)
        assert channels.claim_due(connection, "T1", "C1", friday(16)) is None, "one of them at a time"
    first.dispose()
    second.dispose()


async def test_writes_that_lock_the_same_rows_in_another_order_are_all_done(all_databases: Databases) -> None:
    """PostgreSQL ends one of the two transactions, whose writes are done again: alone, and with others."""
    url = all_databases.postgresql()
    replicas = [Database(url), Database(url)]
    orders = [("C1", "C2"), ("C2", "C1")]
    await replicas[0].write(lambda connection: workspaces.save(connection, ACME))
    await replicas[0].write(lambda connection: channels.ensure_exist(connection, {("T1", "C1"), ("T1", "C2")}))
    meeting = Barrier(2)

    def own(connection: Connection, first: str, second: str) -> str:
        channels.set_owner(connection, channels.lock(connection, "T1", first), owner_id="UANA")
        with suppress(BrokenBarrierError):  # who begins again is alone
            meeting.wait(timeout=1)
        channels.set_owner(connection, channels.lock(connection, "T1", second), owner_id="UBEN")
        return second

    works = [partial(own, first=first, second=second) for first, second in orders]
    owned = [replica.write(work) for replica, work in zip(replicas, works, strict=True)]
    assert await asyncio.gather(*owned) == [second for _, second in orders]
    for replica in replicas:
        await replica.close()
