"""What an operator sees of a running bot: /livez, /readyz and /metrics, on the loopback address."""

import asyncio
import json
import socket
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot import app, health, readiness
from bot.domain.deliveries import DeliveryState
from bot.slack.slack_clock import SlackClock
from bot.storage import leader_election
from bot.storage.unavailable import DatabaseUnavailable
from tests.databases import Databases
from tests.db_dump import column
from tests.team import FRIDAY_16_BERLIN, TIMING, Team, team


async def fetched(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_running_bot_is_well_and_counts_what_it_does(sqlite_url: str, transport: str) -> None:
    async with team(sqlite_url, transport=transport, starts=False) as made:
        running = await made.bot_starts()
        assert running.health_url.startswith("http://127.0.0.1:")
        assert await fetched(f"{running.health_url}/readyz") == (200, '{"ok": true, "problems": []}')
        for name in ("livez", "healthz"):
            assert await fetched(f"{running.health_url}/{name}") == (200, '{"ok": true}')
        made.configure(made.general, made.ana)

        await made.says(made.ana, "/win counted")
        await made.sees("ana: counted")
        await _until(running, 'winsome_requests_total{method="chat.postMessage",outcome="done"} 1.0')
        await _until(running, 'winsome_deliveries{state="sending"} 0.0')
        _, metrics = await fetched(f"{running.health_url}/metrics")
        assert "winsome_ack_seconds_count 1.0" in metrics
        for state in ("pending", "unknown", "needs_review", "rejected"):
            assert f'winsome_deliveries{{state="{state}"}} 0.0' in metrics
        assert "winsome_oldest_overdue_seconds 0.0" in metrics
        assert "winsome_missed_roundups_total 0.0" in metrics
        assert "winsome_is_sender 1.0" in metrics
        assert 0 <= _value(metrics, "winsome_tick_age_seconds") < 10
        assert abs(_value(metrics, "winsome_clock_difference_seconds")) < 10
        assert _value(metrics, "process_resident_memory_bytes") > 10_000_000
        assert made.slack.bot_token not in metrics


async def test_a_bot_that_is_starting_is_live_and_says_that_it_is_not_ready(sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with team(sqlite_url, starts=False, changed_settings={"health_port": port}) as made:
        made.slack.fault("auth.test", "http_500_before", times=None)
        starting = asyncio.create_task(made.bot_starts())
        async with asyncio.timeout(30):
            while not made.slack.ledger.calls("auth.test"):  # noqa: ASYNC110 - Slack is asked
                await asyncio.sleep(0.05)
        assert await fetched(f"http://127.0.0.1:{port}/livez") == (200, '{"ok": true}')
        status, body = await fetched(f"http://127.0.0.1:{port}/readyz")
        assert (status, json.loads(body)["ok"]) == (503, False)
        assert json.loads(body)["problems"][0].startswith("Winsome is starting: it updates the database")
        made.slack.clear_faults()
        running = await starting
        assert running.health_url == f"http://127.0.0.1:{port}"
        assert await ready(running)


async def test_a_clock_that_is_off_is_worth_a_note_and_nothing_more(team_url: str) -> None:
    async with (
        team(team_url, starts=False) as made,
        app.lifespan(made.settings(), clock=app.utc_now, timing=TIMING) as running,
    ):
        assert await ready(running)
        status, body = await fetched(f"{running.health_url}/readyz")
        assert (status, json.loads(body)["ok"]) == (200, True)
        (note,) = json.loads(body)["notes"]
        assert note.startswith("this machine's clock is ")
        assert note.endswith("behind Slack's; Winsome goes by Slack's. Set it right (NTP).")
        _, metrics = await fetched(f"{running.health_url}/metrics")
        assert _value(metrics, "winsome_clock_difference_seconds") < -86400


async def test_that_slack_does_not_say_the_time_is_worth_a_note(team_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SlackClock, "record", lambda *_: None)  # a proxy takes the header Date away
    async with (
        team(team_url, starts=False) as made,
        app.lifespan(made.settings(), clock=app.utc_now, timing=TIMING) as running,
    ):
        assert await ready(running)
        _, body = await fetched(f"{running.health_url}/readyz")
        (note,) = json.loads(body)["notes"]
        assert note.startswith("this machine's clock can't be compared with Slack's")
        _, metrics = await fetched(f"{running.health_url}/metrics")
        assert "winsome_clock_difference_seconds NaN" in metrics


async def test_missed_roundups_are_a_counter_that_begins_at_zero(team_url: str) -> None:
    async with team(team_url) as made:
        await made.says(made.ana, "/win too late")
        await made.sees("ana: too late")
        made.configure(made.general, made.ana)
        await made.bot_stops()
        await made.it_is(FRIDAY_16_BERLIN + timedelta(hours=25))
        for expected in ("1.0", "0.0"):  # a roundup that was missed before the bot started isn't counted again
            running = await made.bot_starts()
            await made.until(lambda: _missed(made) == 1)
            _, metrics = await fetched(f"{running.health_url}/metrics")
            assert "winsome_missed_roundups_total 0.0" in metrics
            await asyncio.sleep(3 * TIMING.tick)
            _, metrics = await fetched(f"{running.health_url}/metrics")
            assert f"winsome_missed_roundups_total {expected}" in metrics
            await made.bot_stops()


def _missed(made: Team) -> int:
    return column(made.database_url, "deliveries", "state").count(DeliveryState.ABANDONED)


def _value(metrics: str, name: str) -> float:
    (line,) = [line for line in metrics.splitlines() if line.startswith(f"{name} ")]
    return float(line.removeprefix(name))


async def test_posts_that_do_not_get_through_are_counted(team_url: str) -> None:
    async with team(team_url, starts=False) as made:
        running = await made.bot_starts()
        made.slack.fault("chat.postMessage", "rate_limited", times=1, retry_after=1)
        await made.says(made.ana, "/win at last")
        await made.sees("ana: at last")
        await _until(running, 'winsome_requests_total{method="chat.postMessage",outcome="done"} 1.0')
        made.slack.fault("chat.postMessage", "http_500_before", times=1)
        await made.says(made.ana, "/win who knows")
        await _until(running, 'winsome_requests_total{method="chat.postMessage",outcome="unknown"} 1.0')
        await _until(running, 'winsome_requests_total{method="chat.postMessage",outcome="ratelimited"} 1.0')
        await _until(running, "winsome_retries_total 1.0")
        await _until(running, 'winsome_deliveries{state="needs_review"} 1.0')


async def test_a_lost_connection_to_slack_is_told(sqlite_url: str) -> None:
    async with team(sqlite_url, transport="socket", starts=False) as made:
        running = await made.bot_starts()
        await made.slack.stop()
        told = await not_ready(running, "Socket Mode")
        assert "no Socket Mode connection to Slack" in told


@pytest.mark.parametrize("code", ["token_revoked", "team_access_not_granted", "two_factor_setup_required"])
async def test_a_token_with_which_the_bot_can_do_nothing_is_told(
    sqlite_url: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "TOKEN_CHECK_EVERY", 0.1)
    async with team(sqlite_url, starts=False) as made:
        running = await made.bot_starts()
        assert await ready(running)
        made.slack.fault("auth.test", "error", times=None, name=code)
        told = await not_ready(running, "token")
        assert told == [f"Slack refuses the tokens of 1 workspace(s): {code}. The log says which"]
        made.slack.clear_faults()
        assert await ready(running)


async def test_a_ticker_that_stands_still_is_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with team(sqlite_url, starts=False) as made:
        running = await made.bot_starts()
        monkeypatch.setattr(readiness, "MAX_TICK_AGE", -1.0)
        assert (await not_ready(running, "tick"))[0].startswith("the last tick was ")
        assert (await fetched(f"{running.health_url}/livez"))[0] == 200


async def test_a_replica_that_can_not_be_elected_is_told(
    all_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leader_election, "POLL_SECONDS", 1.0)
    async with team(all_databases.postgresql(), starts=False) as made:
        running = await made.bot_starts()
        assert await ready(running)
        await _until(running, "winsome_is_sender 1.0")
        with monkeypatch.context() as lost:
            lost.setattr(leader_election, "HOLDS_LOCK", "SELECT num_nulls(%s::text, %s::text, %s::text) > 0")
            told = await not_ready(running, "elect")
            assert told == ["no session of PostgreSQL to elect the replica that posts"]
            await _until(running, "winsome_is_sender 0.0")
        assert await ready(running)
        await _until(running, "winsome_is_sender 1.0")


async def test_a_note_changes_nothing_else() -> None:
    async def backlog() -> health.Backlog:
        return health.Backlog({}, 0.0, 0)

    made = health.create_app(health.Metrics(), readiness=health.Readiness({}), backlog=backlog, note=lambda: "late")
    async with TestServer(made) as server:
        assert await fetched(str(server.make_url("/readyz"))) == (
            200,
            '{"ok": true, "problems": [], "notes": ["late"]}',
        )


async def test_without_the_database_a_scrape_shows_what_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "BACKLOG_SECONDS", 0.1)
    answers = iter(["known", "fails", "hangs", "known"])

    async def backlog() -> health.Backlog:
        answer = next(answers)
        if answer == "fails":
            raise DatabaseUnavailable("the database doesn't answer")
        if answer == "hangs":
            await asyncio.Event().wait()
        return health.Backlog({"pending": 2}, 7.0, 0)

    made = health.create_app(health.Metrics(), readiness=health.Readiness({}), backlog=backlog)
    async with TestServer(made) as server:
        for is_known in (True, False, False, True):
            status, metrics = await fetched(str(server.make_url("/metrics")))
            assert status == 200
            assert ('winsome_deliveries{state="pending"} 2.0' in metrics) is is_known
            assert ("winsome_oldest_overdue_seconds 7.0" in metrics) is is_known
            assert "winsome_retries_total 0.0" in metrics


async def test_a_check_that_hangs_or_fails_is_a_problem_and_the_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.1)
    asked: list[str] = []

    async def hangs() -> str | None:
        asked.append("hangs")
        await asyncio.Event().wait()
        return None

    async def fails() -> str | None:
        raise ValueError

    async def is_well() -> str | None:
        return None

    readiness = health.Readiness({"one": hangs, "another": fails, "the last": is_well})
    answers = await asyncio.gather(*(readiness.problems() for _ in range(20)))
    assert answers == [["one doesn't answer", "another can't be checked (ValueError)"]] * 20
    assert asked == ["hangs"], "however many ask"


async def test_the_status_tells_counts_and_due_times_only_if_it_is_asked_for(team_url: str) -> None:
    async with team(team_url, starts=False) as made:
        running = await made.bot_starts()
        made.configure(made.general, made.ana)
        await made.says(made.ana, "/win counted")
        await made.sees("ana: counted")
        assert (await fetched(f"{running.health_url}/status"))[0] == 404
        await made.bot_stops()

        async with app.lifespan(made.settings(), clock=made.clock.now, timing=TIMING, has_status=True) as running:
            await made.slack.wait_connected()
            status, body = await fetched(f"{running.health_url}/status")
        assert status == 200
        due = {"roundup": FRIDAY_16_BERLIN.isoformat(), "reminder": None, "edition": None}
        assert json.loads(body) == {
            "wins": 1,
            "deliveries": {"posted": 1},
            "unfinished": 0,
            "due": {made.slack.team_id: {made.general.id: due}},
            "others_due": [],
        }


async def _until(running: Any, line: str) -> None:
    async with asyncio.timeout(30):
        while line not in (await fetched(f"{running.health_url}/metrics"))[1]:  # noqa: ASYNC110 - a page is asked
            await asyncio.sleep(0.1)


async def ready(running: Any) -> bool:
    """Wait until the bot is ready."""
    async with asyncio.timeout(30):
        while (await fetched(f"{running.health_url}/readyz"))[0] != 200:  # noqa: ASYNC110 - a page is asked
            await asyncio.sleep(0.2)
    return True


async def not_ready(running: Any, about: str) -> list[str]:
    """Wait until the bot says that it isn't ready for a reason that is about something, and return its reasons."""
    async with asyncio.timeout(30):
        while True:
            status, body = await fetched(f"{running.health_url}/readyz")
            problems: list[str] = json.loads(body)["problems"]
            if status == 503 and any(about in problem for problem in problems):
                return problems
            await asyncio.sleep(0.2)
