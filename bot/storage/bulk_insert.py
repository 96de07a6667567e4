"""INSERTs that SQLAlchemy does not offer for both databases at once: upserts, and fast ones of many rows.

`BulkInsert` and `run_by_driver` are for what every /win does: docs/decisions/0004 says how much time they save.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError


def upsert(dialect: Dialect, table: Table) -> Any:
    """Return an INSERT into `table` with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)


def _isoformat(value: date) -> str:
    return value.isoformat()


_encode = json.JSONEncoder(default=_isoformat, ensure_ascii=False).encode

SQLITE_PARAMETERS = 32_766
"""The most parameters of a statement, unless SQLite is built otherwise (sqlite.org/limits.html)."""


class BulkInsert:
    """Inserts any number of rows with one statement (or as few as SQLite allows), through the database's driver.

    PostgreSQL gets the rows as JSON, in a statement that is the same for any number of them.
    """

    def __init__(
        self, table: Table, *columns: str, ignore_conflicts: bool = False, returning: Sequence[str] = ()
    ) -> None:
        """With `ignore_conflicts`, a row that breaks a unique constraint is skipped instead of raising."""
        self._table = table
        self._columns = columns
        self._suffix = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
        self._has_returning = bool(returning)
        if returning:
            self._suffix += f" RETURNING {', '.join(returning)}"
        self._processors = cache(self._make_processors)
        names = ", ".join(columns)
        self._start = f"INSERT INTO {table.name} ({names})"
        self._sqlite = lru_cache(maxsize=128)(self._make_sqlite)
        rows = f"SELECT {names} FROM json_populate_recordset(NULL::{table.name}, %s)"  # noqa: S608 - our names
        self._postgresql = f"{self._start} {rows}{self._suffix}"

    def run(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Insert `rows` (values in the order of the columns), and return the `returning` columns of the inserted ones.

        Raises DBAPIError, as SQLAlchemy would.
        """
        if not rows:
            return []
        dialect = connection.dialect
        converted = [list(row) for row in rows]
        for column, process in self._processors(dialect):
            for row in converted:
                if row[column] is not None:
                    row[column] = process(row[column])
        if dialect.name != "sqlite":
            values = [encode_rows(self._columns, converted)]
            return run_by_driver(connection, self._postgresql, values, returns_rows=self._has_returning)
        returned: list[Any] = []
        at_once = SQLITE_PARAMETERS // len(self._columns)
        for some in (converted[first : first + at_once] for first in range(0, len(converted), at_once)):
            values = [value for row in some for value in row]
            returned += run_by_driver(connection, self._sqlite(len(some)), values, returns_rows=self._has_returning)
        return returned

    def _make_sqlite(self, row_count: int) -> str:
        row = f"({', '.join('?' * len(self._columns))})"
        return f"{self._start} VALUES {', '.join([row] * row_count)}{self._suffix}"

    def _make_processors(self, dialect: Dialect) -> list[tuple[int, Callable[[Any], Any]]]:
        """Return the columns (their positions) whose values are converted for the driver, each with its converter."""
        types = [self._table.c[name].type for name in self._columns]
        processors = [each.dialect_impl(dialect).bind_processor(dialect) for each in types]
        return [(column, process) for column, process in enumerate(processors) if process is not None]


def encode_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as PostgreSQL's json_to_recordset reads them: psycopg takes more time for arrays, or many values."""
    return _encode([dict(zip(columns, row, strict=True)) for row in rows])


def run_by_driver(
    connection: Connection, sql: str, values: Sequence[Any], *, returns_rows: bool = True
) -> list[Sequence[Any]]:
    """Run a statement with values as the driver takes them, and return its rows. Raises DBAPIError as SQLAlchemy would.

    SQLAlchemy's own way, `exec_driver_sql`, takes some 25 microseconds more.
    """
    cursor = connection.connection.cursor()
    try:
        with _raising_as_sqlalchemy(connection, sql):
            cursor.execute(sql, values)
            return list(cursor.fetchall()) if returns_rows else []
    finally:
        cursor.close()


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Send statements to PostgreSQL one after the other (in libpq's pipeline mode), which saves their round trips.

    Only a statement that returns rows is waited for, so the error of another one is raised later: by a statement that
    returns rows, or at the end. Inside, the number of rows that a statement has changed isn't known.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    driver_connection: Any = connection.connection.driver_connection
    with _raising_as_sqlalchemy(connection, "a pipeline"), driver_connection.pipeline():
        yield


@contextmanager
def _raising_as_sqlalchemy(connection: Connection, sql: str) -> Iterator[None]:
    """Raise the driver's errors as the DBAPIError that SQLAlchemy would raise."""
    dialect = connection.dialect
    try:
        yield
    except dialect.loaded_dbapi.Error as error:
        is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
        if is_lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=is_lost,
            dialect=dialect,
        ) from error
