"""A second identical win within a minute is found: stored or coming at the same time, anywhere, on any replica."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from bot.domain.win_limits import TooManyWins, WinLimits, win_limits
from bot.domain.wins import Draft, Mention
from bot.services.wins import Refusal, Repeated, SavedWin, SaveWin, save_unless_repeated
from bot.storage import recent_wins, wins
from bot.storage.wins import NewWin
from tests.storage.test_query_plans import query_plan

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
LIMITS = win_limits(3, 5)
numbers = count()


def new(
    text: str = "shipped it", *, by: str = "U1", channel: str | None = "C1", after: float = 0, **rest: Any
) -> SaveWin:
    """A win, so many seconds later."""
    key = rest.pop("key", f"key {next(numbers)}")
    win = NewWin(Draft(text, (), (), None), "T1", channel, key, Mention(by), NOW + timedelta(seconds=after))
    return SaveWin(win, None, is_known_author=False, **rest)


def logged(bot: Engine, *requests: SaveWin, limits: WinLimits = ()) -> list[SavedWin | Refusal]:
    """Log these wins at the same time."""
    with bot.begin() as connection:
        return save_unless_repeated(connection, requests, limits=limits)


def waits(bot: Engine, *requests: SaveWin) -> list[float]:
    """Log these wins at the same time with limits, and return how many seconds each has to wait."""
    found = logged(bot, *requests, limits=LIMITS)
    return [each.wait.total_seconds() if isinstance(each, TooManyWins) else 0 for each in found]


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
    bots: tuple[Engine, Engine], second: SaveWin, *, is_stored: bool
) -> None:
    assert isinstance(logged(bots[0], new(), new("meanwhile"))[0], SavedWin)
    (found,) = logged(bots[1], second)
    assert isinstance(found, SavedWin) is is_stored


def test_of_wins_that_come_together_the_first_is_stored(bots: tuple[Engine, Engine]) -> None:
    found = logged(
        bots[0], new(), new("another"), new(channel="C2"), new(by="U2"), new("Another"), new(may_repeat=True)
    )
    assert [isinstance(each, SavedWin) for each in found] == [True, True, False, True, False, True]


def test_a_request_that_slack_repeats_is_the_win_that_it_stored(bots: tuple[Engine, Engine]) -> None:
    (first,) = logged(bots[0], new(key="one"))
    assert isinstance(first, SavedWin)
    assert logged(bots[1], new(key="one")) == [SavedWin(first.id, None)]
    assert [isinstance(each, SavedWin) for each in logged(bots[0], new("b", key="b"), new("b", key="b"))] == [
        True,
        True,
    ]


def test_what_was_undone_can_be_logged_again(bots: tuple[Engine, Engine]) -> None:
    (first,) = logged(bots[0], new())
    assert isinstance(first, SavedWin)
    with bots[0].begin() as connection:
        wins.undo(connection, first.id, now=NOW)
    assert isinstance(logged(bots[0], new())[0], SavedWin)


def test_two_replicas_that_get_the_same_win_at_the_same_moment_store_it_once(bots: tuple[Engine, Engine]) -> None:
    with ThreadPoolExecutor(1) as pool:
        with bots[0].begin() as connection:
            (first,) = save_unless_repeated(connection, [new()])
            second = pool.submit(logged, bots[1], new())
            wait([second], timeout=0.3)
            assert not second.done(), "it waits for what is not committed yet"
        assert isinstance(first, SavedWin)
        assert isinstance(second.result()[0], Repeated)


def test_however_many_wins_someone_has_few_are_looked_at(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_visibly(connection: Connection, sql: str, values: list[Any]) -> Any:
        return connection.exec_driver_sql(sql, tuple(values)).all()

    monkeypatch.setattr(recent_wins, "run_by_driver", run_visibly)
    steps = query_plan(
        sqlite_url, lambda connection: recent_wins.look_at(connection, [new().win, new("b").win], LIMITS)
    )
    assert not [step for step in steps if step.startswith("SCAN wins") or "TEMP B-TREE" in step]
    assert [step for step in steps if "ix_wins_author (team_id=? AND author_id=? AND created_at>?)" in step]


def test_an_author_saves_so_many_wins_in_any_minute_and_in_any_hour(bots: tuple[Engine, Engine]) -> None:
    def save(second: int, *, by: str = "U1") -> float:
        (wait,) = waits(bots[second % 2], new(f"{by} at {second}", by=by, after=second, channel=f"C{second}"))
        return wait

    assert [save(second) for second in (0, 10, 20)] == [0, 0, 0]
    assert [save(second) for second in (30, 59)] == [30, 1], "until the first of three is a minute old"
    assert save(59, by="U2") == 0, "someone else"
    assert [save(second) for second in (60, 61)] == [0, 9]
    assert save(120) == 0
    assert [save(second) for second in (200, 3000)] == [3400, 600], "until the first of five is an hour old"
    assert save(3600) == 0


def test_of_too_many_wins_that_come_together_the_first_are_stored(bots: tuple[Engine, Engine]) -> None:
    many = [new(f"{number}", by=by) for number in range(5) for by in ("U1", "U2")]
    assert waits(bots[0], *many[:2]) == [0, 0]
    assert waits(bots[1], *many[2:]) == [0, 0, 0, 0, 60, 60, 60, 60]


def test_what_was_undone_or_saved_for_oneself_counts_and_what_was_refused_does_not(bots: tuple[Engine, Engine]) -> None:
    (first, *_) = logged(bots[0], new(), new("private", channel=None), new("more"), limits=LIMITS)
    assert isinstance(first, SavedWin)
    with bots[0].begin() as connection:
        wins.undo(connection, first.id, now=NOW)
    assert waits(bots[0], new("even more", after=10)) == [50]
    assert waits(bots[0], new("even more", after=20)) == [40]


def test_a_request_that_slack_repeats_is_answered_though_the_limit_is_reached(bots: tuple[Engine, Engine]) -> None:
    (first, *_) = logged(bots[0], new(key="one"), new("two"), new("three", key="three"), limits=LIMITS)
    assert isinstance(first, SavedWin)
    assert logged(bots[1], new(key="one", after=3), limits=LIMITS) == [SavedWin(first.id, None)]
    assert waits(bots[1], new("three", key="three", after=3), new("four", after=3)) == [0, 57]


def test_two_replicas_that_get_the_last_win_of_a_limit_at_the_same_moment_store_one(
    bots: tuple[Engine, Engine],
) -> None:
    assert waits(bots[0], new("one"), new("two")) == [0, 0]
    with ThreadPoolExecutor(1) as pool:
        with bots[0].begin() as connection:
            save_unless_repeated(connection, [new("three")], limits=LIMITS)
            second = pool.submit(waits, bots[1], new("or three"))
            wait([second], timeout=0.3)
        assert second.result() == [60]


def test_without_limits_or_with_one_of_them(bots: tuple[Engine, Engine]) -> None:
    many = [new(f"{number}") for number in range(20)]
    assert [isinstance(each, SavedWin) for each in logged(bots[0], *many, limits=win_limits(0, 0))] == [True] * 20
    more = [new(f"and {number}", after=90) for number in range(5)]
    found = logged(bots[0], *more, limits=win_limits(2, 0))
    assert [isinstance(each, SavedWin) for each in found] == [True, True, False, False, False]
    assert isinstance(logged(bots[0], new("last", after=180), limits=win_limits(0, 22))[0], TooManyWins)
