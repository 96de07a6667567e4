"""Messages that lack their latest cheers are one problem for an admin; one that shows an undone win is another."""

from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from bot.domain.permissions import Actor
from bot.services import owner_alerts as alert_services
from bot.services.resolving import resolve_by_key
from bot.storage import channels, deliveries, owner_alerts, roundups
from bot.storage.database import Database
from bot.storage.deliveries import Delivery
from tests.single import create_roundup
from tests.team import MONDAY
from tests.unit.test_refused_changes import DELETE, UPDATE, announce, change, cheer, undo


async def test_roundups_without_their_cheers_are_one_problem_and_one_with_an_undone_win_another(
    sqlite_url: str,
) -> None:
    database = Database(sqlite_url)

    def post_roundup(connection: Connection, day: int) -> Delivery:
        told = announce(connection, "T1", f"win {day}")
        channel = channels.by_id(connection, "T1", "C1")
        assert channel is not None
        assert told.win_id is not None
        due_at = MONDAY + timedelta(days=day)
        create_roundup(connection, channel, [[told.win_id]], target_channel_id="C1", due_at=due_at, now=MONDAY)
        return told

    def cheer_roundup(connection: Connection, told: Delivery) -> None:
        part = roundups.part_with(connection, told.win_id or 0)
        assert part is not None
        deliveries.request_update(connection, part.id)

    told = [await database.write(partial(post_roundup, day=day)) for day in range(4)]
    await change(database, {"T1": {}})
    for each in told:
        await database.write(partial(cheer_roundup, told=each))
    await database.write(partial(undo, announced=told[1]))
    await change(database, {"T1": {UPDATE: "edit_window_closed", DELETE: "cant_delete_message"}})
    found = await database.read(lambda connection: owner_alerts.refused_changes(connection, "T1", ["C1"]))
    problems = [(each.kind, each.shows_hidden, each.similar_count) for each in alert_services.grouped(found)]
    assert sorted(problems) == [("announcement", True, 0), ("roundup", False, 2), ("roundup", True, 0)]
    await database.close()


async def test_announcements_without_their_cheers_are_one_problem_for_an_admin(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    def announce_six(connection: Connection) -> list[Delivery]:
        announced = [announce(connection, "T1", f"win {number}") for number in range(6)]
        for delivery in announced[1:]:
            cheer(connection, delivery)
        undo(connection, announced[0])
        return announced

    def problems(connection: Connection) -> list[tuple[str, int]]:
        found = owner_alerts.refused_changes(connection, "T1", ["C1"])
        return [(each.key, each.similar_count) for each in alert_services.grouped(found)]

    def press(connection: Connection, delivery: Delivery, *, is_posted: bool) -> None:
        admin = Actor("UADMIN", is_active=True, is_admin=True)
        resolve_by_key(connection, team_id="T1", key=delivery.key, is_posted=is_posted, actor=admin, now=MONDAY)

    undone, *_, last = await database.write(announce_six)
    refused = {"T1": dict.fromkeys((UPDATE, DELETE), "edit_window_closed")}
    await change(database, refused)
    assert await database.read(problems) == [(undone.key, 0), (last.key, 4)]
    await database.write(partial(press, delivery=last, is_posted=False))
    assert await database.read(problems) == [(undone.key, 0)], "the others are tried again"
    await change(database, refused)
    assert await database.read(problems) == [(undone.key, 0), (last.key, 4)]
    await database.write(partial(press, delivery=undone, is_posted=True))
    assert await database.read(problems) == [(last.key, 4)], "the undone win is a problem of its own"
    await database.write(partial(press, delivery=last, is_posted=True))
    assert await database.read(problems) == []
    await database.close()
