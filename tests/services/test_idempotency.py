"""A request that Slack repeats gets the same answer, and what is stored for that is nothing that a person wrote."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.domain.channel_settings import ChannelSettings
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.permissions import Actor
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.services import channel_settings, cheers, offers, owner_alerts, wins
from bot.services.channel_settings import PauseCode, PauseResult
from bot.services.cheers import CheerResult
from bot.services.idempotency import AlreadyHandled, Done, Result, run_once
from bot.services.offers import OfferResult
from bot.services.owner_alerts import OptOutResult
from bot.services.resolving import ResolveResult, resolve_by_key
from bot.services.roundups import PostResult, post_now
from bot.services.wins import UndoResult
from bot.storage import channels, deliveries, workspaces
from bot.storage.database import Database
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.tables import deliveries as delivery_table
from bot.storage.tables import idempotency_keys
from bot.storage.wins import NewWin

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
ADMIN = Actor("UADMIN", is_active=True, is_admin=True)
SETTINGS = ChannelSettings(Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "Europe/Berlin"))
WORDS = "told nobody but Ben about the surprise"


@dataclass(frozen=True)
class Request:
    idempotency_key: str = "press:1"
    team_id: str = "T1"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A workspace in which Ana has logged one win in #general (C1), which has no roundup; #news (C2) has one."""
    opened = Database(database_url)
    await opened.write(
        lambda connection: workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
    )
    win = NewWin(parse_win(WORDS, []), "T1", "C1", "command:1", Mention("UANA", "ana"), NOW)
    assert (await wins.save(opened, win, limits=())).id == 1
    await opened.write(
        lambda connection: channels.save_settings(
            connection, channels.lock(connection, "T1", "C2"), SETTINGS, user_id="UBEN", now=NOW
        )
    )
    yield opened
    await opened.close()


def undo(connection: Connection, **changes: Any) -> UndoResult:
    values: dict[str, Any] = {"team_id": "T1", "win_id": 1, "user_id": "UANA", "is_outsider": False, "now": NOW}
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
        "is_outsider": False,
        "is_active": True,
        "action_ts": "1900000001.000001",
    }
    return cheers.record_by_button(connection, **values | changes)


def pause(connection: Connection, until: date | None = date(2030, 3, 20)) -> PauseResult:
    return channel_settings.pause(connection, ADMIN, "T1", "C2", until=until, now=NOW)


def skip(connection: Connection, day: date = date(2030, 3, 8)) -> PauseResult:
    return channel_settings.skip(connection, ADMIN, "T1", "C2", day=day, now=NOW)


def resume(connection: Connection) -> PauseResult:
    return channel_settings.resume(connection, ADMIN, "T1", "C2", now=NOW)


def accept(connection: Connection, channel_id: str = "C1") -> OfferResult:
    return offers.accept(connection, ADMIN, team_id="T1", channel_id=channel_id, settings=SETTINGS, now=NOW)


def make_offer(connection: Connection) -> Done:
    return offers.make_to_inviter(connection, team_id="T1", channel_id="C1", user_id="UANA", now=NOW)


def turn_off(connection: Connection) -> Done:
    return channel_settings.turn_off(connection, ADMIN, "T1", "C2", now=NOW)


def take_over(connection: Connection) -> Done:
    return channel_settings.take_over(connection, ADMIN, "T1", "C2", now=NOW)


def resolve(connection: Connection, *, is_posted: bool = False) -> ResolveResult:
    connection.execute(update(delivery_table).values(state=DeliveryState.REJECTED, error="restricted_action"))
    key = connection.execute(select(delivery_table.c.key).where(delivery_table.c.win_id == 1)).scalar_one()
    return resolve_by_key(connection, team_id="T1", key=key, is_posted=is_posted, actor=ADMIN, now=NOW)


def stop_alerts(connection: Connection, user_id: str = "UANA") -> OptOutResult:
    new = NewDelivery("T1", "UANA", NOW, recipient_id="UANA")
    alert = deliveries.by_key(connection, "T1", enqueue(connection, DeliveryKind.OWNER_ALERT, [new])[0])
    assert alert is not None
    deliveries.mark_posted(connection, alert.id, "1900000000.000009", channel_id="D1")
    return owner_alerts.set_opt_out(
        connection,
        team_id="T1",
        channel_id="D1",
        message_ts="1900000000.000009",
        user_id=user_id,
        is_outsider=False,
        wants_alerts=False,
    )


def post(connection: Connection, up_to: int = 1) -> PostResult:
    return post_now(connection, ADMIN, "T1", "C1", up_to=up_to, now=NOW)


USES: list[tuple[Callable[..., Any], Result]] = [
    (undo, UndoResult.UNDONE),
    (partial(undo, user_id="UBEN"), UndoResult.NOT_AUTHOR),
    (partial(undo, win_id=7), UndoResult.NOT_FOUND),
    (cheer, CheerResult.SHOWN),
    (partial(cheer, is_active=False), CheerResult.TAKEN_BACK),
    (partial(cheer, is_outsider=True), CheerResult.OUTSIDER),
    (partial(cheer, key="none"), CheerResult.NOT_FOUND),
    (pause, PauseResult(PauseCode.PAUSED, date(2030, 3, 20))),
    (partial(pause, until=None), PauseResult(PauseCode.PAUSED)),
    (skip, PauseResult(PauseCode.SKIPPED, skipped=(date(2030, 3, 8),))),
    (partial(skip, day=date(2030, 3, 15)), PauseResult(PauseCode.NOT_NEXT)),
    (resume, PauseResult(PauseCode.NOT_PAUSED)),
    (accept, OfferResult.ACCEPTED),
    (partial(accept, channel_id="C2"), OfferResult.ALREADY_CONFIGURED),
    (make_offer, Done.DONE),
    (post, PostResult(1)),
    (partial(post, up_to=0), PostResult(0)),
    (turn_off, Done.DONE),
    (take_over, Done.DONE),
    (resolve, ResolveResult.RESOLVED),
    (partial(resolve, is_posted=True), ResolveResult.ALREADY_RESOLVED),
    (stop_alerts, OptOutResult.DONE),
    (partial(stop_alerts, user_id="UBEN"), OptOutResult.NOT_RECIPIENT),
]


@pytest.mark.parametrize(("service", "result"), USES)
async def test_a_repeat_gets_the_same_result_from_a_code_and_no_words(
    database: Database, service: Callable[..., Any], result: Result
) -> None:
    runs = []

    def count_and_run(connection: Connection) -> Result:
        runs.append(1)
        return service(connection)  # type: ignore[no-any-return]

    results = [await run_once(database, Request(), type(result), count_and_run, now=NOW) for _ in range(2)]
    assert results == [result, result]
    assert len(runs) == 1
    stored = await database.read(
        lambda connection: connection.execute(select(idempotency_keys.c.response)).scalar_one()
    )
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
    for result_type in (UndoResult, CheerResult, PauseResult, PostResult, Done):
        with pytest.raises(AlreadyHandled):
            await run_once(database, Request(), result_type, fail, now=NOW)


async def test_a_repeat_with_a_code_that_a_later_release_has_stored_does_not_crash(database: Database) -> None:
    await run_once(database, Request(), UndoResult, undo, now=NOW)
    await database.write(
        lambda connection: connection.execute(update(idempotency_keys).values(response='{"result": "undone_later"}'))
    )
    with pytest.raises(AlreadyHandled):
        await run_once(database, Request(), UndoResult, undo, now=NOW)
