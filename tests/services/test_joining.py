"""Who joins a win and who is removed from it, on both databases: who counts as being in it, everywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from bot.domain.audit_log import Unavailability
from bot.domain.consent import Preference
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.joining import JoinedNote
from bot.domain.permissions import Actor
from bot.domain.search_terms import person_term
from bot.domain.wins import Draft, Mention, Win, parse_win
from bot.domain.workspaces import Workspace
from bot.services import joining, win_edits, win_privacy
from bot.services import wins as win_services
from bot.services.joining import JoinResult, Press, RemoveResult
from bot.services.wins import SaveWin, save_all
from bot.storage import channels, credited_wins, deliveries, owner_alerts, preferences, win_search, wins, workspaces
from bot.storage.database import engine
from bot.storage.win_search import Reader
from bot.storage.wins import NewWin
from bot.views.format import win_text
from bot.views.translations import ENGLISH

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
ANA, BEN, CHLOE = (Actor(user_id, is_active=True) for user_id in ("UANA", "UBEN", "UCHLOE"))


@dataclass
class Scene:
    """A win of Ana's that is announced in C1."""

    connection: Connection
    win_id: int
    press: Press

    @property
    def win(self) -> Win:
        found = wins.by_id(self.connection, "T1", self.win_id)
        assert found is not None
        return found

    def join(self, actor: Actor) -> JoinResult:
        return joining.join(self.connection, self.press, actor, now=NOW)

    def remove(self, user_id: str, actor: Actor = ANA) -> RemoveResult:
        return joining.remove(self.connection, team_id="T1", win_id=self.win_id, user_id=user_id, actor=actor)

    def is_in_it(self, user_id: str) -> bool:
        """Whether someone is in the win; everything that says so agrees."""
        channel_ids = credited_wins.channels_of(self.connection, "T1", user_id)
        listed = credited_wins.latest(self.connection, "T1", user_id, channel_ids=["C1"], now=NOW, limit=5)
        reader = Reader("UZOE", ["C1"])
        found = win_search.find(self.connection, "T1", [[person_term(user_id)]], reader, limit=5)
        answers = {
            wins.is_theirs(self.connection, self.win_id, user_id),
            user_id in {person.user_id for person in self.win.credited},
            channel_ids == {"C1"},
            [win.id for win in listed] == [self.win_id],
            bool(found),
        }
        assert len(answers) == 1
        return answers.pop()

    def edit(self, draft: Draft) -> None:
        win_edits.edit(
            self.connection,
            team_id="T1",
            win_id=self.win_id,
            user_id="UANA",
            is_outsider=False,
            draft=draft,
            expected_revision=self.win.revision,
            seen_joined_ids=(),
            now=NOW,
        )

    @property
    def told(self) -> JoinedNote:
        """What the author is told."""
        assert self.note is not None
        told = joining.load_note(self.connection, self.note)
        assert told is not None
        return told

    @property
    def note(self) -> deliveries.Delivery | None:
        return deliveries.note_about(self.connection, self.win_id, DeliveryKind.JOINED)


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    opened = engine(database_url, writes=True)
    with opened.connect() as connection:
        workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        new = NewWin(parse_win("shipped it", []), "T1", "C1", "form:1", Mention("UANA", "ana"), NOW)
        (logged,) = save_all(connection, [SaveWin(new, None, is_known_author=False)])
        yield Scene(connection, logged.id, Press("T1", "C1", "1.000001", str(logged.delivery_key)))
        connection.rollback()
    opened.dispose()


def test_a_person_who_is_removed_is_in_it_nowhere_and_stays_out_until_the_author_credits_them(scene: Scene) -> None:
    assert not scene.is_in_it("UBEN")
    assert scene.join(BEN) in (JoinResult.SHOWN, JoinResult.NOT_SHOWN)
    assert scene.is_in_it("UBEN")
    assert scene.join(BEN) is JoinResult.ALREADY_JOINED
    assert scene.remove("UBEN", CHLOE) is RemoveResult.NOT_AUTHOR
    assert scene.is_in_it("UBEN")
    assert scene.remove("UBEN") is RemoveResult.REMOVED
    assert not scene.is_in_it("UBEN")
    assert scene.join(BEN) is JoinResult.REMOVED
    assert not scene.is_in_it("UBEN")

    assert [person.user_id for person in scene.told.removed] == ["UBEN"]
    scene.edit(parse_win("shipped it with <@UBEN>", [Mention("UBEN", "ben")]))
    assert scene.is_in_it("UBEN")
    scene.join(CHLOE)
    assert scene.told.removed == ()
    assert scene.join(BEN) is JoinResult.ALREADY_THEIRS


def test_an_author_is_told_once_for_each_win(scene: Scene) -> None:
    scene.join(BEN)
    first = scene.note
    assert first is not None
    assert joining.leave(scene.connection, scene.press, "UBEN") is JoinResult.LEFT
    assert joining.load_note(scene.connection, first) is None, "nothing is left to be told"
    deliveries.mark_finished(scene.connection, first.id, DeliveryState.CANCELLED, None)
    scene.join(CHLOE)
    second = scene.note
    assert second is not None
    assert second.key != first.key
    deliveries.mark_posted(scene.connection, second.id, "2.000001", channel_id="DANA")
    scene.join(BEN)
    assert scene.note is not None
    assert (scene.note.id, scene.note.pending_op) == (second.id, "update")


def test_an_author_who_wants_no_messages_gets_none(scene: Scene) -> None:
    owner_alerts.opt_out(scene.connection, "T1", "UANA")
    scene.join(BEN)
    assert scene.note is not None
    assert joining.load_note(scene.connection, scene.note) is None
    assert scene.is_in_it("UBEN")


def test_an_author_who_joins_the_win_of_others_is_told_of_the_others_alone_and_can_make_it_theirs(scene: Scene) -> None:
    bens = replace(parse_win("shipped it", []), is_own=False, credited=(Mention("UBEN", "ben"),))
    scene.edit(bens)
    assert scene.join(ANA) is JoinResult.SHOWN
    assert scene.note is None
    scene.join(CHLOE)
    assert [person.user_id for person in scene.told.win.joined] == ["UCHLOE"]
    scene.edit(replace(bens, is_own=True))
    scene.edit(bens)
    assert scene.told.removed == ()
    assert scene.join(ANA) is JoinResult.SHOWN


def test_a_win_that_its_author_hands_to_one_who_joined_is_theirs_and_not_that_of_the_next_who_joins(
    scene: Scene,
) -> None:
    scene.join(BEN)
    bens = replace(parse_win("shipped it", []), is_own=False, credited=(Mention("UBEN"),))
    scene.edit(bens)
    scene.join(CHLOE)
    scene.edit(replace(scene.win.draft, text="shipped the search"))
    assert [person.user_id for person in scene.win.whose] == ["UBEN"]
    assert not scene.win.whose[0].is_unnamed, "they said so themselves"
    assert [person.user_id for person in scene.win.others] == ["UCHLOE"]
    assert [person.user_id for person in scene.told.win.joined] == ["UCHLOE"]


def edit(scene: Scene) -> None:
    scene.edit(parse_win("shipped the search", []))


def undo(scene: Scene) -> None:
    win_services.undo(scene.connection, team_id="T1", win_id=scene.win_id, user_id="UANA", is_outsider=False, now=NOW)


def make_private(scene: Scene) -> None:
    win_privacy.make_private(scene.connection, team_id="T1", win_id=scene.win_id, user_id="UANA", is_outsider=False)


@pytest.mark.parametrize("change", [edit, undo, make_private])
def test_the_note_to_an_author_follows_the_win(scene: Scene, change: Callable[[Scene], None]) -> None:
    scene.join(BEN)
    note = scene.note
    assert note is not None
    deliveries.mark_posted(scene.connection, note.id, "2.000001", channel_id="DANA")
    change(scene)
    assert scene.note is not None
    assert scene.note.pending_op == "update"
    told = joining.load_note(scene.connection, scene.note)
    assert (told is None) == scene.win.is_undone, "the note is deleted with the win"


def test_who_joins_where_the_bot_is_no_more_is_told_that_the_message_stays_as_it_is(scene: Scene) -> None:
    channel = channels.lock(scene.connection, "T1", "C1")
    channels.mark_unreachable(scene.connection, channel, Unavailability.REMOVED)
    assert scene.join(BEN) is JoinResult.NOT_SHOWN


def test_who_leaves_where_the_bot_is_no_more_is_told_that_the_message_may_still_name_them(scene: Scene) -> None:
    announcement = deliveries.of_win(scene.connection, scene.win_id)
    assert announcement is not None
    deliveries.mark_posted(scene.connection, announcement.id, scene.press.message_ts)
    scene.join(BEN)
    channel = channels.lock(scene.connection, "T1", "C1")
    channels.mark_unreachable(scene.connection, channel, Unavailability.REMOVED)
    assert joining.leave(scene.connection, scene.press, "UBEN") is JoinResult.LEFT_BUT_SHOWN
    assert not scene.is_in_it("UBEN")


def test_who_is_in_the_text_and_is_removed_stays_in_the_text_by_name_as_long_as_they_may_be_named(
    scene: Scene,
) -> None:
    scene.join(BEN)
    scene.edit(parse_win("shipped it with <@UBEN>", [Mention("UBEN", "ben")]))
    scene.remove("UBEN")
    assert win_text(ENGLISH, scene.win, {}) == "shipped it with @ben"
    assert not scene.is_in_it("UBEN")
    preferences.choose(scene.connection, "T1", "UBEN", Preference.NEVER)
    assert win_text(ENGLISH, scene.win, {}) == "shipped it with a teammate"
    assert win_text(ENGLISH, scene.win.for_author(), {}) == "shipped it with @ben"
    assert not scene.is_in_it("UBEN")


def test_who_is_in_the_text_and_leaves_stays_there_for_the_author_alone(scene: Scene) -> None:
    scene.join(BEN)
    scene.edit(parse_win("shipped it with <@UBEN>", [Mention("UBEN", "ben")]))
    joining.leave(scene.connection, scene.press, "UBEN")
    (ben,) = scene.win.credited
    assert (scene.win.text, ben.is_unnamed) == ("shipped it with <@UBEN>", True)
    assert not wins.is_theirs(scene.connection, scene.win_id, "UBEN")


def test_who_takes_back_that_they_joined_is_not_named_when_the_author_puts_them_into_the_text(scene: Scene) -> None:
    scene.join(BEN)
    assert joining.leave(scene.connection, scene.press, "UBEN") is JoinResult.LEFT
    assert not scene.is_in_it("UBEN")
    scene.edit(parse_win("shipped it with <@UBEN>", [Mention("UBEN", "ben")]))
    (ben,) = scene.win.credited
    assert ben.is_unnamed
    assert scene.join(BEN) in (JoinResult.SHOWN, JoinResult.NOT_SHOWN)
    assert scene.is_in_it("UBEN")
