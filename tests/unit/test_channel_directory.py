"""What Slack is asked about channels: in time, fairly, and no more than it likes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.offers import Offer
from bot.domain.workspaces import Workspace
from bot.outbox.kinds import KINDS
from bot.services import channel_directory
from bot.services.channel_directory import ChannelDirectory
from bot.slack.clients import SlackClients
from bot.storage import channels, deliveries, workspaces
from bot.storage.database import Database
from bot.storage.enqueue import NewDelivery, enqueue
from tests.team import MONDAY

ACME = Workspace("T1", None, "Acme", "https://acme.test/", "UBOT")


class Slack:
    """Answers about public channels that the bot is in none of; `hangs` and `limited` say what goes wrong."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.pages: list[int] = []
        self.hangs = False
        self.limited = False

    async def api_call(self, method: str, *, http_verb: str, params: dict[str, Any]) -> Any:
        assert http_verb == "GET"
        answer: Any = {"conversations.info": self._info, "users.conversations": self._of_user}[method]
        return await answer(**params)

    async def _info(self, *, channel: str) -> Any:
        self.asked.append(channel)
        if self.hangs:
            await asyncio.Event().wait()
        if self.limited:
            limited = _response({"error": "ratelimited"}, 429, {"Retry-After": "3600"})
            raise SlackApiError("", limited)  # type: ignore[no-untyped-call]
        return _response(
            {"ok": True, "channel": {"id": channel, "is_private": False, "is_member": True, "creator": "UANA"}}
        )

    async def _of_user(self, *, limit: int, **_: Any) -> Any:
        self.pages.append(limit)
        return _response({"ok": True, "channels": []})


def _response(data: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> AsyncSlackResponse:
    return AsyncSlackResponse(
        client=None, http_verb="GET", api_url="", req_args={}, data=data, headers=headers or {}, status_code=status
    )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    await made.write(lambda connection: workspaces.save(connection, ACME))
    yield made
    await made.close()


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def asks(slack: Slack, database: Database) -> ChannelDirectory:
    clients = SlackClients(lambda _: slack, {})  # type: ignore[arg-type,return-value]
    clients.add(ACME, slack)  # type: ignore[arg-type]
    return ChannelDirectory(clients, database, lambda: MONDAY + timedelta(seconds=len(slack.asked)))


async def test_an_answer_that_never_comes_takes_nobody_elses_turn(
    slack: Slack, asks: ChannelDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_directory, "TIMEOUT", 0.5)
    slack.hangs = True
    assert not await asks.refresh("T1", "C1")
    slack.hangs = False
    monkeypatch.setattr(channel_directory, "TIMEOUT", 30.0)  # it is about the turn, however slow the machine is
    assert await asks.refresh("T1", "C1")


async def test_everybody_gets_their_turn_where_there_are_more_than_slack_is_asked_about(
    slack: Slack, asks: ChannelDirectory, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TIMEOUT", "ALL_TIMEOUT"):  # it is about turns, however slow the machine is
        monkeypatch.setattr(channel_directory, name, 30.0)
    names = [f"C{number:03}" for number in range(2 * channel_directory.MAX_LOOKUPS)]
    await database.write(lambda connection: channels.ensure_exist(connection, [("T1", name) for name in names]))
    for _ in range(2):
        assert not await asks.refresh_all("T1", names, {})
    assert sorted(slack.asked) == names


async def test_a_method_that_slack_wants_to_rest_silences_no_other(slack: Slack, asks: ChannelDirectory) -> None:
    slack.limited = True
    for _ in range(2):
        assert not await asks.refresh("T1", "C1")
    assert slack.asked == ["C1"]
    assert await asks.channels_of("T1", "UANA") == set()


async def test_slack_is_asked_for_as_many_channels_a_page_as_it_gives(slack: Slack, asks: ChannelDirectory) -> None:
    await asks.channels_of("T1", "UANA")
    assert slack.pages == [999]


async def test_a_database_that_fails_leaves_the_survey_incomplete(
    asks: ChannelDirectory, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_work: object) -> None:
        raise OperationalError("", {}, Exception("a deadlock"))

    monkeypatch.setattr(database, "write", fails)
    assert not await asks.refresh_all("T1", ["C1"], {})


async def test_an_offer_in_a_channel_that_is_not_known_any_more_is_over(database: Database) -> None:
    def told(connection: Connection) -> tuple[object, object]:
        channels.ensure_exist(connection, [("T1", "C1")])
        offers = [NewDelivery("T1", channel_id, MONDAY, recipient_id="UANA") for channel_id in ("C1", "C2")]
        enqueue(connection, DeliveryKind.OFFER, offers)
        return tuple(  # type: ignore[return-value]
            KINDS[delivery.kind].load(connection, delivery, now=MONDAY)
            for delivery in deliveries.in_states(connection, [DeliveryState.PENDING])
        )

    known, unknown = await database.write(told)
    assert isinstance(known, Offer)
    assert unknown is None
