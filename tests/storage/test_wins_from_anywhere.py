"""What a win keeps besides its text, and what people entered and have not saved."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.domain.consent import Preference
from bot.domain.entered_win import EnteredWin
from bot.domain.wins import Mention, MessageSource, WinKind, parse_win
from bot.domain.workspaces import Workspace
from bot.services.wins import SaveWin, save_all
from bot.storage import channel_id_change, deliveries, preferences, unsaved_wins, wins, workspaces
from bot.storage.database import engine
from bot.storage.unsaved_wins import UnsavedWin
from bot.storage.wins import NewWin
from tests.team import MONDAY

ANA, BEN, CHLOE = Mention("UANA", "ana"), Mention("UBEN", "ben"), Mention("UCHLOE")
SOURCE = MessageSource("C1", "1.000001", "1.000000")
ENTERED = EnteredWin("検索を<@UBEN>と", ("UBEN",), ("UCHLOE",), "her patience", ("suche",), "https://a.test/?q=1&r=2")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        workspaces.save(made, Workspace("T1", None, "T1", "https://a.test/", "UBOT"))
        yield made
    opened.dispose()


def test_a_win_keeps_whose_it_is_and_where_it_came_from(connection: Connection) -> None:
    preferences.choose(connection, "T1", "UBEN", Preference.SHARE)
    draft = parse_win("shipped #search with <@UBEN>", [BEN])
    draft = replace(draft, kind=WinKind.LEARNING, is_own=False, thanked=(CHLOE,), reason="her patience")
    new = NewWin(draft, "T1", "C1", "form:1", ANA, MONDAY, source=SOURCE, thread_ts=SOURCE.thread_ts)
    private = replace(new, idempotency_key="form:2", is_private=True)
    logged = save_all(connection, [SaveWin(new, None, is_known_author=False), SaveWin(private, None, True)])
    assert [each.delivery_key is not None for each in logged] == [True, False], "a private win is not announced"
    shared, hidden = (wins.by_id(connection, "T1", each.id) for each in logged)
    assert shared is not None
    assert hidden is not None
    assert (shared.kind, shared.is_own, shared.is_private) == (WinKind.LEARNING, False, False)
    assert (shared.credited, shared.thanked, shared.reason, shared.tags) == (
        (BEN,),
        (CHLOE,),
        "her patience",
        ("search",),
    )
    assert (shared.source, shared.thread_ts) == (MessageSource("C1", "1.000001"), "1.000000")
    assert (hidden.is_private, hidden.channel_id) == (True, "C1")
    assert [win.id for win in wins.open_in(connection, "T1", "C1")] == [shared.id], "nor in a roundup"
    assert not wins.is_theirs(connection, shared.id, "UCHLOE"), "who is thanked may cheer"
    announcement = deliveries.of_win(connection, shared.id)
    assert announcement is not None
    channel_id_change.apply(connection, "T1", "C1", "C2")
    moved = wins.by_id(connection, "T1", shared.id)
    assert moved is not None
    assert moved.source == MessageSource("C2", "1.000001")


def test_what_was_entered_is_kept_for_its_person_alone(connection: Connection) -> None:
    unsaved_id = unsaved_wins.add(connection, "T1", "UANA", "C1", ENTERED, source=SOURCE, now=MONDAY)
    kept = unsaved_wins.by_id(connection, "T1", "UANA", unsaved_id)
    assert kept == UnsavedWin(unsaved_id, "T1", "UANA", "C1", ENTERED, SOURCE, MONDAY)
    assert unsaved_wins.by_id(connection, "T1", "UBEN", unsaved_id) is None
    assert unsaved_wins.by_id(connection, "T2", "UANA", unsaved_id) is None
    changed, later = replace(ENTERED, text="検索", is_private=True), MONDAY + timedelta(hours=1)
    unsaved_wins.change(connection, "T1", "UANA", unsaved_id, changed, now=later)
    unsaved_wins.purge_before(connection, later)
    kept = unsaved_wins.by_id(connection, "T1", "UANA", unsaved_id)
    assert kept is not None
    assert (kept.entered, kept.saved_at) == (changed, later)
    unsaved_wins.purge_before(connection, later + timedelta(seconds=1))
    assert unsaved_wins.by_id(connection, "T1", "UANA", unsaved_id) is None
