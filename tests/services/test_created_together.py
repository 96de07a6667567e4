"""Channels whose roundups are created in one transaction get what each would get alone."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.domain.channel_settings import ChannelSettings, QuietPolicy
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.workspaces import Workspace
from bot.outbox import render, results
from bot.services import user_directory
from bot.services.roundups import create_due
from bot.slack.outcomes import Outcome, Rejected, Retryable, Succeeded, Unknown
from bot.storage import channels, cheers, deliveries, tables, users, workspaces
from bot.storage.database import engine
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.users import User
from tests.single import load_message
from tests.storage.test_channels import FRIDAYS, GRACE, MONDAY, WEEK, friday

QUIET = ("silent", "line", "line left")
"""Channels without a win that is to be told: they say nothing, end with a prompt, or wait for a win that was left."""
LATE = {"late": 2 * WEEK, "too late": WEEK + timedelta(days=3)}
WINS = {"small": 3, "sections": 12, "long": 40, "note": 2, "late": 2, "too late": 2, "left": 3}
CHANNELS = (*QUIET, *WINS)
USERS = [f"U{number}" for number in range(5)]
LONG_NAME = "a name of eighty letters " * 3 + "more."


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        for team_id, name in {"T1": "Ana", "T2": "Ana", "T3": LONG_NAME, "T4": LONG_NAME}.items():
            workspaces.save(made, Workspace(team_id, None, "Acme", "https://acme.test/", "UBOT"))
            for user_id in USERS:
                user = User(team_id, user_id, name, "UTC", is_active=True, is_admin=False, is_guest=False)
                users.save(made, user, now=MONDAY)
            for channel_id in CHANNELS:
                set_up(made, team_id, channel_id)
        yield made
    opened.dispose()


def set_up(connection: Connection, team_id: str, channel_id: str, *, wins: int = 0) -> None:
    policy = QuietPolicy.LINE if "line" in channel_id else QuietPolicy.SILENT
    settings = ChannelSettings(FRIDAYS, quiet_policy=policy)
    channel = channels.lock(connection, team_id, channel_id)
    channels.save_settings(connection, channel, settings, user_id="UBEN", now=MONDAY)
    if channel_id == "note":
        channels.set_next_note(connection, channel, note="A week to be proud of.", user_id="UBEN")
    if channel_id in LATE:
        is_it = (tables.channels.c.team_id == team_id) & (tables.channels.c.channel_id == channel_id)
        connection.execute(update(tables.channels).where(is_it).values(next_due_at=friday(16) - LATE[channel_id]))
    for number in range(WINS.get(channel_id, wins or ("left" in channel_id))):
        values = {
            "team_id": team_id,
            "channel_id": channel_id,
            "author_id": USERS[number % 5],
            "text": f"step {number}",
        }
        created_at = MONDAY - 3 * WEEK + timedelta(minutes=number)
        is_left = "left" in channel_id and number == 0
        row = {**values, "created_at": created_at, "is_open": True, "is_left": is_left}
        win_id = connection.execute(insert(tables.wins), row).inserted_primary_key[0]  # type: ignore[index]
        tag = {"win_id": win_id, "tag": f"theme{number % 3}", "team_id": team_id}
        connection.execute(insert(tables.tags), tag)


def stored(connection: Connection, team_id: str) -> dict[str, list[Any]]:
    """What is in the tables that creating a roundup changes, without ids, keys and what differs by chance."""
    roundups, items, deliveries, wins = tables.roundups, tables.roundup_items, tables.deliveries, tables.wins
    told = [items.c.part, items.c.position, items.c.section, items.c.theme, wins.c.text]
    queries = {
        "roundups": select(roundups).order_by(roundups.c.channel_id),
        "items": select(roundups.c.channel_id, *told)
        .join_from(items, roundups, roundups.c.id == items.c.roundup_id)
        .join(wins, wins.c.id == items.c.win_id)
        .order_by(roundups.c.channel_id, items.c.part, items.c.position),
        "deliveries": select(deliveries).order_by(deliveries.c.channel_id, deliveries.c.kind, deliveries.c.part),
        "wins": select(wins.c.channel_id, wins.c.text, wins.c.is_open, wins.c.is_left).order_by(
            wins.c.channel_id, wins.c.created_at
        ),
        "channels": select(tables.channels).order_by(tables.channels.c.channel_id),
    }
    of_team = {name: tables.metadata.tables[name].c.team_id for name in queries if name != "items"}
    of_team["items"] = roundups.c.team_id
    by_chance = {"id", "key", "team_id", "roundup_id", "alert_id"}
    return {
        name: [
            {column: value for column, value in row._mapping.items() if column not in by_chance}
            for row in connection.execute(query.where(of_team[name] == team_id))
        ]
        for name, query in queries.items()
    }


def create(connection: Connection, *keys: tuple[str, str]) -> list[tuple[str, str]]:
    return create_due(connection, channel_keys=keys, grace=GRACE, now=friday(16))


def test_roundups_are_the_same_created_together_and_one_by_one(connection: Connection) -> None:
    together = create(connection, *((team_id, each) for each in CHANNELS for team_id in ("T1", "T3")))
    assert set(together) == {(team_id, each) for each in (*WINS, "line") for team_id in ("T1", "T3")}
    for first, second in (("T1", "T2"), ("T3", "T4")):
        alone = [lane for each in CHANNELS for lane in create(connection, (second, each))]
        assert sorted(each for team_id, each in together if team_id == first) == sorted(each for _, each in alone)
        assert stored(connection, first) == stored(connection, second)
    assert stored(connection, "T1")["items"] != stored(connection, "T3")["items"], "names take room"


def test_messages_are_the_same_loaded_together_and_one_by_one(connection: Connection) -> None:
    create(connection, *((team_id, each) for each in CHANNELS for team_id in ("T1", "T2", "T3")))
    found = deliveries.select_all(connection, tables.deliveries.c.kind.in_(("roundup", "owner_alert")))
    for message in found[::3]:
        cheer = {"team_id": message.team_id, "user_id": "UBEN", "source": "reaction:tada", "event_ts": "1.000001"}
        if message.roundup_id is not None:
            cheers.record(connection, tables.roundup_cheers, subject_id=message.roundup_id, is_active=True, **cheer)
    to_load = [render.ToLoad(each, friday(16)) for each in found]
    random.Random(7).shuffle(to_load)
    together = render.load_each(connection, [*to_load, *to_load])
    assert together == [load_message(connection, each.delivery, now=each.now) for each in to_load] * 2
    for each, loaded in zip(to_load, together[: len(to_load)], strict=True):
        name = LONG_NAME if each.delivery.team_id == "T3" else "Ana"
        assert loaded.subject is not None
        assert set(loaded.names.values()) <= {name}
    assert len({str(loaded) for loaded in together}) > len(WINS) * 2


def test_outcomes_are_the_same_stored_together_and_one_by_one(connection: Connection) -> None:
    create(connection, *((team_id, each) for each in CHANNELS for team_id in ("T1", "T2")))
    others: list[Outcome] = [Rejected("restricted_action"), Retryable("not_there"), Unknown("timeout")]
    for team_id in ("T1", "T2"):
        of_team = (tables.deliveries.c.team_id == team_id) & (tables.deliveries.c.state == "pending")
        found = sorted(deliveries.select_all(connection, of_team), key=lambda each: (each.channel_id, each.part))
        attempts = [deliveries.Attempt(each, friday(16)) for each in found]
        assert all(deliveries.mark_each_sending(connection, attempts))
        sent = [
            results.SentPost(each, others[number % 4] if number % 4 < 3 else Succeeded(f"1.{number:06}"), friday(16))
            for number, each in enumerate(found)
        ]
        for some in [sent] if team_id == "T1" else [[each] for each in sent]:
            results.save_posts(connection, some)
    assert stored(connection, "T1") == stored(connection, "T2")
    states = {each["state"] for each in stored(connection, "T1")["deliveries"]}
    assert {"posted", "rejected", "pending", "unknown"} <= states


def test_each_message_gets_its_own_outcome(connection: Connection) -> None:
    """A direct message is in a conversation that only Slack's answer names, a roundup where it was to go."""
    create(connection, ("T1", "small"), ("T2", "small"))
    alert = NewDelivery("T1", "UBEN", friday(16), recipient_id="UBEN")
    enqueue(connection, DeliveryKind.OWNER_ALERT, [alert])
    found = deliveries.in_states(connection, [DeliveryState.PENDING])
    assert all(deliveries.mark_each_sending(connection, [deliveries.Attempt(each, friday(16)) for each in found]))
    outcome_of = {each.id: Succeeded(f"1.{each.id:06}", f"D{each.id}") for each in found}
    sent = [results.SentPost(each, outcome_of[each.id], friday(16)) for each in reversed(found)]
    results.save_posts(connection, sent)
    posted = deliveries.in_states(connection, [DeliveryState.POSTED])
    assert {each.id: each.ts for each in posted} == {each_id: outcome.ts for each_id, outcome in outcome_of.items()}
    assert sorted((each.team_id, each.channel_id) for each in posted if each.roundup_id is not None) == [
        ("T1", "small"),
        ("T2", "small"),
    ]
    assert [each.channel_id for each in posted if each.roundup_id is None] == [
        outcome_of[each.id].channel_id for each in found if each.roundup_id is None
    ]


@pytest.mark.parametrize(("age", "is_known"), [(user_directory.MAX_AGE, True), (2 * user_directory.MAX_AGE, False)])
def test_who_was_last_asked_about_long_ago_is_asked_about_again(
    connection: Connection, age: timedelta, *, is_known: bool
) -> None:
    create(connection, ("T1", "small"), ("T2", "small"))
    connection.execute(update(tables.users).where(tables.users.c.team_id == "T1").values(synced_at=friday(16) - age))
    connection.execute(update(tables.users).where(tables.users.c.team_id == "T2").values(synced_at=friday(16)))
    found = deliveries.in_states(connection, [DeliveryState.PENDING])
    loaded = render.load_each(connection, [render.ToLoad(each, friday(16)) for each in found])
    unknown = {each.team_id: sorted(said.unknown_ids) for each, said in zip(found, loaded, strict=True)}
    assert unknown == {"T1": [] if is_known else USERS[:3], "T2": []}
    assert all(set(said.names) == set(USERS[:3]) for said in loaded), "they are shown as they were called"


def test_roundups_are_created_once(connection: Connection) -> None:
    keys = [("T1", each) for each in CHANNELS]
    create(connection, *keys)
    before = stored(connection, "T1")
    assert create(connection, *keys) == []
    assert stored(connection, "T1") == before
    assert stored(connection, "T2")["roundups"] == [], "the channels of another workspace have the same names"


def test_more_roundups_take_no_more_statements(sqlite_url: str) -> None:
    opened, counts = engine(sqlite_url, writes=True), []
    with opened.begin() as made:
        for number in range(14):
            team_id, channel_id = f"T{number % 7}", f"C{number}"
            workspaces.save(made, Workspace(team_id, None, "Acme", "https://acme.test/", "UBOT"))
            set_up(made, team_id, channel_id, wins=3)
        for numbers in (range(2), range(2, 14)):
            statements: list[str] = []
            made.connection.driver_connection.set_trace_callback(statements.append)  # type: ignore[union-attr]
            assert len(create(made, *((f"T{number % 7}", f"C{number}") for number in numbers))) == len(numbers)
            made.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
            counts.append(len({each.partition(" WHERE ")[0] for each in statements if "UPDATE channels" in each}))
            counts.append(len([each for each in statements if not each.startswith("UPDATE channels")]))
    opened.dispose()
    assert counts[0] == counts[2] == 1
    assert counts[1] == counts[3]
