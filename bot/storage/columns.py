"""Types and parts of the tables' columns, keys and indexes."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    FromClause,
    Integer,
    Select,
    String,
    Text,
    TypeDecorator,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, stored and returned in UTC. Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(  # noqa: D102 - SQLAlchemy's
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(  # noqa: D102 - SQLAlchemy's
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Values(TypeDecorator[Sequence[Any]]):
    """Many values of one type in one parameter: an array, or on SQLite a JSON array."""

    impl = String
    cache_ok = True

    def __init__(self, item_type: TypeEngine[Any]) -> None:
        super().__init__()
        self.item_type = item_type

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else ARRAY(self.item_type))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return json.dumps(values) if dialect.name == "sqlite" else values


class any_of(FunctionElement[bool]):  # noqa: N801 - used like a function
    """Whether a column has one of `values`, or of those of the parameter with this name; there can be any number.

    IN binds a parameter for each value. PostgreSQL takes at most 65,535 of them, and SQLite 32,766.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], values: str | Iterable[Any]) -> None:
        of_column = _Values(column.type)
        if isinstance(values, str):
            super().__init__(column, bindparam(values, type_=of_column))
        else:
            super().__init__(column, bindparam(None, sorted(values), type_=of_column))

    def self_group(self, against: OperatorType | None = None) -> "any_of":  # noqa: ARG002, D102 - SQLAlchemy's
        return self  # not `... = 1`, as for other conditions on SQLite: no index would be used


@compiles(any_of, "sqlite")
def _in_json(element: any_of, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({values})))"  # noqa: S608 - both are compiled


@compiles(any_of, "postgresql")
def _in_array(element: any_of, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} = ANY({values}))"


class any_found_by(FunctionElement[bool]):  # noqa: N801 - used like a function
    """Whether a column has one of the values that a query, which depends on no other table, finds first."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], query: Select[Any]) -> None:
        super().__init__(column, query.scalar_subquery())

    def self_group(self, against: OperatorType | None = None) -> "any_found_by":  # noqa: ARG002, D102 - SQLAlchemy's
        return self  # as for any_of


@compiles(any_found_by, "sqlite")
def _in_query(element: any_found_by, compiler: SQLCompiler, **options: Any) -> str:
    column, query = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} IN {query})"


@compiles(any_found_by, "postgresql")
def _in_array_of_query(element: any_found_by, compiler: SQLCompiler, **options: Any) -> str:
    """Use an index also without statistics: of IN, PostgreSQL would make a join for which it reads the whole table."""
    column, query = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} = ANY(ARRAY{query}))"


class _Pairs(TypeDecorator[Sequence[tuple[Any, Any]]]):
    """Many pairs of values in one parameter: a JSON array of arrays."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: Iterable[tuple[Any, Any]] | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> str:
        return json.dumps(sorted(value or ()))


class any_pair_of(FunctionElement[bool]):  # noqa: N801 - used like a function
    """Whether two columns have one of the pairs of values of the parameter with this name; there can be any number.

    No first value may have a space in it: PostgreSQL compares the two as one text.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, first: ColumnElement[Any], second: ColumnElement[Any], pairs: str) -> None:
        super().__init__(first, second, bindparam(pairs, type_=_Pairs))

    def self_group(self, against: OperatorType | None = None) -> "any_pair_of":  # noqa: ARG002, D102 - SQLAlchemy's
        return self  # as for any_of


@compiles(any_pair_of, "sqlite")
def _in_json_pairs(element: any_pair_of, compiler: SQLCompiler, **options: Any) -> str:
    first, second, pairs = (compiler.process(each, **options) for each in element.clauses)
    values = "json_extract(value, '$[0]'), json_extract(value, '$[1]')"
    return f"(({first}, {second}) IN (SELECT {values} FROM json_each({pairs})))"  # noqa: S608 - all are compiled


@compiles(any_pair_of, "postgresql")
def _in_jsonb_pairs(element: any_pair_of, compiler: SQLCompiler, **options: Any) -> str:
    """Look each column up in an array, for which an index is used, and then both together.

    Without statistics, as in a new database, PostgreSQL would read the whole table rather than join it with the pairs.
    """
    first, second, pairs = (compiler.process(each, **options) for each in element.clauses)
    columns = list(element.clauses)[:2]
    values = [f"(value ->> {at})" + "::bigint" * isinstance(each.type, Integer) for at, each in enumerate(columns)]

    def one_of(value: str) -> str:
        return f"= ANY(ARRAY(SELECT {value} FROM jsonb_array_elements(CAST({pairs} AS jsonb))))"  # noqa: S608 - as above

    both = one_of("(value ->> 0) || ' ' || (value ->> 1)")
    return f"({first} {one_of(values[0])} AND {second} {one_of(values[1])} AND {first} || ' ' || {second} {both})"


class _elements(FunctionElement[str]):  # noqa: N801 - used like a function
    """The elements of a JSON array, as a table with the column `value`."""

    inherit_cache = True


@compiles(_elements, "sqlite")
def _elements_in_sqlite(element: _elements, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_elements, "postgresql")
def _elements_in_postgresql(element: _elements, compiler: SQLCompiler, **options: Any) -> str:
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **options)} AS jsonb))"


class _element(FunctionElement[str]):  # noqa: N801 - used like a function
    """The text at a position of a JSON array."""

    type = String()
    inherit_cache = True

    def __init__(self, array: ColumnElement[Any], position: int) -> None:
        super().__init__(array, literal_column(str(position)))


@compiles(_element, "sqlite")
def _element_in_sqlite(element: _element, compiler: SQLCompiler, **options: Any) -> str:
    array, position = (compiler.process(each, **options) for each in element.clauses)
    return f"json_extract({array}, '$[{position}]')"


@compiles(_element, "postgresql")
def _element_in_postgresql(element: _element, compiler: SQLCompiler, **options: Any) -> str:
    array, position = (compiler.process(each, **options) for each in element.clauses)
    return f"({array} ->> {position})"


class Pairs(NamedTuple):
    """Pairs of texts as a table, and its two columns."""

    table: FromClause
    first: ColumnElement[str]
    second: ColumnElement[str]


def pairs_in(parameter: str) -> Pairs:
    """Return the pairs of texts of the parameter with this name."""
    table = _elements(bindparam(parameter, type_=_Pairs)).table_valued("value")
    return Pairs(table, _element(table.c.value, 0), _element(table.c.value, 1))


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """Return a column for which no index is used, beside ids: SQLite would read all rows with the column's value."""
    return column + ""


class before(FunctionElement[str]):  # noqa: N801 - used like a function
    """What stands in a text before the first `separator`; all of it without one."""

    type = String()
    inherit_cache = True

    def __init__(self, column: ColumnElement[str], separator: str) -> None:
        super().__init__(column, literal(separator))


@compiles(before, "sqlite")
def _before_in_sqlite(element: before, compiler: SQLCompiler, **options: Any) -> str:
    column, separator = element.clauses
    position = func.instr(column, separator)
    return compiler.process(case((position > 0, func.substr(column, 1, position - 1)), else_=column), **options)


@compiles(before, "postgresql")
def _before_in_postgresql(element: before, compiler: SQLCompiler, **options: Any) -> str:
    column, separator = element.clauses
    return compiler.process(func.split_part(column, separator, 1), **options)


BigId = BigInteger().with_variant(Integer, "sqlite")
SlackId = String(32)


def enum_column(values: type[StrEnum], *, length: int = 32) -> Enum:
    """A column of text that is read as members of an enum."""
    return Enum(values, native_enum=False, create_constraint=False, length=length, values_callable=list)


def listed(values: Iterable[StrEnum]) -> str:
    """Return values as they stand in a condition with IN."""
    return ", ".join(f"'{value}'" for value in values)


def id_column() -> Column[int]:
    """Return a primary key that the database counts up."""
    return Column("id", BigId, primary_key=True)


def team_id_column() -> Column[str]:
    """Return the column that says which workspace a row belongs to."""
    return Column("team_id", SlackId, ForeignKey("workspaces.team_id"), nullable=False)


def channel_foreign_key() -> ForeignKeyConstraint:
    """Return the constraint that a row's channel has a row."""
    return ForeignKeyConstraint(["team_id", "channel_id"], ["channels.team_id", "channels.channel_id"])


def partial(condition: str, *, sqlite: str | None = None) -> dict[str, Any]:
    """Make an index partial on both databases. SQLite uses it for queries that contain its condition word for word."""
    return {"sqlite_where": text(sqlite or condition), "postgresql_where": text(condition)}
