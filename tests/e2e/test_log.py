"""The log: one JSON object on a line, and one win can be followed through it by the key of its announcement."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot import log
from bot.services import wins
from bot.services.wins import LoggedWin, LogWin
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
    assert line["traceback"].endswith("ValueError: no")


async def test_one_win_is_followed_by_the_key_of_its_announcement(team_url: str, log_lines: LogLines) -> None:
    async with team(team_url) as made:
        await made.says(made.ana, "/win fixed the flaky build")
        message = await made.sees("fixed the flaky build")
        await made.slack.press(made.ben, message, cheer_buttons.CHEER)
        await made.slack.wait_for(lambda: "Cheered by" in message.plain())
        await made.slack.react(made.chloe, made.general, message.ts, "tada")
        await made.slack.wait_for(lambda: any(line["message"] == "reaction" for line in log_lines()))
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
    assert "flaky" not in json.dumps(log_lines()), "what people write is not logged"


async def test_an_error_of_the_database_is_logged_without_what_people_wrote(
    team_url: str, log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(connection: Connection, requests: Sequence[LogWin]) -> list[LoggedWin]:
        texts = [request.win.draft.text for request in requests]
        connection.execute(text("SELECT no_such_column, :text"), [{"text": written} for written in texts])
        return []

    async with team(team_url) as made:
        monkeypatch.setattr(wins, "log_all", broken)
        await made.says(made.ana, "/win fixed the flaky build")
    (failed,) = [line for line in log_lines() if line["level"] == "error"]
    assert failed["reference"]
    assert "no_such_column" in failed["traceback"]
    assert "flaky" not in json.dumps(log_lines())


class CountingStream(io.StringIO):
    flushes = 0

    def flush(self) -> None:
        self.flushes += 1
        super().flush()


async def test_lines_are_flushed_together_but_a_warning_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "FLUSH_SECONDS", 0.0)
    stream = CountingStream()
    handler = log.BufferedHandler(stream)
    record = logging.makeLogRecord({"msg": "a line", "levelno": logging.INFO})
    for _ in range(3):
        handler.emit(record)
    assert stream.flushes == 0
    await asyncio.sleep(0.01)
    assert (stream.flushes, stream.getvalue()) == (1, "a line\n" * 3)
    handler.emit(logging.makeLogRecord({"msg": "a line", "levelno": logging.WARNING}))
    assert stream.flushes == 2
    await asyncio.to_thread(handler.emit, record)
    assert stream.flushes == 3
