"""INSERTs that SQLAlchemy does not offer for both databases at once: upserts, and fast ones of many rows.

`BulkInsert` and `run_by_driver` are for what every /win does: see docs/decisions/0004 for what they save.
"""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError


def upsert(dialect: Dialect, table: Table) -> Any:
    """Return an INSERT into `table` with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)


class BulkInsert:
    """Inserts any number of rows with one statement, through the database's driver."""

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
        self._sql = lru_cache(maxsize=128)(self._make_sql)

    def run(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Insert `rows` (values in the order of the columns), and return the `returning` columns of the inserted ones.

        Raises DBAPIError, as SQLAlchemy would.
        """
        if not rows:
            return []
        dialect = connection.dialect
        processors = self._processors(dialect)
        values = [
            value if process is None else process(value)
            for row in rows
            for process, value in zip(processors, row, strict=True)
        ]
        sql = self._sql("?" if dialect.name == "sqlite" else "%s", len(rows))
        return run_by_driver(connection, sql, values, returns_rows=self._has_returning)

    def _make_sql(self, placeholder: str, row_count: int) -> str:
        row = f"({', '.join([placeholder] * len(self._columns))})"
        target = f"{self._table.name} ({', '.join(self._columns)})"
        return f"INSERT INTO {target} VALUES {', '.join([row] * row_count)}{self._suffix}"  # noqa: S608 - our names

    def _make_processors(self, dialect: Dialect) -> list[Callable[[Any], Any] | None]:
        """Return for each column the function that converts its values for the driver, if any."""
        return [self._table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in self._columns]


def run_by_driver(
    connection: Connection, sql: str, values: Sequence[Any], *, returns_rows: bool = True
) -> list[Sequence[Any]]:
    """Run a statement with values as the driver takes them, and return its rows. Raises DBAPIError as SQLAlchemy would.

    SQLAlchemy's own way, `exec_driver_sql`, takes some 25 microseconds more.
    """
    dialect = connection.dialect
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if returns_rows else []
    except dialect.loaded_dbapi.Error as error:
        is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
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
    finally:
        cursor.close()
