"""Each message is posted once: through restarts, kills, refusals, and answers that never come."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import app
from bot.storage import deliveries
from bot.storage.database import AlreadyRunning, engine
from bot.storage.deliveries import Delivery
from playground import launcher
from tests.databases import Databases
from tests.team import FRIDAY_16_BERLIN, TIMING, Team, team


@pytest.mark.every_deployment
@pytest.mark.over_http
async def test_a_command_that_slack_sends_twice_is_one_win(the_team: Team) -> None:
    first = await the_team.slack.slash(the_team.ana, the_team.general, "/win only once")
    again = await the_team.slack.resend(first.request)
    assert again.payload == first.payload
    await the_team.sees("ana: only once")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)


def in_flight(made: Team) -> list[Delivery]:
    """The posts whose outcome isn't stored."""
    reading_engine = engine(made.database_url, writes=False)
    with reading_engine.connect() as connection:
        found = deliveries.in_flight(connection)
    reading_engine.dispose()
    return found


def environment_of(made: Team) -> dict[str, str]:
    """The settings of a bot of the team's that is a process of its own."""
    return {
        "SLACK_BOT_TOKEN": made.slack.bot_token,
        "SLACK_APP_TOKEN": made.slack.app_token,
        "SLACK_API_URL": made.slack.api_url,
        "DATABASE_URL": made.database_url,
        "HEALTH_PORT": "0",
        "LOG_LEVEL": "ERROR",
    }


@asynccontextmanager
async def bot_process(made: Team, folder: Path) -> AsyncIterator[int]:
    """The bot as a process of its own, that can be killed; yields its process id."""
    clock_file = folder / "clock"
    clock_file.write_text(f"{made.clock.offset.total_seconds()}")
    async with launcher.bot(environment_of(made), clock_file=clock_file, folder=folder) as process_id:
        await made.slack.wait_for(lambda: made.slack.socket.connections, timeout=60)  # Python has to start
        yield process_id


@pytest.mark.parametrize("database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.deep)], indirect=True)
async def test_the_bot_is_killed_between_ack_and_announcement(database_url: str, tmp_path: Path) -> None:
    async with team(database_url, starts=False) as made:
        made.slack.fault("chat.postMessage", "rate_limited", times=1, retry_after=60)  # announcements wait
        async with bot_process(made, tmp_path) as process_id:
            assert "Win saved" in await made.says(made.ana, "/win came before")
            await made.slack.wait_for(lambda: bool(made.slack.ledger.calls("chat.postMessage")))
            await made.until(lambda: not in_flight(made))  # Slack's refusal is stored
            assert "Win saved" in await made.says(made.ana, "/win survived a crash")
            os.kill(process_id, signal.SIGKILL)
            await made.slack.wait_for(lambda: not made.slack.socket.connections)
        assert made.posts() == []
        async with bot_process(made, tmp_path):
            await made.sees("ana: survived a crash")
            await made.says(made.ben, "/win went on")
            await made.sees("ben: went on")
        assert made.posts() == ["ana: came before", "ana: survived a crash", "ben: went on"]


@pytest.mark.parametrize("answer", ["http_500_after", "reset_after", "bad_json", "hang"])
async def test_a_post_of_unknown_outcome_rests_and_is_never_repeated(the_team: Team, answer: str) -> None:
    options = {"effect": "after"} if answer in ("bad_json", "hang") else {}
    the_team.slack.fault("chat.postMessage", answer, times=1, **options)  # type: ignore[arg-type]
    await the_team.says(the_team.ana, "/win may be there")
    await the_team.says(the_team.ben, "/win is there")
    await the_team.sees("ben: is there")
    await the_team.bot_stops()
    await the_team.bot_starts()
    await the_team.says(the_team.ben, "/win is there too")
    await the_team.sees("ben: is there too")
    assert the_team.posts() == ["ana: may be there", "ben: is there", "ben: is there too"]


@pytest.mark.parametrize("effect", ["internal_error", "fatal_error", "service_unavailable", "request_timeout"])
async def test_what_slack_is_not_sure_of_is_unknown(team_url: str, effect: str) -> None:
    async with team(team_url) as made:
        made.slack.fault("chat.postMessage", "error", times=1, name=effect)
        await made.says(made.ana, "/win may be there")
        await made.says(made.ben, "/win is there")
        await made.sees("ben: is there")
        assert made.posts() == ["ben: is there"]


async def test_a_post_that_slack_put_off_is_posted_when_it_said(the_team: Team) -> None:
    the_team.slack.fault("chat.postMessage", "rate_limited", times=1, retry_after=2)
    await the_team.says(the_team.ana, "/win patience")
    await the_team.sees("ana: patience")
    refused, taken = the_team.slack.ledger.calls("chat.postMessage")
    assert taken.monotonic - refused.monotonic >= 2.0
    assert len(the_team.posts()) == 1


async def test_a_button_that_is_pressed_proves_that_its_message_was_posted(the_team: Team) -> None:
    the_team.slack.fault("chat.postMessage", "http_500_after", times=1)
    await the_team.says(the_team.ana, "/win proved later")
    announced = await the_team.sees("ana: proved later")
    await asyncio.sleep(0.3)
    await the_team.slack.press(the_team.ben, announced, action_id="cheer")
    await the_team.sees("Cheered by ben")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(1)
    assert announced.ts.replace(".", "") in roundup.text


async def test_a_second_bot_on_the_same_file_is_refused(sqlite_url: str) -> None:
    async with team(sqlite_url) as made:
        with pytest.raises(AlreadyRunning, match="Another Winsome is running"):
            async with app.lifespan(made.settings()):
                pass
        assert "Win saved" in await made.says(made.ana, "/win still here")


async def test_of_two_replicas_one_posts_and_the_other_takes_over(all_databases: Databases) -> None:
    url = all_databases.postgresql()
    async with team(url) as made:
        async with app.lifespan(made.settings(), clock=made.clock.now, timing=TIMING):
            for number in range(6):
                await made.says(made.ana, f"/win number {number}")
            await made.slack.wait_for(lambda: len(made.posts()) == 6)
            await made.bot_stops()
            await made.says(made.ben, "/win after the change")
            await made.slack.wait_for(lambda: len(made.posts()) == 7)
        texts = made.posts()
        assert len(set(texts)) == 7
