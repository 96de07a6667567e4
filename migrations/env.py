"""How Alembic runs a migration of Winsome: on the connection that it is handed, in one transaction.

On SQLite foreign keys are off meanwhile, set before BEGIN (recreating a table in a batch with them on erases its
children), and checked before the commit.
"""

from alembic import context
from sqlalchemy import Connection

from bot.storage.tables import metadata


def run(connection: Connection) -> None:
    """Run the migrations that Alembic chose."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.isolation_level = None
        driver.execute("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=is_sqlite, transaction_per_migration=False
    )
    with context.begin_transaction():
        context.run_migrations()
        if is_sqlite:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration left rows that point nowhere: {broken[:5]}")
    connection.commit()
    if is_sqlite:
        driver.execute("PRAGMA foreign_keys = ON")  # type: ignore[union-attr]


run(context.config.attributes["connection"])
