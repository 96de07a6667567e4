"""An author edits, hides and shows wins while the bot posts: what channels see in the end is what they said last."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from bot.domain.audit_log import Unavailability
from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.win_edits import EditConflict, EditedWin, NoRoom, NotAuthor, StaleReason, WinGone
from bot.domain.win_size import total, win_size
from bot.domain.wins import Cheerers, Draft, Mention, Win, WinRole, parse_win
from bot.domain.workspaces import Workspace
from bot.outbox import render, results
from bot.services import channel_membership, win_edits, win_privacy
from bot.services import wins as win_services
from bot.services.cheers import record_by_button, record_by_reaction
from bot.services.win_privacy import PrivacyResult
from bot.services.wins import SaveWin, UndoResult, save_all
from bot.slack.outcomes import Rejected, Succeeded
from bot.storage import channels, deliveries, joining, roundups, tables, wins, workspaces
from bot.storage.database import engine
from bot.storage.deliveries import Delivery
from bot.storage.wins import NewWin
from tests.single import create_roundup, load_message, mark_sending, next_in_lane, save_post

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
LANE = ("T1", "C1")
WORKSPACE = Workspace("T1", None, "Acme", "https://acme.test/", "UBOT")
AUTHORS = ("UANA", "UBEN")


@pytest.fixture
def channel(database_url: str) -> Iterator["Channel"]:
    opened = engine(database_url, writes=True)
    with opened.connect() as connection:
        yield Channel(connection)
        connection.rollback()
    opened.dispose()


@dataclass
class Message:
    """A message in Slack."""

    key: str
    text: str
    channel_id: str = "C1"
    is_gone: bool = False


@dataclass
class Request:
    """A request to Slack that is done, and whose outcome the bot has yet to store."""

    delivery: Delivery
    outcome: Any
    is_deletion: bool = False


@dataclass
class Channel:
    """#general with two wins of Ana and one of Ben, and what its Slack shows."""

    connection: Connection
    now: datetime = NOW
    messages: dict[str, Message] = field(default_factory=dict)
    under_way: list[Request] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    undone: set[int] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        workspaces.save(self.connection, WORKSPACE)
        channels.ensure_exist(self.connection, {LANE})
        self.ids = [self.save(author) for author in ("UANA", "UBEN", "UANA")]

    def save(self, author: str, text: str = "") -> int:
        self.count += 1
        text = text or f"text {self.count}."
        new = NewWin(parse_win(text, []), *LANE, f"command:{self.count}", Mention(author, author[1:]), self.now)
        (logged,) = save_all(self.connection, [SaveWin(new, None, is_known_author=True)])
        self.texts[logged.id] = text
        return logged.id

    def win(self, win_id: int) -> Win:
        found = wins.by_id(self.connection, "T1", win_id)
        assert found is not None
        return found

    # What people do.

    def edit(
        self, win_id: int, draft: Draft | None = None, *, revision: int | None = None, seen: Sequence[str] = ()
    ) -> EditedWin:
        self.count += 1
        draft = draft or parse_win(f"text {self.count}.", [])
        win = self.win(win_id)
        edited = win_edits.edit(
            self.connection,
            team_id="T1",
            win_id=win_id,
            user_id=win.author.user_id,
            is_outsider=False,
            draft=draft,
            expected_revision=win.revision if revision is None else revision,
            seen_joined_ids=seen or [person.user_id for person in win.joined],
            now=self.now,
        )
        self.texts[win_id] = draft.text
        return edited

    def make_private(self, win_id: int) -> PrivacyResult:
        common: dict[str, Any] = {"team_id": "T1", "win_id": win_id, "user_id": self.win(win_id).author.user_id}
        result = win_privacy.make_private(self.connection, **common, is_outsider=False)
        self.hidden.add(win_id)
        return result

    def share(self, win_id: int) -> PrivacyResult:
        common: dict[str, Any] = {"team_id": "T1", "win_id": win_id, "user_id": self.win(win_id).author.user_id}
        result = win_privacy.share_again(self.connection, **common, is_outsider=False, now=self.now)
        self.hidden.discard(win_id)
        return result

    def undo(self, win_id: int) -> UndoResult:
        common: dict[str, Any] = {"team_id": "T1", "win_id": win_id, "user_id": self.win(win_id).author.user_id}
        self.undone.add(win_id)
        return win_services.undo(self.connection, **common, is_outsider=False, now=self.now)

    def roundup(self, *, in_parts: bool = False) -> None:
        ids = [win.id for win in wins.open_in(self.connection, *LANE)]
        if ids:
            parts = [ids[:1], ids[1:]] if in_parts and ids[1:] else [ids]
            self.now += timedelta(days=7)
            channel = channels.lock(self.connection, *LANE)
            create_roundup(self.connection, channel, parts, target_channel_id="C1", due_at=self.now, now=self.now)

    def human_deletes(self, win_id: int) -> None:
        announcement = deliveries.of_win(self.connection, win_id)
        if announcement is not None and announcement.key in self.messages:
            self.messages[announcement.key].is_gone = True

    def cheer(self, win_id: int, user_id: str, emoji: str | None = None) -> None:
        announcement = deliveries.of_win(self.connection, win_id)
        assert announcement is not None
        assert announcement.ts is not None
        self.count += 1
        common: dict[str, Any] = {
            "team_id": "T1",
            "channel_id": "C1",
            "message_ts": announcement.ts,
            "user_id": user_id,
            "is_active": True,
        }
        at = f"1900000000.{self.count:06}"
        if emoji is None:
            record_by_button(self.connection, **common, key=announcement.key, is_outsider=False, action_ts=at)
        else:
            record_by_reaction(self.connection, **common, emoji=emoji, event_ts=at)

    # What the bot and Slack do.

    def begin(self) -> bool:
        """Let Slack do the next thing that waits; False if nothing does."""
        busy = [request.delivery.id for request in self.under_way]
        delivery = next_in_lane(self.connection, LANE, excluded_ids=busy)
        if delivery is None:
            return False
        loaded = load_message(self.connection, delivery, now=self.now)
        message = render.render(delivery, loaded, permalink=WORKSPACE.permalink, now=self.now)
        if delivery.pending_op == PendingOp.POST:
            if message is None:
                deliveries.mark_finished(self.connection, delivery.id, DeliveryState.CANCELLED, None)
                return True
            assert mark_sending(self.connection, delivery, now=self.now)
            self.count += 1
            ts = f"{self.now.timestamp():.0f}.{self.count:06}"
            assert delivery.key not in self.messages, "posted twice"
            self.messages[delivery.key] = Message(delivery.key, message["text"])
            self.under_way.append(Request(delivery, Succeeded(ts, "C1")))
            return True
        shown = self.messages[delivery.key]
        is_deletion = delivery.pending_op == PendingOp.DELETE or message is None
        if shown.is_gone:
            outcome: Any = Rejected("message_not_found", ErrorMeaning.MESSAGE_GONE)
        else:
            outcome = Succeeded("", "C1")
            shown.is_gone = is_deletion
            shown.text = shown.text if is_deletion or message is None else message["text"]
        self.under_way.append(Request(delivery, outcome, is_deletion))
        return True

    def finish(self) -> None:
        """Store the outcome of the oldest request."""
        request = self.under_way.pop(0)
        if request.delivery.pending_op == PendingOp.POST:
            save_post(self.connection, request.delivery, request.outcome, now=self.now)
        else:
            results.save_change(
                self.connection, request.delivery, request.outcome, is_deletion=request.is_deletion, now=self.now
            )

    def settle(self) -> None:
        while self.under_way or self.begin():
            while self.under_way:
                self.finish()

    def shown(self, kind: DeliveryKind) -> list[str]:
        """The texts of the messages of a kind that are in Slack."""
        rows = self.connection.execute(tables.deliveries.select().where(tables.deliveries.c.kind == kind))
        return [
            self.messages[row.key].text
            for row in rows
            if row.key in self.messages and not self.messages[row.key].is_gone
        ]

    def times(self, win_id: int, kind: DeliveryKind) -> int:
        return sum(text.count(self.texts[win_id]) for text in self.shown(kind))


@dataclass(frozen=True)
class Step:
    """What happens to one of the wins, or to what waits for Slack."""

    what: str
    which: int


STEPS = (
    *("private", "private", "private", "share", "share", "share", "begin", "begin", "begin", "begin", "finish"),
    *("edit", "undo", "roundup", "parts", "log"),
)
steps = st.builds(Step, st.sampled_from(STEPS), st.sampled_from([0, 0, 0, 0, 1, 2]))
START = {
    "new": (),
    "announced": ("settle",),
    "told": ("settle", "roundup", "settle"),
    "told in parts": ("parts", "settle"),
}


def take(channel: Channel, step: Step) -> None:
    win_id = channel.ids[step.which % len(channel.ids)]
    match step.what:
        case "log":
            channel.ids.append(channel.save(AUTHORS[step.which % 2]))
        case "roundup" | "parts":
            channel.roundup(in_parts=step.what == "parts")
        case "begin":
            channel.begin()
        case "settle":
            channel.settle()
        case "finish":
            if channel.under_way:
                channel.finish()
        case "undo":
            channel.undo(win_id)
        case _ if win_id in channel.undone:
            pass
        case "edit":
            channel.edit(win_id)
        case "private":
            channel.make_private(win_id)
        case "share":
            channel.share(win_id)


@pytest.mark.timeout(600)  # with --deep
def test_in_the_end_each_shared_win_is_shown_once_as_it_is_now(sqlite_url: str, is_deep: bool) -> None:
    writing_engine: Engine = engine(sqlite_url, writes=True)

    @settings(max_examples=1000 if is_deep else 25, deadline=None, derandomize=not is_deep, database=None)
    @example("told in parts", [Step("private", 0), Step("begin", 0), Step("begin", 0), Step("share", 0)])
    @example("announced", [Step("private", 0), Step("begin", 0), Step("share", 0)])
    @given(st.sampled_from(sorted(START)), st.lists(steps, min_size=3, max_size=10))
    def follow(start: str, taken: list[Step]) -> None:
        with writing_engine.connect() as connection:
            channel = Channel(connection)
            for what in START[start]:
                take(channel, Step(what, 0))
            for step in taken:
                take(channel, step)
            channel.settle()
            channel.roundup()
            channel.settle()
            for win_id in channel.ids:
                expected = 0 if win_id in channel.hidden | channel.undone else 1
                assert channel.times(win_id, DeliveryKind.ANNOUNCEMENT) == expected
                assert channel.times(win_id, DeliveryKind.ROUNDUP) == expected
            connection.rollback()

    follow()
    writing_engine.dispose()


def test_a_win_is_told_that_is_shared_again_just_when_its_roundup_has_nothing_to_tell(channel: Channel) -> None:
    """The wins became private while it wasn't known whether the roundup was posted. It wasn't, the sender has read
    again what it tells, and has yet to store that it isn't needed.
    """
    channel.settle()
    channel.roundup()
    is_roundup = tables.deliveries.c.kind == DeliveryKind.ROUNDUP
    (sent,) = deliveries.select_all(channel.connection, is_roundup)
    assert mark_sending(channel.connection, sent, now=channel.now)
    for win_id in channel.ids:
        channel.make_private(win_id)
    deliveries.requeue_unsent(channel.connection, sent.id, "not found", attempt=sent.attempts + 1)
    (empty,) = deliveries.select_all(channel.connection, is_roundup)
    loaded = load_message(channel.connection, empty, now=channel.now)
    assert render.render(empty, loaded, permalink=WORKSPACE.permalink, now=channel.now) is None
    shared, *_ = channel.ids
    assert channel.share(shared) is PrivacyResult.SHARED_IN_PLACE
    results.save_cancellation(channel.connection, empty)
    channel.settle()
    assert channel.times(shared, DeliveryKind.ROUNDUP) == 1


def test_an_edit_reads_tags_and_people_again_and_keeps_the_cheers(channel: Channel) -> None:
    ben = Mention("UBEN", "ben")
    win_id = channel.save("UANA", "fixed #build")
    channel.settle()
    channel.cheer(win_id, "UBEN")
    channel.cheer(win_id, "UCHLOE", "tada")
    assert channel.win(win_id).cheered_by == Cheerers.of(["UBEN", "UCHLOE"])
    edited = channel.edit(win_id, parse_win(f"fixed the #search with {ben.token}", [ben]))
    assert edited.stale == ()
    assert (edited.win.text, edited.win.credited, edited.win.tags) == (
        "fixed the #search with <@UBEN>",
        (ben,),
        ("search",),
    )
    assert (edited.win.revision, edited.win.edited_at) == (1, NOW)
    assert edited.win.cheered_by == Cheerers.of(["UCHLOE"]), "it is Ben's win now"
    channel.edit(win_id, parse_win("fixed the build", []))
    assert channel.win(win_id).cheered_by == Cheerers.of(["UBEN", "UCHLOE"])


def test_an_edit_of_what_was_changed_meanwhile_is_refused_unless_it_says_the_same(channel: Channel) -> None:
    win_id = channel.ids[0]
    channel.edit(win_id, parse_win("first", []), revision=0)
    with pytest.raises(EditConflict) as refused:
        channel.edit(win_id, parse_win("second", []), revision=0)
    assert refused.value.win.text == "first"
    assert channel.edit(win_id, parse_win("first", []), revision=0).win.revision == 1, "Slack sent the form twice"


def test_only_its_author_edits_a_win_and_only_one_that_is_there(channel: Channel) -> None:
    win_id = channel.ids[0]
    for user_id, is_outsider in (("UBEN", False), ("UANA", True)):
        with pytest.raises(NotAuthor):
            win_edits.load(channel.connection, team_id="T1", win_id=win_id, user_id=user_id, is_outsider=is_outsider)
    channel.undo(win_id)
    with pytest.raises(WinGone):
        channel.edit(win_id)
    with pytest.raises(WinGone):
        win_edits.load(channel.connection, team_id="T2", win_id=win_id, user_id="UANA", is_outsider=False)


def test_messages_over_thirty_days_old_keep_what_they_say(channel: Channel) -> None:
    channel.settle()
    channel.roundup()
    channel.settle()
    channel.now += timedelta(days=25)
    edited = channel.edit(channel.ids[0])  # the announcement is 32 days old, the roundup 25
    assert [(message.kind, message.reason) for message in edited.stale] == [
        (DeliveryKind.ANNOUNCEMENT, StaleReason.TOO_OLD)
    ]
    channel.settle()
    assert channel.times(channel.ids[0], DeliveryKind.ANNOUNCEMENT) == 0
    assert channel.times(channel.ids[0], DeliveryKind.ROUNDUP) == 1
    channel.now += timedelta(days=6)
    assert len(channel.edit(channel.ids[0]).stale) == 2


def test_an_old_message_names_no_one_whom_an_edit_takes_out_of_the_win(channel: Channel) -> None:
    win_id = channel.ids[0]
    channel.edit(win_id, parse_win("fixed it with <@UBEN>", [Mention("UBEN", "benny")]))
    channel.settle()
    channel.roundup()
    channel.settle()
    channel.now += timedelta(days=40)
    edited = channel.edit(win_id, parse_win("fixed it", []))
    assert edited.stale == ()
    channel.settle()
    shown = [*channel.shown(DeliveryKind.ANNOUNCEMENT), *channel.shown(DeliveryKind.ROUNDUP)]
    assert not [text for text in shown if "benny" in text]


@pytest.mark.parametrize("letter", ["a", "é", "字", "🎉", "&", ":", "`"])
def test_a_told_win_grows_only_as_far_as_its_roundup_has_room(channel: Channel, letter: str) -> None:
    win_id = channel.ids[0]
    others = [channel.save("UBEN", "字" * 200 + f" {number}") for number in range(3)]
    channel.roundup()
    part = roundups.part_with(channel.connection, win_id)
    assert part is not None
    limit = 500
    with suppress(NoRoom):
        channel.edit(win_id, parse_win(letter * 499 + "!", []))
        limit = 0
    if limit:
        with pytest.raises(NoRoom) as refused:
            channel.edit(win_id, parse_win(letter * 499 + "!", []))
        limit = refused.value.limit
        assert refused.value.length == 500
        with pytest.raises(NoRoom):
            channel.edit(win_id, parse_win(letter * (limit + 1), []))
        channel.edit(win_id, parse_win(letter * limit, []))
    assert limit or letter not in "字🎉&"
    told = wins.with_place_in(channel.connection, part.roundup_id or 0, part.part)
    assert {win.id for win in told} >= {win_id, *others}
    whole = roundups.room_in(channel.connection, part.roundup_id or 0, part.part)
    assert total(win_size(win, {}) for win in told).fits(whole)


def test_a_private_win_keeps_its_room(channel: Channel) -> None:
    first, second = channel.save("UANA", "字" * 450), channel.save("UBEN", "b")
    kept = channel.save("UCHLOE", "字" * 400)
    for win_id in channel.ids:
        channel.undo(win_id)
    channel.roundup()
    channel.settle()
    channel.make_private(first)
    channel.settle()
    assert channel.times(kept, DeliveryKind.ROUNDUP) == 1
    with pytest.raises(NoRoom):
        channel.edit(second, parse_win("字" * 500, []))
    assert channel.share(first) is PrivacyResult.SHARED_IN_PLACE
    channel.settle()
    assert channel.times(first, DeliveryKind.ROUNDUP) == channel.times(first, DeliveryKind.ANNOUNCEMENT) == 1


def test_a_win_that_is_shared_again_has_the_cheers_that_it_had(channel: Channel) -> None:
    win_id = channel.ids[0]
    channel.settle()
    channel.cheer(win_id, "UBEN", "tada")
    channel.cheer(win_id, "UBEN", "wave")
    channel.cheer(win_id, "UCHLOE")
    assert channel.make_private(win_id) is PrivacyResult.BEING_REMOVED
    channel.settle()
    assert channel.win(win_id).cheered_by == Cheerers.of(["UBEN", "UCHLOE"])
    assert channel.share(win_id) is PrivacyResult.SHARED
    channel.settle()
    assert "Cheered by" in next(text for text in channel.shown(DeliveryKind.ANNOUNCEMENT) if "text 1." in text)
    announcement = deliveries.of_win(channel.connection, win_id)
    assert announcement is not None
    record_by_button(
        channel.connection,
        team_id="T1",
        channel_id="C1",
        message_ts=str(announcement.ts),
        user_id="UBEN",
        key=announcement.key,
        is_outsider=False,
        is_active=False,
        action_ts="1900000001.000000",
    )
    left = channel.win(win_id).cheered_by
    assert left == Cheerers.of(["UCHLOE"]), "a cheer by reaction is one that can be taken back"


def test_an_announcement_that_was_deleted_in_slack_stays_deleted_after_an_edit(channel: Channel) -> None:
    win_id = channel.ids[0]
    channel.settle()
    channel.human_deletes(win_id)
    channel.edit(win_id)
    channel.settle()
    assert channel.times(win_id, DeliveryKind.ANNOUNCEMENT) == 0
    channel.roundup()
    channel.settle()
    assert channel.times(win_id, DeliveryKind.ROUNDUP) == 1


def test_who_may_make_a_win_private_and_share_it(channel: Channel) -> None:
    common: dict[str, Any] = {"team_id": "T1", "win_id": channel.ids[0]}
    for user_id, is_outsider in (("UBEN", False), ("UANA", True)):
        who: dict[str, Any] = {**common, "user_id": user_id, "is_outsider": is_outsider}
        assert win_privacy.make_private(channel.connection, **who) is PrivacyResult.NOT_AUTHOR
        assert win_privacy.share_again(channel.connection, **who, now=NOW) is PrivacyResult.NOT_AUTHOR
    assert channel.share(channel.ids[0]) is PrivacyResult.NO_CHANGE
    channel.make_private(channel.ids[0])
    assert channel.make_private(channel.ids[0]) is PrivacyResult.NO_CHANGE
    channel.undo(channel.ids[0])
    assert channel.make_private(channel.ids[0]) is channel.share(channel.ids[0]) is PrivacyResult.NOT_FOUND
    private = NewWin(parse_win("mine", []), "T1", None, "dm", Mention("UANA"), NOW)
    (logged,) = save_all(channel.connection, [SaveWin(private, None, is_known_author=True)])
    assert channel.share(logged.id) is PrivacyResult.NO_CHANNEL


def test_an_edit_takes_those_who_joined_out_of_the_win_for_good_unless_it_names_them(channel: Channel) -> None:
    win_id, common = channel.ids[0], {"team_id": "T1", "win_id": channel.ids[0]}
    for user_id in ("UBEN", "UCHLOE"):
        joining.join(channel.connection, **common, user_id=user_id)  # type: ignore[arg-type]
    edited = channel.edit(win_id, parse_win("fixed it with <@UBEN>", [Mention("UBEN", "ben")]))
    assert edited.win.credited == (Mention("UBEN", "ben"),), "the name that stands in the text"
    assert edited.win.joined == edited.win.credited
    joining.join(channel.connection, "T1", win_id, "UCHLOE")
    roles = joining.roles_of(channel.connection, win_id, "UCHLOE")
    assert WinRole.REMOVED in roles


def test_who_joins_while_the_author_edits_stays_in_the_win(channel: Channel) -> None:
    win_id = channel.ids[0]
    for user_id in ("UBEN", "UCHLOE"):
        joining.join(channel.connection, "T1", win_id, user_id)
    edited = channel.edit(win_id, parse_win("fixed it alone", []), seen=["UBEN"])
    assert [person.user_id for person in edited.win.joined] == ["UCHLOE"]


def test_a_message_out_of_reach_follows_once_its_channel_is_back(channel: Channel) -> None:
    channel.settle()
    channel_membership.apply_availability(channel.connection, *LANE, Unavailability.ARCHIVED, now=NOW)
    edited = channel.edit(channel.ids[0])
    assert [message.reason for message in edited.stale] == [StaleReason.OUT_OF_REACH]
    channel.settle()
    assert channel.times(channel.ids[0], DeliveryKind.ANNOUNCEMENT) == 1
