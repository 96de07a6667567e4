"""What SQLAlchemy leaves to us: an INSERT that meets a row already there, and inserting many rows at once, fast.

`insert` is the one thing that it spells differently for our two databases. `FrequentInsert` is for the rows that every
/win writes: see docs/decisions/0004 for what it saves.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError


def insert(dialect: Dialect, table: Table) -> Any:
    """Make an INSERT into `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)


class FrequentInsert:
    """Inserts rows with one statement however many they are, which the database's driver runs itself."""

    def __init__(self, table: Table, *columns: str, unless_there: bool = False, returning: Sequence[str] = ()) -> None:
        """With `unless_there`, a row that breaks a unique constraint is left out instead of raising."""
        self._table = table
        self._columns = columns
        self._rest = " ON CONFLICT DO NOTHING" if unless_there else ""
        self._is_read = bool(returning)
        if returning:
            self._rest += f" RETURNING {', '.join(returning)}"
        self._processors = cache(self._make_processors)

    def run(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Insert `rows` (values in the order of the columns), and return the `returning` columns of those inserted.

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
        mark = "?" if dialect.name == "sqlite" else "%s"
        row_of_marks = f"({', '.join([mark] * len(self._columns))})"
        into = f"{self._table.name} ({', '.join(self._columns)})"
        sql = f"INSERT INTO {into} VALUES {', '.join([row_of_marks] * len(rows))}{self._rest}"  # noqa: S608 - our names
        cursor = connection.connection.cursor()
        try:
            cursor.execute(sql, values)
            return list(cursor.fetchall()) if self._is_read else []
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

    def _make_processors(self, dialect: Dialect) -> list[Callable[[Any], Any] | None]:
        """For each column, what makes of its value what the driver takes."""
        return [self._table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in self._columns]
