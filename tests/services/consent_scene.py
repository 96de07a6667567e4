"""A channel in which Ana saves wins with Ben in them, and all that its Slack was ever told to show."""

import copy
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from bot.domain.consent import Preference
from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.domain.permissions import Actor
from bot.domain.wins import Draft, Mention, Win, parse_win
from bot.domain.workspaces import Workspace
from bot.outbox import render, results
from bot.outbox.kinds import KINDS
from bot.services import consent_answers, win_edits, win_privacy
from bot.services import preferences as preference_services
from bot.services import wins as win_services
from bot.services.wins import SaveWin, save_all
from bot.slack.outcomes import Succeeded
from bot.storage import channels, deliveries, lanes, preferences, tables, users, wins, workspaces
from bot.storage.deliveries import Delivery
from bot.storage.users import User
from bot.storage.wins import NewWin
from tests.services.consent_table import Moment, Named, Read
from tests.single import create_roundup, load_message, mark_sending, next_in_lane, save_post

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
LANE = ("T1", "C1")
WORKSPACE = Workspace("T1", None, "Acme", "https://acme.test/", "UBOT")
NAMES = {"UANA": "Ana Ruiz", "UBEN": "Benedikt Okafor", "UCHLOE": "Chloe Ngata", "UDMITRI": "Dmitri Volkov"}
TRACES_OF_BEN = ("UBEN", "Benedikt", "benny")
"""His id, his name in Slack, and the name that is typed for him."""
BEN, CHLOE, DMITRI = Mention("UBEN", "benny"), Mention("UCHLOE", "chloe"), Mention("UDMITRI", "dmitri")
TEXT = "shipped the search"
numbers = itertools.count(1)


def draft_with(named: Named, text: str = TEXT) -> Draft:
    """What Ana says of Ben."""
    plain, with_ben = parse_win(text, []), parse_win(f"{text} with <@UBEN>", [BEN])
    match named:
        case Named.IN_OWN:
            return with_ben
        case Named.THANKED_IN_OWN:
            return replace(plain, thanked=(BEN,), reason="the idea was <@UBEN>'s")
        case Named.WHOSE:
            return replace(parse_win(f"{text}, well done <@UBEN>", [BEN]), is_own=False)
        case Named.THANKED_IN_THEIRS:
            return replace(plain, credited=(CHLOE,), is_own=False, thanked=(BEN,), reason="the idea")


def draft_without(named: Named, text: str = TEXT) -> Draft:
    """What Ana says before Ben comes into it."""
    is_theirs = named in (Named.WHOSE, Named.THANKED_IN_THEIRS)
    return replace(parse_win(text, []), credited=(CHLOE,) if is_theirs else (), is_own=not is_theirs)


@dataclass(frozen=True)
class Shown:
    """What a message said from some moment on: `everything` that Slack was given, as JSON."""

    key: str
    kind: str
    place: str
    text: str
    everything: str
    is_post: bool


@dataclass
class Scene:
    """The channel C1 with Ana, Ben, Chloe (who prefers to share) and Dmitri (who asks to be asked)."""

    connection: Connection
    now: datetime = NOW
    history: list[Shown] = field(default_factory=list)
    messages: dict[str, Shown] = field(default_factory=dict)
    """Those that are in Slack now."""
    win_id: int = 0

    def __post_init__(self) -> None:
        workspaces.save(self.connection, WORKSPACE)
        channels.ensure_exist(self.connection, {LANE})
        for user_id, name in NAMES.items():
            user = User("T1", user_id, name, "UTC", is_active=True, is_admin=False, is_guest=False)
            users.save(self.connection, user, now=NOW)
        self.chooses("UCHLOE", Preference.SHARE)
        self.chooses("UDMITRI", Preference.ASK)

    @contextmanager
    def branch(self) -> Iterator["Scene"]:
        """Let something else happen from here on, which is undone in the end."""
        with self.connection.begin_nested() as savepoint:
            branch = copy.copy(self)
            branch.history, branch.messages = list(self.history), dict(self.messages)
            yield branch
            savepoint.rollback()

    # What people do.

    def chooses(self, user_id: str, preference: Preference | None) -> None:
        if preference is not None:
            preference_services.choose(
                self.connection, team_id="T1", user_id=user_id, preference=preference, now=self.now
            )

    def save(self, draft: Draft, *, is_private: bool = False, channel_id: str | None = "C1") -> int:
        key = f"form:{next(numbers)}"
        new = NewWin(draft, "T1", channel_id, key, Mention("UANA", "ana"), self.now, is_private=is_private)
        (logged,) = save_all(self.connection, [SaveWin(new, None, is_known_author=True)])
        self.win_id = logged.id
        return logged.id

    @property
    def win(self) -> Win:
        found = wins.by_id(self.connection, "T1", self.win_id)
        assert found is not None
        return found

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
            now=self.now,
        )

    def answer(self, user_id: str = "UBEN", *, is_yes: bool, revision: int | None = None) -> Any:
        return consent_answers.answer(
            self.connection,
            team_id="T1",
            win_id=self.win_id,
            actor=Actor(user_id, is_active=True),
            revision=self.win.revision if revision is None else revision,
            is_yes=is_yes,
            now=self.now,
        )

    def leave(self, user_id: str = "UBEN") -> Any:
        return consent_answers.leave(
            self.connection, team_id="T1", win_id=self.win_id, actor=Actor(user_id, is_active=True)
        )

    def make_private(self) -> None:
        common: dict[str, Any] = {"team_id": "T1", "win_id": self.win_id, "user_id": "UANA", "is_outsider": False}
        win_privacy.make_private(self.connection, **common)

    def share_again(self) -> None:
        common: dict[str, Any] = {"team_id": "T1", "win_id": self.win_id, "user_id": "UANA", "is_outsider": False}
        win_privacy.share_again(self.connection, **common, now=self.now)

    def undo(self) -> None:
        common: dict[str, Any] = {"team_id": "T1", "win_id": self.win_id, "user_id": "UANA", "is_outsider": False}
        win_services.undo(self.connection, **common, now=self.now)

    def comes_in(self, named: Named, moment: Moment) -> None:
        """Let Ben come into a win of Ana's."""
        ready, bare = draft_with(named), draft_without(named)
        match moment:
            case Moment.SAVED:
                self.save(ready)
            case Moment.WAITS:
                self.save(replace(bare, thanked=(DMITRI,)) if bare.is_own else replace(bare, credited=(CHLOE, DMITRI)))
                self.settle()
                assert self.reads() is Read.NOTHING, "it waits for Dmitri"
                self.edit(
                    replace(ready, thanked=(*ready.thanked, DMITRI))
                    if bare.is_own
                    else replace(ready, credited=(*ready.credited, DMITRI))
                )
                self.settle()
                assert self.reads() is Read.NOTHING, "it waits for Dmitri still"
                self.answer("UDMITRI", is_yes=True)
            case Moment.SHARED_AGAIN:
                self.save(ready, is_private=True)
                self.settle()
                assert (self.reads(), self.questions()) == (Read.NOTHING, 0)
                self.share_again()
            case _:
                self.save(bare)
                self.settle()
                if moment is not Moment.ANNOUNCED:
                    self.roundup()
                    self.settle()
                if moment is Moment.TAKEN_BACK:
                    self.make_private()
                    self.settle()
                self.edit(ready)
                if moment is Moment.TAKEN_BACK:
                    self.settle()
                    assert (self.reads(), self.questions()) == (Read.NOTHING, 0)
                    self.share_again()
        self.settle()

    # What the bot and Slack do.

    def roundup(self) -> None:
        """Let the channel's roundup come."""
        ids = [win.id for win in wins.open_in(self.connection, *LANE)]
        self.now += timedelta(days=1)
        if ids:
            channel = channels.lock(self.connection, *LANE)
            create_roundup(self.connection, channel, [ids], target_channel_id="C1", due_at=self.now, now=self.now)

    def settle(self) -> None:
        """Let the bot do all that waits for Slack."""
        passed: defaultdict[str, list[int]] = defaultdict(list)
        while found := self._next(passed):
            self._send(found)

    def _next(self, passed: defaultdict[str, list[int]]) -> Delivery | None:
        for lane in lanes.with_work(self.connection):
            while delivery := next_in_lane(self.connection, lane, excluded_ids=passed[lane[1]]):
                if delivery.kind in KINDS:
                    return delivery
                passed[lane[1]].append(delivery.id)
        return None

    def _send(self, delivery: Delivery) -> None:
        loaded = load_message(self.connection, delivery, now=self.now)
        message = render.render(delivery, loaded, permalink=WORKSPACE.permalink, now=self.now)
        if delivery.pending_op == PendingOp.POST and message is None:
            deliveries.mark_finished(self.connection, delivery.id, DeliveryState.CANCELLED, None)
            return
        shown = None
        if message is not None and delivery.pending_op != PendingOp.DELETE:
            place = delivery.recipient_id or delivery.channel_id
            everything = json.dumps(message, ensure_ascii=False)
            is_post = delivery.pending_op == PendingOp.POST
            shown = Shown(delivery.key, delivery.kind, place, message["text"], everything, is_post)
            self.history.append(shown)
        if delivery.pending_op == PendingOp.POST:
            assert mark_sending(self.connection, delivery, now=self.now)
            assert delivery.key not in self.messages, "posted twice"
            assert shown is not None
            self.messages[delivery.key] = shown
            outcome = Succeeded(f"{self.now.timestamp():.0f}.{next(numbers):06}", delivery.channel_id)
            save_post(self.connection, delivery, outcome, now=self.now)
            return
        is_deletion = shown is None
        if shown is None:
            self.messages.pop(delivery.key)
        else:
            self.messages[delivery.key] = shown
        outcome = Succeeded("", delivery.channel_id)
        results.save_change(self.connection, delivery, outcome, is_deletion=is_deletion, now=self.now)

    # What is read.

    def in_channel(self, messages: Sequence[Shown] | None = None) -> list[Shown]:
        """Return what everyone in the channel reads of the win."""
        found = self.messages.values() if messages is None else messages
        return [each for each in found if each.place == "C1" and "shipped the" in each.everything]

    def reads(self) -> Read:
        """Return what the channel reads; all of its messages agree."""
        shown = self.in_channel()
        if not shown:
            return Read.NOTHING
        has_name = {any(trace in each.everything for trace in TRACES_OF_BEN) for each in shown}
        assert len(has_name) == 1, "the messages agree"
        if has_name == {True}:
            assert all("teammate" not in each.everything for each in shown)
            return Read.NAME
        assert all("a teammate" in each.everything.replace("A teammate", "a teammate") for each in shown)
        return Read.TEAMMATE

    def was_named(self) -> bool:
        """Whether the channel has ever read Ben's name."""
        return any(trace in each.everything for each in self.in_channel(self.history) for trace in TRACES_OF_BEN)

    def times(self, kind: DeliveryKind) -> int:
        """Return how many messages of a kind were ever posted about the win, and are there."""
        return sum(each.kind == kind for each in self.in_channel())

    def questions(self, user_id: str = "UBEN") -> int:
        """Return how many messages about the win were enqueued for someone."""
        rows = tables.deliveries.c
        query = select(rows.id).where(
            rows.kind == DeliveryKind.CREDIT, rows.win_id == self.win_id, rows.recipient_id == user_id
        )
        return len(self.connection.execute(query).all())

    def choice(self, user_id: str) -> Preference | None:
        return preferences.of_people(self.connection, "T1", [user_id])[user_id].preference
