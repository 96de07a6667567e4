"""The wins of others that someone is in, on both databases: which ones they read, and what each waits for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from bot.domain.consent import HOLD_PERIOD, Consent, Preference
from bot.domain.credit import CreditStatus
from bot.domain.credited_wins import as_read_by
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.storage import channels, credited_wins, preferences, win_changes, wins, workspaces
from bot.storage.channels import ConversationInfo
from bot.storage.database import engine
from bot.storage.tables import wins as wins_table
from bot.storage.wins import NewWin

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
ANA, BEN, CHLOE = Mention("UANA", "ana"), Mention("UBEN", "ben"), Mention("UCHLOE", "chloe")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    writing_engine = engine(database_url, writes=True)
    with writing_engine.begin() as opened:
        workspaces.save(opened, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        for channel_id in ("C1", "C2"):
            channels.save_info(opened, "T1", channel_id, ConversationInfo("UANA", False, None), now=NOW)
        yield opened
    writing_engine.dispose()


def saved(connection: Connection, text: str, *, consent: Consent | None = None, **changes: Any) -> int:
    """Store a win of Ana's that names Ben, who has said that of it; held if `is_held`."""
    is_held, draft = changes.pop("is_held", False), changes.pop("draft", {})
    new = NewWin(
        replace(parse_win(text, [BEN]), **draft),
        "T1",
        "C1",
        text,
        ANA,
        NOW,
        consents={} if consent is None else {BEN.user_id: consent},
        held_until=NOW + HOLD_PERIOD if is_held else None,
    )
    (win_id,) = wins.add_all(connection, [replace(new, **changes)])
    assert win_id is not None
    return win_id


def lists(connection: Connection, *, now: datetime = NOW, limit: int = 10) -> tuple[list[int], list[int]]:
    """What Ben reads: the wins that wait for his answer, and the others."""
    where: dict[str, Any] = {"channel_ids": ["C1", "C2"], "now": now, "limit": limit}
    asked = credited_wins.asked(connection, "T1", BEN.user_id, **where)
    latest = credited_wins.latest(connection, "T1", BEN.user_id, **where)
    return [win.id for win in asked], [win.id for win in latest]


def test_what_waits_for_someone_comes_first_and_what_they_left_is_gone(connection: Connection) -> None:
    shared = saved(connection, "one")
    agreed = saved(connection, "two", consent=Consent.GIVEN)
    saved(connection, "three", consent=Consent.REFUSED)
    added = saved(connection, "four", consent=Consent.PENDING)
    asked = saved(connection, "five", consent=Consent.PENDING, is_held=True)
    refused = saved(connection, "six", consent=Consent.REFUSED, is_held=True)
    waiting = saved(connection, "seven", consent=Consent.GIVEN, is_held=True)
    assert lists(connection) == ([asked, added], [waiting, refused, agreed, shared])
    assert lists(connection, limit=1) == ([asked], [waiting])
    latest = saved(connection, "eight", consent=Consent.PENDING)
    assert lists(connection)[0] == [asked, latest, added], "what is shared already can wait"
    late = NOW + HOLD_PERIOD
    assert lists(connection, now=late) == ([latest, added], [waiting, refused, asked, agreed, shared])
    assert credited_wins.channels_of(connection, "T1", BEN.user_id) == {"C1"}
    assert credited_wins.channels_of(connection, "T1", CHLOE.user_id) == set()
    assert credited_wins.channels_of(connection, "T1", ANA.user_id) == set(), "her own are listed as hers"


def test_a_win_that_waited_is_listed_by_when_it_was_shared(connection: Connection) -> None:
    waited, later = saved(connection, "one"), saved(connection, "two")
    assert lists(connection) == ([], [later, waited])
    win_changes.count_from(connection, waited, NOW + timedelta(days=1))
    assert lists(connection) == ([], [waited, later])


def test_no_one_else_reads_private_and_undone_wins(connection: Connection) -> None:
    states: list[dict[str, Any]] = [{"is_private": True}, {"undone_at": NOW}]
    for number, state in enumerate(states):
        for is_held in (True, False):
            win_id = saved(connection, f"{number} {is_held}", consent=Consent.PENDING, is_held=is_held)
            connection.execute(update(wins_table).where(wins_table.c.id == win_id).values(**state))
    saved(connection, "in no channel", channel_id=None, is_private=True)
    assert lists(connection) == ([], [])
    assert credited_wins.channels_of(connection, "T1", BEN.user_id) == set()


def test_who_is_thanked_and_credited_reads_of_a_win_once(connection: Connection) -> None:
    thanks: dict[str, Any] = {"thanked": (BEN, CHLOE), "reason": "for the coffee"}
    both = saved(connection, "did both", draft=thanks)
    thanked = saved(connection, "thanked", draft={**thanks, "credited": ()})
    asked = saved(connection, "asked", draft=thanks, consent=Consent.PENDING, is_held=True)
    assert lists(connection) == ([asked], [thanked, both])
    assert lists(connection, limit=2) == ([asked], [thanked, both])


@pytest.mark.parametrize(
    ("consent", "is_held", "preference", "status"),
    [
        (None, False, None, CreditStatus.NAMED),
        (None, False, Preference.NEVER, CreditStatus.UNNAMED),
        (Consent.GIVEN, False, None, CreditStatus.NAMED),
        (Consent.PENDING, False, None, CreditStatus.NAME_ASKED),
        (Consent.PENDING, True, Preference.ASK, CreditStatus.ASKED),
        (Consent.GIVEN, True, None, CreditStatus.WAITING),
        (None, True, None, CreditStatus.WAITING),
        (Consent.REFUSED, True, None, CreditStatus.DECLINED),
        (Consent.REFUSED, True, Preference.NEVER, CreditStatus.DECLINED),
    ],
)
def test_what_a_win_waits_for(
    connection: Connection,
    consent: Consent | None,
    preference: Preference | None,
    status: CreditStatus,
    *,
    is_held: bool,
) -> None:
    if preference is not None:
        preferences.choose(connection, "T1", BEN.user_id, preference)
    win = wins.by_id(connection, "T1", saved(connection, "it", consent=consent, is_held=is_held))
    assert win is not None
    read = as_read_by(win, BEN.user_id, preference, now=NOW)
    assert read.status is status
    assert not any(person.is_unnamed for person in read.win.people), "they read their own name"
    later = as_read_by(win, BEN.user_id, preference, now=NOW + HOLD_PERIOD).status
    assert later is (CreditStatus.KEPT if is_held else status)
    just_before = NOW + HOLD_PERIOD - timedelta(seconds=1)
    assert as_read_by(win, BEN.user_id, preference, now=just_before).status is status
