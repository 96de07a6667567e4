"""What several tests of storage work with."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from bot.storage import workspaces
from bot.storage.database import engine
from tests.storage.test_channels import ACME


@pytest.fixture
def bots(database_url: str) -> Iterator[tuple[Engine, Engine]]:
    """The writing engines of two bots of one workspace."""
    first, second = engine(database_url, writes=True), engine(database_url, writes=True)
    with first.begin() as connection:
        workspaces.save(connection, ACME)
    yield first, second
    first.dispose()
    second.dispose()
