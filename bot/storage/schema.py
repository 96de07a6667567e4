"""Migrates a database's schema with Alembic, and reads its revision."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.exc import DBAPIError

from bot.storage import time_limits
from bot.storage.database import sqlite_path
from bot.storage.time_limits import Watchdog

MIGRATIONS_DIR = Path(__file__).resolve().parents[2] / "migrations"
MIGRATION_LOCK_ID = 0x57494E4D  # "WINM"


class CannotUseSchema(Exception):
    """The database can't be used as it is, or not now; `args` say why, and what to do."""


class DatabaseUnreachable(CannotUseSchema):
    """There is no connection to the database; `reason` is what the driver says, without the password."""

    def __init__(self, error: Exception) -> None:
        self.reason = reason(error)
        super().__init__(
            f"The database can't be reached ({self.reason}). Check DATABASE_URL, and that the database is running."
        )


class DatabaseUnusable(CannotUseSchema):
    """The database can't be read or written; `reason` is what it says."""

    def __init__(self, error: DBAPIError | sqlite3.Error) -> None:
        self.reason = reason(error)
        super().__init__(
            f"The database can't be used ({self.reason}). Check that DATABASE_URL names the right one, and that "
            "Winsome may read and write there."
        )


class SchemaIsOld(CannotUseSchema):
    """The database is not at the revision that this Winsome requires; None is an empty one. SQLite's has a path."""

    def __init__(self, current_revision: str | None, required_revision: str, *, path: Path | None) -> None:
        database = "The database" if path is None else f"The database {path}"
        status = "has no Winsome tables yet" if current_revision is None else f"is at schema {current_revision}"
        hint = "" if path is None else " If that isn't the right file, check DATABASE_URL and the folder you're in."
        super().__init__(
            f"{database} {status}; this Winsome needs schema {required_revision}. "
            f"Run `winsome migrate`, then start again.{hint}"
        )


class SchemaIsNewer(CannotUseSchema):
    """The database is at a revision that this Winsome doesn't know."""

    def __init__(self, current_revision: str, required_revision: str) -> None:
        super().__init__(
            f"The database is at schema {current_revision}, and this Winsome knows none after {required_revision}: a "
            "newer version has used it. Install that version again, or restore a backup from before the upgrade."
        )


class MigrationRunning(CannotUseSchema):
    """Another migration of this database is under way."""

    def __init__(self) -> None:
        super().__init__(
            "Another migration of this database is running. Wait until it has finished, then run `winsome migrate` "
            "again. It does nothing if there is nothing left to do."
        )


class MigrationFailed(CannotUseSchema):
    """A migration failed, and changed nothing."""

    def __init__(self, error: DBAPIError) -> None:
        super().__init__(
            f"The migration failed, and nothing was changed ({type(error.orig).__name__}). Stop all bots and commands "
            "that use this database, check that it has room, and run it again."
        )


def current(url: str) -> str | None:
    """Return the revision of the database at `url`, or None if it has no tables.

    Raises DatabaseUnreachable or DatabaseUnusable.
    """
    path = sqlite_path(url)
    if path is not None and not path.exists():  # which a connection would create
        return None
    watchdog = Watchdog(lambda: time_limits.OPERATION_SECONDS)
    try:
        with watchdog.operation(), _connection(url, time_limits.SESSION_LIMITS, watchdog) as connection:
            return _revision(connection)
    finally:
        watchdog.break_all()


def _revision(connection: Connection) -> str | None:
    try:
        return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise DatabaseUnusable(error) from error


def reason(error: Exception) -> str:
    """Return the first line of what the database or its driver says."""
    said = error.orig if isinstance(error, DBAPIError) else error
    unsaid = "it doesn't answer" if isinstance(said, TimeoutError) else type(said).__name__
    return (str(said).strip() or unsaid).splitlines()[0]


def newest() -> str:
    """Return the revision that this Winsome needs."""
    head = _migrations().get_current_head()
    assert head is not None, "there is a first migration"
    return head


def check(url: str) -> None:
    """Raises SchemaIsOld or SchemaIsNewer when the database at `url` is not at the revision that this Winsome needs.

    Raises DatabaseUnreachable when there is no connection to it, and DatabaseUnusable when it can't be read.
    """
    current_revision, required_revision = current(url), newest()
    if current_revision != required_revision:
        _refuse_newer(current_revision)
        raise SchemaIsOld(current_revision, required_revision, path=sqlite_path(url))


def _refuse_newer(current_revision: str | None) -> None:
    known = {script.revision for script in _migrations().walk_revisions()}
    if current_revision is not None and current_revision not in known:
        raise SchemaIsNewer(current_revision, newest())


def migrate(url: str, *, revision: str = "head") -> None:
    """Migrate the database at `url` to `revision`. A migration that fails changes nothing.

    It may take long, but on PostgreSQL it fails if it has to wait for a lock: everyone else waits behind it. Raises
    SchemaIsNewer, MigrationRunning, MigrationFailed, DatabaseUnreachable or DatabaseUnusable. On SQLite the caller
    holds the lock of the file.
    """
    try:
        with _connection(url, time_limits.MIGRATION_LIMITS) as connection:
            if sqlite_path(url) is None:
                lock = connection.execute(select(func.pg_try_advisory_lock(MIGRATION_LOCK_ID)))  # until it disconnects
                if not lock.scalar_one():
                    raise MigrationRunning
                connection.commit()
            current_revision = _revision(connection)
            connection.rollback()
            if current_revision == newest():  # Alembic takes a tenth of a second to find that out
                return
            _refuse_newer(current_revision)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except DBAPIError as error:
        raise MigrationFailed(error) from error


@cache
def _migrations() -> ScriptDirectory:
    """The files of the migrations, which take Alembic some time to read."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    return config


@contextmanager
def _connection(url: str, limits: Mapping[str, str], watchdog: Watchdog | None = None) -> Iterator[Connection]:
    engine = create_engine(url, hide_parameters=True)
    if sqlite_path(url) is None:
        time_limits.limit_sessions(engine, limits)
    if watchdog is not None:
        watchdog.watch(engine)
    try:
        try:
            connection = engine.connect()
        except DBAPIError as error:
            raise DatabaseUnreachable(error) from error
        with connection:
            yield connection
    finally:
        engine.dispose()
