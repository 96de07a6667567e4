"""Slack answers what it never would: what it has is found, what can't be known is asked, and the next message comes."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.outbox import reconciler, render, sender
from bot.outbox.render import LoadedMessage
from bot.slack import answers, errors, outcomes, rate_limits
from bot.storage.deliveries import Delivery
from tests import odd_answers
from tests.db_dump import column
from tests.team import FRIDAY_16_BERLIN, TIMING, Team, is_roundup, team

ASKED_BESIDE = ("users.info", "conversations.info", "users.conversations", "chat.update")
EVERYWHERE = (
    "body: a list",
    "body: deep",
    "ok: yes",
    "error: NUL",
    "error: 100 KB",
    "a bomb",
    f"Retry-After {odd_answers.YEARS}",
)
"""Of each kind one; tests/unit/test_odd_answers.py has them all."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bot try again at once."""
    monkeypatch.setattr(rate_limits, "MAX_BACKOFF", 0.05)
    monkeypatch.setattr(errors, "MIN_RETRY_AFTER", 0.01)
    monkeypatch.setattr(errors, "MAX_RETRY_AFTER", 0.1)
    monkeypatch.setattr(outcomes, "DEFAULT_RETRY_AFTER", 0.1)


def odd(method: str, name: str) -> dict[str, Any]:
    return dict(odd_answers.of(method, "http://127.0.0.1:9/"))[name]


async def test_a_win_whose_ts_is_odd_is_found_and_can_be_cheered(the_team: Team) -> None:
    the_team.lets_the_bot_read()
    for name in ("NUL", "300 characters", "missing"):
        the_team.slack.fault("chat.postMessage", "odd_answer", **odd("chat.postMessage", f"ts: {name}"))
        await the_team.says(the_team.ana, f"/win the one with {name}")
        announced = await the_team.sees(f"the one with {name}")
        await the_team.records(announced)
        await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "tada")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(3)
    assert "ben" in roundup.plain()
    assert len([text for text in the_team.posts() if not is_roundup(text)]) == 3


@pytest.mark.parametrize("name", EVERYWHERE)
async def test_the_next_win_comes_after_an_odd_answer(the_team: Team, name: str) -> None:
    the_team.lets_the_bot_read()
    the_team.slack.fault("chat.postMessage", "odd_answer", **odd("chat.postMessage", name) | {"effect": "after"})
    await the_team.says(the_team.ana, "/win met an odd answer")
    await the_team.says(the_team.ben, "/win came after it")
    await the_team.sees("came after it")
    await asyncio.sleep(0.5)
    assert sorted(the_team.posts()) in (
        ["ana: met an odd answer", "ben: came after it"],
        ["ana: met an odd answer"] * 2 + ["ben: came after it"],  # a 429 says that it was not posted, and it was
    )
    assert the_team.posts().count("ana: met an odd answer") == (2 if name.startswith("Retry") else 1)


@pytest.mark.every_deployment
async def test_what_the_database_refuses_is_left_to_a_person(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win the first")
    first = await the_team.sees("ana: the first")
    await the_team.records(first)
    the_team.slack.fault("chat.postMessage", "odd_answer", times=2, fields={"ts": first.ts})
    await the_team.says(the_team.ana, "/win has the ts of the first")
    await the_team.sees("has the ts of the first")
    await the_team.it_is(FRIDAY_16_BERLIN)
    note = await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ana))
    await the_team.says(the_team.ben, "/win goes on")
    await the_team.sees("ben: goes on")
    assert column(the_team.database_url, "deliveries", "error").count("not_stored") == 2
    await the_team.slack.press(the_team.ana, note, action_id="delivery_is_there")
    await the_team.slack.wait_for(lambda: "It was posted." in note.text)
    assert len(the_team.posts()) == 4


@pytest.mark.every_deployment
async def test_what_only_the_database_finds_odd_is_left_to_a_person_too(
    the_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "message_ts", lambda _: "1" * 30 + "\0")
    await the_team.says(the_team.ana, "/win with a ts that was not checked")
    await the_team.sees("not checked")
    monkeypatch.undo()
    await the_team.says(the_team.ben, "/win goes on")
    await the_team.sees("ben: goes on")
    assert len(the_team.posts()) == 2


async def test_a_message_that_cannot_be_made_does_not_hold_up_its_channel(
    the_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, tried = render.render, list[str]()

    def fails(delivery: Delivery, loaded: LoadedMessage, **more: Any) -> Any:
        if "cannot be shown" in repr(loaded.subject):
            tried.append(delivery.key)
            raise ValueError
        return make(delivery, loaded, **more)

    with monkeypatch.context() as broken:
        broken.setattr(sender, "RETRY_SECONDS", 0.1)
        broken.setattr(render, "render", fails)
        await the_team.says(the_team.ana, "/win cannot be shown")
        await the_team.says(the_team.ben, "/win goes on")
        await the_team.sees("ben: goes on")
        assert tried
    await the_team.sees("ana: cannot be shown")


async def test_a_history_with_an_odd_ts_is_no_proof_that_can_be_used(the_team: Team) -> None:
    the_team.lets_the_bot_read()
    await the_team.says(the_team.ana, "/win fixed the build")
    await the_team.sees("ana: fixed the build")
    the_team.slack.fault("chat.postMessage", "http_500_after")
    the_team.slack.fault("conversations.history", "odd_answer", times=None, fields={"messages.ts": "\0"})
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ana))
    assert len(the_team.posts()) == 2


async def test_a_history_without_an_end_is_given_up(team_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciler, "MAX_PAGES", 20)
    monkeypatch.setattr("tests.team.TIMING", replace(TIMING, per_workspace={}))
    async with team(team_url) as made:
        made.lets_the_bot_read()
        await made.says(made.ana, "/win fixed the build")
        await made.sees("ana: fixed the build")
        more: dict[str, Any] = {"response_metadata": {"next_cursor": "more"}}
        fields = {"ok": True, "error": None, "messages": [], **more}
        made.slack.fault("conversations.history", "odd_answer", times=None, fields=fields)
        made.slack.fault("chat.postMessage", "http_500_before")
        await made.it_is(FRIDAY_16_BERLIN)
        await made.sees("Do you see it there?", channel=made.slack.open_dm(made.ana))
        assert len(made.slack.ledger.calls("conversations.history")) >= 20


@pytest.mark.parametrize("method", ASKED_BESIDE)
async def test_odd_answers_beside_keep_nothing_back(the_team: Team, method: str) -> None:
    for name in ("body: a list", "ok: yes", "large", "redirect 307"):
        the_team.slack.fault(method, "odd_answer", times=2, **odd(method, name))
    await the_team.says(the_team.ana, "/win while Slack is odd")
    announced = await the_team.sees("while Slack is odd")
    await the_team.slack.press(the_team.ben, announced, action_id="cheer")
    await the_team.slack.wait_for(lambda: "Cheered by " in announced.plain())
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)


async def test_a_bot_that_starts_while_slack_is_odd_goes_to_no_other_host(sqlite_url: str) -> None:
    strayed: list[str] = []

    async def takes(request: web.Request) -> web.Response:
        strayed.append(request.path)
        return web.json_response({"ok": True})

    other = web.Application()
    other.router.add_route("*", "/{tail:.*}", takes)
    runner = web.AppRunner(other)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    elsewhere = f"127.0.0.1:{runner.addresses[0][1]}"
    async with team(sqlite_url, transport="socket", starts=False) as made:
        made.slack.fault("auth.test", "odd_answer", status=307, body="", headers={"Location": f"http://{elsewhere}/"})
        made.slack.fault("apps.connections.open", "odd_answer", fields={"url": f"ws://{elsewhere}/link"})
        await made.bot_starts()
        made.configure(made.general, made.ana)
        await made.says(made.ana, "/win started anyway")
        await made.sees("started anyway")
    await runner.cleanup()
    assert strayed == []
