"""What every test may ask for: databases, and teams with the real bot in a stand-in Slack."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bot.slack import rate_limits
from tests.databases import KINDS, Databases, databases
from tests.signed_client import SignedClient, open_signed_client
from tests.team import Team, team


@pytest.fixture(scope="session")
def all_databases() -> Iterator[Databases]:
    with databases() as made:
        yield made


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, all_databases: Databases) -> str:
    """A fresh, migrated database: the test runs on each kind."""
    return all_databases.make(request.param)


@pytest.fixture
def sqlite_url(all_databases: Databases) -> str:
    """A fresh, migrated SQLite file, where the database makes no difference."""
    return all_databases.sqlite()


@pytest.fixture
def quick_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Post without Slack's limit of one message a second."""
    for method in rate_limits.WORKSPACE_SPACING:
        monkeypatch.setitem(rate_limits.WORKSPACE_SPACING, method, 0.0)


@pytest.fixture
async def the_team(database_url: str) -> AsyncIterator[Team]:
    """The team over Socket Mode, on each kind of database."""
    async with team(database_url) as made:
        yield made


@pytest.fixture(params=["socket", "http"])
async def the_team_both_ways(request: Any, sqlite_url: str) -> AsyncIterator[Team]:
    """The team over Socket Mode and over HTTP, where the transport may make a difference."""
    async with team(sqlite_url, transport=request.param) as made:
        yield made


@pytest.fixture
async def http_team(sqlite_url: str) -> AsyncIterator[Team]:
    """The team over HTTP."""
    async with team(sqlite_url, transport="http") as made:
        yield made


@pytest.fixture
async def signed_client(http_team: Team) -> AsyncIterator[SignedClient]:
    """A client that signs requests to the team's bot as Slack does."""
    assert http_team.slack.request_url is not None
    async with open_signed_client(http_team.slack.request_url, http_team.slack.signing_secret) as client:
        yield client
