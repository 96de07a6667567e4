"""`python -m tests.bench.migrate`: how long a large database takes to migrate from the schema before.

Each table is read in order before and after, and the digests of its rows must be the same. The place that a win had in
a roundup is a row of its own afterwards, and an undone win gives its place up.
"""

import argparse
import hashlib
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, create_engine, text

from bot.storage import schema
from tests.databases import KINDS, databases

T = TypeVar("T")

REVISION = "0004"
WINS_PER_ROUNDUP = 20
OPEN = 50

BEFORE = {
    "wins": "SELECT id, team_id, channel_id, request, author_id, author_label, text, link, created_at, undone_at,"
    " CASE WHEN roundup_id IS NULL AND undone_at IS NULL THEN 1 ELSE 0 END FROM wins ORDER BY id",
    "roundup_items": "SELECT id, roundup_id, roundup_part, roundup_place, CASE WHEN undone_at IS NULL THEN 1 ELSE 0 END"
    " FROM wins WHERE roundup_id IS NOT NULL ORDER BY id",
    "win_people": "SELECT win_id, user_id, role, team_id, label FROM win_people ORDER BY win_id",
    "win_cheers": "SELECT win_id, user_id, source, team_id, stands, changed_at_us FROM win_cheers ORDER BY win_id",
    "roundups": "SELECT id, team_id, channel_id, due_at, created_at FROM roundups ORDER BY id",
    "deliveries": "SELECT id, team_id, channel_id, key, win_id, roundup_id, part, todo, revision, attempts, ts,"
    " created_at, CASE state WHEN 'held' THEN 'needs_review' WHEN 'parked' THEN 'rejected' ELSE state END, kind"
    " FROM deliveries ORDER BY id",
}
AFTER = {
    "wins": "SELECT id, wins.team_id, channel_id, idempotency_key, author_id, author_name, text, url, created_at,"
    " undone_at, CASE WHEN is_open THEN 1 ELSE 0 END FROM wins ORDER BY id",
    "roundup_items": "SELECT win_id, roundup_id, part, position, CASE WHEN is_regular THEN 1 ELSE 0 END"
    " FROM roundup_items ORDER BY win_id",
    "win_people": "SELECT win_id, user_id, role, team_id, name FROM win_people ORDER BY win_id",
    "win_cheers": "SELECT win_id, user_id, source, team_id, is_active, changed_at_us FROM win_cheers ORDER BY win_id",
    "roundups": BEFORE["roundups"],
    "deliveries": "SELECT id, team_id, channel_id, key, win_id, roundup_id, part, pending_op, revision, attempts, ts,"
    " created_at, state, kind FROM deliveries ORDER BY id",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.migrate", description=__doc__)
    parser.add_argument("--wins", type=int, default=1_000_000)
    parser.add_argument("--db", choices=KINDS, help="one kind of database instead of both")
    options = parser.parse_args()
    with databases(durable=True) as made:
        for kind in (options.db,) if options.db else KINDS:
            measure(kind, made.make(kind, migrated=False), options.wins)


def measure(kind: str, url: str, wins: int) -> None:
    """Fill a database, migrate it, and print how long each revision took. Raises AssertionError if a row differs."""
    schema.migrate(url, revision=REVISION)
    with_connection(url, lambda connection: fill(connection, wins))
    before = with_connection(url, lambda connection: digests(connection, BEFORE))
    took = {}
    for revision in (f"{number:04}" for number in range(int(REVISION) + 1, int(schema.newest()) + 1)):
        started_at = time.perf_counter()
        schema.migrate(url, revision=revision)
        took[revision] = time.perf_counter() - started_at
    after = with_connection(url, lambda connection: digests(connection, AFTER))
    for table, (rows, digest) in before.items():
        assert after[table] == (rows, digest), f"{table}: {after[table]} instead of {(rows, digest)}"
        print(f"{kind}: {table} has the same {rows:,} rows, {digest[:12]}")
    print(f"{kind}: {wins:,} wins migrated from {REVISION} to {schema.newest()} in {sum(took.values()):.1f} s")
    print(f"{kind}: of these, " + ", ".join(f"{revision} {seconds:.1f} s" for revision, seconds in took.items()))


def with_connection(url: str, work: Callable[[Connection], T]) -> T:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = work(connection)
    engine.dispose()
    return result


def fill(connection: Connection, wins: int) -> None:
    """Store the wins of one channel, all announced, credited and cheered, and all but the last in a roundup."""

    def add(sql: str, rows: int) -> None:
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {rows - 1})"
        connection.execute(text(sql.replace("SELECT", f"{numbers} SELECT", 1) + " FROM n"))

    at, told = "'2030-03-04 09:00:00.000000'", wins - OPEN
    if connection.dialect.name == "postgresql":
        at = "timestamptz '2030-03-04 09:00:00+00'"
    connection.execute(
        text("INSERT INTO workspaces (team_id, name, url, bot_user_id) VALUES ('T1', 'Acme', 'https://a.test/', 'UB')")
    )
    connection.execute(text("INSERT INTO channels (team_id, channel_id) VALUES ('T1', 'C1')"))
    due_at = f"{at} + i * interval '1 week'"
    if connection.dialect.name == "sqlite":
        due_at = "strftime('%Y-%m-%d %H:%M:%S.000000', '1000-01-01', (i * 7 % 2000000) || ' days', i || ' seconds')"
    add(
        f"INSERT INTO roundups (id, team_id, channel_id, due_at, created_at) SELECT i + 1, 'T1', 'C1', {due_at}, {at}",
        told // WINS_PER_ROUNDUP + 1,
    )
    in_roundup = f"CASE WHEN i < {told} THEN"
    add(
        "INSERT INTO wins (id, team_id, channel_id, request, author_id, author_label, text, link, created_at,"
        " undone_at, roundup_id, roundup_part, roundup_place)"
        " SELECT i + 1, 'T1', 'C1', 'command:' || i, 'U' || (i % 97), 'ana',"
        f" 'fixed the flaky build for the ' || i || 'th time', 'https://a.test/' || i, {at},"
        f" CASE WHEN i % 50 = 0 THEN {at} END, {in_roundup} i / {WINS_PER_ROUNDUP} + 1 END, {in_roundup} 0 END,"
        f" {in_roundup} i % {WINS_PER_ROUNDUP} END",
        wins,
    )
    add(
        "INSERT INTO win_people (win_id, user_id, role, team_id, label) SELECT i + 1, 'UBEN', 'credited', 'T1', 'ben'",
        wins,
    )
    add(
        "INSERT INTO win_cheers (win_id, user_id, source, team_id, stands, changed_at_us)"
        " SELECT i + 1, 'UBEN', 'button', 'T1', i % 3 > 0, i",
        wins,
    )
    add(
        "INSERT INTO deliveries (id, team_id, channel_id, key, kind, win_id, state, ts, created_at)"
        " SELECT i + 1, 'T1', 'C1', 'key' || i, 'announcement', i + 1,"
        f" CASE i % 100 WHEN 1 THEN 'held' WHEN 2 THEN 'parked' ELSE 'posted' END, '1.' || i, {at}",
        wins,
    )


def digests(connection: Connection, queries: dict[str, str]) -> dict[str, tuple[int, str]]:
    """Return the number of rows and a digest of them, by table."""
    found = {}
    for table, query in queries.items():
        digest, rows = hashlib.sha256(), 0
        for row in connection.execution_options(yield_per=10_000).execute(text(query)):
            digest.update(repr(tuple(row)).encode())
            rows += 1
        found[table] = rows, digest.hexdigest()
    return found


if __name__ == "__main__":
    main()
