"""What is entered in the form of a win: kept for its person and its message, until the form is saved."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection

from bot.domain.entered_win import EnteredWin
from bot.domain.wins import Mention, MessageSource, parse_win
from bot.domain.workspaces import Workspace
from bot.services import unsaved_wins
from bot.services.unsaved_wins import FormKey
from bot.services.wins import SaveWin, save_all
from bot.storage import tags, win_changes, wins, workspaces
from bot.storage import unsaved_wins as queries
from bot.storage.database import engine
from bot.storage.wins import NewWin
from tests.team import MONDAY

ABOUT = MessageSource("C1", "1.000001", None)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        workspaces.save(made, Workspace("T1", None, "T1", "https://a.test/", "UBOT"))
        yield made
    opened.dispose()


def save(
    connection: Connection, text: str, key: str, channel_id: str | None = "C1", *, is_private: bool = False
) -> int:
    new = NewWin(parse_win(text, []), "T1", channel_id, key, Mention("UANA"), MONDAY, is_private)
    return save_all(connection, [SaveWin(new, None, is_known_author=False)])[0].id


def test_each_person_has_one_for_each_message_and_one_about_none(connection: Connection) -> None:
    keep_all = partial(unsaved_wins.keep, connection, channel_id=None, idempotency_key="form:V1", now=MONDAY)

    def keep(user_id: str, source: MessageSource | None, entered: EnteredWin, unsaved_id: int | None = None) -> None:
        keep_all(FormKey("T1", user_id, source, unsaved_id), entered=entered)

    for user_id in ("UANA", "UBEN"):
        for source in (None, ABOUT, replace(ABOUT, ts="2.000001")):
            for text in ("a", "ab"):
                keep(user_id=user_id, source=source, entered=EnteredWin(f"{user_id} {source} {text}"))
    for user_id in ("UANA", "UBEN"):
        for source in (None, ABOUT):
            kept = queries.latest(connection, "T1", user_id, source)
            assert kept is not None
            assert kept.entered.text == f"{user_id} {source} ab"
    queries.add(connection, "T1", "UANA", None, EnteredWin("kept by another replica"), now=MONDAY)
    unsaved_wins.forget(connection, FormKey("T1", "UANA", None, None))
    assert queries.latest(connection, "T1", "UANA", None) is None
    assert queries.latest(connection, "T1", "UBEN", None) is not None
    assert queries.latest(connection, "T2", "UBEN", None) is None

    chosen = queries.add(connection, "T1", "UBEN", "C1", EnteredWin("from a button"), now=MONDAY)
    keep(user_id="UBEN", source=None, entered=EnteredWin("changed"), unsaved_id=chosen)
    kept = queries.by_id(connection, "T1", "UBEN", chosen)
    assert kept is not None
    assert kept.entered.text == "changed"
    keep(user_id="UANA", source=None, entered=EnteredWin("of someone else"), unsaved_id=chosen)
    assert queries.by_id(connection, "T1", "UBEN", chosen) == kept


def test_a_form_that_opened_blank_leaves_alone_what_was_kept_before_it(connection: Connection) -> None:
    opened_at = MONDAY + timedelta(minutes=1)
    form = FormKey("T1", "UANA", None, None, opened_at)
    keep = partial(unsaved_wins.keep, connection, form, channel_id="C1", idempotency_key="form:V1", now=opened_at)
    nothing = queries.add(connection, "T1", "UANA", "C1", EnteredWin(), now=MONDAY)
    keep(entered=EnteredWin("wrote"), now=MONDAY)  # by a clock that is behind
    keep(entered=EnteredWin("wrote more"))
    kept = queries.latest(connection, "T1", "UANA", None)
    assert kept is not None
    assert (kept.id, kept.entered.text) == (nothing, "wrote more"), "nothing of value was there before"
    unsaved_wins.forget(connection, form)
    assert queries.latest(connection, "T1", "UANA", None) is None

    queries.add(connection, "T1", "UANA", "C1", EnteredWin("kept before"), now=MONDAY)
    kept = queries.latest(connection, "T1", "UANA", None)
    keep(entered=EnteredWin())
    keep(entered=EnteredWin("too quick"))
    unsaved_wins.forget(connection, form)
    assert queries.latest(connection, "T1", "UANA", None) == kept

    later = opened_at + timedelta(minutes=1)
    keep(entered=EnteredWin("not filled in"), now=later)
    keep(entered=EnteredWin("not filled in, it seems"), now=later)
    beside = queries.latest(connection, "T1", "UANA", None)
    assert beside is not None
    assert beside.entered.text == "not filled in, it seems"
    unsaved_wins.forget(connection, form)
    assert queries.latest(connection, "T1", "UANA", None) == kept


def test_what_overtakes_the_submission_is_not_kept(connection: Connection) -> None:
    save(connection, "done", "form:V1")
    unsaved_wins.keep(
        connection,
        FormKey("T1", "UANA", None, None),
        channel_id="C1",
        entered=EnteredWin("done"),
        idempotency_key="form:V1",
        now=MONDAY,
    )
    assert queries.latest(connection, "T1", "UANA", None) is None


def test_a_channel_s_tags_are_those_of_its_shared_wins(connection: Connection) -> None:
    save(connection, "one #old #both", "1")
    second = save(connection, "two #new", "2")
    save(connection, "three #both", "3")
    save(connection, "mine #private", "4", is_private=True)
    save(connection, "mine #alone", "5", None)
    save(connection, "there #elsewhere", "6", "C2")
    undone = save(connection, "oops #undone", "7")
    wins.undo(connection, undone, now=MONDAY)
    assert tags.of_channel(connection, "T1", "C1") == ["both", "new", "old"]
    assert tags.of_channel(connection, "T2", "C1") == []
    win_changes.count_from(connection, second, MONDAY + timedelta(hours=1))
    assert tags.of_channel(connection, "T1", "C1") == ["new", "both", "old"], "as the channel read them"
