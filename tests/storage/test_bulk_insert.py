"""Inserts of many rows: every value comes back as it was, and errors are SQLAlchemy's, waited for or not."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from bot.storage import workspaces
from bot.storage.bulk_insert import SQLITE_PARAMETERS, BulkInsert, pipelined
from bot.storage.database import Database
from bot.storage.tables import unsaved_wins
from tests.storage.test_channels import ACME

NOW = datetime(2030, 3, 4, 9, 0, 0, 123456, tzinfo=UTC)
TEXTS = (
    "it's",
    'a "quote"',
    "a \\ and a \\u0041",
    "{1,2}",
    "%s ? :x",
    "two\nlines\tand a tab",
    "Zoë 🎉 \u2028",
    "",
    "null",
)

insert_ids = BulkInsert(unsaved_wins, "id", "team_id", "user_id", "channel_id", "content", "saved_at")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    await made.write(lambda connection: workspaces.save(connection, ACME))
    yield made
    await made.close()


def row(number: int, content: str = "", saved_at: datetime = NOW) -> tuple[object, ...]:
    return (number, ACME.team_id, "U0ANA", None, content, saved_at)


def ids(connection: Connection) -> list[int]:
    return list(connection.scalars(select(unsaved_wins.c.id).order_by(unsaved_wins.c.id)))


def test_every_value_comes_back_as_it_was(bots: tuple[Engine, Engine]) -> None:
    in_kathmandu = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    with bots[0].begin() as connection:
        insert_ids.run(connection, [row(number, text, in_kathmandu) for number, text in enumerate(TEXTS, 1)])
    with bots[1].connect() as connection:
        stored = connection.execute(select(unsaved_wins).order_by(unsaved_wins.c.id)).all()
    assert [each.content for each in stored] == list(TEXTS)
    assert {(each.saved_at, each.channel_id) for each in stored} == {(NOW, None)}


def test_rows_get_their_ids_in_their_order(bots: tuple[Engine, Engine]) -> None:
    insert = BulkInsert(
        unsaved_wins, "team_id", "user_id", "content", "saved_at", ignore_conflicts=True, returning=("id", "content")
    )
    contents = [str(number) for number in range(100)]
    with bots[0].begin() as connection:
        found = insert.run(connection, [(ACME.team_id, "U0ANA", content, NOW) for content in contents])
    assert [content for _, content in sorted(found)] == contents


def test_there_can_be_more_rows_than_a_statement_takes(bots: tuple[Engine, Engine]) -> None:
    count = SQLITE_PARAMETERS // 6 + 2
    with bots[0].begin() as connection:
        driver_connection = connection.connection.driver_connection
        if isinstance(driver_connection, sqlite3.Connection):
            driver_connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, SQLITE_PARAMETERS)
        insert_ids.run(connection, [row(number) for number in range(count)])
        assert ids(connection) == list(range(count))


async def test_a_row_that_breaks_a_rule_fails_alone_though_no_one_waits_for_it(database: Database) -> None:
    def store(connection: Connection, numbers: Sequence[int]) -> list[None]:
        with pipelined(connection):
            for number in numbers:
                insert_ids.run(connection, [row(number)])
                insert_ids.run(connection, [row(1000 + number)])
        return [None] * len(numbers)

    answers = await asyncio.gather(
        *(database.write_each(store, number) for number in (1, 2, 2, 3)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [type(None), type(None), IntegrityError, type(None)]
    assert await database.read(ids) == [1, 2, 3, 1001, 1002, 1003]


async def test_a_connection_that_breaks_among_them_costs_nothing(database_url: str, database: Database) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has no connection that can break")
    runs: list[int] = []

    def store(connection: Connection) -> None:
        runs.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        with pipelined(connection):
            insert_ids.run(connection, [row(1)])
            if len(runs) == 1:
                with psycopg.connect(database_url.replace("+psycopg", "")) as other:
                    other.execute("SELECT pg_terminate_backend(%s, 5000)", (runs[0],))
            insert_ids.run(connection, [row(2)])

    await database.write(store)
    assert len(set(runs)) == 2
    assert await database.read(ids) == [1, 2]
