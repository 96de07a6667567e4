"""The database facade: writes are committed together, fail alone, and are answered after the commit."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import psycopg
import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from bot.domain.workspaces import Workspace
from bot.storage import idempotency, workspaces
from bot.storage.database import AlreadyRunning, Database, sqlite_path
from bot.storage.tables import idempotency_keys
from bot.storage.tables import workspaces as table
from tests.databases import Databases

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)


def acme(number: int = 1) -> Workspace:
    return Workspace(f"T{number}", None, f"Acme {number}", "https://acme.slack.com/", "UBOT")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    yield made
    await made.close()


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


async def test_what_was_answered_is_committed(database: Database, database_url: str) -> None:
    await database.write(lambda connection: workspaces.save(connection, acme()))
    if path := sqlite_path(database_url):
        with sqlite3.connect(path) as other:
            assert other.execute("SELECT count(*) FROM workspaces").fetchone() == (1,)
    assert await database.read(count) == 1


async def test_one_that_fails_is_rolled_back_alone(database: Database) -> None:
    def fail(connection: Connection) -> None:
        workspaces.save(connection, acme(99))
        connection.execute(insert(table), {"team_id": None})

    asked = [database.write(partial(workspaces.save, workspace=acme(number))) for number in range(20)]
    asked[10:10] = [database.write(fail)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [IntegrityError]
    assert await database.read(count) == 20


async def test_an_error_of_the_work_itself_comes_back_as_it_is(database: Database) -> None:
    def fail(connection: Connection) -> None:
        workspaces.save(connection, acme())
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await database.write(fail)
    assert await database.read(count) == 0


async def test_a_reader_can_not_write_for_good(database: Database) -> None:
    with suppress(OperationalError):  # SQLite refuses; PostgreSQL rolls back
        await database.read(lambda connection: workspaces.save(connection, acme()))
    assert await database.read(count) == 0


async def test_whoever_stopped_waiting_disturbs_nobody(database: Database) -> None:
    waiting = asyncio.create_task(database.write(lambda connection: workspaces.save(connection, acme(1))))
    await asyncio.sleep(0)
    waiting.cancel()
    await database.write(lambda connection: workspaces.save(connection, acme(2)))
    assert await database.read(count) == 2


def names(connection: Connection, team_ids: Sequence[str]) -> list[str | None]:
    """The workspaces' names, in one query; `asked` notes how many were asked for together."""
    asked.append(len(team_ids))
    if "T0" in team_ids:
        raise KeyError("T0")
    found = dict(connection.execute(select(table.c.team_id, table.c.name)).all())
    return [found.get(team_id) for team_id in team_ids]


asked: list[int] = []


@pytest.fixture
async def three_names(database: Database) -> Database:
    asked.clear()
    for number in (1, 2, 3):
        await database.write(partial(workspaces.save, workspace=acme(number)))
    return database


async def test_reads_that_wait_for_another_share_a_query(three_names: Database) -> None:
    first = asyncio.create_task(three_names.read_each(names, "T1"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [three_names.read_each(names, f"T{number}") for number in (1, 2, 3, 4) * 10]
    assert await asyncio.gather(first, *others) == ["Acme 1", *["Acme 1", "Acme 2", "Acme 3", None] * 10]
    assert asked == [1, 32, 8]


async def test_a_read_that_fails_fails_alone(three_names: Database) -> None:
    answers = await asyncio.gather(
        *(three_names.read_each(names, f"T{number}") for number in (1, 0, 2)), return_exceptions=True
    )
    assert answers[::2] == ["Acme 1", "Acme 2"]
    assert isinstance(answers[1], KeyError)
    assert await three_names.read_each(names, "T3") == "Acme 3"


async def test_who_stopped_waiting_for_a_read_disturbs_nobody(three_names: Database) -> None:
    first, second = (asyncio.create_task(three_names.read_each(names, team_id)) for team_id in ("T1", "T2"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "Acme 2"


async def test_reads_go_on_after_what_waited_was_cancelled(three_names: Database) -> None:
    for turns in range(4):
        before = asyncio.all_tasks()
        waiting = asyncio.create_task(three_names.read_each(names, "T1"))
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in asyncio.all_tasks() - before:
            task.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(5):
            assert await three_names.read_each(names, "T2") == "Acme 2"


async def test_what_waits_for_a_read_ends_with_the_database(database_url: str) -> None:
    database = Database(database_url)
    waiting = [asyncio.create_task(database.read_each(names, "T1")) for _ in range(50)]
    await asyncio.sleep(0)
    await database.close()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(answer is None or isinstance(answer, asyncio.CancelledError) for answer in answers)


async def test_a_postgresql_that_restarts_costs_at_most_the_request_that_was_under_way(
    all_databases: Databases,
) -> None:
    url = all_databases.postgresql()
    database = Database(url)
    await database.write(lambda connection: workspaces.save(connection, acme(1)))
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as other:
        others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        other.execute(f"SELECT pg_terminate_backend(pid) {others}")
    await database.write(lambda connection: workspaces.save(connection, acme(2)))
    assert await database.read(count) == 2
    await database.close()


async def test_a_full_disk_is_no_false_answer_and_nothing_half_done(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await database.write(lambda connection: workspaces.save(connection, acme()))
    pages = await database.write(lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    await database.write(
        lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}").scalar_one()
    )

    def keep(number: int) -> asyncio.Future[object]:
        def work(connection: Connection) -> dict[str, str]:
            return idempotency.run_once(connection, "T1", f"key {number}", now=NOW, work=lambda _: {"said": "x" * 500})

        return asyncio.ensure_future(database.write(work))

    answers = await asyncio.gather(*(keep(number) for number in range(200)), return_exceptions=True)
    kept = [answer for answer in answers if isinstance(answer, dict)]
    assert any(isinstance(answer, DBAPIError) for answer in answers)
    rows = await database.read(lambda connection: connection.execute(select(idempotency_keys.c.response)).all())
    assert len(rows) == len(kept)
    assert all(row.response for row in rows)

    await database.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 100000").scalar_one())
    assert await keep(1000) == {"said": "x" * 500}
    await database.close()


async def test_a_second_owner_of_a_file_is_refused_by_whatever_name(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    path = sqlite_path(sqlite_url)
    assert path is not None
    other_name = path.with_name("another-name.db")
    other_name.symlink_to(path)
    with pytest.raises(AlreadyRunning, match="Stop that one first"):
        Database(f"sqlite:///{other_name}")
    await database.close()
    again = Database(sqlite_url)
    await again.close()


async def test_a_naive_moment_is_refused_and_any_zone_comes_back_as_utc(database: Database) -> None:
    await database.write(lambda connection: workspaces.save(connection, acme()))

    def keep(connection: Connection, moment: datetime) -> datetime:
        connection.execute(insert(idempotency_keys), {"team_id": "T1", "key": str(moment), "seen_at": moment})
        query = select(idempotency_keys.c.seen_at).where(idempotency_keys.c.key == str(moment))
        found: datetime = connection.execute(query).scalar_one()
        return found

    with pytest.raises(StatementError, match="needs a time zone"):
        await database.write(lambda connection: keep(connection, datetime(2030, 3, 4, 9, 0)))  # noqa: DTZ001
    somewhere = NOW.astimezone(timezone(timedelta(hours=13)))
    found = await database.write(lambda connection: keep(connection, somewhere))
    assert (found, found.tzinfo) == (NOW, UTC)


async def test_a_request_is_done_once_and_forgotten_after_a_while(database: Database) -> None:
    await database.write(lambda connection: workspaces.save(connection, acme()))
    done = []

    def work(_: Connection) -> dict[str, int]:
        done.append(1)
        return {"said": len(done)}

    def ask(connection: Connection) -> dict[str, int]:
        return idempotency.run_once(connection, "T1", "key", now=NOW, work=work)

    assert [await database.write(ask) for _ in range(3)] == [{"said": 1}] * 3
    await database.write(lambda connection: idempotency.purge_before(connection, NOW))
    assert await database.write(ask) == {"said": 1}
    await database.write(lambda connection: idempotency.purge_before(connection, NOW + timedelta(seconds=1)))
    assert await database.write(ask) == {"said": 2}
