"""What SQLAlchemy leaves to us: an INSERT that meets a row already there, and inserting fast.

`insert` is the one thing that it spells differently for our two databases. `FrequentInsert` is for the three rows that
every /win writes: see docs/decisions/0004 for what it saves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError


def insert(dialect: Dialect, table: Table) -> Any:
    """Make an INSERT into `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)


@dataclass(frozen=True)
class _Compiled:
    sql: str
    order: list[str] | None
    """The columns as the driver wants them, or None where it takes them by name."""
    processors: Mapping[str, Callable[[Any], Any]]


class FrequentInsert:
    """An INSERT that is compiled once for each kind of database, and run by its driver itself."""

    def __init__(
        self, table: Table, columns: Sequence[str], *, unless_there: bool = False, returning: str | None = None
    ) -> None:
        """With `unless_there`, a row that breaks a unique constraint is left out instead of raising IntegrityError."""
        self._table = table
        self._columns = columns
        self._unless_there = unless_there
        self._returning = returning
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: dict[str, Any]) -> Any:
        """Insert a row and return its `returning` column; None where nothing is to be returned, or was inserted.

        Raises DBAPIError, as SQLAlchemy would.
        """
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        for name, process in compiled.processors.items():
            values[name] = process(values[name])
        parameters = values if compiled.order is None else [values[name] for name in compiled.order]
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, parameters)
            row = cursor.fetchone() if self._returning else None
        except dialect.loaded_dbapi.Error as error:
            is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
            if is_lost:
                connection.invalidate(error)
            raise DBAPIError.instance(
                compiled.sql,
                None,
                error,
                dialect.loaded_dbapi.Error,
                hide_parameters=True,
                connection_invalidated=is_lost,
                dialect=dialect,
            ) from error
        finally:
            cursor.close()
        return row[0] if row else None

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = insert(dialect, self._table)
        if self._unless_there:
            statement = statement.on_conflict_do_nothing()
        if self._returning:
            statement = statement.returning(self._table.c[self._returning])
        compiled = statement.compile(dialect=dialect, column_keys=list(self._columns))
        processors = {
            name: process
            for name in self._columns
            if (process := self._table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        made = _Compiled(compiled.string, compiled.positiontup, processors)
        self._compiled[dialect.name] = made
        return made
