"""Which wins a roundup may tell, in which order, and that no win is in two roundups of its channel."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from bot.domain.deliveries import DeliveryState, PendingOp
from bot.domain.roundups import RoundupKind
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.services.roundups import abandon_part
from bot.storage import channels, deliveries, roundup_items, tables, wins, workspaces
from bot.storage.bulk_insert import pipelined
from bot.storage.database import engine
from bot.storage.wins import NewWin
from tests.single import assign_wins, create_roundup, load_part
from tests.team import FRIDAY_16_BERLIN, MONDAY


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        workspaces.save(made, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        channels.ensure_exist(made, [("T1", "C1")])
        yield made
    opened.dispose()


def save_win(connection: Connection, text: str, created_at: datetime, channel_id: str | None = "C1") -> int:
    new = NewWin(parse_win(text, []), "T1", channel_id, f"command:{text}", Mention("UANA"), created_at)
    (win_id,) = wins.add_all(connection, [new])
    assert win_id is not None
    return win_id


def add_roundup(connection: Connection, due_at: datetime) -> int:
    row = {"team_id": "T1", "channel_id": "C1", "kind": RoundupKind.SCHEDULED, "due_at": due_at, "created_at": MONDAY}
    roundup_id: int = connection.execute(insert(tables.roundups), row).inserted_primary_key[0]  # type: ignore[index]
    return roundup_id


def open_ids(connection: Connection) -> list[int]:
    return [win.id for win in wins.open_in(connection, "T1", "C1")]


def test_wins_are_in_the_order_of_their_times_and_not_of_their_ids(connection: Connection) -> None:
    today = save_win(connection, "today", MONDAY)
    also_today = save_win(connection, "also today", MONDAY)
    imported = save_win(connection, "last year", MONDAY - timedelta(days=365))
    assert open_ids(connection) == [imported, today, also_today]
    assert [win.id for win in wins.latest_of(connection, "T1", "UANA", limit=2)] == [also_today, today]


def test_the_tags_of_a_win_are_read_in_one_order(connection: Connection) -> None:
    tagged = save_win(connection, "fixed it #quality #ci #日本語 #api", MONDAY)
    untagged = save_win(connection, "fixed that", MONDAY)
    found = {win.id: win.tags for win in wins.open_in(connection, "T1", "C1")}
    assert found == {tagged: ("api", "ci", "quality", "日本語"), untagged: ()}


def test_a_win_of_a_direct_message_or_an_undone_one_is_not_open(connection: Connection) -> None:
    save_win(connection, "in private", MONDAY, channel_id=None)
    undone, kept = save_win(connection, "a slip", MONDAY), save_win(connection, "kept", MONDAY)
    assert wins.undo(connection, undone, now=MONDAY)
    assert open_ids(connection) == [kept]


def test_a_win_is_in_one_roundup_of_its_channel_and_may_be_in_an_edition(connection: Connection) -> None:
    win_id = save_win(connection, "fixed it", MONDAY)
    first = add_roundup(connection, FRIDAY_16_BERLIN)
    second = add_roundup(connection, FRIDAY_16_BERLIN + timedelta(days=7))
    assign_wins(connection, "T1", first, [[win_id]])
    assert open_ids(connection) == []
    item = {"team_id": "T1", "roundup_id": second, "part": 0, "position": 0, "win_id": win_id}
    connection.execute(insert(tables.roundup_items), {**item, "is_regular": False})
    assert roundup_items.find_shown_place(connection, win_id) == (first, 0)
    with pytest.raises(IntegrityError), connection.begin_nested():
        assign_wins(connection, "T1", second, [[], [win_id]])


def test_nothing_is_stored_of_a_roundup_that_tells_a_win_of_another(connection: Connection) -> None:
    win_id = save_win(connection, "fixed it", MONDAY)
    channel, now = channels.lock(connection, "T1", "C1"), FRIDAY_16_BERLIN
    starts_on = MONDAY.date()
    create_roundup(connection, channel, [[win_id]], target_channel_id="C1", due_at=now, starts_on=starts_on, now=now)
    a_week_later = now + timedelta(days=7)
    with pytest.raises(IntegrityError), connection.begin_nested(), pipelined(connection):
        create_roundup(connection, channel, [[win_id]], target_channel_id="C1", due_at=a_week_later, now=now)
    stored = connection.execute(select(tables.roundups.c.due_at, tables.roundups.c.starts_on)).all()
    assert stored == [(now, starts_on)]


def test_the_wins_of_an_abandoned_part_are_open_again_unless_undone(connection: Connection) -> None:
    ids = [save_win(connection, f"win {number}", MONDAY) for number in range(4)]
    roundup_id = add_roundup(connection, FRIDAY_16_BERLIN)
    assign_wins(connection, "T1", roundup_id, [ids[:3], ids[3:]])
    assert wins.undo(connection, ids[1], now=MONDAY)
    assert [win.id for win in wins.of_roundup(connection, roundup_id, 0)] == [ids[0], ids[2]]
    roundup_items.reopen(connection, roundup_id, 0)
    assert open_ids(connection) == [ids[0], ids[2]]
    assert [roundup_items.find_shown_place(connection, win_id) for win_id in ids] == [None, None, None, (roundup_id, 1)]


def test_the_first_message_does_not_go_on_counting_the_wins_of_an_abandoned_part(connection: Connection) -> None:
    ids = [save_win(connection, f"win {number}", MONDAY) for number in range(3)]
    channel, now = channels.lock(connection, "T1", "C1"), FRIDAY_16_BERLIN
    parts = [ids[:2], ids[2:]]
    roundup_id = create_roundup(connection, channel, parts, target_channel_id="C1", due_at=now, now=now)
    first, second = deliveries.of_roundup(connection, roundup_id)
    assert deliveries.mark_posted(connection, first.id, "1899990000.000100")
    assert deliveries.mark_finished(connection, second.id, DeliveryState.REJECTED, "restricted_action")
    assert abandon_part(connection, second, now=now + timedelta(hours=25))
    assert open_ids(connection) == ids[2:]
    told = deliveries.of_roundup(connection, roundup_id)[0]
    assert told.pending_op == PendingOp.UPDATE
    shown = load_part(connection, roundup_id, 0)
    assert shown is not None
    assert shown.win_count == 2
