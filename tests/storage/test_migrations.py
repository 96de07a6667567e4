"""Migrations and tables agree, on both databases; the file that a bot needs is brought up to date, and no other."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from bot import app
from bot.storage import migrations
from bot.storage.tables import metadata
from tests.databases import KINDS, Databases
from tests.team import team


@pytest.mark.parametrize("kind", KINDS)
def test_the_migrated_schema_is_the_one_in_tables(all_databases: Databases, kind: str) -> None:
    engine = create_engine(all_databases.make(kind))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_migrating_twice_is_migrating_once(all_databases: Databases, kind: str) -> None:
    url = all_databases.make(kind, migrated=False)
    assert migrations.current(url) is None
    migrations.migrate(url)
    migrations.migrate(url)
    assert migrations.current(url) == migrations.newest()
    migrations.check(url)


async def test_on_postgresql_an_old_schema_is_refused_in_words(all_databases: Databases) -> None:
    async with team(all_databases.postgresql(migrated=False), starts=False) as made:
        with pytest.raises(migrations.SchemaIsOld, match="Run `winsome migrate`, then start again"):
            async with app.running(made.settings()):
                pass


async def test_on_sqlite_an_empty_file_becomes_a_database_at_start(all_databases: Databases) -> None:
    async with team(all_databases.sqlite(migrated=False)) as made:
        assert "Saved" in await made.says(made.ana, "/win started from nothing")


def test_every_table_names_the_workspace_of_its_rows() -> None:
    assert all("team_id" in table.columns for table in metadata.tables.values())
