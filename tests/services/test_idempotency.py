"""A request that Slack repeats gets the same answer, and what is stored for that is nothing that a person wrote."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.domain.wins import Mention, parse_win
from bot.services import cheers, wins
from bot.services.cheers import CheerResult
from bot.services.idempotency import AlreadyHandled, Done, Result, run_once
from bot.services.wins import UndoResult
from bot.storage import deliveries, workspaces
from bot.storage.database import Database
from bot.storage.tables import idempotency_keys
from bot.storage.wins import NewWin
from bot.storage.workspaces import Workspace

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
WORDS = "told nobody but Ben about the surprise"


@dataclass(frozen=True)
class Request:
    idempotency_key: str = "press:1"
    team_id: str = "T1"


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """A workspace in which Ana has logged one win, in #general (C1)."""
    opened = Database(sqlite_url)
    await opened.write(
        lambda connection: workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
    )
    win = NewWin(parse_win(WORDS, []), "T1", "C1", "command:1", Mention("UANA", "ana"), NOW)
    assert await wins.log(opened, win) == 1
    yield opened
    await opened.close()


def undo(connection: Connection, **changes: Any) -> UndoResult:
    values: dict[str, Any] = {"team_id": "T1", "win_id": 1, "user_id": "UANA", "user_team_id": "T1", "now": NOW}
    return wins.undo(connection, **values | changes)


def cheer(connection: Connection, **changes: Any) -> CheerResult:
    delivery = deliveries.of_win(connection, 1)
    assert delivery is not None
    values: dict[str, Any] = {
        "team_id": "T1",
        "channel_id": "C1",
        "message_ts": "1900000000.000001",
        "key": delivery.key,
        "user_id": "UBEN",
        "user_team_id": "T1",
        "is_active": True,
        "action_ts": "1900000001.000001",
    }
    return cheers.record_by_button(connection, **values | changes)


USES: list[tuple[Callable[..., Any], Result]] = [
    (undo, UndoResult.UNDONE),
    (partial(undo, user_id="UBEN"), UndoResult.NOT_AUTHOR),
    (partial(undo, win_id=7), UndoResult.NOT_FOUND),
    (cheer, CheerResult.SHOWN),
    (partial(cheer, is_active=False), CheerResult.TAKEN_BACK),
    (partial(cheer, user_team_id="T2"), CheerResult.NOT_INSTALLED),
    (partial(cheer, key="none"), CheerResult.NOT_FOUND),
]


@pytest.mark.parametrize(("service", "result"), USES)
async def test_a_repeat_gets_the_same_result_and_does_nothing(
    database: Database, service: Callable[..., Any], result: Result
) -> None:
    runs = []

    def count_and_run(connection: Connection) -> Result:
        runs.append(1)
        return service(connection)  # type: ignore[no-any-return]

    results = [await run_once(database, Request(), type(result), count_and_run, now=NOW) for _ in range(2)]
    assert results == [result, result]
    assert len(runs) == 1


@pytest.mark.parametrize(("service", "result"), USES)
async def test_what_is_stored_is_a_code_and_no_words(
    database: Database, service: Callable[..., Any], result: Result
) -> None:
    await run_once(database, Request(), type(result), service, now=NOW)
    stored = await database.read(lambda connection: connection.execute(select(idempotency_keys.c.answer)).scalar_one())
    assert json.loads(stored)["result"].islower()
    values = [value for value in json.loads(stored).values() if isinstance(value, str)]
    assert all(" " not in value for value in values), "no sentence, rendered or written by someone"


@pytest.mark.parametrize(
    "answer",
    [
        {"text": f"Undone: {WORDS}", "blocks": []},
        {"said": {"text": "You have already cheered this one.", "blocks": []}},
        {"said": None},
        {"wins": 3},
        {},
        None,
    ],
)
async def test_a_request_that_the_release_before_has_answered_is_not_handled_again(
    database: Database, answer: dict[str, Any] | None
) -> None:
    def store(connection: Connection) -> None:
        stored = None if answer is None else json.dumps(answer)
        row = {"team_id": "T1", "key": Request.idempotency_key, "answer": stored, "seen_at": NOW}
        connection.execute(insert(idempotency_keys), row)

    def fail(_: Connection) -> Done:
        raise AssertionError("it is handled again")

    await database.write(store)
    for result_type in (UndoResult, CheerResult, Done):
        with pytest.raises(AlreadyHandled):
            await run_once(database, Request(), result_type, fail, now=NOW)


async def test_a_repeat_with_a_code_that_a_later_release_has_stored_does_not_crash(database: Database) -> None:
    await run_once(database, Request(), UndoResult, undo, now=NOW)
    await database.write(
        lambda connection: connection.execute(update(idempotency_keys).values(answer='{"result": "undone_later"}'))
    )
    with pytest.raises(AlreadyHandled):
        await run_once(database, Request(), UndoResult, undo, now=NOW)
