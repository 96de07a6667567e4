"""Who gets a note after roundups, when, and what it tells, on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from bot.domain.channel_settings import ChannelSettings
from bot.domain.consent import Consent, Preference
from bot.domain.credit_notes import Note
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.roundups import RoundupKind
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.wins import Cheerers, Mention
from bot.services import cheers as cheer_services
from bot.services import credit_notes, roundups
from bot.services import preferences as preference_services
from bot.services import wins as win_services
from bot.slack.outcomes import Retryable, Succeeded, Unknown
from bot.storage import channels, cheers, deliveries, joining, preferences, tables, users
from bot.storage import credit_notes as queries
from bot.storage.deliveries import Delivery
from bot.storage.users import User
from tests.services.credit_scene import BEN, NOW, Scene, scene_in
from tests.single import create_roundup, mark_sending, save_post

FRIDAY = datetime(2030, 3, 8, 16, 0, tzinfo=UTC)
NEXT_MONDAY = datetime(2030, 3, 11, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class AfterRoundups:
    """What comes after the roundups of a scene."""

    scene: Scene
    sent: list[Delivery] = field(default_factory=list)

    def knows(self, *people: str) -> None:
        """Let these have had their first message."""
        for user_id in people:
            preferences.introduce(self.scene.connection, "T1", user_id, now=NOW)

    def lives_in(self, user_id: str, zone: str | None) -> None:
        user = User("T1", user_id, user_id.lower(), zone, is_active=True, is_admin=False, is_guest=False)
        users.save(self.scene.connection, user, now=NOW)

    def cheers(self, user_id: str, win_id: int, *, is_active: bool = True, at: float = 1) -> None:
        self._cheers(tables.win_cheers, user_id, win_id, is_active=is_active, at=at)

    def cheers_roundup(self, user_id: str, roundup_id: int) -> None:
        self._cheers(tables.roundup_cheers, user_id, roundup_id, is_active=True, at=1)

    def presses(self, user_id: str, roundup_id: int, *, is_active: bool, at: float) -> None:
        """Let someone cheer a whole roundup with its button, or take that back."""
        (message,) = deliveries.of_roundup(self.scene.connection, roundup_id)
        about = {"team_id": "T1", "channel_id": "C1", "message_ts": message.ts, "key": message.key, "user_id": user_id}
        rest = {"is_outsider": False, "is_active": is_active, "action_ts": f"{at:.6f}"}
        cheer_services.record_by_button(self.scene.connection, **about, **rest)  # type: ignore[arg-type]

    def _cheers(self, table: Any, user_id: str, subject_id: int, *, is_active: bool, at: float) -> None:
        about = {"team_id": "T1", "subject_id": subject_id, "user_id": user_id, "source": cheers.BUTTON}
        cheers.record(self.scene.connection, table, is_active=is_active, event_ts=f"{at:.6f}", **about)  # type: ignore[arg-type]

    def roundup(self, *, at: datetime = FRIDAY, channel_id: str = "C1", state: Any = DeliveryState.POSTED) -> int:
        """Post a roundup of the open wins, and return its id."""
        connection = self.scene.connection
        channels.ensure_exist(connection, {("T1", channel_id)})
        channel = channels.lock(connection, "T1", channel_id)
        win_ids = list(
            connection.scalars(
                select(tables.wins.c.id).where(tables.wins.c.is_open, tables.wins.c.channel_id == channel_id)
            )
        )
        parts = [win_ids] if win_ids else []
        roundup_id = create_roundup(connection, channel, parts, target_channel_id="C1", due_at=at, now=at)
        assert queries.posted_without_notes(connection, limit=9) == [], "it isn't posted yet"
        (pending,) = deliveries.of_roundup(connection, roundup_id)
        if state is DeliveryState.ABANDONED:
            roundups.abandon_part(connection, pending, now=at)
        else:
            assert mark_sending(connection, pending, now=at)
            deliveries.mark_posted(connection, pending.id, f"2.{roundup_id:06}")
        self.stores_people(at)
        return roundup_id

    def stores_people(self, now: datetime) -> None:
        connection = self.scene.connection
        for posted in queries.posted_without_notes(connection, limit=9):
            credit_notes.add_due(connection, [posted], now=now)
            credit_notes.add_due(connection, [posted], now=now)
        assert queries.posted_without_notes(connection, limit=9) == []

    def due(self) -> dict[str, datetime]:
        """Who is still due a note, and when."""
        query = select(tables.roundup_notes).where(tables.roundup_notes.c.done_at.is_(None))
        return {row.user_id: row.due_at for row in self.scene.connection.execute(query)}

    def tick(self, now: datetime) -> dict[str, Delivery]:
        """Enqueue the notes that are due, twice as two bots would, and return those that are still to be posted."""
        connection = self.scene.connection
        due = queries.people_due(connection, now, limit=99)
        for _ in range(2):
            for person in due:
                credit_notes.send_due(connection, *person, now=now)
        return {each.recipient_id or "": each for each in self.all() if each.state is DeliveryState.PENDING}

    def all(self) -> list[Delivery]:
        return deliveries.select_all(self.scene.connection, tables.deliveries.c.kind == DeliveryKind.CREDIT_NOTE.value)

    def posts(self, note: Delivery, *, at: datetime) -> Delivery:
        """Let Slack take a note."""
        assert mark_sending(self.scene.connection, self.scene.again(note.key), now=at)
        save_post(self.scene.connection, note, Succeeded(f"1.{note.id:06}", "D1"), now=at)
        return self.scene.again(note.key)

    def says(self, note: Delivery, *, now: datetime = NEXT_MONDAY) -> Note:
        said = credit_notes.load(self.scene.connection, self.scene.again(note.key), now=now)
        assert said is not None
        return said

    def wins_in(self, note: Delivery) -> list[int]:
        return [told.win.id for channel in self.says(note).channels for told in channel.wins]


@pytest.fixture
def after(database_url: str) -> Iterator[AfterRoundups]:
    with scene_in(database_url) as opened:
        yield AfterRoundups(opened)


def test_everyone_in_a_roundup_to_whom_something_came_gets_a_note_on_the_next_workday(after: AfterRoundups) -> None:
    scene = after.scene
    people = {name: Mention(name) for name in ("UBEN", "UNEW", "UQUIET", "UNEVER", "ULEFT", "UTHANKED", "UTOLD")}
    after.knows(*(people.keys() - {"UNEW"}))
    preferences.set_messages(scene.connection, "T1", "UQUIET", wants_messages=False)
    preferences.choose(scene.connection, "T1", "UNEVER", Preference.NEVER)
    first = scene.win(*(people[name] for name in ("UBEN", "UNEW", "UQUIET", "UNEVER")))
    thanked = scene.win(people["UTHANKED"], thanked=True)
    scene.win(people["ULEFT"], consent=Consent.REFUSED)
    told = scene.win(people["UTOLD"])
    scene.sent(scene.message(told, "UTOLD"))
    joining.join(scene.connection, "T1", told, "UJOINED")
    after.cheers("UTHANKED", thanked)
    after.roundup()
    assert set(after.due().values()) == {NEXT_MONDAY}
    assert after.tick(NEXT_MONDAY - MINUTE) == {}
    found = after.tick(NEXT_MONDAY)
    assert sorted(found) == ["UANA", "UBEN", "UTHANKED"], "nothing came to the others, or they can't be told"
    assert after.due() == {}
    assert after.wins_in(found["UBEN"]) == [first]
    assert len(after.wins_in(found["UANA"])) == 4
    (channel,) = after.says(found["UTHANKED"]).channels
    assert channel.wins[0].win.cheered_by == Cheerers(), "no one is told that they cheered"
    assert after.says(found["UANA"]).channels[0].brought_something


def test_if_nothing_came_nothing_is_sent_and_nothing_is_due(after: AfterRoundups) -> None:
    after.knows("UBEN")
    win_id = after.scene.win(BEN)
    after.scene.sent(after.scene.message(win_id))
    after.cheers("UBEN", win_id)
    after.cheers("UANA", win_id)
    after.cheers("UCHLOE", win_id)
    after.cheers("UCHLOE", win_id, is_active=False, at=2)
    after.cheers_roundup("UBEN", after.roundup())
    assert list(after.tick(NEXT_MONDAY)) == ["UANA"], "Ben cheered all of it, and no one else did anything"
    assert after.due() == {}


def test_who_cheered_a_whole_roundup_is_named_apart(after: AfterRoundups) -> None:
    after.scene.win()
    roundup_id = after.roundup()
    for person in ("UBEN", "UANA", "UCHLOE"):
        after.cheers_roundup(person, roundup_id)
    (channel,) = after.says(after.tick(NEXT_MONDAY)["UANA"]).channels
    assert channel.cheered_by == Cheerers.of(["UBEN", "UCHLOE"])
    assert not channel.wins[0].brought_something


def test_who_is_in_several_roundups_is_stored_together_as_one_by_one(after: AfterRoundups) -> None:
    connection, notes = after.scene.connection, tables.roundup_notes
    after.lives_in("UBEN", "Asia/Tokyo")
    in_new_york = Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "America/New_York")
    for number, zone in enumerate((None, in_new_york, None), start=2):
        channel = channels.lock(connection, "T1", f"C{number}")
        if zone is not None:
            channels.save_settings(connection, channel, ChannelSettings(zone), user_id="UANA", now=NOW)
        win_id = after.scene.win(BEN, Mention(f"U{number}"))
        connection.execute(update(tables.wins).where(tables.wins.c.id == win_id).values(channel_id=f"C{number}"))
        after.roundup(at=FRIDAY + number * DAY, channel_id=f"C{number}")
    query = select(notes).order_by(notes.c.roundup_id, notes.c.user_id)
    one_by_one = connection.execute(query).all()
    assert len({row.due_at for row in one_by_one}) > 3, "zones and times differ"
    connection.execute(delete(notes))
    connection.execute(update(tables.roundups).values(noted_at=None))
    posted = queries.posted_without_notes(connection, limit=9)
    for now in (FRIDAY, NEXT_MONDAY):
        credit_notes.add_due(connection, [*posted, *posted], now=now)
        assert connection.execute(query).all() == one_by_one


def test_what_several_channels_brought_comes_in_one_note_and_once(after: AfterRoundups) -> None:
    connection = after.scene.connection
    channels.ensure_exist(connection, {("T1", "C2")})
    first, second = after.scene.win(), after.scene.win()
    connection.execute(update(tables.wins).where(tables.wins.c.id == second).values(channel_id="C2"))
    for win_id in (first, second):
        after.cheers("UBEN", win_id)
    after.roundup(at=FRIDAY)
    after.roundup(at=FRIDAY + 2 * HOUR, channel_id="C2")
    note = after.tick(NEXT_MONDAY)["UANA"]
    said = after.says(note)
    assert [(channel.channel_id, channel.wins[0].win.id) for channel in said.channels] == [
        ("C1", first),
        ("C2", second),
    ]
    rest = said.without({"C1"})
    assert rest is not None
    assert [channel.channel_id for channel in rest.channels] == ["C2"]
    assert said.without({"C1", "C2"}) is None
    after.posts(note, at=NEXT_MONDAY)
    assert after.tick(NEXT_MONDAY + 30 * DAY) == {}
    assert len(after.all()) == 1


def test_no_one_gets_two_notes_on_one_local_day(after: AfterRoundups) -> None:
    after.lives_in("UANA", "Asia/Tokyo")
    tuesday = datetime(2030, 3, 5, 0, 0, tzinfo=UTC)  # 9:00 in Tokyo
    after.cheers("UBEN", after.scene.win())
    after.roundup(at=tuesday - DAY)
    first = after.posts(after.tick(tuesday)["UANA"], at=tuesday)
    assert after.says(first, now=tuesday).brought_something
    after.cheers("UBEN", after.scene.win())
    after.roundup(at=tuesday - DAY + HOUR)
    assert after.due() == {"UANA": tuesday + HOUR}
    assert after.tick(tuesday + HOUR) == {}
    assert after.due() == {"UANA": tuesday + DAY}
    assert after.tick(tuesday + DAY - MINUTE) == {}
    assert list(after.tick(tuesday + DAY)) == ["UANA"]
    assert len(after.all()) == 2


def test_a_note_that_is_not_posted_yet_tells_what_comes_due_meanwhile(after: AfterRoundups) -> None:
    after.cheers("UBEN", after.scene.win())
    after.roundup()
    note = after.tick(NEXT_MONDAY)["UANA"]
    after.cheers("UBEN", after.scene.win())
    after.roundup(at=FRIDAY + 3 * DAY)
    assert after.tick(NEXT_MONDAY + DAY + 7 * HOUR) == {"UANA": after.scene.again(note.key)}
    assert len(after.wins_in(note)) == 2
    assert not mark_sending(after.scene.connection, note, now=NEXT_MONDAY), "what was loaded is out of date"


@pytest.mark.parametrize("found", [True, False])
def test_while_it_is_unknown_whether_a_note_was_posted_no_other_one_is_enqueued(
    after: AfterRoundups, *, found: bool
) -> None:
    connection = after.scene.connection
    after.cheers("UBEN", after.scene.win())
    after.roundup()
    note = after.tick(NEXT_MONDAY)["UANA"]
    assert mark_sending(connection, note, now=NEXT_MONDAY)
    save_post(connection, note, Unknown("timeout"), now=NEXT_MONDAY)
    after.cheers("UBEN", after.scene.win())
    after.roundup(at=FRIDAY + DAY)
    moment = NEXT_MONDAY + DAY
    assert after.tick(moment) == {}
    assert after.due() == {"UANA": moment + credit_notes.RETRY_AFTER}
    if found:
        deliveries.mark_posted(connection, note.id, "1.000001", channel_id="D1")
        assert [each.id for each in after.tick(moment + HOUR).values()] == [after.all()[-1].id]
        assert len(after.all()) == 2
    else:
        save_post(connection, note, Retryable("not_there"), now=moment)
        assert [each.id for each in after.tick(moment + HOUR).values()] == [note.id]
        assert len(after.wins_in(note)) == 2


def test_after_an_outage_a_note_waits_until_its_reader_is_at_work(after: AfterRoundups) -> None:
    after.cheers("UBEN", after.scene.win())
    after.roundup()
    saturday = NEXT_MONDAY + 5 * DAY
    assert after.tick(saturday) == {}
    assert after.due() == {"UANA": NEXT_MONDAY + 7 * DAY}
    note = after.tick(NEXT_MONDAY + 7 * DAY)["UANA"]
    assert after.says(note, now=NEXT_MONDAY + 7 * DAY + 9 * HOUR).has_to_wait
    assert not after.says(note, now=NEXT_MONDAY + 8 * DAY).has_to_wait
    posted = after.posts(note, at=NEXT_MONDAY + 8 * DAY)
    assert not after.says(posted, now=saturday).has_to_wait, "updates come at any time"


@pytest.mark.parametrize("zone", ["Not/AZone", "", None])
def test_who_has_no_zone_is_told_in_that_of_the_channel(after: AfterRoundups, zone: str | None) -> None:
    connection = after.scene.connection
    after.lives_in("UANA", zone)
    schedule = Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "America/New_York")
    stored = channels.lock(connection, "T1", "C1")
    channels.save_settings(connection, stored, ChannelSettings(schedule), user_id="UANA", now=NOW)
    after.scene.win()
    after.roundup()
    assert after.due() == {"UANA": datetime(2030, 3, 11, 13, 0, tzinfo=UTC)}, "9:00, in summer time"


def test_the_zone_of_a_channel_is_asked_for_only_where_someone_has_none(after: AfterRoundups) -> None:
    """That of another one doesn't matter then, not even if its settings can't be read."""
    connection = after.scene.connection
    after.lives_in("UANA", "Asia/Tokyo")
    after.cheers("UCHLOE", after.scene.win())
    first = after.roundup()
    channels.ensure_exist(connection, {("T1", "C2")})
    win_id = after.scene.win(BEN)
    connection.execute(update(tables.wins).where(tables.wins.c.id == win_id).values(channel_id="C2"))
    second = after.roundup(channel_id="C2")
    connection.execute(delete(tables.roundup_notes))
    connection.execute(update(tables.roundups).values(noted_at=None))
    connection.execute(update(tables.channels).where(tables.channels.c.channel_id == "C1").values(zone="Not/AZone"))
    credit_notes.add_due(connection, queries.posted_without_notes(connection, limit=9), now=FRIDAY)
    morning = datetime(2030, 3, 11, 0, 0, tzinfo=UTC)
    due_at = {(row.roundup_id, row.user_id): row.due_at for row in connection.execute(select(tables.roundup_notes))}
    assert due_at == {(first, "UANA"): morning, (second, "UANA"): morning, (second, "UBEN"): NEXT_MONDAY}
    assert list(after.tick(morning)) == ["UANA"]


def test_who_has_moved_gets_it_in_the_morning_of_the_new_place(after: AfterRoundups) -> None:
    after.cheers("UBEN", after.scene.win())
    after.roundup()
    after.lives_in("UANA", "America/Los_Angeles")
    assert after.tick(NEXT_MONDAY) == {}
    assert after.due() == {"UANA": datetime(2030, 3, 11, 16, 0, tzinfo=UTC)}


def test_a_note_follows_what_becomes_of_its_wins(after: AfterRoundups) -> None:
    connection = after.scene.connection
    after.knows("UBEN")
    first, second = after.scene.win(BEN), after.scene.win(BEN)
    after.roundup()
    for win_id in (first, second):
        after.cheers("UCHLOE", win_id)
    found = after.tick(NEXT_MONDAY)
    note = after.posts(found["UBEN"], at=NEXT_MONDAY)
    undo = {"team_id": "T1", "user_id": "UANA", "is_outsider": False}
    win_services.undo(connection, win_id=first, now=NEXT_MONDAY, **undo)  # type: ignore[arg-type]
    assert after.scene.again(note.key).pending_op == "update"
    assert after.wins_in(note) == [second]
    preference_services.choose(connection, team_id="T1", user_id="UBEN", preference=Preference.NEVER, now=NEXT_MONDAY)
    assert credit_notes.load(connection, after.scene.again(note.key), now=NEXT_MONDAY) is None
    assert after.wins_in(found["UANA"]) == [second]
    connection.execute(update(tables.wins).where(tables.wins.c.id == second).values(is_private=True))
    assert credit_notes.load(connection, after.scene.again(found["UANA"].key), now=NEXT_MONDAY) is None


def test_a_cheer_that_is_taken_back_leaves_the_note_too(after: AfterRoundups) -> None:
    connection = after.scene.connection
    win_id = after.scene.win()
    roundup_id = after.roundup()
    for person in ("UBEN", "UCHLOE"):
        after.presses(person, roundup_id, is_active=True, at=1)
    note = after.posts(after.tick(NEXT_MONDAY)["UANA"], at=NEXT_MONDAY)
    about = {"team_id": "T1", "win_id": win_id, "user_id": "UBEN"}
    for is_active, at, expected in ((True, "5.0", None), (False, "6.0", "update")):
        cheer_services.cheer_win(connection, is_active=is_active, action_ts=at, **about)  # type: ignore[arg-type]
        assert after.scene.again(note.key).pending_op == expected, "only what is taken back changes a note"
    connection.execute(update(tables.deliveries).values(pending_op=None))
    after.presses("UBEN", roundup_id, is_active=False, at=2)
    assert after.scene.again(note.key).pending_op == "update"
    assert after.says(note).channels[0].cheered_by == Cheerers.of(["UCHLOE"])
    after.presses("UCHLOE", roundup_id, is_active=False, at=2)
    assert credit_notes.load(connection, note, now=NEXT_MONDAY) is None, "nothing is left that came"


def test_who_stops_the_messages_gets_none_and_keeps_what_they_have(after: AfterRoundups) -> None:
    connection = after.scene.connection
    after.cheers("UBEN", after.scene.win())
    after.roundup()
    note = after.tick(NEXT_MONDAY)["UANA"]
    preferences.set_messages(connection, "T1", "UANA", wants_messages=False)
    assert credit_notes.load(connection, note, now=NEXT_MONDAY) is None
    preferences.set_messages(connection, "T1", "UANA", wants_messages=True)
    posted = after.posts(note, at=NEXT_MONDAY)
    preferences.set_messages(connection, "T1", "UANA", wants_messages=False)
    assert not after.says(posted).wants_messages
    after.cheers("UBEN", after.scene.win())
    after.roundup(at=FRIDAY + 7 * DAY)
    assert after.tick(NEXT_MONDAY + 7 * DAY) == {}
    assert after.due() == {}


def test_a_roundup_that_is_given_up_or_quiet_or_from_before_brings_no_note(after: AfterRoundups) -> None:
    connection = after.scene.connection
    after.cheers("UBEN", after.scene.win())
    after.roundup(state=DeliveryState.ABANDONED)
    assert after.due() == {}
    connection.execute(update(tables.wins).values(is_open=False))
    after.roundup(at=FRIDAY + 7 * DAY)
    assert after.due() == {}
    connection.execute(update(tables.wins).values(is_open=True))
    channel = channels.lock(connection, "T1", "C1")
    due_at = FRIDAY + 14 * DAY
    win_ids = list(connection.scalars(select(tables.wins.c.id)))
    old = create_roundup(connection, channel, [win_ids], target_channel_id="C1", due_at=due_at, now=due_at)
    connection.execute(update(tables.roundups).where(tables.roundups.c.id == old).values(noted_at=due_at))
    deliveries.mark_posted(connection, deliveries.of_roundup(connection, old)[0].id, "3.000001")
    after.stores_people(due_at)
    assert after.due() == {}


def test_an_edition_tells_wins_again_and_brings_no_second_note(after: AfterRoundups) -> None:
    connection = after.scene.connection
    after.cheers("UBEN", win_id := after.scene.win())
    after.roundup()
    edition = {"team_id": "T1", "channel_id": "C1", "kind": RoundupKind.MONTHLY, "due_at": FRIDAY, "created_at": FRIDAY}
    roundup_id = connection.execute(
        insert(tables.roundups).values(edition).returning(tables.roundups.c.id)
    ).scalar_one()
    item = {"roundup_id": roundup_id, "part": 0, "position": 0, "win_id": win_id, "team_id": "T1", "is_regular": False}
    connection.execute(insert(tables.roundup_items).values(item))
    after.stores_people(FRIDAY)
    query = select(tables.roundup_notes.c.roundup_id)
    assert roundup_id not in connection.scalars(query).all()
    assert list(after.tick(NEXT_MONDAY)) == ["UANA"]


def test_a_note_of_before_is_still_shown_and_updated(after: AfterRoundups) -> None:
    connection = after.scene.connection
    after.knows("UBEN")
    win_id = after.scene.win(BEN)
    roundup_id = after.roundup()
    row: dict[str, Any] = {
        "team_id": "T1",
        "channel_id": "D9",
        "key": "k",
        "kind": "credit_note",
        "state": "posted",
        "ts": "9.000001",
    }
    row |= {"recipient_id": "UBEN", "noted_roundup_id": roundup_id, "created_at": NOW}
    connection.execute(insert(tables.deliveries).values(row))
    queries.request_updates_with(connection, win_id)
    old = after.scene.again("k")
    assert old.pending_op == "update"
    assert after.wins_in(old) == [win_id]
