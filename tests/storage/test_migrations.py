"""Migrations and tables agree, on both databases, and lose nothing of what was there.

The file that a bot needs is brought up to date, and no other.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, create_engine, insert, select, text

from bot import app
from bot.cli import deliveries
from bot.domain.channel_settings import ChannelSettings, WorkspaceDefaults
from bot.domain.recurrence import Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.storage import channels, schema, users, workspaces
from bot.storage.tables import metadata
from tests.bench import migrate
from tests.databases import KINDS, Databases, schema_differences
from tests.team import team


@pytest.mark.parametrize("kind", KINDS)
def test_the_migrated_schema_is_the_one_in_tables(all_databases: Databases, kind: str) -> None:
    engine = create_engine(all_databases.make(kind))
    with engine.connect() as connection:
        assert schema_differences(connection) == []
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_migrating_twice_is_migrating_once(all_databases: Databases, kind: str) -> None:
    url = all_databases.make(kind, migrated=False)
    assert schema.current(url) is None
    schema.migrate(url)
    schema.migrate(url)
    assert schema.current(url) == schema.newest()
    schema.check(url)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_benchmark_compares_is_the_same_in_a_small_database_too(all_databases: Databases, kind: str) -> None:
    migrate.measure(kind, all_databases.make(kind, migrated=False), wins=200)


async def test_on_postgresql_an_old_schema_is_refused_in_words(all_databases: Databases) -> None:
    async with team(all_databases.postgresql(migrated=False), starts=False) as made:
        with pytest.raises(schema.SchemaIsOld, match="Run `winsome migrate`, then start again"):
            async with app.lifespan(made.settings()):
                pass


@pytest.mark.parametrize("kind", KINDS)
async def test_a_database_of_a_newer_winsome_is_refused_in_words(all_databases: Databases, kind: str) -> None:
    url = all_databases.make(kind)
    with connected(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.SchemaIsNewer, match=r"at schema 9999, and this Winsome knows none after \d{4}"):
        schema.check(url)
    with pytest.raises(schema.SchemaIsNewer, match="Install that version again, or restore a backup"):
        schema.migrate(url)
    async with team(url, starts=False) as made:
        with pytest.raises(schema.SchemaIsNewer):
            async with app.lifespan(made.settings()):
                pass
    with connected(url) as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{schema.newest()}'"))


def test_of_two_migrations_of_a_postgresql_at_once_one_is_refused_in_words(all_databases: Databases) -> None:
    url = all_databases.postgresql(migrated=False)
    with connected(url) as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({schema.MIGRATION_LOCK_ID})"))
        with pytest.raises(schema.MigrationRunning, match="Wait until it has finished"):
            schema.migrate(url)
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda _: _outcome(url), range(4)))
    assert "migrated" in outcomes
    assert set(outcomes) <= {"migrated", "MigrationRunning"}
    schema.check(url)
    assert _outcome(url) == "migrated", "once more does nothing"


def _outcome(url: str) -> str:
    try:
        schema.migrate(url)
    except schema.CannotUseSchema as refusal:
        return type(refusal).__name__
    return "migrated"


def test_a_migration_that_fails_says_that_nothing_was_changed(all_databases: Databases) -> None:
    url = all_databases.sqlite(migrated=False)
    with connected(url) as connection:
        connection.execute(text("CREATE TABLE workspaces (mine TEXT)"))
    with pytest.raises(schema.MigrationFailed, match="nothing was changed"):
        schema.migrate(url)
    with connected(url) as connection:
        assert set(reflected(connection)) == {"workspaces"}


def test_an_error_of_a_migration_says_nothing_that_is_stored(
    all_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(config: Config, _revision: str) -> None:
        config.attributes["connection"].execute(text("SELECT no_such_column, :written"), {"written": "fixed the build"})

    monkeypatch.setattr(command, "upgrade", fails)
    with pytest.raises(schema.MigrationFailed) as failed:
        schema.migrate(all_databases.sqlite(migrated=False))
    assert "no_such_column" in str(failed.value.__cause__)
    assert "fixed" not in str(failed.value.__cause__)


async def test_on_sqlite_an_empty_file_becomes_a_database_at_start(all_databases: Databases) -> None:
    async with team(all_databases.sqlite(migrated=False)) as made:
        assert "Win saved" in await made.says(made.ana, "/win started from nothing")


def test_every_table_names_the_workspace_of_its_rows() -> None:
    assert all("team_id" in table.columns for table in metadata.tables.values())


# 0002: a rule instead of a weekday

FRIDAY = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def reflected(connection: Connection) -> dict[str, Table]:
    """The tables as they are in the database, by name."""
    found = MetaData()
    found.reflect(connection)
    return dict(found.tables)


def fill(connection: Connection, channels_by_id: dict[str, tuple[int, str | None]]) -> None:
    """Store a workspace as 0001 kept it: a channel for each weekday and zone, with a roundup, its wins and cheers."""
    tables = reflected(connection)
    connection.execute(
        insert(tables["workspaces"]), {"team_id": "T1", "name": "Acme", "url": "https://a.test/", "bot_user_id": "UB"}
    )
    late = datetime(2030, 3, 3, 23, 30, tzinfo=UTC)
    for number, (channel, (weekday, zone)) in enumerate(channels_by_id.items()):
        of: dict[str, Any] = {"team_id": "T1", "channel_id": channel}
        schedule = {"weekday": weekday, "local_time": "16:00", "zone": zone, "next_due_at": FRIDAY if zone else None}
        connection.execute(insert(tables["channels"]), {**of, **schedule, "set_up_by": "UANA", "set_up_at": late})
        told = None
        if zone:
            told = number + 1
            row = {**of, "id": told, "due_at": late, "created_at": late}
            connection.execute(insert(tables["roundups"]), row)
            cheer = {"user_id": "UBEN", "source": "button", "team_id": "T1", "stands": True, "changed_at_us": 1}
            connection.execute(insert(tables["roundup_cheers"]), {**cheer, "roundup_id": told})
        win = {**of, "id": number + 1, "author_id": "UANA", "text": "a step", "created_at": late, "roundup_id": told}
        connection.execute(insert(tables["wins"]), win)
        delivery = {**of, "key": channel, "kind": "announcement", "win_id": number + 1, "state": "posted"}
        connection.execute(insert(tables["deliveries"]), {**delivery, "created_at": late})


@pytest.mark.parametrize("kind", KINDS)
def test_schedules_stay_as_they_were_when_weekdays_become_rules(all_databases: Databases, kind: str) -> None:
    url = all_databases.make(kind, migrated=False)
    schema.migrate(url, revision="0001")
    before: dict[str, tuple[int, str | None]] = {f"C{day}": (day, "Europe/Berlin") for day in range(7)}
    before |= {"CNY": (4, "America/New_York"), "CNOZONE": (4, None)}
    with connected(url) as connection:
        fill(connection, before)
    schema.migrate(url)
    with connected(url) as connection:
        for channel, (weekday, zone) in before.items():
            found = channels.by_id(connection, "T1", channel)
            assert found is not None
            if zone is None:  # 0004: no one has said yes yet
                assert (found.settings, found.owner_id, found.next_due_at) == (None, None, None)
                continue
            local = date(2030, 3, 4) if zone == "Europe/Berlin" else date(2030, 3, 3)
            assert found.schedule == Schedule(Weekly((Weekday(weekday),)), local, time(16), zone)
            assert found.next_due_at == FRIDAY
            assert found.last_roundup_on == local
        for table, rows in (("channels", 9), ("wins", 9), ("deliveries", 9), ("roundups", 8), ("roundup_cheers", 8)):
            assert len(connection.execute(select(metadata.tables[table])).all()) == rows, table
        assert schema_differences(connection) == []


def test_on_sqlite_the_table_that_was_made_anew_has_its_indexes_and_constraints(all_databases: Databases) -> None:
    with connected(all_databases.sqlite()) as connection:
        made = "\n".join(
            connection.scalars(text("SELECT sql FROM sqlite_master WHERE tbl_name = 'channels' AND sql IS NOT NULL"))
        )
    for part in (
        *("ix_channels_remind_at ON channels (remind_at) WHERE remind_at IS NOT NULL", "ix_channels_next_due_at"),
        *("pk_channels", "fk_channels_team_id"),
    ):
        assert part in made


# 0004: settings that someone has said yes to


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_kept_before_there_were_admins_is_kept(all_databases: Databases, kind: str) -> None:
    url = all_databases.make(kind, migrated=False)
    schema.migrate(url, revision="0001")
    before: dict[str, tuple[int, str | None]] = {"CBERLIN": (4, "Europe/Berlin"), "CNOZONE": (4, None)}
    with connected(url) as connection:
        fill(connection, before)
    schema.migrate(url, revision="0003")
    with connected(url) as connection:
        at = "'2030-03-03 23:30:00.000000'" if kind == "sqlite" else "'2030-03-03 23:30:00+00'"
        columns = "team_id, user_id, name, zone, looked_up_at"
        connection.execute(text(f"INSERT INTO people ({columns}) VALUES ('T1', 'UANA', 'ana', 'Europe/Berlin', {at})"))
        connection.execute(
            text(
                "INSERT INTO deliveries (team_id, channel_id, key, kind, roundup_id, part, state, created_at)"
                f" VALUES ('T1', 'CBERLIN', 'held-one', 'roundup', 1, 0, 'held', {at})"
            )
        )
    schema.migrate(url)
    with connected(url) as connection:
        kept = channels.by_id(connection, "T1", "CBERLIN")
        assert kept is not None
        assert (kept.owner_id, kept.next_due_at, kept.unavailable_reason, kept.revision) == ("UANA", FRIDAY, None, 0)
        assert kept.settings == ChannelSettings(
            Schedule(Weekly((Weekday.FRIDAY,)), date(2030, 3, 4), time(16), "Europe/Berlin")
        )
        waiting = channels.by_id(connection, "T1", "CNOZONE")
        assert waiting is not None
        assert (waiting.settings, waiting.owner_id) == (None, None)
        ana = users.by_id(connection, "T1", "UANA")
        assert ana is not None
        assert (ana.name, ana.zone, ana.is_active, ana.is_admin, ana.is_guest) == (
            *("ana", "Europe/Berlin"),
            *(True, False, False),
        )
        assert users.known_since(connection, "T1", ["UANA"], datetime(2000, 1, 1, tzinfo=UTC)) == {}, "asked anew"
        assert workspaces.defaults(connection, "T1") == (WorkspaceDefaults(), 0)
        for table, rows in (("wins", 2), ("deliveries", 3), ("roundups", 1), ("roundup_cheers", 1), ("audit_log", 0)):
            assert len(connection.execute(select(metadata.tables[table])).all()) == rows, table
    (line,) = deliveries.list_stuck(url, now=FRIDAY)
    assert line.startswith("held-one  roundup          T1/"), "as wide as the longest kind"
    deliveries.resolve_stuck(url, "held-one", is_posted=False, now=FRIDAY)
    (line,) = deliveries.list_stuck(url, now=FRIDAY)
    assert "not posted; waiting for its turn" in line
