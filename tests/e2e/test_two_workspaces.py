"""One bot serves two workspaces, each with its own token, limits and addresses."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.slack.manifest import OPTIONAL_SCOPES
from slack_standin import Channel, Person
from tests.team import SETTLE_SECONDS, TIMING, Team, team

HOUR = 3600


@dataclass(frozen=True)
class Globex:
    """The other workspace: Gina, and her channel."""

    gina: Person
    launch: Channel


@pytest.fixture
async def acme(sqlite_url: str) -> AsyncIterator[Team]:
    async with team(sqlite_url, transport="in_process", starts=False) as made:
        yield made


@pytest.fixture
async def globex(acme: Team) -> Globex:
    workspace = acme.slack.add_workspace("Globex")
    gina = acme.slack.add_person("gina", workspace=workspace)
    launch = acme.slack.add_channel("launch", members=[gina], creator=gina)
    await acme.bot_starts(more_tokens=[workspace.bot_token])
    return Globex(gina, launch)


async def test_each_gets_its_own_messages_and_links(acme: Team, globex: Globex) -> None:
    await acme.says(acme.ana, "/win in Acme")
    await acme.says(globex.gina, "/win in Globex", globex.launch)
    await acme.sees("ana: in Acme")
    posted = await acme.sees("gina: in Globex", channel=globex.launch)
    assert len(acme.posts()) == len(acme.posts(globex.launch)) == 1
    address = f"https://globex.slack.com/archives/{globex.launch.id}/p{posted.ts.replace('.', '')}"
    await acme.eventually(lambda: acme.says(globex.gina, "/wins", globex.launch), address)
    assert "https://globex" not in await acme.says(acme.ana, "/wins")


async def test_a_429_of_one_holds_no_post_of_the_other(acme: Team, globex: Globex) -> None:
    acme.slack.fault("chat.postMessage", "rate_limited", times=1, retry_after=HOUR, channel=acme.general.id)
    await acme.says(acme.ana, "/win has to wait")
    await acme.slack.wait_for(lambda: len(acme.slack.ledger.calls("chat.postMessage")) == 1)
    await acme.says(acme.ben, "/win waits too")
    await acme.says(globex.gina, "/win need not", globex.launch)
    await acme.sees("gina: need not", channel=globex.launch)
    assert acme.posts() == []
    assert len(acme.slack.ledger.calls("chat.postMessage")) == 2


async def test_a_429_of_one_holds_no_question_of_the_other(acme: Team, globex: Globex) -> None:
    acme.slack.fault("users.info", "rate_limited", times=1, retry_after=HOUR)
    await acme.says(acme.ana, "/win of an unknown person")
    await acme.sees("of an unknown person")
    assert len(acme.slack.ledger.calls("users.info")) == 1
    await acme.says(acme.ben, "/win of another")
    await acme.sees("of another")
    assert len(acme.slack.ledger.calls("users.info")) == 1
    await acme.says(globex.gina, "/win of a known one", globex.launch)
    await acme.sees("of a known one", channel=globex.launch)
    assert acme.slack.ledger.calls("users.info")[-1].args["user"] == globex.gina.id


async def test_a_429_of_one_holds_no_search_of_the_other(acme: Team, globex: Globex) -> None:
    for workspace in acme.slack.world.workspaces.values():
        workspace.install(workspace.scopes | OPTIONAL_SCOPES.keys())
    acme.slack.fault("conversations.history", "rate_limited", times=None, retry_after=HOUR, channel=acme.general.id)
    acme.slack.fault("chat.postMessage", "http_500_before", times=2)
    await acme.says(acme.ana, "/win has to wait")
    await acme.slack.wait_for(lambda: bool(acme.slack.ledger.calls("conversations.history")))
    await asyncio.sleep(SETTLE_SECONDS + 5 * TIMING.tick)  # by then it waits to be searched for again
    await acme.says(globex.gina, "/win need not", globex.launch)
    await acme.sees("gina: need not", channel=globex.launch)
    assert acme.posts() == []
    assert len(acme.slack.ledger.calls("chat.postMessage")) == 3


async def test_what_is_due_in_a_workspace_without_a_token_waits_for_it(acme: Team, globex: Globex) -> None:
    acme.slack.fault("chat.postMessage", "rate_limited", times=1, retry_after=HOUR, channel=globex.launch.id)
    await acme.says(globex.gina, "/win in Globex", globex.launch)
    await acme.slack.wait_for(lambda: len(acme.slack.ledger.calls("chat.postMessage")) == 1)
    await acme.bot_stops()
    await acme.bot_starts()
    await acme.says(acme.ana, "/win in Acme")
    await acme.sees("ana: in Acme")
    assert acme.posts(globex.launch) == []
    await acme.bot_stops()
    token = acme.slack.world.workspaces[globex.gina.team_id].bot_token
    await acme.bot_starts(more_tokens=[token])
    await acme.sees("gina: in Globex", channel=globex.launch)
