"""What runs at every tick reads an index, however many deliveries, wins and channels there are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from bot.domain.roundups import RoundupKind
from bot.domain.workspaces import Workspace
from bot.storage import (
    channel_status,
    channels,
    cheers,
    climbs,
    consent,
    credit_notes,
    credited_wins,
    deliveries,
    due_channels,
    first_cheers,
    lanes,
    owner_alerts,
    preferences,
    probe,
    refusals,
    roundups,
    status,
    users,
    win_search,
    wins,
    workspaces,
)
from bot.storage.database import engine
from bot.storage.tables import deliveries as table
from bot.storage.tables import metadata, roundup_cheers, win_cheers
from bot.storage.tables import roundups as roundups_table
from bot.storage.win_search import Reader
from tests.databases import Databases
from tests.query_plans import scans
from tests.single import next_in_lane

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
DELETION = {"ts": "1.2", "state": "posted", "pending_op": "delete"}


def _write_probe(connection: Connection) -> None:
    workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.slack.com/", "U0"))
    probe.write(connection, now=NOW)


AT_EVERY_TICK: dict[str, Callable[[Connection], object]] = {
    "due channels": lambda connection: due_channels.roundups_due(connection, NOW, limit=100),
    "due reminders": lambda connection: due_channels.reminders_due(connection, NOW),
    "roundups that are too late": lambda connection: roundups.unsent_due_before(connection, due_before=NOW),
    "unknown outcomes": deliveries.unknown,
    "lanes with work": lanes.with_work,
    "posts in flight": deliveries.in_flight,
    "people who are due a note": lambda connection: credit_notes.people_due(connection, NOW, limit=100),
    "posted roundups": lambda connection: credit_notes.posted_without_notes(connection, limit=100),
    "the channels of someone's wins, at every Home": lambda connection: credited_wins.channels_of(
        connection, "T1", "U1"
    ),
    "one's climbs, at every Home": lambda connection: climbs.with_step_of(
        connection, "T1", "U1", channel_ids=["C1", "C2"], limit=3
    ),
    "wins that wait for a first cheer, at every Home": lambda connection: first_cheers.waiting(
        connection, "T1", ["C1", "C2"], viewer_id="U1", since=NOW - timedelta(days=14), until=NOW
    ),
    "messages by state, at every scrape": status.open_delivery_counts,
    "missed roundups, at every scrape": status.missed_roundups,
    "the oldest message that waits, at every scrape": status.oldest_pending_at,
    "wins that name someone, when they choose how they are named": lambda connection: consent.wins_that_name(
        connection, "T1", "U1"
    ),
    "the messages that show those, and those to them": lambda connection: consent.update_naming(
        connection, "T1", "U1", [1, 2]
    ),
    "the test write of /readyz": _write_probe,
    "messages to search for again, at every start": lambda connection: deliveries.review_again(connection, since=NOW),
    "refused messages, when the bot may post again": lambda connection: refusals.requeue_in(
        connection, ("T1", "C1"), post_errors=("x",), change_errors=("x",), now=NOW
    ),
    "refused changes, at every Home": lambda connection: owner_alerts.refused_changes(connection, "T1", ["C1"]),
}


@pytest.mark.parametrize("name", AT_EVERY_TICK)
def test_a_tick_scans_no_table(sqlite_url: str, name: str) -> None:
    assert scans(query_plan(sqlite_url, AT_EVERY_TICK[name])) == []


BY_IDS: dict[str, Callable[[Connection], object]] = {
    "wins, with their people, tags and cheers": lambda connection: wins.by_ids(connection, "T1", [1, 2]),
    "climbs": lambda connection: climbs.by_ids(connection, "T1", [1, 2]),
    "who cheers wins": lambda connection: cheers.cheerers_of(connection, win_cheers, [1, 2]),
    "who cheers any of these wins": lambda connection: cheers.cheerers_of_any(connection, win_cheers, [1, 2]),
    "who cheers a roundup": lambda connection: cheers.cheerers_of(connection, roundup_cheers, [1]),
    "the emoji on wins": lambda connection: cheers.emoji_on(connection, win_cheers, [1, 2]),
    "names": lambda connection: users.names(connection, "T1", ["U1", "U2"]),
    "preferences": lambda connection: preferences.of_people(connection, "T1", ["U1", "U2"]),
    "channels to list": lambda connection: channel_status.listed(connection, "T1", ["C1", "C2"]),
}


@pytest.mark.parametrize("what", BY_IDS)
def test_what_is_read_by_its_ids_is_looked_up_and_not_searched_for(sqlite_url: str, what: str) -> None:
    steps = query_plan(sqlite_url, BY_IDS[what])
    scanned = {step.split()[1] for step in steps if step.startswith("SCAN")}
    assert not scanned & set(metadata.tables), steps
    assert not [step for step in steps if "(team_id=?)" in step], "not all of a workspace's either"


def test_lanes_with_work_are_found_without_reading_what_waits_in_them(database_url: str) -> None:
    teams, reads = ("T1", "T2"), []
    writing_engine = engine(database_url, writes=True)
    with writing_engine.begin() as connection:
        for team_id in (*teams, "T3"):
            workspaces.save(connection, Workspace(team_id, None, "Acme", "https://acme.slack.com/", "U0"))
        rows: list[dict[str, Any]] = [
            {
                "team_id": team_id,
                "channel_id": f"C{number % 5}",
                "key": f"{team_id}-{number}",
                "kind": "announcement",
                "state": "pending",
                "pending_op": "post",
                "ts": None,
                "created_at": NOW,
            }
            for team_id in teams
            for number in range(2000)
        ]
        update = {"key": "one", "channel_id": "C9", "ts": "1.1", "state": "posted", "pending_op": "update"}
        lone_update = {"key": "two", "channel_id": "C9", "ts": None, "pending_op": "update"}
        rows += [rows[0] | update, rows[-1] | lone_update, rows[0] | {"key": "three", "channel_id": "C8"} | DELETION]
        connection.execute(insert(table), rows)
    with writing_engine.connect() as connection:
        found = lanes.with_work(connection)
        explain = "EXPLAIN ANALYZE " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        event.listen(connection, "before_cursor_execute", lambda *args: reads.append((args[2], args[3])))
        lanes.with_work(connection)
        plan = [str(row) for row in connection.exec_driver_sql(explain + reads[0][0], reads[0][1])]
    writing_engine.dispose()
    busy = {(team_id, f"C{number}") for team_id in teams for number in range(5)}
    assert sorted(found) == sorted({*busy, ("T1", "C8"), ("T1", lanes.UPDATES)})
    assert not [step for step in plan if "Seq Scan on deliveries" in step or "SCAN deliveries" in step], plan


def test_the_latest_opening_is_found_without_sorting_all_roundups(all_databases: Databases) -> None:
    writing_engine = engine(all_databases.postgresql(), writes=True)
    with writing_engine.begin() as connection:
        workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.slack.com/", "U0"))
        channels.save_info(connection, "T1", "C1", channels.ConversationInfo("U1", False, None), now=NOW)
        row = {"team_id": "T1", "channel_id": "C1", "kind": RoundupKind.SCHEDULED, "created_at": NOW}
        weeks = ({"due_at": NOW + timedelta(weeks=number), "opening": f"busy.{number}"} for number in range(2000))
        connection.execute(insert(roundups_table), [row | week for week in weeks])
        connection.execute(text("ANALYZE"))
        assert roundups.last_openings(connection, [("T1", "C1")], is_quiet=False) == {("T1", "C1"): "busy.1999"}
        reads: list[Any] = []
        event.listen(connection, "before_cursor_execute", lambda *args: reads.append((args[2], args[3])))
        roundups.last_openings(connection, [("T1", "C1")], is_quiet=False)
        plan = [str(row) for row in connection.exec_driver_sql("EXPLAIN " + reads[0][0], reads[0][1])]
    writing_engine.dispose()
    assert not [step for step in plan if "Seq Scan on roundups" in step], plan


TOGETHER: dict[str, Callable[[Connection], object]] = {
    "the next messages of lanes": lambda connection: lanes.next_in_lanes(
        connection, [lanes.Wanted(("T1", channel_id)) for channel_id in ("C1", "C2")]
    ),
    "messages of roundups": lambda connection: roundups.load_parts(connection, [(1, 0), (2, 0)]),
}


@pytest.mark.parametrize("what", TOGETHER)
def test_what_is_read_together_is_looked_up_before_postgresql_has_statistics(
    all_databases: Databases, what: str
) -> None:
    """It has none in a database that was restored or upgraded: a whole table would be read for each message."""
    numbers = "FROM generate_series(1, 20000) AS number"
    writing_engine = engine(all_databases.postgresql(), writes=True)
    with writing_engine.begin() as connection:
        workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.slack.com/", "U0"))
        channels.ensure_exist(connection, [("T1", "C1")])
        for statement in (
            "roundups (team_id, channel_id, kind, due_at, created_at) "
            f"SELECT 'T1', 'C1', 'scheduled', now() + number * interval '1 day', now() {numbers}",
            "wins (team_id, channel_id, author_id, text, created_at, is_open) "
            f"SELECT 'T1', 'C1', 'U1', 'fixed it', now(), false {numbers}",
            "roundup_items (team_id, roundup_id, part, position, win_id, is_regular) "
            f"SELECT 'T1', number, 0, 0, number, true {numbers}",
            "deliveries (team_id, channel_id, key, kind, roundup_id, state, created_at) "
            f"SELECT 'T1', 'C1', number, 'roundup', number, 'posted', now() {numbers}",
        ):
            connection.execute(text(f"INSERT INTO {statement}"))
        reads: list[Any] = []
        event.listen(connection, "before_cursor_execute", lambda *args: reads.append((args[2], args[3])))
        TOGETHER[what](connection)
        plan = [str(row) for each in reads[:] for row in connection.exec_driver_sql("EXPLAIN " + each[0], each[1])]
    writing_engine.dispose()
    grown = ("roundups", "wins", "roundup_items", "deliveries")
    assert not [step for step in plan if any(f"Seq Scan on {name} " in step for name in grown)], "\n".join(plan)


@pytest.mark.parametrize("lane_id", ["C1", lanes.UPDATES])
@pytest.mark.parametrize("oldest_first", [False, True])
def test_a_lane_s_next_message_is_found_without_sorting_its_backlog(
    sqlite_url: str, lane_id: str, *, oldest_first: bool
) -> None:
    steps = query_plan(
        sqlite_url,
        lambda connection: next_in_lane(connection, ("T1", lane_id), oldest_first=oldest_first),
    )
    assert [step for step in steps if "TEMP B-TREE" in step] == []


def test_the_next_messages_of_many_lanes_are_found_without_sorting_their_backlogs(sqlite_url: str) -> None:
    wanted = [lanes.Wanted(("T1", channel_id)) for channel_id in ("C1", "C2")]
    steps = query_plan(sqlite_url, lambda connection: lanes.next_in_lanes(connection, wanted))
    assert [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN deliveries")] == []


def test_a_search_takes_the_newest_matches_from_the_index_one_by_one(sqlite_url: str) -> None:
    reader = Reader("U1", ["C1"])
    steps = query_plan(sqlite_url, lambda connection: win_search.find(connection, "T1", [["a"]], reader, limit=11))
    assert not [step for step in steps if "TEMP B-TREE" in step]
    search = next(step for step in steps if "workspaces" not in step)
    assert search.startswith("SCAN win_search VIRTUAL TABLE")
    assert any(step.startswith("SEARCH wins USING INTEGER PRIMARY KEY") for step in steps)


def query_plan(database_url: str, work: Callable[[Connection], object]) -> list[str]:
    """Return the steps in which SQLite runs the queries of `work`."""
    statements: list[tuple[str, Any]] = []
    writing_engine = engine(database_url, writes=True)
    with writing_engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *args: statements.append((args[2], args[3])))
        work(connection)
        reads = [each for each in statements if each[0].lstrip().startswith(("SELECT", "WITH", "UPDATE", "DELETE"))]
        assert reads
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in reads]
    writing_engine.dispose()
    return [step.detail for plan in plans for step in plan]
