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
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp
import psycopg
import pytest
from sqlalchemy import Connection, insert, text

from bot import log
from bot.outbox import render
from bot.services import cheers, wins
from bot.slack import clients, errors, rate_limits
from bot.storage import tables
from slack_standin.api.methods.method import ApiError
from tests.e2e import ways_out
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
        running = await made.bot_starts(has_status=True)
        made.configure(made.general, made.ana)
        made.lets_the_bot_read()
        made.slack.world.ack_timeout = ACK_TIMEOUT  # over Socket Mode, nothing says that a request has failed
        secret = made.slack.add_channel("launch-codes", members=[made.ben, made.chloe], private=True)
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
        secrets = [made.slack.bot_token, made.slack.app_token, made.slack.signing_secret]
        secrets += [call.args["url"] for call in made.slack.ledger.calls("response_url") if "url" in call.args]
    lines = debug_log.getvalue().splitlines()
    assert sum('"level": "error"' in line for line in lines) >= len(OURS), "the faults are in the log"
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
