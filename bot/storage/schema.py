"""Bringing a database's schema up to date with Alembic, and telling how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


class SchemaIsOld(Exception):
    """The database is at revision `at` (None: empty), this Winsome needs `wanted`."""

    def __init__(self, at: str | None, wanted: str) -> None:
        where = "has no Winsome tables yet" if at is None else f"is at schema {at}"
        super().__init__(
            f"The database {where}; this Winsome needs schema {wanted}. Run `winsome migrate`, then start again."
        )


def current(url: str) -> str | None:
    """Return the revision that the database at `url` is at, or None for one without tables."""
    with _connection(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the revision that this Winsome needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "there is always a first migration"
    return head


def check(url: str) -> None:
    """Raises SchemaIsOld when the database at `url` is not at the revision that this Winsome needs."""
    at, wanted = current(url), newest()
    if at != wanted:
        raise SchemaIsOld(at, wanted)


def migrate(url: str, *, to: str = "head") -> None:
    """Bring the database at `url` to the newest revision, or up `to` another. Nothing is kept of one that fails."""
    with _connection(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
