"""Types and parts of the tables' columns, keys and indexes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    TypeDecorator,
    text,
)


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
