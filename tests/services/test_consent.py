"""Who has to agree to a win, on both databases: what is asked, what a yes and a no do, and that nothing is shared
without consent, lost, or shared twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest
from sqlalchemy import Connection, select

from bot.domain.channel_settings import ChannelSettings
from bot.domain.consent import Preference
from bot.domain.credit import CreditStatus
from bot.domain.credited_wins import as_read_by
from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.domain.permissions import Actor
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.search_terms import channel_term
from bot.domain.wins import Draft, Mention, Win, parse_win
from bot.domain.workspaces import Workspace
from bot.services import consent_answers, joining, win_edits, win_privacy
from bot.services import preferences as preference_services
from bot.services import roundups as roundup_services
from bot.services import wins as win_services
from bot.services.consent_answers import AnswerResult, LeaveResult
from bot.services.joining import JoinResult, Press
from bot.services.preferences import ChooseResult
from bot.services.win_privacy import PrivacyResult
from bot.services.wins import SaveWin, save_all
from bot.storage import (
    channels,
    cheers,
    credited_wins,
    deliveries,
    preferences,
    roundups,
    tables,
    win_search,
    wins,
    workspaces,
)
from bot.storage.database import engine
from bot.storage.deliveries import Delivery
from bot.storage.wins import NewWin
from bot.views.format import win_text
from bot.views.translations import ENGLISH
from tests.single import create_roundup, mark_sending
from tests.team import MONDAY as NOW

LATER = NOW + timedelta(days=15)
PEOPLE = {user_id: Actor(user_id, is_active=True) for user_id in ("UANA", "UBEN", "UCHLOE", "UDMITRI")}
SHARE, ASK, NEVER = Preference


@dataclass
class Scene:
    """#general of Ana, Ben and Chloe, and what is stored of it."""

    connection: Connection
    numbers: Iterator[int]

    def save(self, draft: Draft, *, author: str = "UANA", **rest: object) -> int:
        new = NewWin(draft, "T1", "C1", f"form:{next(self.numbers)}", Mention(author, author[1:]), NOW, **rest)  # type: ignore[arg-type]
        return save_all(self.connection, [SaveWin(new, None, is_known_author=True)])[0].id

    def win(self, win_id: int) -> Win:
        found = wins.by_id(self.connection, "T1", win_id)
        assert found is not None
        return found

    def prefers(self, user_id: str, preference: Preference, *, now: datetime = NOW) -> ChooseResult:
        return preference_services.choose(
            self.connection, team_id="T1", user_id=user_id, preference=preference, now=now
        )

    def answers(
        self, user_id: str, win_id: int, *, yes: bool, revision: int | None = None, now: datetime = NOW
    ) -> AnswerResult:
        revision = self.win(win_id).revision if revision is None else revision
        actor = PEOPLE[user_id]
        common = {"team_id": "T1", "win_id": win_id, "actor": actor, "revision": revision}
        return consent_answers.answer(self.connection, **common, is_yes=yes, now=now)  # type: ignore[arg-type]

    def leaves(self, user_id: str, win_id: int) -> LeaveResult:
        return consent_answers.leave(self.connection, team_id="T1", win_id=win_id, actor=PEOPLE[user_id])

    def edit(self, win_id: int, draft: Draft, *, now: datetime = NOW) -> Win:
        win = self.win(win_id)
        common = {"team_id": "T1", "win_id": win_id, "user_id": win.author.user_id, "is_outsider": False}
        return win_edits.edit(
            self.connection,
            **common,  # type: ignore[arg-type]
            draft=draft,
            expected_revision=win.revision,
            seen_joined_ids=[person.user_id for person in win.joined],
            now=now,
        ).win

    def make_private(self, win_id: int) -> PrivacyResult:
        author = self.win(win_id).author.user_id
        return win_privacy.make_private(self.connection, team_id="T1", win_id=win_id, user_id=author, is_outsider=False)

    def share_again(self, win_id: int, *, now: datetime = NOW) -> PrivacyResult:
        author = self.win(win_id).author.user_id
        return win_privacy.share_again(
            self.connection, team_id="T1", win_id=win_id, user_id=author, is_outsider=False, now=now
        )

    def undo(self, win_id: int) -> None:
        author = self.win(win_id).author.user_id
        win_services.undo(self.connection, team_id="T1", win_id=win_id, user_id=author, is_outsider=False, now=NOW)

    def join(self, user_id: str, win_id: int) -> JoinResult:
        announcement = deliveries.of_win(self.connection, win_id)
        assert announcement is not None
        press = Press("T1", "C1", "1.000001", announcement.key)
        return joining.join(self.connection, press, PEOPLE[user_id], now=NOW)

    # What others see.

    def announcements(self, win_id: int) -> int:
        """How many announcements of a win there are, or will be."""
        is_announcement = tables.deliveries.c.kind == DeliveryKind.ANNOUNCEMENT
        rows = self.connection.execute(
            select(tables.deliveries).where(tables.deliveries.c.win_id == win_id, is_announcement)
        )
        return sum(row.state in (DeliveryState.PENDING, DeliveryState.POSTED) for row in rows)

    def is_shared(self, win_id: int) -> bool:
        """Whether a win is announced, once, and in the next roundup; if not, it is in neither."""
        is_open = win_id in {win.id for win in wins.open_in(self.connection, "T1", "C1")}
        assert self.announcements(win_id) == is_open
        assert self.win(win_id).is_shared is is_open
        return is_open

    def unnamed(self, win_id: int) -> set[str]:
        return {person.user_id for person in self.win(win_id).people if person.is_unnamed}

    def message(self, user_id: str, win_id: int) -> Delivery | None:
        where = (tables.deliveries.c.win_id == win_id) & (tables.deliveries.c.recipient_id == user_id)
        found = deliveries.select_all(self.connection, where, tables.deliveries.c.kind == DeliveryKind.CREDIT)
        assert len(found) <= 1
        return found[0] if found else None

    def is_asked_or_told(self, user_id: str, win_id: int) -> bool:
        message = self.message(user_id, win_id)
        return message is not None and message.state is not DeliveryState.CANCELLED

    def posts_all(self) -> None:
        """Let Slack have every message, as it is now."""
        for each in deliveries.select_all(self.connection, tables.deliveries.c.state == DeliveryState.PENDING):
            self.posted(each)

    def changed(self) -> list[Delivery]:
        """The messages that are to be updated."""
        return deliveries.select_all(self.connection, tables.deliveries.c.pending_op == PendingOp.UPDATE)

    def posted(self, delivery: Delivery | None, *, now: datetime = NOW) -> None:
        assert delivery is not None
        assert mark_sending(self.connection, delivery, now=now)
        ts = f"{now.timestamp():.0f}.{delivery.id:06}"
        deliveries.mark_posted(self.connection, delivery.id, ts)


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    opened = engine(database_url, writes=True)
    with opened.connect() as connection:
        workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        channels.ensure_exist(connection, {("T1", "C1")})
        yield Scene(connection, count(1))
        connection.rollback()
    opened.dispose()


def own(*user_ids: str, thanked: tuple[str, ...] = (), text: str = "fixed the build") -> Draft:
    people = tuple(Mention(user_id, user_id[1:].lower()) for user_id in user_ids)
    thanked_people = tuple(map(Mention, thanked))
    return replace(parse_win(" ".join([text, *(person.token for person in people)]), people), thanked=thanked_people)


def theirs(*user_ids: str, thanked: tuple[str, ...] = (), text: str = "fixed the build") -> Draft:
    people = tuple(Mention(user_id, user_id[1:].lower()) for user_id in user_ids)
    return replace(parse_win(text, []), is_own=False, credited=people, thanked=tuple(map(Mention, thanked)))


@pytest.mark.parametrize(
    ("preference", "draft", "expected"),
    [
        (None, own("UBEN"), (True, False, True)),
        (SHARE, own("UBEN"), (True, False, True)),
        (ASK, own("UBEN"), (False, True, True)),
        (NEVER, own("UBEN"), (True, True, True)),
        (None, own(thanked=("UBEN",)), (True, False, True)),
        (ASK, own(thanked=("UBEN",)), (False, True, True)),
        (None, theirs("UBEN"), (False, True, True)),
        (SHARE, theirs("UBEN"), (True, False, True)),
        (ASK, theirs("UBEN"), (False, True, True)),
        (NEVER, theirs("UBEN"), (False, True, False)),
        (None, theirs("UCHLOE", thanked=("UBEN",)), (False, False, False)),
        (NEVER, theirs("UCHLOE", thanked=("UBEN",)), (False, True, False)),
        (ASK, theirs("UCHLOE", thanked=("UBEN",)), (False, True, True)),
    ],
)
def test_a_preference_decides_whether_a_win_waits(
    scene: Scene,
    preference: Preference | None,
    draft: Draft,
    expected: tuple[bool, bool, bool],
) -> None:
    is_shared, is_unnamed, is_asked_or_told = expected
    if preference is not None:
        scene.prefers("UBEN", preference)
    win_id = scene.save(draft)
    assert scene.is_shared(win_id) is is_shared
    assert ("UBEN" in scene.unnamed(win_id)) is is_unnamed
    assert scene.is_asked_or_told("UBEN", win_id) is is_asked_or_told
    assert scene.win(win_id).held_until == (None if is_shared else NOW + timedelta(days=14))


def test_people_are_introduced_with_their_first_shared_win_and_asked_of_each_that_waits(scene: Scene) -> None:
    first, second = scene.save(own("UBEN")), scene.save(own("UBEN"))
    assert scene.is_asked_or_told("UBEN", first)
    assert not scene.is_asked_or_told("UBEN", second)
    asked = [scene.save(theirs("UBEN")), scene.save(theirs("UBEN"))]
    assert all(scene.is_asked_or_told("UBEN", win_id) for win_id in asked)
    told_after_a_yes = scene.save(theirs("UBEN", thanked=("UCHLOE",)))
    assert not scene.is_asked_or_told("UCHLOE", told_after_a_yes)
    scene.answers("UBEN", told_after_a_yes, yes=True)
    assert scene.is_asked_or_told("UCHLOE", told_after_a_yes)


def test_who_stopped_the_messages_gets_none_and_can_answer_all_the_same(scene: Scene) -> None:
    preferences.set_messages(scene.connection, "T1", "UBEN", wants_messages=False)
    win_id = scene.save(theirs("UBEN"))
    assert not scene.is_asked_or_told("UBEN", win_id)
    assert not scene.is_asked_or_told("UBEN", scene.save(own("UBEN")))
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.SHARED
    assert scene.is_shared(win_id)


def test_of_an_author_and_in_private_nothing_is_asked(scene: Scene) -> None:
    scene.prefers("UANA", NEVER)
    to_herself = scene.save(own("UANA"))
    assert scene.is_shared(to_herself)
    assert scene.unnamed(to_herself) == set(), "who writes is named"
    private = scene.save(theirs("UBEN"), is_private=True)
    assert scene.win(private).held_until is None
    assert scene.message("UBEN", private) is None
    assert scene.message("UANA", to_herself) is None


def test_the_last_yes_shares_a_win_once_in_its_thread(scene: Scene) -> None:
    win_id = scene.save(theirs("UBEN", "UCHLOE"), thread_ts="1.000009")
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.WAITING
    assert not scene.is_shared(win_id)
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.WAITING
    assert scene.answers("UCHLOE", win_id, yes=True) is AnswerResult.SHARED
    assert scene.answers("UCHLOE", win_id, yes=True) is AnswerResult.SHARED
    assert scene.is_shared(win_id)
    assert scene.unnamed(win_id) == set()
    assert wins.thread_of(scene.connection, win_id) == "1.000009"


def test_a_roundup_does_not_look_back_to_the_day_on_which_a_win_began_to_wait(scene: Scene) -> None:
    fridays = Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "UTC")
    channel = channels.lock(scene.connection, "T1", "C1")
    channels.save_settings(scene.connection, channel, ChannelSettings(fridays), user_id="UANA", now=NOW)
    scene.prefers("UBEN", ASK)
    win_id = scene.save(own("UBEN"))
    next_monday = NOW + timedelta(days=7)
    assert scene.answers("UBEN", win_id, yes=True, now=next_monday) is AnswerResult.SHARED
    scene.posted(deliveries.of_win(scene.connection, win_id), now=next_monday)
    channel = channels.lock(scene.connection, "T1", "C1")
    composed = roundup_services.compose(scene.connection, channel, at=next_monday + timedelta(days=4))
    assert composed.composition.win_ids == [win_id]
    assert composed.composition.starts_on == next_monday.date(), "the weekend before it had no wins"


def test_no_date_tells_others_that_a_win_has_waited(scene: Scene) -> None:
    win_id, told = scene.save(theirs("UBEN")), scene.save(own(text="fixed the docs"))
    later = NOW + timedelta(days=3)
    assert scene.answers("UBEN", win_id, yes=True, now=later) is AnswerResult.SHARED
    assert scene.win(win_id).created_at == later
    reader = win_search.Reader("UCHLOE", ["C1"])
    find = partial(win_search.find, scene.connection, "T1", [[channel_term("C1")]], reader, limit=5)
    assert [found for _, found in find()] == [win_id, told]
    assert [found for _, found in find(until=later)] == [told]
    assert [found for _, found in find(since=later)] == [win_id]


def test_a_win_that_its_channel_has_read_keeps_its_date_if_it_waits_when_it_is_shared_again(scene: Scene) -> None:
    win_id = scene.save(own())
    scene.posted(deliveries.of_win(scene.connection, win_id))
    scene.make_private(win_id)
    scene.edit(win_id, theirs("UBEN"))
    assert scene.share_again(win_id, now=LATER) is PrivacyResult.WAITING
    assert scene.answers("UBEN", win_id, yes=True, now=LATER) is AnswerResult.SHARED
    assert scene.win(win_id).created_at == NOW


def test_a_win_that_was_made_private_before_it_was_posted_counts_from_when_it_is_shared_if_it_waits_then(
    scene: Scene,
) -> None:
    win_id = scene.save(own())
    scene.make_private(win_id)
    scene.edit(win_id, theirs("UBEN"))
    assert scene.share_again(win_id, now=LATER) is PrivacyResult.WAITING
    assert scene.answers("UBEN", win_id, yes=True, now=LATER) is AnswerResult.SHARED
    assert scene.win(win_id).created_at == LATER


def test_a_no_changes_nothing_and_a_later_yes_counts_until_the_time_is_over(scene: Scene) -> None:
    win_id = scene.save(theirs("UBEN"))
    before = replace(scene.win(win_id), credited=())
    assert scene.answers("UBEN", win_id, yes=False) is AnswerResult.KEPT_PRIVATE
    assert replace(scene.win(win_id), credited=()) == before
    assert scene.answers("UBEN", win_id, yes=True, now=NOW + timedelta(days=13)) is AnswerResult.SHARED
    assert scene.is_shared(win_id)
    late = scene.save(theirs("UBEN"))
    assert scene.answers("UBEN", late, yes=True, now=LATER) is AnswerResult.TOO_LATE
    assert scene.answers("UBEN", late, yes=False, now=LATER) is AnswerResult.KEPT_PRIVATE
    assert not scene.is_shared(late)


def test_only_those_in_a_win_answer(scene: Scene) -> None:
    win_id = scene.save(theirs("UBEN"))
    assert scene.answers("UCHLOE", win_id, yes=True) is AnswerResult.NOT_IN_IT
    assert scene.answers("UANA", win_id, yes=True) is AnswerResult.NOT_IN_IT
    PEOPLE["UGONE"] = replace(PEOPLE["UBEN"], is_active=False)
    assert scene.answers("UGONE", win_id, yes=True) is AnswerResult.NOT_IN_IT
    assert scene.leaves("UCHLOE", win_id) is LeaveResult.NOT_IN_IT
    stranger = consent_answers.answer(
        scene.connection, team_id="T2", win_id=win_id, actor=PEOPLE["UBEN"], revision=0, is_yes=True, now=NOW
    )
    assert stranger is AnswerResult.NOT_FOUND
    assert not scene.is_shared(win_id)


def test_a_yes_is_only_for_the_text_that_was_read(scene: Scene) -> None:
    win_id = scene.save(theirs("UBEN"))
    question = scene.message("UBEN", win_id)
    scene.posted(question)
    scene.edit(win_id, theirs("UBEN", text="broke the build"))
    asked = scene.message("UBEN", win_id)
    assert asked is not None
    assert question is not None
    assert (asked.id, asked.pending_op) == (question.id, "update")
    assert scene.answers("UBEN", win_id, yes=True, revision=0) is AnswerResult.CHANGED
    assert not scene.is_shared(win_id)
    assert scene.answers("UBEN", win_id, yes=False, revision=0) is AnswerResult.KEPT_PRIVATE
    assert scene.answers("UBEN", win_id, yes=True, revision=1) is AnswerResult.SHARED


def test_who_is_taken_out_of_a_waiting_win_is_asked_no_more_and_it_is_shared_if_it_waits_for_no_one(
    scene: Scene,
) -> None:
    win_id = scene.save(theirs("UBEN", "UCHLOE"))
    scene.posted(scene.message("UBEN", win_id))
    scene.answers("UBEN", win_id, yes=False)
    scene.edit(win_id, theirs("UCHLOE"))
    asked = scene.message("UBEN", win_id)
    assert asked is not None
    assert asked.pending_op == "delete"
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.NOT_IN_IT
    assert not scene.is_shared(win_id)
    scene.edit(win_id, own())
    assert scene.is_shared(win_id)


def test_who_said_no_stays_unnamed_also_if_the_author_takes_them_out_and_names_them_again(scene: Scene) -> None:
    win_id = scene.save(own("UBEN"))
    assert scene.leaves("UBEN", win_id) is LeaveResult.LEFT
    assert scene.unnamed(win_id) == {"UBEN"}
    scene.edit(win_id, own())
    assert scene.unnamed(win_id) == set()
    scene.edit(win_id, own("UBEN"))
    assert scene.unnamed(win_id) == {"UBEN"}
    assert scene.is_shared(win_id)


def without_credit(draft: Draft) -> Draft:
    """What it says if its author takes everyone out of it, but not out of its text."""
    return replace(draft, credited=())


def leaves(scene: Scene, win_id: int) -> None:
    scene.leaves("UBEN", win_id)


def never(scene: Scene, _: int) -> None:
    scene.prefers("UBEN", NEVER)


def never_then_asks(scene: Scene, _: int) -> None:
    scene.prefers("UBEN", NEVER)
    scene.prefers("UBEN", ASK)


@pytest.mark.parametrize("change", [leaves, never, never_then_asks])
@pytest.mark.parametrize("text", ["<@UBEN> fixed it", "Ben fixed it"])
def test_who_is_not_to_be_named_is_not_if_the_author_takes_them_out_of_the_win_alone(
    scene: Scene, change: Callable[[Scene, int], None], text: str
) -> None:
    win_id = scene.save(own("UBEN"))
    change(scene, win_id)
    scene.edit(win_id, without_credit(parse_win(text, [Mention("UBEN", "ben")])))
    win = scene.win(win_id)
    assert win.people == ()
    assert win_text(ENGLISH, win, {"UBEN": "Ben Okafor"}) == "A teammate fixed it"
    assert "Ben" in win_text(ENGLISH, win.for_author(), {"UBEN": "Ben Okafor"})
    scene.edit(win_id, without_credit(parse_win(f"{text} now", [Mention("UBEN", "ben")])))
    assert win_text(ENGLISH, scene.win(win_id), {}) == "A teammate fixed it now"
    scene.prefers("UBEN", SHARE)
    assert ("teammate" in win_text(ENGLISH, scene.win(win_id), {})) is (change is not never), "what was said stays"


def test_who_chooses_never_to_be_named_is_not_in_the_text_of_wins_that_they_were_taken_out_of(scene: Scene) -> None:
    win_id = scene.save(own("UBEN"))
    scene.edit(win_id, without_credit(own("UBEN")))
    scene.posted(deliveries.of_win(scene.connection, win_id))
    assert win_text(ENGLISH, scene.win(win_id), {}) == "fixed the build @ben"
    scene.prefers("UBEN", NEVER)
    announcement = deliveries.of_win(scene.connection, win_id)
    assert announcement is not None
    assert announcement.pending_op == "update"
    assert win_text(ENGLISH, scene.win(win_id), {}) == "fixed the build a teammate"


def test_who_wanted_to_be_asked_is_not_named_by_a_win_that_was_private_when_they_were_taken_out_of_it(
    scene: Scene,
) -> None:
    scene.prefers("UBEN", ASK)
    win_id = scene.save(own("UBEN"))
    scene.make_private(win_id)
    private = scene.save(own("UBEN"), is_private=True)
    for each in (win_id, private):
        scene.edit(each, without_credit(own("UBEN")))
        assert scene.share_again(each) is PrivacyResult.SHARED
        assert win_text(ENGLISH, scene.win(each), {}) == "fixed the build a teammate"


def test_who_was_taken_out_and_joins_is_in_the_text_by_name(scene: Scene) -> None:
    win_id = scene.save(own("UBEN"))
    scene.leaves("UBEN", win_id)
    scene.edit(win_id, without_credit(own("UBEN")))
    assert scene.join("UBEN", win_id) is JoinResult.SHOWN
    win = scene.win(win_id)
    assert (win.former, [person.typed_name for person in win.joined]) == ((), ["ben"])
    assert win_text(ENGLISH, win, {}) == "fixed the build @ben"


def test_who_said_no_then_joins_and_takes_that_back_stays_unnamed_if_the_author_names_them_again(scene: Scene) -> None:
    win_id = scene.save(own("UBEN"))
    scene.leaves("UBEN", win_id)
    scene.edit(win_id, own())
    assert scene.join("UBEN", win_id) is JoinResult.SHOWN
    scene.edit(win_id, replace(own(text="fixed the search"), credited=(Mention("UBEN"),)))
    assert scene.unnamed(win_id) == set(), "they have joined since"
    assert scene.leaves("UBEN", win_id) is LeaveResult.LEFT
    assert scene.win(win_id).people == ()
    scene.edit(win_id, own("UBEN"))
    assert scene.unnamed(win_id) == {"UBEN"}
    assert scene.join("UBEN", win_id) is JoinResult.SHOWN
    assert scene.unnamed(win_id) == set()
    assert scene.is_shared(win_id)


@pytest.mark.parametrize("answer", [None, False])
def test_making_a_waiting_win_ones_own_tells_no_one_why_it_waits(scene: Scene, answer: bool | None) -> None:
    win_id = scene.save(theirs("UBEN"))
    if answer is not None:
        scene.answers("UBEN", win_id, yes=answer)
    scene.edit(win_id, own("UBEN"))
    assert not scene.is_shared(win_id)


def test_who_is_put_into_a_shared_win_is_asked_and_it_stays_without_their_name(scene: Scene) -> None:
    scene.prefers("UCHLOE", ASK)
    win_id = scene.save(own("UBEN"))
    scene.edit(win_id, own("UBEN", "UCHLOE"))
    assert scene.is_shared(win_id)
    assert scene.unnamed(win_id) == {"UCHLOE"}
    assert scene.is_asked_or_told("UCHLOE", win_id)
    scene.edit(win_id, theirs("UBEN", "UCHLOE", "UDMITRI"))
    assert scene.is_shared(win_id)
    assert scene.unnamed(win_id) == {"UBEN", "UCHLOE", "UDMITRI"}, "it is said to be theirs now, so all are asked"
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.SHARED
    assert scene.answers("UCHLOE", win_id, yes=False) is AnswerResult.UNNAMED
    assert scene.unnamed(win_id) == {"UCHLOE", "UDMITRI"}
    assert scene.join("UCHLOE", win_id) is not JoinResult.ALREADY_THEIRS
    assert scene.join("UDMITRI", win_id) is not JoinResult.ALREADY_THEIRS
    assert scene.unnamed(win_id) == set()
    assert scene.win(win_id).joined == ()
    assert deliveries.note_about(scene.connection, win_id, DeliveryKind.JOINED) is None, "the author hears of nothing"


def test_a_message_that_is_too_old_for_edits_still_loses_the_name_of_who_has_to_agree_now(scene: Scene) -> None:
    scene.prefers("UCHLOE", NEVER)
    to_be_asked, unnamed_before = scene.save(own("UBEN")), scene.save(own("UCHLOE"))
    for win_id in (to_be_asked, unnamed_before):
        scene.posted(deliveries.of_win(scene.connection, win_id))
    later = NOW + timedelta(days=31)
    scene.edit(to_be_asked, theirs("UBEN"), now=later)
    scene.edit(unnamed_before, own("UCHLOE", text="fixed the search"), now=later)
    assert scene.unnamed(to_be_asked) == {"UBEN"}
    old, kept = (deliveries.of_win(scene.connection, win_id) for win_id in (to_be_asked, unnamed_before))
    assert old is not None
    assert old.pending_op == "update"
    assert kept is not None
    assert kept.pending_op is None, "people have read what it says"


def test_who_takes_their_name_out_is_in_it_no_more_for_others_and_updates_what_shows_it(scene: Scene) -> None:
    win_id = scene.save(own("UBEN", thanked=("UCHLOE",)))
    scene.posted(deliveries.of_win(scene.connection, win_id))
    assert scene.leaves("UBEN", win_id) is LeaveResult.LEFT
    assert scene.leaves("UCHLOE", win_id) is LeaveResult.LEFT
    announcement = deliveries.of_win(scene.connection, win_id)
    assert announcement is not None
    assert announcement.pending_op == "update"
    assert scene.unnamed(win_id) == {"UBEN", "UCHLOE"}
    assert not wins.is_theirs(scene.connection, win_id, "UBEN")
    assert {person.is_unnamed for person in scene.win(win_id).for_author().people} == {False}
    assert scene.join("UBEN", win_id) is JoinResult.SHOWN
    assert scene.unnamed(win_id) == {"UCHLOE"}


def test_a_no_of_someone_who_is_not_named_yet_edits_no_message_but_their_own(scene: Scene) -> None:
    scene.prefers("UBEN", ASK)
    win_id = scene.save(own())
    scene.join("UDMITRI", win_id)
    scene.edit(win_id, own("UBEN", "UCHLOE", "UDMITRI"))
    assert scene.unnamed(win_id) == {"UBEN"}
    is_about_it = tables.deliveries.c.win_id == win_id
    messages = deliveries.select_all(scene.connection, is_about_it)
    assert sorted(each.kind for each in messages) == ["announcement", "credit", "credit", "joined"]
    for each in messages:
        scene.posted(each)
    assert scene.answers("UBEN", win_id, yes=False) is AnswerResult.UNNAMED
    changed = deliveries.select_all(scene.connection, is_about_it, tables.deliveries.c.pending_op.is_not(None))
    assert changed == [scene.message("UBEN", win_id)]


def test_who_wants_to_be_asked_loses_their_name_in_the_messages_to_others_in_what_waits(scene: Scene) -> None:
    scene.prefers("UBEN", SHARE)
    scene.prefers("UCHLOE", ASK)
    win_id = scene.save(own("UBEN", "UCHLOE"))
    scene.posts_all()
    assert scene.unnamed(win_id) == {"UCHLOE"}
    scene.prefers("UBEN", ASK)
    assert scene.unnamed(win_id) == {"UBEN", "UCHLOE"}
    assert scene.is_asked_or_told("UBEN", win_id)
    assert scene.changed() == [scene.message("UCHLOE", win_id)]


@pytest.mark.parametrize("is_shared", [False, True])
@pytest.mark.parametrize("agrees", ["says yes", "chooses to share"])
def test_who_agrees_gets_their_name_in_the_messages_to_others_in_the_win(
    scene: Scene, agrees: str, *, is_shared: bool
) -> None:
    for user_id in ("UBEN", "UCHLOE"):
        scene.prefers(user_id, ASK)
    win_id = scene.save(own("UDMITRI") if is_shared else own("UBEN", "UCHLOE", "UDMITRI"))
    if is_shared:
        scene.edit(win_id, own("UBEN", "UCHLOE", "UDMITRI"))
    scene.posts_all()
    assert scene.unnamed(win_id) == {"UBEN", "UCHLOE"}
    if agrees == "says yes":
        scene.answers("UBEN", win_id, yes=True)
    else:
        scene.prefers("UBEN", SHARE)
    assert scene.unnamed(win_id) == {"UCHLOE"}
    told = [deliveries.of_win(scene.connection, win_id), scene.message("UDMITRI", win_id)] if is_shared else []
    told += [scene.message(user_id, win_id) for user_id in ("UBEN", "UCHLOE")]
    assert scene.changed() == sorted(filter(None, told), key=lambda each: each.id)


def test_a_yes_of_someone_who_is_never_named_edits_no_message_to_others(scene: Scene) -> None:
    scene.prefers("UBEN", NEVER)
    win_id = scene.save(theirs("UBEN", "UCHLOE"))
    scene.posts_all()
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.WAITING
    assert scene.unnamed(win_id) == {"UBEN", "UCHLOE"}
    assert scene.changed() == []


def test_a_cheer_of_someone_who_is_unnamed_in_a_win_tells_neither_who_they_are_nor_what_they_said(scene: Scene) -> None:
    def who_cheers() -> tuple[str, ...]:
        return scene.win(win_id).cheered_by.first

    scene.prefers("UBEN", ASK)
    win_id = scene.save(own())
    ben = {"team_id": "T1", "subject_id": win_id, "user_id": "UBEN", "source": cheers.BUTTON}
    cheers.record(scene.connection, tables.win_cheers, **ben, is_active=True, event_ts="1900000000.000001")  # type: ignore[arg-type]
    scene.edit(win_id, own("UBEN"))
    assert scene.unnamed(win_id) == {"UBEN"}
    assert who_cheers() == ("UBEN",), "others would read whose name is gone"
    assert scene.answers("UBEN", win_id, yes=False) is AnswerResult.UNNAMED
    assert who_cheers() == ("UBEN",), "others would read that he said no"
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.SHARED
    assert who_cheers() == (), "it is read as his own"
    scene.prefers("UBEN", NEVER)
    assert who_cheers() == ("UBEN",)
    assert not wins.is_theirs(scene.connection, win_id, "UBEN"), "a press counts as a reaction does"


def test_who_joined_and_is_in_the_text_leaves_without_a_trace(scene: Scene) -> None:
    win_id = scene.save(own())
    scene.join("UBEN", win_id)
    scene.edit(win_id, own("UBEN"))
    assert scene.leaves("UBEN", win_id) is LeaveResult.LEFT
    win = scene.win(win_id)
    assert "<@UBEN>" in win.text, "its author reads what they typed"
    assert scene.unnamed(win_id) == {"UBEN"}
    assert win.joined == ()


def test_who_is_never_named_joins_unnamed_and_is_told_so(scene: Scene) -> None:
    scene.prefers("UBEN", NEVER)
    win_id = scene.save(own())
    assert scene.join("UBEN", win_id) is JoinResult.UNNAMED
    assert scene.unnamed(win_id) == {"UBEN"}
    scene.edit(win_id, own("UBEN"))
    joining.remove(scene.connection, team_id="T1", win_id=win_id, user_id="UBEN", actor=PEOPLE["UANA"])
    win = scene.win(win_id)
    assert win.people == ()
    assert win_text(ENGLISH, win, {}) == "fixed the build a teammate", "their name isn't there for all to read"
    assert win_text(ENGLISH, win.for_author(), {}) == "fixed the build @ben"
    assert scene.join("UBEN", win_id) is JoinResult.REMOVED


@pytest.mark.parametrize("way", ["says yes", "joins once more", "chooses to share"])
def test_who_joined_unnamed_and_then_wants_to_be_asked_stays_unnamed_until_they_agree(scene: Scene, way: str) -> None:
    scene.prefers("UBEN", NEVER)
    win_id = scene.save(own())
    assert scene.join("UBEN", win_id) is JoinResult.UNNAMED
    scene.prefers("UBEN", ASK)
    assert scene.unnamed(win_id) == {"UBEN"}, "what is shared stays as it is"
    (asked,) = credited_wins.asked(scene.connection, "T1", "UBEN", channel_ids=["C1"], now=NOW, limit=5)
    assert as_read_by(asked, "UBEN", ASK, now=NOW).status is CreditStatus.NAME_ASKED
    if way == "says yes":
        assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.SHARED
    elif way == "joins once more":
        assert scene.join("UBEN", win_id) is JoinResult.SHOWN
    else:
        scene.prefers("UBEN", SHARE)
    assert scene.unnamed(win_id) == set()
    assert [person.user_id for person in scene.win(win_id).joined] == ["UBEN"]


@pytest.mark.parametrize("chooses", ["before it waits", "while it waits"])
def test_a_win_waits_for_no_one_who_joined_it_unnamed_and_asks_them_nothing(scene: Scene, chooses: str) -> None:
    scene.prefers("UBEN", NEVER)
    win_id = scene.save(own("UCHLOE"))
    assert scene.join("UBEN", win_id) is JoinResult.UNNAMED
    scene.make_private(win_id)
    scene.prefers("UCHLOE", ASK)
    if chooses == "before it waits":
        scene.prefers("UBEN", ASK)
    assert scene.share_again(win_id) is PrivacyResult.WAITING
    if chooses == "while it waits":
        scene.prefers("UBEN", ASK)
    assert scene.message("UBEN", win_id) is None
    assert scene.answers("UCHLOE", win_id, yes=True) is AnswerResult.SHARED
    assert scene.is_shared(win_id)
    assert scene.unnamed(win_id) == {"UBEN"}


def test_to_share_is_a_yes_to_what_waits_and_not_to_what_one_said_no_to(scene: Scene) -> None:
    waiting, refused = scene.save(theirs("UBEN")), scene.save(theirs("UBEN"))
    with_others = scene.save(theirs("UBEN", "UCHLOE"))
    scene.answers("UBEN", refused, yes=False)
    assert scene.prefers("UBEN", SHARE) is ChooseResult.CHANGED
    assert scene.prefers("UBEN", SHARE) is ChooseResult.NO_CHANGE
    assert [scene.is_shared(win_id) for win_id in (waiting, refused, with_others)] == [True, False, False]
    assert scene.answers("UCHLOE", with_others, yes=True) is AnswerResult.SHARED


def test_never_by_name_keeps_what_is_said_to_be_theirs_private_and_shares_the_rest_without_the_name(
    scene: Scene,
) -> None:
    scene.prefers("UBEN", ASK)
    said_to_be_theirs, own_win = scene.save(theirs("UBEN")), scene.save(own("UBEN"))
    agreed = scene.save(theirs("UBEN", "UCHLOE"))
    scene.answers("UBEN", agreed, yes=True)
    scene.prefers("UBEN", NEVER)
    assert [scene.is_shared(each) for each in (said_to_be_theirs, own_win)] == [False, True]
    assert scene.unnamed(own_win) == {"UBEN"}
    assert scene.answers("UCHLOE", agreed, yes=True) is AnswerResult.WAITING
    scene.prefers("UBEN", ASK)
    assert scene.unnamed(own_win) == {"UBEN"}, "they were asked, and haven't said anything"
    scene.prefers("UBEN", SHARE)
    assert scene.unnamed(own_win) == set()


@pytest.mark.parametrize("preference", [SHARE, ASK])
def test_a_changed_preference_updates_every_message_with_the_name(scene: Scene, preference: Preference) -> None:
    win_id = scene.save(own("UBEN"))
    scene.posted(deliveries.of_win(scene.connection, win_id))
    channel = channels.lock(scene.connection, "T1", "C1")
    create_roundup(scene.connection, channel, [[win_id]], target_channel_id="C1", due_at=NOW, now=NOW)
    scene.posted(roundups.part_with(scene.connection, win_id))
    for chosen, is_unnamed, is_changed in ((NEVER, True, True), (preference, preference is ASK, preference is SHARE)):
        scene.prefers("UBEN", chosen)
        shown = [deliveries.of_win(scene.connection, win_id), roundups.part_with(scene.connection, win_id)]
        for message in shown:
            assert message is not None
            assert (message.pending_op == "update") is is_changed
            deliveries.complete_change(scene.connection, message, state=DeliveryState.POSTED)
        assert ("UBEN" in scene.unnamed(win_id)) is is_unnamed


def test_never_by_name_edits_only_messages_with_the_name_and_those_to_the_person(scene: Scene) -> None:
    scene.prefers("UBEN", ASK)
    named, asked, left = scene.save(own("UBEN")), scene.save(own()), scene.save(own())
    assert scene.answers("UBEN", named, yes=True) is AnswerResult.SHARED
    for win_id in (asked, left):
        scene.edit(win_id, own("UBEN", "UCHLOE"))
    assert scene.leaves("UBEN", left) is LeaveResult.LEFT
    assert [scene.unnamed(win_id) for win_id in (named, asked, left)] == [set(), {"UBEN"}, {"UBEN"}]
    channel = channels.lock(scene.connection, "T1", "C1")
    parts = [[named], [asked, left]]
    create_roundup(scene.connection, channel, parts, target_channel_id="C1", due_at=NOW, now=NOW)
    for each in deliveries.select_all(scene.connection, tables.deliveries.c.state == DeliveryState.PENDING):
        scene.posted(each)
    shown = [deliveries.of_win(scene.connection, named), roundups.part_with(scene.connection, named)]
    his = [scene.message("UBEN", win_id) for win_id in (named, asked, left)]
    for chosen, unnamed in ((NEVER, {"UBEN"}), (ASK, set())):
        scene.prefers("UBEN", chosen)
        changed = deliveries.select_all(scene.connection, tables.deliveries.c.pending_op == PendingOp.UPDATE)
        assert {each.id for each in changed} == {each.id for each in (*shown, *his) if each is not None}
        for each in changed:
            assert deliveries.complete_change(scene.connection, each, state=DeliveryState.POSTED)
        assert scene.unnamed(named) == unnamed


def test_a_private_win_asks_when_it_is_shared_and_keeps_the_answers(scene: Scene) -> None:
    win_id = scene.save(own())
    scene.make_private(win_id)
    scene.edit(win_id, theirs("UBEN", "UCHLOE"))
    assert scene.message("UBEN", win_id) is None
    assert scene.share_again(win_id, now=LATER) is PrivacyResult.WAITING
    assert scene.is_asked_or_told("UBEN", win_id)
    assert scene.answers("UBEN", win_id, yes=True, now=LATER) is AnswerResult.WAITING
    scene.make_private(win_id)
    assert not scene.is_asked_or_told("UCHLOE", win_id), "it was not sent yet"
    assert scene.answers("UCHLOE", win_id, yes=True, now=LATER) is AnswerResult.NOT_FOUND
    assert scene.share_again(win_id, now=LATER) is PrivacyResult.WAITING
    assert scene.is_asked_or_told("UCHLOE", win_id)
    assert scene.answers("UCHLOE", win_id, yes=True, now=LATER) is AnswerResult.SHARED
    assert scene.is_shared(win_id)


def test_who_was_asked_is_not_asked_again_in_a_message_and_a_later_win_introduces_them(scene: Scene) -> None:
    win_id = scene.save(theirs("UBEN"))
    scene.posted(scene.message("UBEN", win_id))
    scene.make_private(win_id)
    question = scene.message("UBEN", win_id)
    assert question is not None
    assert deliveries.complete_change(scene.connection, question, state=DeliveryState.DELETED)
    assert scene.share_again(win_id) is PrivacyResult.WAITING
    question = scene.message("UBEN", win_id)
    assert question is not None
    assert question.state is DeliveryState.DELETED
    asked = credited_wins.asked(scene.connection, "T1", "UBEN", channel_ids=["C1"], now=NOW, limit=5)
    assert [win.id for win in asked] == [win_id], "Home and /wins list it"
    assert scene.is_asked_or_told("UBEN", scene.save(own("UBEN"))), "their first message is gone"


def test_a_win_that_waited_in_vain_stays_as_it_is_until_its_author_shares_it(scene: Scene) -> None:
    win_id = scene.save(theirs("UBEN"))
    scene.edit(win_id, own(), now=LATER)
    assert not scene.is_shared(win_id), "its author has read that only they can see it"
    scene.make_private(win_id)
    assert scene.share_again(win_id, now=LATER) is PrivacyResult.SHARED
    assert scene.is_shared(win_id)


def test_who_says_yes_too_late_is_named_if_its_author_shares_it_again(scene: Scene) -> None:
    win_id = scene.save(theirs("UBEN"))
    assert scene.answers("UBEN", win_id, yes=True, now=LATER) is AnswerResult.TOO_LATE
    scene.make_private(win_id)
    assert scene.share_again(win_id, now=LATER) is PrivacyResult.SHARED
    assert scene.is_shared(win_id)
    assert scene.unnamed(win_id) == set()


def test_someone_who_left_a_shared_win_stays_out_of_it_when_it_is_shared_again(scene: Scene) -> None:
    win_id = scene.save(own("UBEN"))
    scene.posted(deliveries.of_win(scene.connection, win_id))
    scene.leaves("UBEN", win_id)
    scene.make_private(win_id)
    assert scene.leaves("UBEN", win_id) is LeaveResult.NOT_FOUND
    assert scene.share_again(win_id) is PrivacyResult.SHARED
    assert scene.unnamed(win_id) == {"UBEN"}


def test_an_undone_win_asks_no_one(scene: Scene) -> None:
    win_id = scene.save(theirs("UBEN", "UCHLOE"))
    scene.posted(scene.message("UBEN", win_id))
    scene.undo(win_id)
    asked = scene.message("UBEN", win_id)
    assert asked is not None
    assert asked.pending_op == "delete"
    assert not scene.is_asked_or_told("UCHLOE", win_id)
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.NOT_FOUND
    scene.prefers("UBEN", SHARE)
    scene.prefers("UCHLOE", SHARE)
    assert scene.announcements(win_id) == 0


def test_who_asks_to_be_asked_after_never_by_name_is_asked_about_what_waits_for_others(scene: Scene) -> None:
    scene.prefers("UBEN", NEVER)
    scene.prefers("UCHLOE", ASK)
    win_id = scene.save(parse_win("shipped it with <@UBEN> and <@UCHLOE>", [Mention("UBEN"), Mention("UCHLOE")]))
    assert not scene.is_asked_or_told("UBEN", win_id)
    scene.prefers("UBEN", ASK)
    assert scene.is_asked_or_told("UBEN", win_id)
    assert scene.answers("UCHLOE", win_id, yes=True) is AnswerResult.WAITING
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.SHARED
    assert scene.is_shared(win_id)


@pytest.mark.parametrize("before", [None, SHARE])
def test_who_chooses_to_be_asked_is_asked_about_what_waits_for_others(scene: Scene, before: Preference | None) -> None:
    if before is not None:
        scene.prefers("UBEN", before)
    scene.prefers("UCHLOE", ASK)
    win_id = scene.save(own("UBEN", "UCHLOE"))
    assert not scene.is_asked_or_told("UBEN", win_id)
    scene.prefers("UBEN", ASK)
    assert scene.is_asked_or_told("UBEN", win_id)
    assert scene.answers("UCHLOE", win_id, yes=True) is AnswerResult.WAITING
    assert not scene.is_shared(win_id)
    assert scene.answers("UBEN", win_id, yes=True) is AnswerResult.SHARED
    assert scene.is_shared(win_id)


def test_who_chooses_never_to_be_named_keeps_what_is_said_to_be_theirs_private_while_it_waits_for_others(
    scene: Scene,
) -> None:
    scene.prefers("UBEN", SHARE)
    scene.prefers("UCHLOE", ASK)
    said_to_be_theirs, own_win = scene.save(theirs("UBEN", thanked=("UCHLOE",))), scene.save(own("UBEN", "UCHLOE"))
    scene.prefers("UBEN", NEVER)
    assert scene.answers("UCHLOE", said_to_be_theirs, yes=True) is AnswerResult.WAITING
    assert not scene.is_shared(said_to_be_theirs)
    assert scene.answers("UCHLOE", own_win, yes=True) is AnswerResult.SHARED
    assert scene.unnamed(own_win) == {"UBEN"}


def test_a_win_never_waits_for_its_author(scene: Scene) -> None:
    scene.prefers("UCHLOE", ASK)
    scene.prefers("UANA", NEVER)
    win_id = scene.save(parse_win("<@UANA> shipped it with <@UCHLOE>", [Mention("UANA"), Mention("UCHLOE")]))
    scene.prefers("UANA", ASK)
    assert scene.answers("UCHLOE", win_id, yes=True) is AnswerResult.SHARED
    assert scene.is_shared(win_id)
