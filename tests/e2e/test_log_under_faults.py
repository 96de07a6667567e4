"""Every fault is on, and the log at DEBUG, health, metrics and what people are told hold no word that others wrote, no
token and no secret address.
"""

import asyncio
import gc
import io
import json
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import psycopg
import pytest
from sqlalchemy import Connection, event, insert, text
from sqlalchemy.engine import Engine

from bot import app, log
from bot.outbox import render
from bot.services import cheers, wins
from bot.slack import clients, deadline, errors, rate_limits
from bot.storage import tables, time_limits
from slack_standin.api.methods.method import ApiError
from tests.databases import Databases
from tests.e2e import ways_out
from tests.e2e.test_health import fetched
from tests.postgresql_proxies import StallingProxy, through
from tests.team import ACK_TIMEOUT, FRIDAY_16_BERLIN, Team, is_roundup, team

WORDS = ("zanzibar", "quokka", "umbrella", "kumquat", "wombat", "launch-codes")
"""In a public win, a private one, a message to the bot, an address, a search and the name of a private channel."""
CANARY = re.compile("|".join(WORDS), re.IGNORECASE)
ECHO = " ".join(WORDS)
METHODS = (
    *("chat.postMessage", "chat.update", "chat.delete", "chat.postEphemeral", "chat.getPermalink"),
    *("users.info", "users.conversations", "conversations.info", "conversations.history"),
    *("views.open", "views.push", "views.update", "views.publish", "response_url"),
)
SLACKS: dict[str, tuple[str, dict[str, Any]]] = {
    "an error": ("error", {"name": "internal_error"}),
    "a limit": ("rate_limited", {"retry_after": 1}),
    "a 500": ("http_500_after", {}),
    "a reset": ("reset_after", {}),
    "bad JSON": ("bad_json", {"effect": "after"}),
    "an error that echoes": ("odd_answer", {"fields": {"ok": False, "error": ECHO}}),
    "an error that is one word": ("odd_answer", {"fields": {"ok": False, "error": f"{WORDS[0]}!"}}),
    "a 500 that echoes": ("odd_answer", {"status": 500, "body": ECHO}),
    "no JSON that echoes": ("odd_answer", {"body": ECHO}),
    "JSON that echoes": ("odd_answer", {"body": json.dumps([ECHO])}),
    "HTML that echoes": ("odd_answer", {"body": ECHO, "headers": {"Content-Type": "text/html"}}),
    "a redirect that echoes": ("odd_answer", {"status": 307, "headers": {"Location": f"http://{WORDS[0]}.test/"}}),
    "fields that echo": ("odd_answer", {"fields": {"ts": ECHO, "channel": ECHO, "user": ECHO, "view": ECHO}}),
}

USUAL = ("a 500", "bad JSON", "an error that echoes", "JSON that echoes", "a redirect that echoes", "fields that echo")
"""What is tried without --deep."""


def raises(error: Callable[[], BaseException]) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error()

    return fail


def _row_is_refused(connection: Connection, *_: Any, **__: Any) -> Any:
    """PostgreSQL's error has the whole row."""
    connection.execute(insert(tables.wins).values(team_id="T1", text=ECHO, idempotency_key=ECHO))


def _value_is_refused(connection: Connection, *_: Any, **__: Any) -> Any:
    """PostgreSQL's error quotes the value; SQLite's search quotes it, too."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT CAST(:value AS integer)"), {"value": ECHO})
    connection.execute(text("SELECT * FROM win_search WHERE win_search MATCH :value"), {"value": f'"{ECHO}'})


def _key_is_there(connection: Connection, *_: Any, **__: Any) -> Any:
    """PostgreSQL's error has the values of the key."""
    row = {"team_id": "T1", "name": ECHO, "url": ECHO, "bot_user_id": "U1"}
    connection.execute(insert(tables.workspaces).values([row, row]))


def _statement_is_wrong(connection: Connection, *_: Any, **__: Any) -> Any:
    connection.execute(text("SELECT no_such_column, :value"), {"value": ECHO})


def _chained() -> BaseException:
    error = ValueError(ECHO)
    error.__cause__ = KeyError(ECHO)
    error.add_note(ECHO)
    return error


OURS: dict[str, Callable[..., Any]] = {
    "a row": _row_is_refused,
    "a value": _value_is_refused,
    "a key": _key_is_there,
    "a statement": _statement_is_wrong,
    "errors that quote": raises(_chained),
    "a group": raises(lambda: ExceptionGroup(ECHO, [TypeError(ECHO), KeyError(ECHO)])),
    "an address": raises(lambda: aiohttp.InvalidURL(f"http://{ECHO}/")),
    "a driver": raises(lambda: psycopg.OperationalError(ECHO)),
    "an enumeration": raises(lambda: LookupError(f"'{ECHO}' is not among the defined enum values")),
}
PLACES = ((wins, "save_all"), (cheers, "record_by_button"), (cheers, "record_by_reaction"), (render, "render"))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_BACKOFF", 0.05)
    monkeypatch.setattr(errors, "MIN_RETRY_AFTER", 0.01)
    monkeypatch.setattr(errors, "MAX_RETRY_AFTER", 0.1)
    monkeypatch.setattr(clients, "MAX_RETRY_SECONDS", 0.1)


async def people_act(made: Team, secret: Any, number: int) -> list[str]:
    """What people do while something is broken, and what they are told."""
    slack, told = made.slack, []

    async def types(person: Any, line: str, channel: Any) -> None:
        response = await slack.slash(person, channel, line)
        told.append(str(response.payload))

    await types(made.ana, f"/win zanzibar is up {number} https://kumquat.test/secret?token=kumquat", made.general)
    await types(made.ben, f"/win quokka is fed {number}", secret)
    await types(made.chloe, "/wins search wombat", made.general)
    await slack.say(made.ben, slack.open_dm(made.ben), f"umbrella is open {number}")
    await slack.open_home(made.ben)
    for message in slack.posts(made.general)[-1:]:
        with suppress(ValueError):
            await slack.press(made.chloe, message, "cheer")
        with suppress(ApiError):
            await slack.react(made.chloe, made.general, message.ts, "tada")
    return told


async def test_no_fault_puts_words_or_secrets_anywhere(
    team_url: str, debug_log: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, is_deep: bool
) -> None:
    async with team(team_url, starts=False) as made:
        running, secret = await starts(made)
        told = []
        for number, (kind, options) in enumerate(SLACKS[name] for name in (SLACKS if is_deep else USUAL)):
            for method in METHODS:
                made.slack.fault(method, kind, **options)  # type: ignore[arg-type]
            told += await people_act(made, secret, number)
            made.slack.clear_faults()
        for number, fault in enumerate(OURS.values()):
            with monkeypatch.context() as broken:
                for module, name in PLACES:
                    broken.setattr(module, name, fault)
                told += await people_act(made, secret, 100 + number)
        await _forged(made)
        monkeypatch.setattr(threading, "excepthook", threading.excepthook)
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
        log.catch_uncaught()
        _in_the_background()
        await made.it_is(FRIDAY_16_BERLIN)
        await made.slack.wait_for(lambda: any(map(is_roundup, made.posts())), timeout=120)
        operators = await ways_out.what_operators_see(made, running.health_url)
        secrets = secrets_of(made)
    assert_nothing_leaks(debug_log, operators, told, secrets, errors=len(OURS))


async def test_a_silent_database_puts_no_words_or_secrets_anywhere(
    all_databases: Databases, debug_log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = StallingProxy(all_databases.postgresql())

    async def keep_silent() -> None:
        while True:
            proxy.stall()
            await asyncio.sleep(0.05)

    async with through(proxy) as through_url, team(through_url, starts=False) as made:
        running, secret = await starts(made)
        told = await people_act(made, secret, 0)
        monkeypatch.setattr(deadline, "RESPONSE_BUDGET", 0.8)
        monkeypatch.setattr(time_limits, "OPERATION_SECONDS", 0.5)
        silence = asyncio.create_task(keep_silent())
        told += await people_act(made, secret, 1)
        await made.it_is(FRIDAY_16_BERLIN)
        await made.until(lambda: '"level": "error"' in debug_log.getvalue())
        health = {path: (await fetched(f"{running.health_url}{path}"))[1] for path in ways_out.HEALTH_PATHS}
        silence.cancel()
        secrets = secrets_of(made)
    assert any("so nothing was saved" in each or "I don't know if it was saved" in each for each in told)
    assert_nothing_leaks(debug_log, health, told, secrets, errors=1)


async def test_a_full_disk_puts_no_words_or_secrets_anywhere(sqlite_url: str, debug_log: io.StringIO) -> None:
    is_full = False

    @event.listens_for(Engine, "begin")
    def limit(connection: Any) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() if is_full else 1_000_000
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    try:
        async with team(sqlite_url, starts=False) as made:
            running, secret = await starts(made)
            told = await people_act(made, secret, 0)
            is_full = True
            while "so nothing was saved" not in told[-1]:  # there may be room for some
                told.append(await made.says(made.ana, f"/win {len(told)} {ECHO} " + "while nothing fits " * 20))
            told += await people_act(made, secret, 1)
            await made.it_is(FRIDAY_16_BERLIN)
            await made.until(lambda: '"level": "error"' in debug_log.getvalue())
            operators = await ways_out.what_operators_see(made, running.health_url)
            is_full = False
            secrets = secrets_of(made)
    finally:
        event.remove(Engine, "begin", limit)
    assert_nothing_leaks(debug_log, operators, told, secrets, errors=1)


async def starts(made: Team) -> tuple[app.RunningApp, Any]:
    """Start the bot in a channel with roundups, and return it and a private channel without."""
    running = await made.bot_starts(has_status=True)
    made.configure(made.general, made.ana)
    made.lets_the_bot_read()
    made.slack.world.ack_timeout = ACK_TIMEOUT  # over Socket Mode, nothing says that a request has failed
    return running, made.slack.add_channel("launch-codes", members=[made.ben, made.chloe], private=True)


def secrets_of(made: Team) -> list[str]:
    secrets = [made.slack.bot_token, made.slack.app_token, made.slack.signing_secret]
    return secrets + [call.args["url"] for call in made.slack.ledger.calls("response_url") if "url" in call.args]


def assert_nothing_leaks(
    debug_log: io.StringIO, operators: Mapping[str, str], told: list[str], secrets: list[str], *, errors: int
) -> None:
    """The log has at least so many errors, and neither it nor what anyone is shown has a word or secret of others."""
    lines = debug_log.getvalue().splitlines()
    assert sum('"level": "error"' in line for line in lines) >= errors, "the faults are in the log"
    assert [line for line in lines if CANARY.search(line)] == []
    assert [where for where, shown in operators.items() if CANARY.search(shown)] == []
    everything = "\n".join([*lines, *operators.values(), *told])
    assert [one for one in secrets if one in everything] == []
    assert not re.search(r"/(?:commands|actions|app)/T0[A-Z0-9]+/", everything), "a response_url lets anyone answer"
    assert not re.search(r"INSERT INTO|SELECT |psycopg|sqlite3|Traceback|Error:", "\n".join(told))


async def _forged(made: Team) -> None:
    """Requests that no listener can take."""
    for payload in (
        {"type": "block_actions", "actions": ECHO, "user": ECHO},
        {"type": ECHO, "team": {"id": made.slack.team_id}},
        {"type": "event_callback", "team_id": made.slack.team_id, "event": {"type": ECHO, "text": ECHO}},
        {"command": "/win", "team_id": made.slack.team_id, "text": ECHO},
        {"command": "/win", "team_id": made.slack.team_id, "text": "", "user_id": ECHO, "trigger_id": ECHO},
        {"command": "/win", "team_id": ECHO, "trigger_id": WORDS[0] + " "},
        {"type": "event_callback", "team_id": ECHO, "event_id": ECHO, "event": {"type": "message", "text": ECHO}},
        {"type": "app_rate_limited", "team_id": made.slack.team_id, "minute_rate_limited": ECHO},
    ):
        await made.slack.deliver_raw(payload, kind="interactive")


def _in_the_background() -> None:
    """Errors that no one waits for."""

    async def fails() -> None:
        raise KeyError(ECHO)

    async def leaves() -> None:
        task = asyncio.ensure_future(fails())
        await asyncio.sleep(0)
        del task

    thread = threading.Thread(target=lambda: asyncio.run(leaves()))
    thread.start()
    thread.join()
    gc.collect()
    failing = threading.Thread(target=raises(_chained))
    failing.start()
    failing.join()
    _Leftover()


class _Leftover:
    def __del__(self) -> None:
        raise KeyError(ECHO)
