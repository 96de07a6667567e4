"""The log: one JSON object on a line, and one win can be followed through it by the key of its announcement."""

import io
import json
import logging
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import aiohttp
import psycopg
import pytest
from slack_sdk.errors import SlackApiError
from sqlalchemy import Connection, text

from bot import log
from bot.domain.found_wins import UnknownName
from bot.services import wins
from bot.services.wins import SavedWin, SaveWin
from bot.slack.payloads import Malformed
from bot.views import cheer_buttons
from tests.team import team

LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """What the bot logs meanwhile, as an operator's tools read it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.JSONFormatter())
    logger = logging.getLogger("bot")
    level, logger.level = logger.level, logging.INFO
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_a_line_has_its_own_fields_and_what_is_bound(log_lines: LogLines) -> None:
    logger = logging.getLogger("bot.tests")
    with log.bound(workspace="T1", request="1.2.3"):
        with log.bound(workspace="T1", delivery="abc"):
            logger.info('a "quoted"\nmessage', extra={"attempt": 2})
        logger.warning("outside")
    logger.info("bound to nothing")
    inner, outer, unbound = log_lines()
    assert inner.pop("time").endswith("Z")
    assert inner == {
        "level": "info",
        "logger": "bot.tests",
        "message": 'a "quoted"\nmessage',
        "workspace": "T1",
        "delivery": "abc",
        "attempt": 2,
    }
    assert (outer["request"], outer["level"]) == ("1.2.3", "warning")
    assert "delivery" not in outer
    assert "workspace" not in unbound


def test_an_exception_is_a_field_of_the_same_line(log_lines: LogLines) -> None:
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("bot.tests").exception("failed")
    (line,) = log_lines()
    assert line["message"] == "failed"
    assert line["traceback"].endswith("\nValueError"), "what it says may be what someone wrote"


async def test_one_win_is_followed_by_the_key_of_its_announcement(team_url: str, log_lines: LogLines) -> None:
    async with team(team_url) as made:
        await made.says(made.ana, "/win fixed the flaky build")
        message = await made.sees("fixed the flaky build")
        await made.records(message)  # by then it has logged the post
        await made.slack.press(made.ben, message, cheer_buttons.CHEER)
        await made.until(lambda: any(line.get("method") == "chat.update" for line in log_lines()))
        await made.slack.react(made.chloe, made.general, message.ts, "tada")
        await made.until(lambda: any(line["message"] == "reaction" for line in log_lines()))
    assert "Cheered by" in message.plain()
    key = message.metadata["event_payload"]["key"]
    steps = [line for line in log_lines() if line.get("delivery") == key]
    assert {line["workspace"] for line in steps} == {made.slack.team_id}
    assert [(line["message"], line.get("method")) for line in steps] == [
        ("win saved", None),
        ("called Slack", "chat.postMessage"),
        ("cheer button", None),
        ("called Slack", "chat.update"),
        ("reaction", None),
    ]
    saved, posted, pressed, updated, reacted = steps
    assert len({saved["request"], pressed["request"], reacted["request"]}) == 3
    assert "request" not in posted
    assert "request" not in updated
    assert (posted["outcome"], posted["ts"]) == ("done", message.ts)
    assert posted["win"] == updated["win"] == saved["win"], "which is all that a win has that is posted later"
    assert "flaky" not in json.dumps(log_lines()), "what people write is not logged"


async def test_an_error_of_the_database_is_logged_without_what_people_wrote(
    team_url: str, log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(connection: Connection, requests: Sequence[SaveWin]) -> list[SavedWin]:
        texts = [request.win.draft.text for request in requests]
        connection.execute(text("SELECT no_such_column, :text"), [{"text": written} for written in texts])
        return []

    async with team(team_url) as made:
        monkeypatch.setattr(wins, "save_all", broken)
        await made.says(made.ana, "/win fixed the flaky build")
    (failed,) = [line for line in log_lines() if line["level"] == "error"]
    assert failed["reference"]
    assert "no_such_column" in failed["traceback"]
    assert "flaky" not in json.dumps(log_lines())


WORDS = "zanzibar is up"


def _raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as caught:  # noqa: BLE001 - any kind
        return caught


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError(WORDS), "ValueError"),
        (KeyError(WORDS), "KeyError"),
        (TypeError(WORDS), "TypeError"),
        (UnicodeDecodeError("utf-8", WORDS.encode(), 0, 1, WORDS), "UnicodeDecodeError"),
        (OSError(28, WORDS, WORDS), "OSError: No space left on device"),
        (OSError(WORDS), "OSError"),
        (
            AttributeError("'list' object has no attribute 'get'"),
            "AttributeError: 'list' object has no attribute 'get'",
        ),
        (SlackApiError(WORDS, {"error": WORDS}), "slack_sdk.errors.SlackApiError"),  # type: ignore[no-untyped-call]
        (aiohttp.InvalidURL(WORDS), "aiohttp.client_exceptions.InvalidURL"),
        (Malformed("channel_id"), "bot.slack.payloads.Malformed: channel_id"),
        (UnknownName(WORDS), "bot.domain.found_wins.UnknownName"),
        (sqlite3.OperationalError("database is locked"), "sqlite3.OperationalError: database is locked"),
        (sqlite3.OperationalError(f'fts5: syntax error near "{WORDS}"'), "sqlite3.OperationalError"),
        (psycopg.OperationalError(WORDS), "psycopg.OperationalError"),
    ],
)
def test_an_error_says_what_cannot_be_what_someone_wrote(error: BaseException, says: str) -> None:
    assert log.describe(error) == says


def test_an_error_is_logged_with_what_it_came_from(log_lines: LogLines) -> None:
    group = ExceptionGroup(WORDS, [_raised(KeyError(WORDS))])
    group.add_note(WORDS)
    logging.getLogger("bot.tests").error("failed", exc_info=_raised(group, _raised(ValueError(WORDS))))
    logging.getLogger("bot.tests").warning("odd", extra={"error": ValueError(WORDS)})
    failed, odd = log_lines()
    kinds = [line for line in failed["traceback"].splitlines() if not line.startswith((" ", "Traceback"))]
    assert kinds == ["ValueError", "ExceptionGroup", "KeyError"]
    assert odd["error"] == "ValueError"
    assert WORDS not in json.dumps(log_lines())


def test_an_error_that_can_be_raised_nowhere_is_logged_without_what_it_says(
    log_lines: LogLines, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Leftover:
        def __del__(self) -> None:
            raise ValueError(WORDS)

    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    log.catch_uncaught()
    Leftover()
    (line,) = log_lines()
    assert (line["level"], line["message"]) == ("error", "ignored an error")
    assert line["traceback"].endswith("\nValueError")
    assert WORDS not in json.dumps(line) + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("message", "args", "gist"),
    [
        (f"Failed to connect (error: {WORDS}); Retrying...", (), "Failed to connect"),
        (f"Task exception was never retrieved\nfuture: <Task exception=KeyError('{WORDS}')>", (), None),
        ('Job "%s" raised an exception', (WORDS,), 'Job "%s" raised an exception'),
        (f"{{'text': '{WORDS}'}}", (), ""),
    ],
)
def test_what_a_library_says_is_logged_without_values(message: str, args: tuple[str, ...], gist: str | None) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.JSONFormatter())
    handler.handle(logging.LogRecord("asyncio", logging.ERROR, "", 0, message, args, None))
    assert json.loads(stream.getvalue())["message"] == (message.partition("\n")[0] if gist is None else gist)
    assert WORDS not in stream.getvalue()


@pytest.mark.parametrize("level", ["DEBUG", "ERROR"])
@pytest.mark.usefixtures("debug_log")  # which puts the levels back
def test_libraries_log_no_details(level: str) -> None:
    root, handler = logging.getLogger(), logging.NullHandler()
    log.send_to(handler, level)
    try:
        for name in ("sqlalchemy.engine", "slack_sdk", "slack_bolt", "aiohttp.client", "asyncio", "psycopg", "alembic"):
            assert not logging.getLogger(name).isEnabledFor(logging.INFO)
        assert logging.getLogger("bot.app").isEnabledFor(logging.DEBUG) is (level == "DEBUG")
    finally:
        root.removeHandler(handler)
