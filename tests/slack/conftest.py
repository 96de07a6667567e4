"""What the conversations at the doors may ask for."""

from collections.abc import AsyncIterator

import pytest

from bot.slack import rate_limits
from tests.slack.signed_client import SignedClient, open_signed_client
from tests.team import Team, team


@pytest.fixture
def quick_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's pace of one post a second is not what is tried here."""
    for method in rate_limits.WORKSPACE_SPACING:
        monkeypatch.setitem(rate_limits.WORKSPACE_SPACING, method, 0.0)


@pytest.fixture
async def http_team(sqlite_url: str) -> AsyncIterator[Team]:
    """The team over HTTP."""
    async with team(sqlite_url, transport="http") as made:
        yield made


@pytest.fixture
async def signed_client(http_team: Team) -> AsyncIterator[SignedClient]:
    """The door of the team's bot."""
    assert http_team.slack.request_url is not None
    async with open_signed_client(http_team.slack.request_url, http_team.slack.signing_secret) as client:
        yield client
