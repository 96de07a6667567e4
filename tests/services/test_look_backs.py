"""Who gets a look back, when and at which win, on both databases."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.look_back import HALF_MONTH, MONTH, YEAR, LookBack
from bot.services import credit_notes, look_backs
from bot.storage import deliveries, preferences, tables, users
from bot.storage import look_backs as queries
from bot.storage.deliveries import Delivery
from bot.storage.users import User
from tests.services.credit_scene import NOW, Scene, scene_in
from tests.services.test_credit_notes import AfterRoundups

LATER = NOW + YEAR  # a Monday plus a year of 365 days: a Tuesday, 9:00 in UTC
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    with scene_in(database_url) as opened:
        lives(opened)
        preferences.set_look_back(opened.connection, "T1", "UANA", wants_look_back=True)
        yield opened


def lives(scene: Scene, *, is_active: bool = True, is_guest: bool = False) -> None:
    user = User("T1", "UANA", "ana", "UTC", is_active=is_active, is_admin=False, is_guest=is_guest)
    users.save(scene.connection, user, now=NOW)


def ticks(scene: Scene, now: datetime) -> list[Delivery]:
    """Enqueue what is due, twice as two bots would, and return all looks back."""
    due = queries.people_due(scene.connection, now, limit=99)
    for person in due * 2:
        look_backs.send_due(scene.connection, *person, now=now)
    return deliveries.select_all(scene.connection, tables.deliveries.c.kind == DeliveryKind.LOOK_BACK.value)


def saved_at(scene: Scene, moment: datetime, **options: object) -> int:
    win_id = scene.win(**options)  # type: ignore[arg-type]
    scene.connection.execute(update(tables.wins).where(tables.wins.c.id == win_id).values(created_at=moment))
    return win_id


def says(scene: Scene, message: Delivery, now: datetime = LATER) -> LookBack | None:
    return look_backs.load(scene.connection, scene.again(message.key), now=now)


def test_it_is_the_win_nearest_to_a_year_ago_once_a_month(scene: Scene) -> None:
    saved_at(scene, NOW - HALF_MONTH)
    nearest = saved_at(scene, NOW - DAY)
    saved_at(scene, NOW + 3 * DAY)
    (first,) = ticks(scene, LATER)
    assert first.win_id == nearest
    assert len(ticks(scene, LATER + MONTH - MINUTE)) == 1
    saved_at(scene, NOW + MONTH)
    assert len(ticks(scene, LATER + MONTH)) == 1, "the first one is still on its way"
    scene.connection.execute(update(tables.deliveries).values(state=DeliveryState.POSTED, attempted_at=LATER))
    assert len(ticks(scene, LATER + MONTH)) == 2


@pytest.mark.parametrize("days", [-16, 16])
def test_there_is_none_without_a_win_of_about_a_year_ago(scene: Scene, days: int) -> None:
    saved_at(scene, NOW + days * DAY)
    assert ticks(scene, LATER) == []
    assert queries.people_due(scene.connection, LATER, limit=99) == [("T1", "UANA")], "it waits for one"


def test_wins_of_others_and_those_that_are_gone_are_left_out(scene: Scene) -> None:
    saved_at(scene, NOW, is_own=False)
    undone = saved_at(scene, NOW)
    scene.connection.execute(update(tables.wins).where(tables.wins.c.id == undone).values(undone_at=NOW))
    saved_at(scene, NOW, held_until=NOW)
    assert ticks(scene, LATER) == []
    private = saved_at(scene, NOW, is_private=True)
    assert [each.win_id for each in ticks(scene, LATER)] == [private]


@pytest.mark.parametrize("who", ["guest", "deactivated", "unknown", "has not asked"])
def test_these_get_none(scene: Scene, who: str) -> None:
    saved_at(scene, NOW)
    if who == "unknown":
        scene.connection.execute(tables.users.delete())
    else:
        lives(scene, is_active=who != "deactivated", is_guest=who == "guest")
    preferences.set_look_back(scene.connection, "T1", "UANA", wants_look_back=who != "has not asked")
    assert ticks(scene, LATER) == []


def test_it_comes_in_working_hours_and_not_on_the_day_of_a_note(scene: Scene) -> None:
    saved_at(scene, NOW)
    assert ticks(scene, LATER - MINUTE) == []
    after = AfterRoundups(scene)
    after.cheers("UBEN", scene.win())
    after.roundup(at=LATER - DAY)
    note = after.posts(after.tick(LATER)["UANA"], at=LATER)
    assert note.state is DeliveryState.POSTED
    assert ticks(scene, LATER + MINUTE) == []
    assert len(ticks(scene, LATER + DAY)) == 1
    assert not credit_notes.may_message(scene.connection, "T1", "UANA", "UTC", now=LATER + DAY), "nor a note on its day"


def test_it_follows_the_win_and_who_has_stopped_it_meanwhile_gets_none(scene: Scene) -> None:
    win_id = saved_at(scene, NOW)
    (message,) = ticks(scene, LATER)
    assert says(scene, message) is not None
    said = says(scene, message, LATER + timedelta(hours=9))
    assert said is not None
    assert said.has_to_wait
    preferences.set_look_back(scene.connection, "T1", "UANA", wants_look_back=False)
    assert says(scene, message) is None
    posted = scene.sent(message)
    kept = says(scene, posted)
    assert kept is not None
    assert not kept.wants_look_back
    scene.connection.execute(update(tables.wins).where(tables.wins.c.id == win_id).values(undone_at=LATER))
    assert says(scene, posted) is None
