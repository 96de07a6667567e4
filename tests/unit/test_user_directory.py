"""People who are only shown are looked up beside everything else, and only so many of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.domain.permissions import SlackUnavailable
from bot.services import user_directory
from bot.services.user_directory import UserDirectory
from bot.slack.rate_limits import RateLimiter
from bot.storage.database import Database

NOON = datetime(2030, 3, 8, 12, 0, tzinfo=UTC)


class Slack:
    """Says of no one who they are."""

    def __init__(self) -> None:
        self.limiter = RateLimiter(0.0)
        self.asked: list[str] = []

    def of(self, _team_id: str) -> "Slack":
        return self

    def rate_limiter(self, _method: str) -> RateLimiter:
        return self.limiter

    async def look_up(self, _method: str, _read: object, *, share: str, user: str) -> None:
        assert share
        self.asked.append(user)
        raise SlackUnavailable("timeout")


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
async def directory(sqlite_url: str, slack: Slack) -> AsyncIterator[UserDirectory]:
    database = Database(sqlite_url)
    made = UserDirectory(slack, database, lambda: NOON)  # type: ignore[arg-type]
    yield made
    await made.close()
    slack.limiter.close()
    await database.close()


async def test_so_many_people_are_looked_up_for_a_message_and_so_many_at_all(
    slack: Slack, directory: UserDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = user_directory.MAX_SHOWN
    monkeypatch.setattr(user_directory, "MAX_LOOKUPS", most + 10)
    slack.limiter.pause(3600)
    for message, looked_up in (("UA", most), ("UB", 10), ("UC", 0)):
        waited = await directory.wait_for("T1", [f"{message}{number}" for number in range(2 * most)], seconds=0.0)
        assert len(waited.lookups) == looked_up


async def test_who_was_looked_up_in_vain_is_not_asked_about_for_a_while(
    slack: Slack, directory: UserDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await directory.wait_for("T1", ["UANA"], seconds=30.0)
    assert slack.asked == ["UANA"] * user_directory.TRIES
    monkeypatch.setattr(user_directory, "REST_SECONDS", 0.0)
    await directory.wait_for("T1", ["UANA"], seconds=30.0)
    assert slack.asked == ["UANA"] * 2 * user_directory.TRIES
