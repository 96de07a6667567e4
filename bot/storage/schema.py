"""Migrates a database's schema with Alembic, and reads its revision."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from bot.storage import time_limits
from bot.storage.database import sqlite_path
from bot.storage.time_limits import Watchdog

MIGRATIONS_DIR = Path(__file__).resolve().parents[2] / "migrations"


class SchemaIsOld(Exception):
    """The database is not at the revision that this Winsome requires; None is an empty one."""

    def __init__(self, current_revision: str | None, required_revision: str) -> None:
        status = "has no Winsome tables yet" if current_revision is None else f"is at schema {current_revision}"
        super().__init__(
            f"The database {status}; this Winsome needs schema {required_revision}. "
            "Run `winsome migrate`, then start again."
        )


def current(url: str) -> str | None:
    """Return the revision of the database at `url`, or None if it has no tables."""
    watchdog = Watchdog(lambda: time_limits.OPERATION_SECONDS)
    try:
        with watchdog.operation(), _connection(url, time_limits.SESSION_LIMITS, watchdog) as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        watchdog.break_all()


def newest() -> str:
    """Return the revision that this Winsome needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "there is a first migration"
    return head


def check(url: str) -> None:
    """Raises SchemaIsOld when the database at `url` is not at the revision that this Winsome needs."""
    current_revision, required_revision = current(url), newest()
    if current_revision != required_revision:
        raise SchemaIsOld(current_revision, required_revision)


def migrate(url: str, *, revision: str = "head") -> None:
    """Migrate the database at `url` to `revision`. A migration that fails changes nothing.

    It may take long, but on PostgreSQL it fails if it has to wait for a lock: everyone else waits behind it.
    """
    with _connection(url, time_limits.MIGRATION_LIMITS) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    return config


@contextmanager
def _connection(url: str, limits: Mapping[str, str], watchdog: Watchdog | None = None) -> Iterator[Connection]:
    engine = create_engine(url)
    if sqlite_path(url) is None:
        time_limits.limit_sessions(engine, limits)
    if watchdog is not None:
        watchdog.watch(engine)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
