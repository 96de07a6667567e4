"""Rows are deleted without leaving one that points nowhere, and the code copes with those that are gone."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, insert, select, update

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelSettings
from bot.domain.consent import Preference
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.entered_win import EnteredWin
from bot.domain.recurrence import Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.domain.wins import Mention, MessageSource, parse_win
from bot.domain.workspaces import Workspace
from bot.outbox import results
from bot.outbox.kinds import KINDS
from bot.services import channel_membership, owner_alerts
from bot.services.roundups import abandon_part
from bot.services.wins import SaveWin, save_all
from bot.storage import (
    channels,
    cheers,
    climbs,
    deletion,
    deliveries,
    preferences,
    roundup_items,
    tables,
    unsaved_wins,
    wins,
    workspaces,
)
from bot.storage.database import engine
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.owner_alerts import channel_of
from bot.storage.tables import metadata
from bot.storage.wins import NewWin
from tests.single import create_roundup, load_part, mark_sending
from tests.team import FRIDAY_16_BERLIN, MONDAY

FRIDAYS = ChannelSettings(Schedule(Weekly((Weekday.FRIDAY,)), date(2030, 3, 4), time(16), "Europe/Berlin"))
TEAMS = ("T1", "T2")
CHANNELS = ("C1", "C2")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Two workspaces with two channels each, and something in every table; the foreign keys are enforced."""
    opened = engine(database_url, writes=True)
    with opened.begin() as made:
        for team_id in TEAMS:
            workspaces.save(made, Workspace(team_id, None, team_id, f"https://{team_id}.test/", "UBOT"))
            for channel_id in CHANNELS:
                fill(made, team_id, channel_id)
        yield made
    opened.dispose()


def fill(connection: Connection, team_id: str, channel_id: str) -> None:
    draft = parse_win("fixed the #build with <@UBEN>", [Mention("UBEN", "ben")])
    new = [NewWin(draft, team_id, channel_id, f"{channel_id}:{n}", Mention("UANA", "ana"), MONDAY) for n in range(3)]
    logged = save_all(connection, [SaveWin(win, None, is_known_author=False) for win in new])
    win_ids = [win.id for win in logged]
    channel = channels.lock(connection, team_id, channel_id)
    channels.save_settings(connection, channel, FRIDAYS, user_id="UANA", now=MONDAY)
    channel = channels.lock(connection, team_id, channel_id)
    parts = [win_ids[:1], win_ids[1:2]]
    roundup_id = create_roundup(
        connection, channel, parts, target_channel_id=channel_id, due_at=FRIDAY_16_BERLIN, now=MONDAY
    )
    for table, subject in ((tables.win_cheers, win_ids[0]), (tables.roundup_cheers, roundup_id)):
        ben = {"team_id": team_id, "user_id": "UBEN", "source": cheers.BUTTON}
        cheers.record(connection, table, subject_id=subject, is_active=True, event_ts="1.5", **ben)
    part = deliveries.of_roundup(connection, roundup_id)[0]
    deliveries.mark_finished(connection, part.id, DeliveryState.REJECTED, "not_in_channel")
    owner_alerts.alert_about_delivery(connection, part, now=MONDAY)
    for reason in (Unavailability.REMOVED, None):
        channel_membership.apply_availability(connection, team_id, channel_id, reason, now=MONDAY)
    source = MessageSource(channel_id, "1.000001")
    entered = EnteredWin(text="fixed the build")
    unsaved_id = unsaved_wins.add(connection, team_id, "UANA", channel_id, entered, source=source, now=MONDAY)
    about = NewDelivery(team_id, channel_id, MONDAY, recipient_id="UANA", unsaved_win_id=unsaved_id)
    enqueue(connection, "suggestion", [about])
    enqueue(connection, DeliveryKind.REMINDER, [NewDelivery(team_id, channel_id, MONDAY)])
    preferences.choose(connection, team_id, "UBEN", Preference.ASK)
    note = NewDelivery(team_id, "UBEN", MONDAY, recipient_id="UBEN", noted_roundup_id=roundup_id)
    enqueue(connection, DeliveryKind.CREDIT_NOTE, [note])
    sent = select(tables.deliveries.c.id).where(tables.deliveries.c.noted_roundup_id == roundup_id).scalar_subquery()
    of_ben = insert(tables.roundup_notes).values(roundup_id=roundup_id, user_id="UBEN", team_id=team_id)
    connection.execute(of_ben.values(due_at=MONDAY, done_at=MONDAY, delivery_id=sent))
    climb = {"team_id": team_id, "channel_id": channel_id, "name": "Faster builds", "created_by": "UANA"}
    new_climb = insert(tables.climbs).values(**climb, created_at=MONDAY).returning(tables.climbs.c.id)
    climb_id = connection.execute(new_climb).scalar_one()
    connection.execute(update(tables.wins).where(tables.wins.c.id.in_(win_ids[:2])).values(climb_id=climb_id))
    enqueue(connection, DeliveryKind.CLIMB_REACHED, [NewDelivery(team_id, channel_id, MONDAY, climb_id=climb_id)])


def ids(connection: Connection, table: str, **where: str) -> list[int]:
    found = metadata.tables[table]
    conditions = [found.c[name] == value for name, value in where.items()]
    return list(connection.scalars(select(found.c.id).where(*conditions).order_by(found.c.id)))


def counts(connection: Connection, team_id: str) -> dict[str, int]:
    return {
        name: connection.execute(select(func.count()).where(table.c.team_id == team_id)).scalar_one()
        for name, table in metadata.tables.items()
    }


def test_a_workspace_is_deleted_and_no_other(connection: Connection) -> None:
    before = counts(connection, "T2")
    empty = {"alert_opt_outs", "idempotency_keys"}
    assert {name for name, number in before.items() if not number} == empty, "there is something in the others"
    deletion.delete_workspace(connection, "T1")
    assert set(counts(connection, "T1").values()) == {0}
    assert counts(connection, "T2") == before


def test_a_channel_is_deleted_and_no_other(connection: Connection) -> None:
    before = counts(connection, "T1")
    deletion.delete_channel(connection, "T1", "C1")
    after = counts(connection, "T1")
    assert channels.by_id(connection, "T1", "C1") is None
    halved = set(before) - {"workspaces", "users", "alert_opt_outs", "preferences", "idempotency_keys", "deliveries"}
    assert {name: after[name] for name in halved} == {name: before[name] // 2 for name in halved}
    assert ids(connection, "deliveries", team_id="T1", channel_id="C1") == []
    assert len(ids(connection, "deliveries", team_id="T1", channel_id="UANA")) == 1, "the owner alert reports C2 too"
    # The bot may get to know the channel again.
    fill(connection, "T1", "C1")


def test_a_win_is_deleted_out_of_its_roundup(connection: Connection) -> None:
    first, *_ = ids(connection, "wins", team_id="T1", channel_id="C1")
    announcement = deliveries.of_win(connection, first)
    assert announcement is not None
    deletion.delete_wins(connection, tables.wins.c.id == first)
    assert wins.by_id(connection, "T1", first) is None
    assert roundup_items.find_shown_place(connection, first) is None
    assert KINDS[announcement.kind].load(connection, announcement, now=MONDAY) is None, (
        "a sender that has read it before"
    )
    (roundup_id,) = ids(connection, "roundups", team_id="T1", channel_id="C1")
    part = load_part(connection, roundup_id, 0)
    assert part is not None
    assert (part.wins, part.win_count) == ((), 1)


def test_the_wins_of_more_climbs_take_no_more_parameters(connection: Connection) -> None:
    """A statement has a limited number of them: see test_many_ids.py."""

    def most_parameters(number: int) -> int:
        counted = [0]

        def count(*executed: Any) -> None:
            statement, values, is_many = executed[2], executed[3], executed[5]
            counted.append(len(values) if "climbs" in statement and not is_many else 0)

        draft = parse_win(f"one of {number} steps", [])
        new = [NewWin(draft, "T1", "C1", f"{number}:{n}", Mention("UANA", "ana"), MONDAY) for n in range(number)]
        for win_id in wins.add_all(connection, new):
            climb_id = climbs.add(connection, "T1", "C1", name=f"to {win_id}", created_by="UANA", now=MONDAY)
            is_step = tables.wins.c.id == win_id
            connection.execute(update(tables.wins).where(is_step).values(climb_id=climb_id))
        event.listen(connection, "before_cursor_execute", count)
        deletion.delete_wins(connection, tables.wins.c.text == draft.text)
        event.remove(connection, "before_cursor_execute", count)
        return max(counted)

    before = ids(connection, "climbs", team_id="T1")
    few, many = most_parameters(2), most_parameters(20)
    assert few == many
    assert few > 0
    assert ids(connection, "climbs", team_id="T1") == before


def test_a_roundup_is_deleted_and_its_wins_are_not_told_again(connection: Connection) -> None:
    (roundup_id,) = ids(connection, "roundups", team_id="T1", channel_id="C1")
    part = deliveries.of_roundup(connection, roundup_id)[0]
    deletion.delete_roundups(connection, tables.roundups.c.id == roundup_id)
    assert len(ids(connection, "wins", team_id="T1", channel_id="C1")) == 3
    assert len(wins.open_in(connection, "T1", "C1")) == 1
    # A reader of the delivery finds it gone.
    assert KINDS[part.kind].load(connection, part, now=MONDAY) is None
    assert not abandon_part(connection, part, now=MONDAY)
    assert not mark_sending(connection, part, now=MONDAY)
    assert not deliveries.mark_posted(connection, part.id, "1.000001")
    assert channel_of(connection, part) == "C1"
    owner_alerts.refresh_alert(connection, part)
    results.set_aside(connection, part, now=MONDAY)


def test_an_alert_is_deleted_and_what_it_reports_stays(connection: Connection) -> None:
    before = counts(connection, "T1")
    (alert,) = deliveries.select_all(
        connection, tables.deliveries.c.kind == DeliveryKind.OWNER_ALERT, tables.deliveries.c.team_id == "T1"
    )
    reported = deliveries.select_all(connection, tables.deliveries.c.alert_id == alert.id)[0]
    deletion.delete_deliveries(connection, tables.deliveries.c.id == alert.id)
    assert counts(connection, alert.team_id)["deliveries"] == before["deliveries"] - 1
    owner_alerts.refresh_alert(connection, reported)
    owner_alerts.alert_about_delivery(connection, reported, now=MONDAY + timedelta(minutes=1))
