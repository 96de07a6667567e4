"""What a bot has written down, read beside it."""

from typing import Any

from sqlalchemy import NullPool, create_engine, select

from bot.storage.tables import metadata


def written(database_url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def column(database_url: str, table: str, name: str) -> list[Any]:
    """One column of one table."""
    place = list(metadata.tables[table].columns.keys()).index(name)
    return [row[place] for row in written(database_url)[table]]
