"""What is read or stored for many deliveries at once is what each would get alone, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from bot.domain.workspaces import Workspace
from bot.storage import channels, deliveries, lanes, tables, workspaces
from bot.storage.database import engine
from bot.storage.deliveries import Attempt
from bot.storage.lanes import BESIDE, UPDATES, Wanted
from tests.team import FRIDAY_16_BERLIN, MONDAY

TEAMS = ("T1", "T2")
CHANNELS = ("C posts", "C updates", "C deletes", "C whispers", "C replies", "C rests")
FIRST = {
    ("C posts", True): "post",
    ("C posts", False): "post",
    ("C updates", True): "update",
    ("C updates", False): "update",
    ("C deletes", True): "deletion",
    ("C deletes", False): "post beside a deletion",
    ("C deletes" + BESIDE, True): "deletion",
    ("C whispers", True): "whisper",
    ("C whispers" + BESIDE, True): "whisper",
    ("C replies", True): "parent",
    ("C replies", False): "parent",
    (UPDATES, True): "update",
}
"""The first delivery of a lane, with what is beside it or without."""


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        for team_id in TEAMS:
            workspaces.save(made, Workspace(team_id, None, "Acme", "https://acme.test/", "UBOT"))
        yield made
    opened.dispose()


def add(connection: Connection, team_id: str, channel_id: str, what: str, **values: Any) -> int:
    about = {"team_id": team_id, "channel_id": channel_id, "key": f"{what} of {team_id}", "kind": "announcement"}
    row = {**about, "state": "pending", "pending_op": "post", "created_at": MONDAY, **values}
    delivery_id: int = connection.execute(insert(tables.deliveries), row).inserted_primary_key[0]  # type: ignore[index]
    return delivery_id


def add_backlog(connection: Connection, team_id: str) -> None:
    posted = {"state": "posted", "ts": "1.000001"}
    add(connection, team_id, "C posts", "post")
    add(connection, team_id, "C posts", "second post")
    add(connection, team_id, "C updates", "update", **posted, pending_op="update")
    add(connection, team_id, "C deletes", "deletion", **posted, pending_op="delete")
    add(connection, team_id, "C deletes", "post beside a deletion")
    add(connection, team_id, "C whispers", "whisper", recipient_id="UANA")
    add(connection, team_id, "C rests", "done", **posted, pending_op=None)
    channels.ensure_exist(connection, [(team_id, "C replies")])
    row = {"team_id": team_id, "channel_id": "C replies", "kind": "scheduled", "due_at": MONDAY, "created_at": MONDAY}
    roundup_id = connection.execute(insert(tables.roundups), row).inserted_primary_key[0]  # type: ignore[index]
    for what, part in (("reply", 1), ("parent", 0)):
        add(connection, team_id, "C replies", what, kind="roundup", roundup_id=roundup_id, part=part)


def test_the_first_messages_of_many_lanes_are_those_of_each_alone(connection: Connection) -> None:
    for team_id in reversed(TEAMS):
        add_backlog(connection, team_id)
    lane_ids = (*CHANNELS, *(channel_id + BESIDE for channel_id in CHANNELS), UPDATES, "C unknown")
    wanted = [
        Wanted((team_id, lane_id), with_beside=with_beside)
        for with_beside in (True, False, True)
        for lane_id in lane_ids
        for team_id in TEAMS
    ]
    found = lanes.next_in_lanes(connection, wanted)
    assert [lanes.next_in_lanes(connection, [each])[0] for each in wanted] == found
    keys = {each: delivery.key for each, delivery in zip(wanted, found, strict=True) if delivery is not None}
    for (lane_id, with_beside), what in FIRST.items():
        for team_id in TEAMS:
            assert keys.pop(Wanted((team_id, lane_id), with_beside=with_beside)) == f"{what} of {team_id}"
    assert all(lane_id.endswith((BESIDE, UPDATES)) for (_, lane_id), *_ in keys), "these are asked for in one way"


def test_a_lane_that_leaves_something_out_may_be_asked_for_with_others(connection: Connection) -> None:
    add_backlog(connection, "T1")
    lane = ("T1", "C posts")
    first, other, again = lanes.next_in_lanes(connection, [Wanted(lane), Wanted(("T1", "C replies")), Wanted(lane)])
    assert first == again
    assert first is not None
    second, same = lanes.next_in_lanes(connection, [Wanted(lane, {first.id}), Wanted(("T1", "C replies"))])
    assert same == other
    assert second is not None
    assert second.key == "second post of T1"


def test_no_value_of_a_pair_is_taken_for_that_of_another(connection: Connection) -> None:
    channels.ensure_exist(connection, [(team_id, channel_id) for team_id in TEAMS for channel_id in ("C1", "C2", "C3")])
    pairs = [("T1", "C1"), ("T2", "C2"), ("T2", "C9"), ("T1", "C1")]
    found = channels.by_keys(connection, pairs)
    assert {key: channel.key for key, channel in found.items()} == {key: key for key in pairs if key[1] != "C9"}
    assert channels.by_keys(connection, []) == {}


def test_a_delivery_that_was_changed_is_not_marked_with_others(connection: Connection) -> None:
    changed, same = (add(connection, team_id, "C posts", "post") for team_id in TEAMS)
    numbers = tables.deliveries.c.revision
    connection.execute(update(tables.deliveries).where(tables.deliveries.c.id == same).values(revision=numbers + 1))
    read = deliveries.select_all(connection, tables.deliveries.c.id.in_((changed, same)))
    connection.execute(update(tables.deliveries).where(tables.deliveries.c.id == changed).values(revision=numbers + 1))
    attempts = [Attempt(each, FRIDAY_16_BERLIN) for each in read]
    assert deliveries.mark_each_sending(connection, attempts) == [False, True], "both have a revision that one had"


def test_a_delivery_is_marked_as_being_sent_once(connection: Connection) -> None:
    first, second = (add(connection, team_id, "C posts", "post") for team_id in TEAMS)
    done = add(connection, "T1", "C posts", "done", state="posted", ts="1.000001", pending_op=None)
    read = {
        each.id: each for each in deliveries.select_all(connection, tables.deliveries.c.id.in_((first, second, done)))
    }
    later = FRIDAY_16_BERLIN + timedelta(seconds=1)
    attempts = [
        Attempt(read[first], FRIDAY_16_BERLIN),
        Attempt(read[first], later),
        Attempt(replace(read[second], revision=7), FRIDAY_16_BERLIN),
        Attempt(read[second], FRIDAY_16_BERLIN),
        Attempt(read[done], FRIDAY_16_BERLIN),
    ]
    assert deliveries.mark_each_sending(connection, attempts) == [True, False, False, True, False]
    assert deliveries.mark_each_sending(connection, attempts) == [False] * len(attempts)
    marked = deliveries.in_flight(connection)
    assert {(each.id, each.attempts, each.attempted_at) for each in marked} == {(first, 1, later), (second, 1, later)}
