"""The index follows the wins in the same transaction, and both databases find the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from bot.domain.search_terms import channel_term, person_term, tag_term, terms_of_text
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.storage import channel_id_change, channels, deletion, tables, win_search, wins, workspaces
from bot.storage.database import engine
from bot.storage.win_search import Reader
from bot.storage.wins import NewWin

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
ANA, BEN = Mention("UANA", "ana"), Mention("UBEN", "ben")
EVERYWHERE = ("C1", "C2")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        for team_id in ("T1", "T2"):
            workspaces.save(made, Workspace(team_id, None, team_id, f"https://{team_id}.test/", "UBOT"))
            channels.ensure_exist(made, [(team_id, "C1"), (team_id, "C2")])
        yield made
    opened.dispose()


def save(
    connection: Connection,
    text: str,
    *,
    channel_id: str | None = "C1",
    author: Mention = ANA,
    at: datetime = MONDAY,
    team_id: str = "T1",
    **rest: Any,
) -> int:
    draft = parse_win(text, [person for person in (ANA, BEN) if person.token in text])
    key = f"{text}{at}{channel_id}{author.user_id}"
    (win_id,) = wins.add_all(connection, [NewWin(draft, team_id, channel_id, key, author, at, **rest)])
    assert win_id is not None
    return win_id


def find(
    connection: Connection, *terms: str, who: str = "UCHLOE", channel_ids: Any = EVERYWHERE, **rest: Any
) -> list[int]:
    reader = Reader(who, channel_ids)
    options = {"limit": 10, **rest}
    team_id = options.pop("team_id", "T1")
    return [win_id for _, win_id in win_search.find(connection, team_id, [[term] for term in terms], reader, **options)]


def words(query: str) -> list[str]:
    return terms_of_text(query, is_query=True)


def test_a_win_is_found_by_each_of_its_terms_and_by_all_of_them(connection: Connection) -> None:
    win_id = save(connection, "Élan: shipped 検索 with <@UBEN> #flaky-build")
    save(connection, "something else", channel_id="C2")
    terms = [*words("elan SHIPPED 検索 ben"), tag_term("Flaky-Build"), person_term("UBEN"), channel_term("C1")]
    for term in terms:
        assert find(connection, term) == [win_id], term
    assert find(connection, *terms) == [win_id]
    assert find(connection, *terms, "else") == []


def test_the_newest_come_first_page_by_page_and_within_a_period(connection: Connection) -> None:
    ids = [save(connection, f"fixed it {n}", at=MONDAY + timedelta(hours=n)) for n in range(10)]
    same_second = [save(connection, f"fixed it again {n}", at=MONDAY + timedelta(hours=9)) for n in range(3)]
    newest_first = [*reversed(same_second), *reversed(ids)]
    found: list[int] = []
    before = None
    while page := win_search.find(connection, "T1", [["fixed"]], Reader("UANA", EVERYWHERE), before=before, limit=4):
        found += [win_id for _, win_id in page]
        before = page[-1][0]
    assert found == newest_first
    since, until = MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=5)
    assert find(connection, since=since, until=until) == [ids[4], ids[3], ids[2]]
    assert find(connection, "again", until=since) == []


def test_a_win_without_the_words_among_the_newest_is_found_all_the_same(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(win_search, "RECENT", 2)
    old = [save(connection, f"rare {n}", at=MONDAY + timedelta(hours=n)) for n in range(3)]
    for n in range(5):
        save(connection, f"common {n}", at=MONDAY + timedelta(days=1, hours=n))
    assert find(connection, "rare") == old[::-1]
    assert find(connection, "rare", limit=2) == old[:0:-1]


@pytest.mark.parametrize("many", [(), tuple(f"C0{n}" for n in range(40))])
def test_people_see_their_own_wins_and_those_of_the_channels_that_they_may_see(
    connection: Connection, many: tuple[str, ...]
) -> None:
    shared, elsewhere = save(connection, "secret"), save(connection, "secret", channel_id="C2")
    private = save(connection, "secret alone", channel_id="C1", is_private=True)
    direct = save(connection, "secret in a direct message", channel_id=None)
    of_ben = save(connection, "secret of ben", author=BEN, channel_id="C2")
    with_ben = save(connection, "secret with <@UBEN>", channel_id="C2")

    def seen(who: str, *channel_ids: str, **rest: Any) -> set[int]:
        reader = Reader(who, [*channel_ids, *many], **rest)
        return {win_id for _, win_id in win_search.find(connection, "T1", [["secret"]], reader, limit=50)}

    assert seen("UCHLOE") == set()
    assert seen("UCHLOE", "C1") == {shared}
    assert seen("UCHLOE", "C1", "C2") == {shared, elsewhere, of_ben, with_ben}
    assert seen("UANA") == {shared, elsewhere, private, direct, with_ben}
    assert seen("UBEN") == {of_ben}
    assert seen("UBEN", credit_channel_ids=["C2"]) == {of_ben, with_ben}
    assert seen("UBEN", credit_channel_ids=["C1"]) == {of_ben}


def test_who_is_thanked_finds_the_win_where_they_can_look_into_its_channel(connection: Connection) -> None:
    draft = replace(parse_win("secret", []), thanked=(BEN,), reason="for the calm")
    (win_id,) = wins.add_all(connection, [NewWin(draft, "T1", "C1", "k", ANA, MONDAY)])
    for channel_ids, found in ((["C1"], [win_id]), (["C2"], [])):
        reader = Reader("UBEN", [], credit_channel_ids=channel_ids)
        assert [each for _, each in win_search.find(connection, "T1", [["secret"]], reader, limit=5)] == found
    assert find(connection, "calm", person_term("UBEN")) == [win_id]


def test_workspaces_share_an_index_and_nothing_else(connection: Connection) -> None:
    first, second = save(connection, "same words"), save(connection, "same words", team_id="T2")
    for who in ("UANA", "UCHLOE"):
        assert find(connection, "same", who=who) == [first]
        assert find(connection, "same", who=who, team_id="T2") == [second]


def test_the_index_follows_each_change(connection: Connection) -> None:
    edited, undone, private, gone = (save(connection, f"alpha {n}") for n in ("edit", "undo", "hide", "erase"))
    connection.execute(update(tables.wins).where(tables.wins.c.id == edited).values(text="omega"))
    win_search.refresh(connection, tables.wins.c.id == edited)
    assert find(connection, "omega") == [edited]
    wins.undo(connection, undone, now=MONDAY)
    win_search.refresh(connection, tables.wins.c.id == undone)
    deletion.delete_wins(connection, tables.wins.c.id == gone)
    connection.execute(update(tables.wins).where(tables.wins.c.id == private).values(is_private=True))
    assert find(connection, "alpha") == []
    assert find(connection, "alpha", who="UANA") == [private]
    indexed = connection.execute(select(tables.win_search).order_by(tables.win_search.c.win_id)).all()
    assert [row.win_id for row in indexed] == sorted([edited, private])


def test_wins_move_with_a_channel_that_gets_another_id(connection: Connection) -> None:
    win_id = save(connection, "moved")
    channel_id_change.apply(connection, "T1", "C1", "C9")
    assert find(connection, "moved", channel_term("C9"), channel_ids=["C9"]) == [win_id]
    assert find(connection, "moved", channel_term("C1"), channel_ids=["C9", "C1"]) == []


HOSTILE = [
    '"',
    "'",
    "\\",
    "a:b",
    "' | 'x",
    '" OR "x',
    "*",
    "NEAR(",
    "a-b",
    "^x",
    "{a b}: c",
    "\u2028",
    "!",
    "<->",
    "%s",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_no_typed_sign_is_read_as_a_part_of_the_query(connection: Connection, typed: str) -> None:
    save(connection, "x")
    marked = f"x1 {typed} x2"
    win_id = save(connection, marked)
    assert find(connection, *words(marked)) == [win_id]
