"""Who cheers something is what the rows say: the first of them, how many, and the emoji that they used most."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert

from bot.domain.consent import Consent, Preference, is_named
from bot.domain.wins import MAX_CHEERERS, Cheerers, WinRole
from bot.domain.workspaces import Workspace
from bot.storage import tables, workspaces
from bot.storage.cheers import BUTTON, MAX_EMOJI, cheerers_of, cheerers_of_any, emoji_on, move_reactions_to_button
from tests.databases import filling_engine

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
SUBJECTS = (1, 2, 3)
"""Wins, or roundups; the last one doesn't exist."""
STORED = (1, 2)
SLACKBOT = "USLACKBOT"
UNKNOWN = tuple(f"UNKNOWN{number}" for number in range(MAX_CHEERERS))
ACTIVE = tuple(f"UACTIVE{number}" for number in range(MAX_CHEERERS))
INACTIVE = ("ULEFT", "UROBOT")
EVERYONE = (SLACKBOT, *UNKNOWN, *ACTIVE, *INACTIVE)
EMOJI = {
    "button": "clap",
    "reaction:clap": "clap",
    "reaction:clap::skin-tone-2": "clap",
    "reaction:tada": "tada",
    "reaction:+1::skin-tone-2": "+1",
    "reaction:+1::skin-tone-6": "+1",
    "reaction:+1::any-tone": "+1",
    "reaction:o'clock": "o'clock",
    "reaction:heart": "heart",
    "reaction:": None,
    "reaction:a:b": None,
    "reaction:heart:": None,
    "reaction:<!here>": None,
}
"""The emoji that each source shows, if it can be shown."""


@dataclass(frozen=True)
class Given:
    """A row: how someone cheers a subject, since a microsecond, or did."""

    subject: int
    user_id: str
    source: str
    is_active: bool
    since: int


@dataclass(frozen=True)
class InWin:
    """Someone who is in a win."""

    subject: int
    user_id: str
    role: WinRole
    consent: Consent | None


@dataclass(frozen=True)
class Cheered:
    """The two wins or roundups, by author, and all that is stored about them."""

    authors: tuple[str, str]
    are_own: tuple[bool, bool]
    people: tuple[InWin, ...]
    rows: tuple[Given, ...]
    besides: str
    never: frozenset[str]
    """Those who prefer never to be named."""

    def counting(self, subjects: Any, *, are_wins: bool, source: str | None = None, besides: str = "") -> list[Given]:
        """The rows that count, the earliest first."""
        counted = [
            row
            for row in self.rows
            if row.subject in subjects
            and row.is_active
            and source in (None, row.source)
            and row.user_id not in (besides, SLACKBOT, *INACTIVE)
            and not (are_wins and self._is_theirs(row))
        ]
        return sorted(counted, key=lambda row: (row.since, row.user_id))

    def _is_theirs(self, row: Given) -> bool:
        number = STORED.index(row.subject)
        if self.are_own[number] and self.authors[number] == row.user_id:
            return True
        return any(
            (each.subject, each.user_id) == (row.subject, row.user_id)
            and each.role in (WinRole.CREDITED, WinRole.JOINED)
            and is_named(each.consent, Preference.NEVER if each.user_id in self.never else None)
            for each in self.people
        )


def people_of(rows: list[Given]) -> Cheerers:
    return Cheerers.of(dict.fromkeys(row.user_id for row in rows))


def emoji_of(rows: list[Given]) -> tuple[str, ...]:
    used = {(row.user_id, emoji) for row in rows if (emoji := EMOJI[row.source])}
    counts = Counter(emoji for _, emoji in used)
    since = {emoji: min(row.since for row in rows if EMOJI[row.source] == emoji) for emoji in counts}
    return tuple(sorted(counts, key=lambda emoji: (-counts[emoji], since[emoji], emoji))[:MAX_EMOJI])


someone = st.sampled_from(EVERYONE)
stored = st.sampled_from(STORED)
rows = st.builds(
    Given, stored, someone, st.sampled_from(list(EMOJI)), st.sampled_from([True, True, False]), st.integers(0, 9)
)
people = st.builds(InWin, stored, someone, st.sampled_from(WinRole), st.none() | st.sampled_from(Consent))
few, many = (
    st.lists(rows, min_size=size, max_size=2 * size, unique_by=lambda row: (row.subject, row.user_id, row.source))
    for size in (3, 30)
)
cheered = st.builds(
    Cheered,
    st.tuples(someone, someone),
    st.tuples(st.booleans(), st.booleans()),
    st.lists(people, max_size=6, unique_by=lambda each: (each.subject, each.user_id, each.role)).map(tuple),
    (few | many).map(tuple),
    someone,
    st.frozensets(someone, max_size=3),
)


@pytest.fixture
def writing_engine(database_url: str) -> Iterator[Engine]:
    opened = filling_engine(database_url)
    yield opened
    opened.dispose()


@pytest.mark.timeout(600)  # with --deep
def test_the_database_counts_as_the_rows_say(writing_engine: Engine, is_deep: bool) -> None:
    @settings(max_examples=1000 if is_deep else 30, deadline=None)
    @given(cheered)
    def count(drawn: Cheered) -> None:
        with writing_engine.connect() as connection:
            store(connection, drawn)
            for table, are_wins in ((tables.win_cheers, True), (tables.roundup_cheers, False)):
                check(connection, table, drawn, are_wins=are_wins)
            check_moved(connection)
            connection.rollback()

    count()


def store(connection: Connection, drawn: Cheered) -> None:
    for team_id in ("T1", "T2"):
        workspaces.save(connection, Workspace(team_id, None, "Acme", "https://acme.test/", "UBOT"))
    common = {"name": "n", "synced_at": NOW}
    known = [{"team_id": "T1", "user_id": user_id, "is_active": user_id in ACTIVE} for user_id in (*ACTIVE, *INACTIVE)]
    known += [{"team_id": "T2", "user_id": user_id, "is_active": False} for user_id in (*ACTIVE, *UNKNOWN)]
    connection.execute(insert(tables.users), [each | common for each in known])
    channel = {"team_id": "T1", "channel_id": "C1"}
    connection.execute(insert(tables.channels), [channel])
    common = channel | {"created_at": NOW}
    wins = [
        common | {"id": number, "author_id": author, "is_own": is_own, "text": "did it", "is_open": True}
        for number, author, is_own in zip(STORED, drawn.authors, drawn.are_own, strict=True)
    ]
    connection.execute(insert(tables.wins), wins)
    due = [{"id": number, "kind": "scheduled", "due_at": NOW + timedelta(weeks=number)} for number in STORED]
    connection.execute(insert(tables.roundups), [each | common for each in due])
    for each in drawn.people:
        row = {"win_id": each.subject, "user_id": each.user_id, "role": each.role, "consent": each.consent}
        connection.execute(insert(tables.win_people), row | {"team_id": "T1"})
    for user_id in sorted(drawn.never):
        row = {"team_id": "T1", "user_id": user_id, "preference": Preference.NEVER}
        connection.execute(insert(tables.preferences), row)
    for table, column in ((tables.win_cheers, "win_id"), (tables.roundup_cheers, "roundup_id")):
        for given_row in drawn.rows:
            row = {column: given_row.subject, "user_id": given_row.user_id, "source": given_row.source}
            row |= {"team_id": "T1", "is_active": given_row.is_active, "changed_at_us": given_row.since}
            connection.execute(insert(table), row)


def check(connection: Connection, table: Any, drawn: Cheered, *, are_wins: bool) -> None:
    for source, besides in ((None, ""), (BUTTON, ""), (None, drawn.besides), (BUTTON, drawn.besides)):
        found = cheerers_of(connection, table, SUBJECTS, source=source, except_user_id=besides)
        assert found == {
            subject: people_of(drawn.counting([subject], are_wins=are_wins, source=source, besides=besides))
            for subject in SUBJECTS
        }
    for subjects in (SUBJECTS, SUBJECTS[1:], ()):
        found_together = cheerers_of_any(connection, table, subjects, except_user_id=drawn.besides)
        assert found_together == people_of(drawn.counting(subjects, are_wins=are_wins, besides=drawn.besides))
    assert emoji_on(connection, table, SUBJECTS) == {
        subject: emoji_of(drawn.counting([subject], are_wins=are_wins)) for subject in SUBJECTS
    }


def check_moved(connection: Connection) -> None:
    before = cheerers_of(connection, tables.win_cheers, STORED)
    for win_id in STORED:
        move_reactions_to_button(connection, win_id)
    after = cheerers_of(connection, tables.win_cheers, STORED)
    assert {win_id: each.count for win_id, each in after.items()} == {
        win_id: each.count for win_id, each in before.items()
    }
    assert cheerers_of(connection, tables.win_cheers, STORED, source=BUTTON) == after
