"""Two replicas that write to the same channel at the same moment."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import asynccontextmanager
from functools import partial

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url

from bot.domain.audit_log import AuditAction
from bot.services import channel_membership
from bot.storage import audit_log, channels, due_channels, workspaces
from bot.storage.database import Database, engine
from bot.storage.unavailable import DatabaseUnavailable
from tests.databases import Databases
from tests.services.test_consent_locks import until_they_wait
from tests.storage.test_channels import ACME, FRIDAYS, MONDAY, change, friday, save_win


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
            assert due_channels.claim_roundups(holding, [("T1", "C1")], friday(16))
        connection.execute(text("SET LOCAL lock_timeout = '500ms'"))
        save_win(connection, MONDAY)
        assert not due_channels.claim_roundups(connection, [("T1", "C1")], friday(16)), "one of them at a time"
    first.dispose()
    second.dispose()


@asynccontextmanager
async def turn_of(database: Database) -> AsyncIterator[None]:
    """Let a database change rows, and so have the turn, for as long as the block takes."""
    began, may_end = threading.Event(), threading.Event()

    def change_for_long(_: Connection) -> None:
        began.set()
        assert may_end.wait(20)

    changing = asyncio.create_task(database.write(change_for_long))
    await asyncio.to_thread(began.wait, 20)
    try:
        yield
    finally:
        may_end.set()
        await changing


async def test_transactions_that_change_rows_take_turns_and_new_wins_do_not_wait(all_databases: Databases) -> None:
    url = all_databases.postgresql()
    first, second, third = Database(url), Database(url), Database(url)
    async with turn_of(first):
        alone = asyncio.create_task(second.write(lambda _: None))
        in_bulk = asyncio.create_task(third.write_each(lambda _, items: items, "a post"))
        await asyncio.wait([alone, in_bulk], timeout=0.3)
        assert not alone.done(), "it waits for its turn"
        assert not in_bulk.done(), "so does this"
        assert await second.write_each(lambda _, items: items, "a win", only_adds=True) == "a win"
        assert not alone.done(), "it waits on"
    await alone
    assert await in_bulk == "a post"
    for database in (first, second, third):
        await database.close()


async def test_a_bot_that_stops_gives_up_what_waits_for_its_turn(
    all_databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    url = all_databases.postgresql()
    first, second = Database(url), Database(url)
    async with turn_of(first):
        other = asyncio.create_task(second.write(lambda _: None))
        await asyncio.wait([other], timeout=0.3)
        await second.close()
        with pytest.raises(DatabaseUnavailable):
            await other
    assert not caplog.records, "its thread has ended"
    await first.close()


async def test_a_win_does_not_wait_for_the_turn_of_what_is_written_with_it(all_databases: Databases) -> None:
    url = all_databases.postgresql()
    first, second = Database(url), Database(url)
    async with turn_of(first):
        other = asyncio.create_task(second.write(lambda _: None))
        assert await second.write_each(lambda _, items: items, "a win", only_adds=True) == "a win"
        assert not other.done(), "it waits for its turn"
    await other
    for database in (first, second):
        await database.close()


async def test_after_a_deadlock_each_write_is_done_in_a_transaction_of_its_own(all_databases: Databases) -> None:
    """Someone who takes no turn, such as the command line, locks the same rows the other way round.

    PostgreSQL looks for a deadlock once, after three seconds: the bot would wait for a lock no longer than four.
    """
    url = all_databases.postgresql()
    made = engine(url, writes=True)
    with made.begin() as connection:
        connection.execute(text(f'ALTER DATABASE "{make_url(url).database}" SET deadlock_timeout = 3000'))
        workspaces.save(connection, ACME)
        channels.ensure_exist(connection, {("T1", "C1"), ("T1", "C2")})
    database = Database(url)
    ran_in: dict[str, list[int]] = {"C1": [], "C2": []}

    def own(connection: Connection, channel_id: str) -> None:
        ran_in[channel_id].append(connection.execute(text("SELECT txid_current()")).scalar_one())
        channels.set_owner(connection, channels.lock(connection, "T1", channel_id), owner_id="UANA")

    with made.begin() as connection:
        connection.execute(text("SET LOCAL deadlock_timeout = 60000"))  # PostgreSQL ends the other one
        channels.lock(connection, "T1", "C2")
        both = asyncio.gather(*(database.write(partial(own, channel_id=each)) for each in ran_in))
        await asyncio.to_thread(until_they_wait, connection, 1)
        await asyncio.to_thread(channels.lock, connection, "T1", "C1")
    await both
    assert ran_in["C1"][0] == ran_in["C2"][0], "together at first"
    assert ran_in["C1"][-1] != ran_in["C2"][-1]
    await database.close()
    with made.begin() as connection:
        connection.execute(text(f'ALTER DATABASE "{make_url(url).database}" RESET deadlock_timeout'))
    made.dispose()
