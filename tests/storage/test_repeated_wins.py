"""A second identical win within a minute is found: stored or coming at the same time, anywhere, on any replica."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from bot.domain.wins import Draft, Mention
from bot.services.wins import LoggedWin, LogWin, log_unless_repeated
from bot.storage import repeated_wins, wins
from bot.storage.wins import NewWin
from tests.storage.test_query_plans import query_plan

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
numbers = count()


def new(
    text: str = "shipped it", *, by: str = "U1", channel: str | None = "C1", after: float = 0, **rest: Any
) -> LogWin:
    """A win, so many seconds later."""
    key = rest.pop("key", f"key {next(numbers)}")
    win = NewWin(Draft(text, (), (), None), "T1", channel, key, Mention(by), NOW + timedelta(seconds=after))
    return LogWin(win, None, is_known_author=False, **rest)


def logged(bot: Engine, *requests: LogWin) -> list[LoggedWin | None]:
    """Log these wins at the same time."""
    with bot.begin() as connection:
        return log_unless_repeated(connection, requests)


@pytest.mark.parametrize(
    ("second", "is_stored"),
    [
        *((new(), False), (new(after=59), False), (new(channel="C2"), False), (new(channel=None), False)),
        *(
            (new(text), False)
            for text in ("Shipped IT", "shipped  it ", "shipped\nit", "ｓhipped\u00a0it", "shipped it\u200b")
        ),
        *((new("shipped it!"), True), (new(by="U2"), True), (new(after=60), True), (new(may_repeat=True), True)),
    ],
)
def test_the_same_words_of_the_same_author_within_a_minute_are_not_stored(
    bots: tuple[Engine, Engine], second: LogWin, *, is_stored: bool
) -> None:
    assert logged(bots[0], new(), new("meanwhile"))[0] is not None
    (found,) = logged(bots[1], second)
    assert (found is not None) is is_stored


def test_of_wins_that_come_together_the_first_is_stored(bots: tuple[Engine, Engine]) -> None:
    found = logged(
        bots[0], new(), new("another"), new(channel="C2"), new(by="U2"), new("Another"), new(may_repeat=True)
    )
    assert [each is not None for each in found] == [True, True, False, True, False, True]


def test_a_request_that_slack_repeats_is_the_win_that_it_stored(bots: tuple[Engine, Engine]) -> None:
    (first,) = logged(bots[0], new(key="one"))
    assert first is not None
    assert logged(bots[1], new(key="one")) == [LoggedWin(first.id, None)]
    assert [each is not None for each in logged(bots[0], new("b", key="b"), new("b", key="b"))] == [True, True]


def test_what_was_undone_can_be_logged_again(bots: tuple[Engine, Engine]) -> None:
    (first,) = logged(bots[0], new())
    assert first is not None
    with bots[0].begin() as connection:
        wins.undo(connection, first.id, now=NOW)
    assert logged(bots[0], new()) != [None]


def test_two_replicas_that_get_the_same_win_at_the_same_moment_store_it_once(bots: tuple[Engine, Engine]) -> None:
    with ThreadPoolExecutor(1) as pool:
        with bots[0].begin() as connection:
            (first,) = log_unless_repeated(connection, [new()])
            second = pool.submit(logged, bots[1], new())
            wait([second], timeout=0.3)
            assert not second.done(), "it waits for what is not committed yet"
        assert (first is not None, second.result()) == (True, [None])


def test_however_many_wins_someone_has_few_are_looked_at(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_visibly(connection: Connection, sql: str, values: list[Any]) -> Any:
        return connection.exec_driver_sql(sql, tuple(values)).all()

    monkeypatch.setattr(repeated_wins, "run_by_driver", run_visibly)
    steps = query_plan(sqlite_url, lambda connection: repeated_wins.are_repeated(connection, [new().win, new("b").win]))
    assert not [step for step in steps if step.startswith("SCAN wins") or "TEMP B-TREE" in step]
    assert [step for step in steps if "ix_wins_author (team_id=? AND author_id=? AND created_at>?)" in step]
