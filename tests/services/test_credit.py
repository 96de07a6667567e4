"""What reaches the people in a win, and who gets a note with a roundup, on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, update

from bot.domain.channel_settings import ChannelSettings
from bot.domain.consent import HOLD_PERIOD, Consent, Preference
from bot.domain.credit import Credit, CreditStatus
from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.outbox import results
from bot.services import credit, roundups
from bot.services.credit import PressResult
from bot.slack.outcomes import Rejected, Succeeded
from bot.storage import channels, deliveries, joining, preferences, tables, wins, workspaces
from bot.storage import credit as queries
from bot.storage import roundups as roundup_queries
from bot.storage.database import engine
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.wins import NewWin

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
FRIDAY = datetime(2030, 3, 8, 16, 0, tzinfo=UTC)
BEN = Mention("UBEN", "ben")


@dataclass
class Scene:
    """A workspace whose channel C1 has a roundup every Friday."""

    connection: Connection
    count: int = 0

    def win(
        self,
        *people: Mention,
        thanked: bool = False,
        is_own: bool = True,
        consent: Consent | None = None,
        **more: object,
    ) -> int:
        """Let Ana have a win with these people in it, and return its id."""
        self.count += 1
        text = f"win {self.count}" if thanked else " ".join([f"win {self.count}", *(each.token for each in people)])
        draft = parse_win(text, () if thanked else people)
        draft = replace(draft, thanked=people if thanked else (), is_own=is_own)
        consents = {each.user_id: consent for each in people if consent is not None}
        new = NewWin(draft, "T1", "C1", text, Mention("UANA", "ana"), NOW, consents=consents, **more)  # type: ignore[arg-type]
        (win_id,) = wins.add_all(self.connection, [new])
        assert win_id is not None
        return win_id

    def message(self, win_id: int, user_id: str = "UBEN") -> Delivery:
        """Enqueue the message to someone about a win."""
        new = NewDelivery("T1", user_id, NOW, win_id=win_id, recipient_id=user_id)
        (key,) = enqueue(self.connection, DeliveryKind.CREDIT, [new])
        return self.again(key)

    def again(self, key: str) -> Delivery:
        found = deliveries.by_key(self.connection, "T1", key)
        assert found is not None
        return found

    def sent(self, message: Delivery) -> Delivery:
        """Let Slack have a message."""
        deliveries.mark_posted(self.connection, message.id, f"1.{message.id:06}", channel_id="D1")
        return self.again(message.key)

    def says(self, message: Delivery, *, now: datetime = NOW) -> Credit | None:
        return credit.load(self.connection, message, now=now)

    def status(self, message: Delivery, **options: datetime) -> CreditStatus | None:
        said = self.says(message, **options)
        return None if said is None else said.status

    def posts_roundup(self, *, state: DeliveryState = DeliveryState.POSTED) -> list[str]:
        """Post a roundup of the open wins, and return to whom notes go."""
        target = roundups.create_due(
            self.connection, team_id="T1", channel_id="C1", grace=timedelta(hours=24), now=FRIDAY
        )
        assert target == "C1"
        (pending,) = deliveries.select_all(self.connection, deliveries.is_unsent_roundup)
        assert queries.posted_without_notes(self.connection, limit=9) == []
        if state is DeliveryState.ABANDONED:
            roundups.abandon_part(self.connection, pending, now=FRIDAY)
        else:
            deliveries.mark_posted(self.connection, pending.id, "2.000001")
        (posted,) = queries.posted_without_notes(self.connection, limit=9)
        told = credit.add_notes(self.connection, posted, now=FRIDAY)
        assert credit.add_notes(self.connection, posted, now=FRIDAY) == []
        assert queries.posted_without_notes(self.connection, limit=9) == []
        return told

    def notes(self) -> list[Delivery]:
        return deliveries.select_all(self.connection, tables.deliveries.c.noted_roundup_id.is_not(None))


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    opened = engine(database_url, writes=True)
    with opened.connect() as connection:
        workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        channels.ensure_exist(connection, {("T1", "C1")})
        schedule = Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "UTC")
        stored = channels.lock(connection, "T1", "C1")
        channels.save_settings(connection, stored, ChannelSettings(schedule), user_id="UANA", now=NOW)
        yield Scene(connection)
        connection.rollback()
    opened.dispose()


def says(connection: Connection, win_id: int, consent: Consent) -> None:
    where = tables.win_people.c.win_id == win_id
    connection.execute(update(tables.win_people).where(where).values(consent=consent))


def test_the_first_message_explains_and_later_ones_only_ask(scene: Scene) -> None:
    first = scene.message(scene.win(BEN))
    said = scene.says(first)
    assert said is not None
    assert (said.status, said.explains, said.is_thanked) == (CreditStatus.NAMED, True, False)
    scene.sent(first)
    assert scene.says(scene.message(scene.win(BEN))) is None, "the roundup's note will tell"
    held = {"is_own": False, "consent": Consent.PENDING, "held_until": NOW + HOLD_PERIOD}
    question = scene.says(scene.message(scene.win(BEN, **held)))  # type: ignore[arg-type]
    assert question is not None
    assert (question.status, question.explains) == (CreditStatus.ASKED, False)
    thanks = scene.says(scene.sent(scene.message(scene.win(BEN, thanked=True))))
    assert thanks is not None
    assert thanks.is_thanked


def test_a_message_follows_what_is_said_of_the_win(scene: Scene) -> None:
    win_id = scene.win(BEN, is_own=False, consent=Consent.PENDING, held_until=NOW + HOLD_PERIOD)
    message = scene.sent(scene.message(win_id))
    assert scene.status(message) is CreditStatus.ASKED
    assert scene.status(message, now=NOW + HOLD_PERIOD) is CreditStatus.KEPT
    says(scene.connection, win_id, Consent.REFUSED)
    assert scene.status(message) is CreditStatus.DECLINED
    says(scene.connection, win_id, Consent.GIVEN)
    assert scene.status(message) is CreditStatus.WAITING
    is_win = tables.wins.c.id == win_id
    scene.connection.execute(update(tables.wins).where(is_win).values(held_until=None))
    assert scene.status(message) is CreditStatus.NAMED
    says(scene.connection, win_id, Consent.PENDING)
    assert scene.status(message) is CreditStatus.NAME_ASKED
    says(scene.connection, win_id, Consent.REFUSED)
    assert scene.status(message) is CreditStatus.LEFT
    says(scene.connection, win_id, Consent.GIVEN)
    preferences.choose(scene.connection, "T1", "UBEN", Preference.NEVER)
    assert scene.status(message) is CreditStatus.UNNAMED
    wins.undo(scene.connection, win_id, now=NOW)
    assert scene.says(message) is None


def test_who_has_stopped_the_messages_or_is_no_more_in_the_win_gets_none(scene: Scene) -> None:
    preferences.set_messages(scene.connection, "T1", "UBEN", wants_messages=False)
    message = scene.message(scene.win(BEN))
    assert scene.says(message) is None
    said = scene.says(scene.sent(message))
    assert said is not None, "what they have stays, with a way to turn the messages on again"
    assert not said.wants_messages
    assert scene.says(scene.message(scene.win(BEN), "UCHLOE")) is None
    assert scene.says(scene.message(scene.win(BEN, is_private=True))) is None


@pytest.mark.parametrize("way", ["cancelled", "refused", "deleted", "posted"])
def test_who_has_no_message_in_the_end_is_introduced_by_a_later_win(scene: Scene, way: str) -> None:
    assert preferences.introduce(scene.connection, "T1", "UBEN", now=NOW)
    message = scene.message(scene.win(BEN))
    if way == "cancelled":
        results.save_cancellation(scene.connection, message)
    elif way == "refused":
        results.save_post(scene.connection, message, Rejected("user_is_restricted"), now=NOW)
    else:
        posted = scene.sent(message)
        is_deletion = way == "deleted"
        results.save_change(scene.connection, posted, Succeeded("1.000001"), is_deletion=is_deletion, now=NOW)
    assert preferences.introduce(scene.connection, "T1", "UBEN", now=NOW) is (way != "posted")


def test_a_note_comes_with_the_roundup_to_those_whom_it_names(scene: Scene) -> None:
    connection = scene.connection
    people = {name: Mention(name) for name in ("UBEN", "UNEW", "UQUIET", "UNEVER", "ULEFT", "UTHANKED", "UTOLD")}
    for name in people.keys() - {"UNEW"}:
        preferences.introduce(connection, "T1", name, now=NOW)
    preferences.set_messages(connection, "T1", "UQUIET", wants_messages=False)
    preferences.choose(connection, "T1", "UNEVER", Preference.NEVER)
    first = scene.win(*(people[name] for name in ("UBEN", "UNEW", "UQUIET", "UNEVER")))
    scene.win(people["UTHANKED"], thanked=True)
    scene.win(people["ULEFT"], consent=Consent.REFUSED)
    scene.sent(scene.message(scene.win(people["UTOLD"]), "UTOLD"))
    joining.join(connection, "T1", first, "UJOINED")
    preferences.introduce(connection, "T1", "UJOINED", now=NOW)
    preferences.introduce(connection, "T1", "UANA", now=NOW)
    assert scene.posts_roundup() == ["UBEN", "UTHANKED"]
    to_ben, to_thanked = scene.notes()
    said = credit.load_note(connection, to_ben)
    assert said is not None
    assert [win.id for win in said.wins] == [first]
    assert credit.load_note(connection, to_thanked) is not None
    queries.update_notes(connection, first)
    assert [
        message.revision - before.revision for message, before in zip(scene.notes(), (to_ben, to_thanked), strict=True)
    ] == [1, 1]
    preferences.set_messages(connection, "T1", "UBEN", wants_messages=False)
    assert credit.load_note(connection, to_ben) is None
    preferences.choose(connection, "T1", "UTHANKED", Preference.NEVER)
    assert credit.load_note(connection, scene.sent(to_thanked)) is None


def test_a_note_says_who_cheered_even_if_the_win_was_told_before(scene: Scene) -> None:
    preferences.introduce(scene.connection, "T1", "UBEN", now=NOW)
    win_id = scene.win(BEN)
    scene.sent(scene.message(win_id))
    cheer = {"team_id": "T1", "win_id": win_id, "user_id": "UCHLOE", "source": "button"}
    scene.connection.execute(insert(tables.win_cheers), cheer | {"is_active": True, "changed_at_us": 1})
    assert scene.posts_roundup() == ["UBEN"]
    said = credit.load_note(scene.connection, scene.notes()[0])
    assert said is not None
    assert said.wins[0].cheered_by == ("UCHLOE",)


def test_a_roundup_that_is_given_up_or_quiet_brings_no_note(scene: Scene) -> None:
    preferences.introduce(scene.connection, "T1", "UBEN", now=NOW)
    scene.win(BEN)
    assert scene.posts_roundup(state=DeliveryState.ABANDONED) == []
    channel = channels.lock(scene.connection, "T1", "C1")
    due_at = FRIDAY + timedelta(days=7)
    roundup_queries.create(scene.connection, channel, [], target_channel_id="C1", due_at=due_at, now=due_at)
    (quiet,) = deliveries.select_all(scene.connection, deliveries.is_unsent_roundup)
    deliveries.mark_posted(scene.connection, quiet.id, "3.000001")
    (posted,) = queries.posted_without_notes(scene.connection, limit=9)
    assert credit.add_notes(scene.connection, posted, now=due_at) == []


def test_a_press_that_is_faster_than_slack_s_answer_to_the_post_says_where_the_message_is(scene: Scene) -> None:
    message = scene.message(scene.win(BEN))
    assert deliveries.mark_sending(scene.connection, message, now=NOW)
    press = credit.Press("T1", "D1", "1.000001", "UBEN", message.key)
    assert credit.set_messages(scene.connection, press, wants_messages=False, now=NOW) is PressResult.DONE
    results.save_post(scene.connection, message, Succeeded("1.000001", "D1"), now=NOW)
    posted = scene.again(message.key)
    assert (posted.channel_id, posted.ts, posted.pending_op) == ("D1", "1.000001", PendingOp.UPDATE)
    someone_else = credit.Press("T1", "D2", "1.000001", "UCHLOE", message.key)
    assert credit.leave(scene.connection, someone_else, now=NOW) is PressResult.NOT_RECIPIENT
