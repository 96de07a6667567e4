"""What a bot has written down, read beside it."""

from typing import Any

from sqlalchemy import NullPool, create_engine, select

from bot.storage.tables import metadata


def dump(database_url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def column(database_url: str, table: str, name: str) -> list[Any]:
    """One column of one table."""
    index = list(metadata.tables[table].columns.keys()).index(name)
    return [row[index] for row in dump(database_url)[table]]


def dump_user_actions(database_url: str) -> dict[str, list[tuple[Any, ...]]]:
    """What people did, without what the bot looks up about them by itself and in its own time."""
    bot_tables = ("users", "channels", "deliveries", "workspaces")
    return {name: rows for name, rows in dump(database_url).items() if name not in bot_tables}
