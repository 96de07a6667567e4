"""Who is offered to be thanked: every relation, channel, state, consent, preference and account, each on its own."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from bot.domain.audit_log import Unavailability
from bot.domain.consent import Consent, Preference
from bot.domain.wins import WinRole
from bot.domain.workspaces import Workspace
from bot.storage import tables, workspaces
from bot.storage.thanks import LATEST, who_may_have_helped
from tests.databases import filling_engine
from tests.storage.test_query_plans import query_plan
from tests.team import MONDAY

RELATIONS = [(is_author, role) for is_author in (True, False) for role in WinRole]
"""Whether the author of the new win wrote the earlier one (or the other person did), and what the other is in it."""
CHANNELS = {"CHERE": None, "CPUBLIC": False, "CPRIVATE": True, "CUNKNOWN": None, "CLEFT": False, "CELSEWHERE": None}
"""Whether each is private, as far as is known; the new win is in CHERE, which is as good as private."""
STATES: dict[str, dict[str, Any]] = {
    "shown": {},
    "undone": {"undone_at": MONDAY},
    "private": {"is_private": True},
    "held": {"held_until": MONDAY + timedelta(days=14)},
}
ACCOUNTS: dict[str, dict[str, bool]] = {
    "member": {"is_active": True},
    "guest": {"is_active": True, "is_guest": True},
    "inactive": {"is_active": False},
    "bot": {"is_active": True, "is_bot": True},
}


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = filling_engine(database_url)
    with opened.begin() as made:
        workspaces.save(made, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        made.execute(
            insert(tables.channels),
            [
                {
                    "team_id": "T1",
                    "channel_id": channel_id,
                    "is_private": is_private,
                    "unavailable_reason": Unavailability.REMOVED if channel_id == "CLEFT" else None,
                }
                for channel_id, is_private in CHANNELS.items()
            ],
        )
        yield made
    opened.dispose()


def saves(connection: Connection, author: str, channel: str, number: int, **values: Any) -> int:
    row = {
        "team_id": "T1",
        "channel_id": channel,
        "author_id": author,
        "text": "x",
        "created_at": MONDAY + timedelta(seconds=number),
        "is_open": False,
        **values,
    }
    return int(connection.execute(insert(tables.wins).values(row).returning(tables.wins.c.id)).scalar_one())


def names(connection: Connection, win_id: int, person: str, role: WinRole, consent: Consent | None = None) -> None:
    row = {"win_id": win_id, "user_id": person, "role": role, "team_id": "T1", "consent": consent}
    connection.execute(insert(tables.win_people).values(row))


def is_known(connection: Connection, person: str, **account: bool) -> None:
    row = {"team_id": "T1", "user_id": person, "name": person.lower(), "synced_at": MONDAY, **account}
    connection.execute(insert(tables.users).values(row))


def offered(connection: Connection, author: str = "UANA") -> list[str]:
    return [person.user_id for person in who_may_have_helped(connection, "T1", author, "CHERE", limit=3)]


def test_only_those_are_offered_whom_nothing_speaks_against(connection: Connection) -> None:
    cells = list(product(RELATIONS, CHANNELS, STATES, (None, *Consent), (None, *Preference), (*ACCOUNTS, "not stored")))
    # Where two or more things speak against someone, one of each is enough: the others are left out.
    found = {}
    for number, cell in enumerate(cells):
        (is_author, role), channel, state, consent, preference, account = cell
        against = [
            role not in (WinRole.CREDITED, WinRole.THANKED),
            channel not in ("CHERE", "CPUBLIC"),
            state != "shown",
            consent in (Consent.PENDING, Consent.REFUSED),  # its author can't tell which
            preference is Preference.NEVER,
            account not in ("member", "guest"),
        ]
        if sum(against) > 1:
            continue
        author, other = f"UA{number}", f"UB{number}"
        if account in ACCOUNTS:
            is_known(connection, other, **ACCOUNTS[account])
        if preference is not None:
            row = {"team_id": "T1", "user_id": other, "preference": preference}
            connection.execute(insert(tables.preferences).values(row))
        writer, named = (author, other) if is_author else (other, author)
        names(connection, saves(connection, writer, channel, number, **STATES[state]), named, role, consent)
        found[cell] = (author, [] if any(against) else [other])
    assert len({bool(expected) for _, expected in found.values()}) == 2
    connection.execute(text("ANALYZE"))  # as in a database that has been used: without counts the plans are poor
    wrong = [cell for cell, (author, expected) in found.items() if offered(connection, author) != expected]
    assert wrong == []


def test_the_latest_come_first_and_no_one_twice(connection: Connection) -> None:
    for person in ("UBEN", "UCHLOE", "UDMITRI", "UEVA", "UANA"):
        is_known(connection, person)
    for number, (author, named) in enumerate(
        [("UANA", "UBEN"), ("UCHLOE", "UANA"), ("UANA", "UBEN"), ("UDMITRI", "UANA"), ("UANA", "UEVA")]
    ):
        names(connection, saves(connection, author, "CHERE", number), named, WinRole.CREDITED)
    own = saves(connection, "UANA", "CHERE", 9)
    names(connection, own, "UANA", WinRole.CREDITED)
    assert offered(connection) == ["UEVA", "UDMITRI", "UBEN"]


def test_what_is_long_ago_and_in_another_workspace_does_not_count(connection: Connection) -> None:
    workspaces.save(connection, Workspace("T2", None, "Other", "https://other.test/", "UBOT"))
    for person in ("UBEN", "UCHLOE"):
        is_known(connection, person)
    connection.execute(insert(tables.channels).values(team_id="T2", channel_id="CHERE"))
    other = saves(connection, "UANA", "CHERE", 5, team_id="T2")
    connection.execute(
        insert(tables.win_people).values(win_id=other, user_id="UCHLOE", role=WinRole.CREDITED, team_id="T2")
    )
    names(connection, saves(connection, "UANA", "CHERE", 0), "UBEN", WinRole.THANKED)
    assert offered(connection) == ["UBEN"]
    for number in range(1, LATEST + 1):
        saves(connection, "UANA", "CHERE", number)
    assert offered(connection) == []


def test_indexes_lead_to_them(sqlite_url: str) -> None:
    steps = query_plan(sqlite_url, lambda connection: who_may_have_helped(connection, "T1", "U1", "C1", limit=3))
    assert [step for step in steps if step.startswith("SCAN") and "wins" in step.split()] == []
    assert any("ix_wins_author" in step for step in steps)
    assert any("ix_win_people_user" in step for step in steps)
