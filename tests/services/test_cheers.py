"""Wherever a cheer is shown it follows the truth, however it was given or taken back."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, update

from bot.domain.deliveries import DeliveryState, PendingOp
from bot.domain.wins import Cheerers, Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.outbox import render
from bot.services import cheers
from bot.services.cheers import CheerResult
from bot.services.user_directory import parse_user
from bot.services.wins import SaveWin, save_all
from bot.storage import channels, deliveries, tables, users, wins, workspaces
from bot.storage.cheers import MAX_EMOJI
from bot.storage.database import engine
from bot.storage.wins import NewWin
from tests.single import create_roundup, load_message, next_in_lane

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
LANE = ("T1", "C1")
ROBOT, AUTHOR, CREDITED = "robot", "dmitri", "ana"
"""Who doesn't count: the robot nowhere, the author of both wins and the one person credited in the first not there."""
EVERYONE = (ROBOT, AUTHOR, CREDITED, "ben", "chloe")
TOLD = ("part 0, win 0", "part 1, win 1")
"""The buttons of the wins in the roundup."""
EMOJI = ("tada", "thumbsup", "thumbsup::skin-tone-2", "thumbsup::skin-tone-6")
WORKSPACE = Workspace("T1", None, "Acme", "https://acme.test/", "UBOT")


@dataclass(frozen=True)
class Event:
    """A press (without an `emoji`) or a reaction on a message, given or taken back at a second of the hour.

    A press on "part 0, win 0" is one on the button of a win in the roundup.
    """

    on: str
    who: str
    emoji: str | None
    is_active: bool
    second: int


@dataclass(frozen=True)
class Send:
    """Slack gets what waits for it."""


def moment(second: int) -> str:
    return f"19000000{second:02}.000000"


NOT_COUNTED = {"win 0": {ROBOT, AUTHOR, CREDITED}, "win 1": {ROBOT, AUTHOR}, "roundup": {ROBOT}}


def cheerers(found: Cheerers) -> set[str]:
    assert found == Cheerers.of(found.first), "all of these are named"
    return {user_id[1:].lower() for user_id in found.first}


class Channel:
    """A channel with two wins, which a roundup of two parts has told; what stands in Slack, and who cheers what."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.shown: dict[int, str] = {}
        self.truth: dict[tuple[str, str, str], tuple[int, bool]] = {}
        workspaces.save(connection, WORKSPACE)
        channels.ensure_exist(connection, {LANE})
        for name in EVERYONE:
            body = {"name": name, "is_bot": name == ROBOT}
            users.save(connection, parse_user("T1", f"U{name.upper()}", body), now=NOW)
        ana = Mention("UANA")
        drafts = [parse_win(f"win 0 with {ana.token}", [ana]), parse_win("win 1", [])]
        new = [
            NewWin(draft, *LANE, f"command:{number}", Mention("UDMITRI"), NOW) for number, draft in enumerate(drafts)
        ]
        ids = [logged.id for logged in save_all(connection, [SaveWin(win, None, is_known_author=True) for win in new])]
        channel = channels.lock(connection, *LANE)
        create_roundup(connection, channel, [ids[:1], ids[1:]], target_channel_id="C1", due_at=NOW, now=NOW)
        pending = deliveries.in_states(connection, [DeliveryState.PENDING])
        in_channel = [
            each for each in pending if each.channel_id == "C1"
        ]  # not the message that tells Ana of her credit
        all_deliveries = sorted(in_channel, key=lambda each: each.id)
        self.ids = dict(zip(("win 0", "win 1", "part 0", "part 1"), [each.id for each in all_deliveries], strict=True))

    def delivery(self, name: str) -> deliveries.Delivery:
        (found,) = deliveries.select_all(self.connection, tables.deliveries.c.id == self.ids[name])
        return found

    def subject(self, name: str) -> Any:
        return load_message(self.connection, self.delivery(name), now=NOW).subject

    def text(self, name: str) -> str:
        """What a message would say now."""
        delivery = self.delivery(name)
        loaded = load_message(self.connection, delivery, now=NOW)
        message = render.render(delivery, loaded, permalink=WORKSPACE.permalink, now=NOW)
        assert message is not None
        return str(message["text"])

    def send(self) -> None:
        for number, name in enumerate(self.ids):
            delivery = self.delivery(name)
            if delivery.pending_op is None:
                continue
            self.shown[delivery.id] = self.text(name)
            if delivery.pending_op == PendingOp.POST:
                deliveries.mark_posted(self.connection, delivery.id, f"1800000000.00000{number}")
            else:
                deliveries.complete_change(self.connection, delivery, state=DeliveryState.POSTED)

    def hear(self, event: Event) -> None:
        message, _, told = event.on.partition(", ")
        delivery = self.delivery(message)
        assert delivery.ts is not None
        common: dict[str, Any] = {
            "team_id": "T1",
            "channel_id": "C1",
            "message_ts": delivery.ts,
            "user_id": f"U{event.who.upper()}",
            "is_active": event.is_active,
        }
        press: dict[str, Any] = {"key": delivery.key, "is_outsider": False, "action_ts": moment(event.second)}
        if told:
            win_id = self.delivery(told).win_id
            assert win_id is not None
            cheers.record_told_win(self.connection, **common, **press, win_id=win_id)
        elif event.emoji is None:
            cheers.record_by_button(self.connection, **common, **press)
        else:
            cheers.record_by_reaction(self.connection, **common, emoji=event.emoji, event_ts=moment(event.second))
        subject = told or (message if message.startswith("win") else "roundup")
        key = (subject, event.who, event.emoji or "button")
        if event.second > self.truth.get(key, (-1, False))[0]:
            self.truth[key] = (event.second, event.is_active)

    def cheerers(self, subject: str, *, only_pressed: bool = False) -> set[str]:
        return {
            who
            for (about, who, source), (_, is_active) in self.truth.items()
            if about == subject and is_active and (source == "button" or not only_pressed)
        } - NOT_COUNTED[subject]

    def emoji(self, subject: str) -> Counter[str]:
        """How many people used each emoji."""
        used = {
            (who, "clap" if source == "button" else source.partition("::")[0])
            for (about, who, source), (_, is_active) in self.truth.items()
            if about == subject and is_active and who not in NOT_COUNTED[subject]
        }
        return Counter(emoji for _, emoji in used)

    def check(self) -> None:
        for subject in ("win 0", "win 1"):
            announced = self.subject(subject)
            assert cheerers(announced.cheered_by) == self.cheerers(subject, only_pressed=True)
        first, second = self.subject("part 0"), self.subject("part 1")
        assert cheerers(first.cheered_by) == self.cheerers("roundup")
        assert cheerers(first.wins[0].cheered_by) == self.cheerers("win 0")
        assert cheerers(second.wins[0].cheered_by) == self.cheerers("win 1")
        for shown, subject in ((first, "roundup"), (first.wins[0], "win 0"), (second.wins[0], "win 1")):
            used = self.emoji(subject)
            assert set(shown.cheer_emoji) <= set(used)
            counts = [used[emoji] for emoji in shown.cheer_emoji]
            assert counts == sorted(used.values(), reverse=True)[:MAX_EMOJI]
        mine = wins.latest_of(self.connection, "T1", "UDMITRI", limit=2)
        assert [cheerers(win.cheered_by) for win in mine] == [self.cheerers("win 1"), self.cheerers("win 0")]
        for name in self.ids:
            if self.delivery(name).pending_op is None:
                assert self.shown[self.ids[name]] == self.text(name), f"{name} says what is no longer true"


@pytest.fixture
def writing_engine(sqlite_url: str) -> Iterator[Engine]:
    opened = engine(sqlite_url, writes=True)
    yield opened
    opened.dispose()


events = st.builds(
    Event,
    on=st.sampled_from(["win 0", "win 1", "part 0", "part 1", *TOLD]),
    who=st.sampled_from(EVERYONE),
    emoji=st.sampled_from([None, *EMOJI]),
    is_active=st.booleans(),
    second=st.integers(0, 30),
).filter(lambda event: event.on not in TOLD if event.emoji is not None else event.on != "part 1")  # which has no button


@pytest.mark.timeout(600)  # with --deep
def test_every_message_shows_who_cheers_or_is_about_to(writing_engine: Engine, is_deep: bool) -> None:
    @settings(max_examples=600 if is_deep else 10, deadline=None)
    @given(steps=st.lists(st.one_of(events, events, events, st.just(Send())), min_size=5, max_size=25))
    def follow(steps: list[Event | Send]) -> None:
        with writing_engine.connect() as connection:
            channel = Channel(connection)
            channel.send()
            for step in [*steps, Send()]:
                if isinstance(step, Event):
                    channel.hear(step)
                else:
                    channel.check()
                    channel.send()
            connection.rollback()

    follow()


def test_a_win_is_announced_before_a_roundup_that_people_go_on_cheering_is_updated(writing_engine: Engine) -> None:
    with writing_engine.connect() as connection:
        channel = Channel(connection)
        channel.send()
        new = NewWin(parse_win("win 2", []), *LANE, "command:2", Mention("UDMITRI"), NOW)
        (logged,) = save_all(connection, [SaveWin(new, None, is_known_author=True)])
        channel.hear(Event("part 0", "ben", "tada", is_active=True, second=1))
        first = next_in_lane(connection, LANE)
        assert first is not None
        assert first.win_id == logged.id
        deliveries.mark_posted(connection, first.id, "1800000001.000000")
        second = next_in_lane(connection, LANE)
        assert second is not None
        assert (second.id, second.pending_op) == (channel.ids["part 0"], PendingOp.UPDATE)
        connection.rollback()


@pytest.mark.parametrize("emoji", ["thumbsup", "thumbsup::skin-tone-6"])
def test_a_reaction_stored_without_its_tone_is_taken_back_in_any(writing_engine: Engine, emoji: str) -> None:
    with writing_engine.connect() as connection:
        channel = Channel(connection)
        channel.send()
        channel.hear(Event("win 0", "ben", "thumbsup", is_active=True, second=1))
        without_tone = {"source": "reaction:thumbsup::any-tone"}  # as migration 0006 leaves it
        connection.execute(update(tables.win_cheers).values(without_tone))
        channel.send()
        channel.hear(Event("win 0", "ben", emoji, is_active=False, second=0))
        assert channel.subject("part 0").wins[0].cheered_by == Cheerers.of(["UBEN"]), "that was before the reaction"
        channel.hear(Event("win 0", "ben", emoji, is_active=False, second=2))
        assert channel.subject("part 0").wins[0].cheered_by == Cheerers()
        assert channel.delivery("part 0").pending_op == PendingOp.UPDATE
        connection.rollback()


@pytest.mark.parametrize(
    ("used", "shown"),
    [
        ((), ()),
        ((("ben", "heart"), ("chloe", "tada"), ("chloe", "heart")), ("heart", "tada")),
        ((("ben", "thumbsup::skin-tone-2"), ("ben", "thumbsup::skin-tone-6"), ("chloe", "tada")), ("thumbsup", "tada")),
        ((("ben", None), ("chloe", "clap"), ("chloe", "tada")), ("clap", "tada")),
        (
            (("ben", "+1"), ("ben", "man-heart-man"), ("ben", "o'clock"), ("ben", "tada")),
            ("+1", "man-heart-man", "o'clock"),
        ),
        ((("robot", "heart"), ("ana", "heart"), ("dmitri", "heart"), ("chloe", "tada")), ("tada",)),
        ((("ben", "büro"), ("ben", "a:b"), ("ben", "<!here>"), ("ben", "UP"), ("ben", "")), ()),
    ],
)
def test_the_emoji_that_people_used_most_are_shown_without_what_could_be_anything_else(
    writing_engine: Engine, used: tuple[tuple[str, str | None], ...], shown: tuple[str, ...]
) -> None:
    with writing_engine.connect() as connection:
        channel = Channel(connection)
        channel.send()
        for second, (who, emoji) in enumerate(used):
            channel.hear(Event("win 0", who, emoji, is_active=True, second=second))
        assert channel.subject("part 0").wins[0].cheer_emoji == shown
        connection.rollback()


def test_only_a_win_that_the_roundup_tells_is_cheered_in_it(writing_engine: Engine) -> None:
    with writing_engine.connect() as connection:
        channel = Channel(connection)
        channel.send()
        new = NewWin(parse_win("win 2", []), *LANE, "command:2", Mention("UDMITRI"), NOW)
        (logged,) = save_all(connection, [SaveWin(new, None, is_known_author=True)])
        told, roundup = channel.delivery("win 0"), channel.delivery("part 0")
        right: dict[str, Any] = {
            "team_id": "T1",
            "channel_id": "C1",
            "message_ts": roundup.ts,
            "key": roundup.key,
            "win_id": told.win_id,
            "user_id": "UBEN",
            "is_outsider": False,
            "is_active": True,
            "action_ts": moment(1),
        }
        forged: tuple[dict[str, Any], ...] = (
            {"team_id": "T2"},
            {"channel_id": "C2"},
            {"key": told.key},
            {"key": "0" * 32},
            {"win_id": logged.id},
            {"win_id": 10**18 - 1},
        )
        for change in forged:
            assert cheers.record_told_win(connection, **right | change) is CheerResult.NOT_FOUND
        for win_id in (told.win_id, logged.id):
            outside = right | {"is_outsider": True, "win_id": win_id}
            assert cheers.record_told_win(connection, **outside) is CheerResult.OUTSIDER
        assert connection.execute(select(tables.win_cheers)).all() == []
        assert cheers.record_told_win(connection, **right) is CheerResult.SHOWN
        connection.rollback()


@pytest.mark.parametrize("on", ["win 0", "part 0, win 0"])
@pytest.mark.parametrize("who", [AUTHOR, CREDITED])
def test_a_press_on_ones_own_win_updates_no_message(writing_engine: Engine, who: str, on: str) -> None:
    with writing_engine.connect() as connection:
        channel = Channel(connection)
        channel.send()
        channel.hear(Event(on, who, None, is_active=True, second=1))
        assert {name: channel.delivery(name).pending_op for name in channel.ids} == dict.fromkeys(channel.ids)
        channel.hear(Event(on, "ben", None, is_active=True, second=2))
        assert channel.delivery("win 0").pending_op == PendingOp.UPDATE
        connection.rollback()


@pytest.mark.parametrize("who", ["ben", "ana", "dmitri"])
def test_a_hidden_win_is_not_found_in_the_roundup_by_anyone(writing_engine: Engine, who: str) -> None:
    with writing_engine.connect() as connection:
        channel = Channel(connection)
        channel.send()
        connection.execute(update(tables.wins).where(tables.wins.c.text == "win 1").values(is_private=True))
        told, roundup = channel.delivery("win 1"), channel.delivery("part 1")
        press: dict[str, Any] = {
            "team_id": "T1",
            "channel_id": "C1",
            "message_ts": roundup.ts,
            "key": roundup.key,
            "win_id": told.win_id,
            "user_id": f"U{who.upper()}",
            "is_outsider": False,
            "action_ts": moment(1),
        }
        assert cheers.record_told_win(connection, **press, is_active=True) is CheerResult.NOT_FOUND
        assert connection.execute(select(tables.win_cheers)).all() == []
        assert channel.delivery("part 1").pending_op == PendingOp.UPDATE, "which still shows it"
        assert channel.delivery("win 1").pending_op is None
        assert cheers.record_told_win(connection, **press, is_active=False) is CheerResult.NOT_FOUND
        connection.rollback()
