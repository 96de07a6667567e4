"""A message is saved as a win once, also by several people at the same moment, unless one of them wants another."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.domain.wins import Draft, Mention, MessageSource
from bot.services.wins import SavedBefore, SavedWin, SaveWin, save_alone
from bot.storage import saved_messages, wins
from bot.storage.wins import NewWin
from tests.storage.test_query_plans import query_plan

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
MESSAGE = MessageSource("C1", "1.000002", "1.000001")


def new(by: str = "U1", *, key: str = "", channel: str | None = "C1", is_private: bool = False) -> SaveWin:
    """A win that someone saves from the message."""
    draft = Draft(f"shipped it, says {by}", (), (), None)
    win = NewWin(draft, "T1", channel, key or by, Mention(by), NOW, is_private=is_private, source=MESSAGE)
    return SaveWin(win, None, is_known_author=False)


def logged(bot: Engine, request: SaveWin) -> Any:
    """Save the message; returns the win, or why there is none."""
    with bot.begin() as connection:
        try:
            return save_alone(connection, request, may_be_saved_before=False)
        except SavedBefore as refusal:
            return type(refusal)


@pytest.mark.parametrize(
    ("first", "second", "is_stored"),
    [
        (new("U1"), new("U2"), False),
        (new("U1"), new("U1", key="another form"), False),
        (new("U1", is_private=True), new("U1", key="another form"), False),
        (new("U1", is_private=True), new("U2"), True),
        (new("U1", channel="C2"), new("U2"), True),
        (new("U1"), new("U1"), True),
    ],
)
def test_only_a_win_that_the_second_may_know_of_keeps_theirs_from_being_stored(
    bots: tuple[Engine, Engine], first: SaveWin, second: SaveWin, *, is_stored: bool
) -> None:
    assert isinstance(logged(bots[0], first), SavedWin)
    assert isinstance(logged(bots[1], second), SavedWin) is is_stored


def test_what_was_undone_can_be_saved_by_someone_else(bots: tuple[Engine, Engine]) -> None:
    first = logged(bots[0], new("U1"))
    with bots[0].begin() as connection:
        wins.undo(connection, first.id, now=NOW)
    assert isinstance(logged(bots[1], new("U2")), SavedWin)


def test_of_two_who_save_it_at_the_same_moment_one_does(bots: tuple[Engine, Engine]) -> None:
    with ThreadPoolExecutor(1) as pool:
        with bots[0].begin() as connection:
            assert isinstance(save_alone(connection, new("U1"), may_be_saved_before=False), SavedWin)
            second = pool.submit(logged, bots[1], new("U2"))
            wait([second], timeout=0.3)
            assert not second.done(), "it waits for what is not committed yet"
        assert second.result() is SavedBefore


def test_a_message_is_looked_up_by_an_index(sqlite_url: str) -> None:
    steps = query_plan(
        sqlite_url, lambda connection: saved_messages.is_saved(connection, "T1", MESSAGE, reader_id="U1")
    )
    assert [step for step in steps if "ix_wins_source" in step]
    assert not [step for step in steps if step.startswith("SCAN wins")]
