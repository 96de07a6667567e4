"""What the ticker wakes: the order in which due roundups are written down, and how much one tick does."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError

from bot.domain.channel_settings import ChannelSettings
from bot.domain.deliveries import DeliveryState
from bot.domain.entered_win import EnteredWin
from bot.domain.look_back import YEAR
from bot.scheduling import due_roundups, jobs
from bot.scheduling.jobs import LookBacks
from bot.services import look_backs
from bot.services.roundups import create_due
from bot.storage import deliveries, preferences, tables, unsaved_wins, users, workspaces
from bot.storage.database import Database
from bot.storage.due_channels import DueChannel
from bot.storage.users import User
from tests.storage.test_channels import ACME, FRIDAYS, GRACE, change_setup, due_on_friday, friday, save_win

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)


def test_no_workspace_waits_until_another_is_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_roundups, "MAX_TOGETHER", 2)
    teams = ["T1", "T1", "T1", "T2", "T3", "T2", "T1", "T1"]
    due = [DueChannel(team_id, f"C{number}", False, MONDAY) for number, team_id in enumerate(teams)]
    together = [[channel.channel_id for channel in group] for group in due_roundups.grouped_fairly(due)]
    assert together == [["C0", "C3"], ["C4", "C1"], ["C5", "C2"], ["C6", "C7"]]
    assert due_roundups.grouped_fairly([]) == []


async def test_what_was_not_saved_is_kept_for_a_day(database_url: str) -> None:
    now = [MONDAY]

    def keep(connection: Connection) -> int:
        workspaces.save(connection, ACME)
        return unsaved_wins.add(connection, ACME.team_id, "UANA", None, EnteredWin("half a sentence"), now=MONDAY)

    database = Database(database_url)
    unsaved_id = await database.write(keep)
    by_id = partial(unsaved_wins.by_id, team_id=ACME.team_id, user_id="UANA", unsaved_id=unsaved_id)
    kept = []
    for waited in (timedelta(), timedelta(days=1), timedelta(days=1, seconds=1)):
        now[0] = MONDAY + waited
        await jobs.purge_unsaved_wins(database, clock=lambda: now[0])
        kept.append(await database.read(by_id) is not None)
    assert kept == [True, True, False]
    await database.close()


async def test_one_tick_looks_back_for_some_people_and_the_next_for_others(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of them has a win of a year ago, so all of them go on being due."""
    people = [f"U{number}" for number in range(5)]
    asked: list[str] = []
    now = [MONDAY]
    send_due = look_backs.send_due

    def note(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> bool:
        asked.append(user_id)
        return send_due(connection, team_id, user_id, now=now)

    def choose(connection: Connection) -> None:
        workspaces.save(connection, ACME)
        for user_id in people:
            preferences.set_look_back(connection, ACME.team_id, user_id, wants_look_back=True)

    monkeypatch.setattr(jobs, "MAX_LOOK_BACKS", 2)
    monkeypatch.setattr(look_backs, "send_due", note)
    database = Database(database_url)
    await database.write(choose)
    job = LookBacks(database, clock=lambda: now[0], wake_sender=lambda _: None)
    counts = []
    for _ in range(5):
        await job.send()
        counts.append(len(asked))
    assert counts == [2, 4, 5, 5, 5]
    assert asked == people
    now[0] += timedelta(minutes=10)
    await job.send()
    assert asked == [*people, *people[:2]]
    await database.close()


BAD, GOOD = "C1", "C2"
UNKNOWN = "Nowhere/Town"
"""A zone that this machine doesn't know, or not anymore."""


def two_channels(connection: Connection, **settings: bool) -> None:
    """Two channels have a roundup, and are in the same zone still."""
    workspaces.save(connection, ACME)
    for channel_id in (BAD, GOOD):
        change_setup(connection, ChannelSettings(FRIDAYS, **settings), MONDAY, channel_id)  # type: ignore[arg-type]


def set_zone(connection: Connection, zone: str) -> None:
    """One of them is in another zone."""
    connection.execute(update(tables.channels).where(tables.channels.c.channel_id == BAD).values(zone=zone))


def have_roundups(connection: Connection) -> None:
    """A win of Ana's is told in the one, a win of Ben's in the other."""
    for channel_id, author_id in ((BAD, "UANA"), (GOOD, "UBEN")):
        save_win(connection, MONDAY, channel_id)
        in_channel = tables.wins.c.channel_id == channel_id
        connection.execute(update(tables.wins).where(in_channel).values(author_id=author_id))
        create_due(connection, channel_keys=[("T1", channel_id)], grace=GRACE, now=friday(16))


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


async def test_a_channel_in_an_unknown_zone_stops_no_other_reminder(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def set_up(connection: Connection) -> None:
        two_channels(connection, wants_reminder=True)
        set_zone(connection, UNKNOWN)

    database, woken = Database(database_url), list[tuple[str, str]]()
    await database.write(set_up)
    thursday = friday(16) - timedelta(days=1)
    await jobs.create_due_reminders(database, clock=lambda: thursday, wake_sender=woken.append)
    await database.close()
    assert woken == [("T1", GOOD)]
    assert errors(caplog) == ["could not create a reminder"]


async def test_a_channel_in_an_unknown_zone_stops_no_other_roundup_from_being_abandoned(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def set_up(connection: Connection) -> None:
        two_channels(connection)
        have_roundups(connection)
        set_zone(connection, UNKNOWN)

    database = Database(database_url)
    await database.write(set_up)
    too_late = friday(16) + GRACE + timedelta(minutes=1)
    await jobs.abandon_overdue(database, grace=GRACE, clock=lambda: too_late)
    found = await database.read(lambda connection: deliveries.in_states(connection, list(DeliveryState)))
    await database.close()
    states = {each.channel_id: each.state for each in found if each.roundup_id is not None}
    assert states == {BAD: DeliveryState.PENDING, GOOD: DeliveryState.ABANDONED}
    assert errors(caplog) == ["could not abandon what is too late"]


async def test_a_channel_in_an_unknown_zone_stops_no_note_about_another(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack doesn't say in which zone they live, so they are taken to be in that of the channel."""

    def set_up(connection: Connection) -> None:
        two_channels(connection)
        have_roundups(connection)
        posted = {"state": DeliveryState.POSTED, "pending_op": None, "attempted_at": friday(16)}
        connection.execute(update(tables.deliveries).values(posted))
        set_zone(connection, UNKNOWN)

    async def tick(now: datetime) -> list[str]:
        """Return who is due a note after it."""
        await jobs.send_credit_notes(database, clock=lambda: now, wake_sender=lambda _: None)
        query = select(tables.roundup_notes.c.user_id).where(tables.roundup_notes.c.done_at.is_(None))
        return await database.read(lambda connection: sorted(connection.scalars(query)))

    database = Database(database_url)
    await database.write(set_up)
    assert await tick(friday(17)) == ["UBEN"]
    await database.write(lambda connection: set_zone(connection, FRIDAYS.zone))
    assert await tick(friday(17)) == ["UANA", "UBEN"]

    def comes_first(connection: Connection) -> None:
        set_zone(connection, UNKNOWN)
        is_hers = tables.roundup_notes.c.user_id == "UANA"
        connection.execute(update(tables.roundup_notes).where(is_hers).values(due_at=friday(18)))

    await database.write(comes_first)
    assert await tick(friday(16) + timedelta(days=3)) == ["UANA"], "there was nothing to say to Ben"
    await database.close()
    assert errors(caplog) == ["could not store who is in a roundup", "could not enqueue a note"]


async def test_a_channel_in_an_unknown_zone_stops_no_look_back_at_another(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def set_up(connection: Connection) -> None:
        two_channels(connection)
        for channel_id, user_id in ((BAD, "UANA"), (GOOD, "UBEN")):
            user = User("T1", user_id, user_id.lower(), None, is_active=True, is_admin=False, is_guest=False)
            users.save(connection, user, now=MONDAY)
            preferences.set_look_back(connection, "T1", user_id, wants_look_back=True)
            save_win(connection, MONDAY - YEAR, channel_id)
            in_channel = tables.wins.c.channel_id == channel_id
            connection.execute(update(tables.wins).where(in_channel).values(author_id=user_id))
        set_zone(connection, UNKNOWN)

    database, woken = Database(database_url), list[tuple[str, str]]()
    await database.write(set_up)
    await LookBacks(database, clock=lambda: MONDAY, wake_sender=woken.append).send()
    await database.close()
    assert woken == [("T1", "UBEN")]
    assert errors(caplog) == ["could not enqueue a look back"]


async def test_a_channel_that_can_not_be_asked_about_stops_no_question_about_another(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    async def refresh(_team_id: str, channel_id: str) -> bool:
        asked.append(channel_id)
        if channel_id == BAD:
            raise OperationalError("", {}, Exception("the database breaks off"))
        return True

    database = Database(database_url)
    await database.write(lambda connection: two_channels(connection, joins_workspace_roundup=True))
    await due_on_friday(database, lambda _: None, refresh).refresh_taking_part()
    await database.close()
    assert asked == [BAD, GOOD]
    assert errors(caplog) == ["could not ask about a channel"]
