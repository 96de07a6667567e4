"""The state machine: what people, operators, networks and clocks do, and the simple model that it must keep to."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, func, literal, select, union_all
from sqlalchemy.exc import OperationalError

from bot.domain.audit_log import AuditAction, Unavailability
from bot.domain.channel_settings import ChannelUnreachable, Conflict, TargetForbidden, WouldLeak
from bot.domain.deliveries import NEEDS_ATTENTION, DeliveryKind, DeliveryState
from bot.domain.permissions import NotAllowed
from bot.domain.schedules import Daily, Weekday, Weekly
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.services import channel_settings
from bot.services.cheers import CheerResult, MessageNotRecordedYet, record_by_button, record_by_reaction
from bot.services.deliveries import resolve_by_key
from bot.services.idempotency import run_once
from bot.services.roundups import post_now
from bot.services.user_directory import parse_user
from bot.services.wins import LogWin, UndoResult, log_all, undo
from bot.slack import payloads
from bot.storage import channels, deletion, deliveries, idempotency, wins, workspaces
from bot.storage.channels import Channel
from bot.storage.cheers import microseconds
from bot.storage.tables import audit_log, idempotency_keys, roundup_cheers, roundup_items, roundups, win_cheers
from bot.storage.tables import channels as channels_table
from bot.storage.tables import deliveries as deliveries_table
from bot.storage.tables import wins as wins_table
from tests.stateful.bot import Bot, end_everything
from tests.stateful.clock import MONDAY, Clock, Loop, monotonic
from tests.stateful.edits import Begins, Edit, Sends, Skips, edits
from tests.stateful.faults import CRASH, FAIL, FaultyDatabase
from tests.stateful.oracle import ACTIONS_THAT_MOVE, STATEMENTS_THAT_MOVE, Oracle
from tests.stateful.slack import FAULTS, PRIVATE_KNOWN_WITHIN, Message, Slack

TEAMS = ("T1", "T2")
CHANNELS = (("T1", "C1"), ("T1", "C2"), ("T2", "C3"))
ADMIN, CREATOR, MEMBER, GUEST = range(4)
"""The four people of each workspace. The creator made its channels; the member is named in them sometimes."""
PERSON_ATTRIBUTES: tuple[dict[str, Any], ...] = (
    {"tz": "Europe/Berlin", "is_admin": True},
    {"tz": "America/New_York"},
    {"tz": "Pacific/Auckland"},
    {"tz": None, "is_restricted": True},
)
PROFILES = {
    f"U{number}{team}": {"id": f"U{number}{team}", "name": f"u{number}{team.lower()}", **rest}
    for team in TEAMS
    for number, rest in enumerate(PERSON_ATTRIBUTES)
}
ACTORS = {user: parse_user(user[-2:], user, profile).actor for user, profile in PROFILES.items()}
TEAM_OF = dict([(channel, team) for team, channel in CHANNELS] + [(user, user[-2:]) for user in PROFILES])
SETTLE_WAIT = 90.0
"""Seconds in which whatever is unknown is looked for, if Slack lets it."""
METHODS = (
    *("chat.update", "chat.delete", "chat.postEphemeral"),
    *("conversations.history", "conversations.replies", "conversations.info", "users.info"),
)

REFUSALS = (NotAllowed, Conflict, ChannelUnreachable, TargetForbidden, WouldLeak)
UNAVAILABILITY_BY_ERROR = {"": None, "not_in_channel": Unavailability.REMOVED, "is_archived": Unavailability.ARCHIVED}
"""By what Slack refuses with, what its event says of the channel."""

Faults = list[tuple[str, int]]

any_index = st.integers(0, 10_000)
"""Which of however many there are."""
any_person = st.integers(0, 3)
any_channel = st.sampled_from(CHANNELS)
any_people = st.lists(any_person, min_size=1, max_size=4)
any_duration = st.sampled_from([0.0, 0.06, 0.3, 3.0, SETTLE_WAIT])
any_faults = st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.sampled_from([1, 5, 40])), max_size=2)
"""What becomes of the next requests, with the seconds of a Retry-After; mostly they go well."""
any_lateness = st.sampled_from([1, 1, 1, 1, 5 * 3600, 25 * 3600])
maybe_faults: st.SearchStrategy[Faults] = st.one_of(st.just([]), any_faults)


@dataclass
class KnownWin:
    """A win as the model knows it: acked, so that it must never be lost."""

    number: int
    team_id: str
    channel_id: str | None
    author_id: str
    id: int
    logged: LogWin
    undone: bool = False
    undo_actions: list[payloads.MessageAction] = field(default_factory=list)


@dataclass
class DatabaseState:
    """What stands in the database: read at once, so that the invariants speak of one moment."""

    wins: dict[int, Any]
    items: dict[int, Any]
    """The contents of roundups, by win."""
    deliveries: dict[int, Any]
    owner_ids: dict[tuple[str, str], str | None]
    roundups: dict[int, Any]
    audit: list[Any]
    cheers: set[tuple[str, int, str, str]]


def read_state(connection: Connection) -> DatabaseState:
    wins = {row.id: row for row in connection.execute(select(wins_table))}
    delivery_rows = {row.id: row for row in connection.execute(select(deliveries_table))}
    owners = {(row.team_id, row.channel_id): row.owner_id for row in connection.execute(select(channels_table))}
    roundup_rows = {row.id: row for row in connection.execute(select(roundups))}
    entries = list(connection.execute(select(audit_log).order_by(audit_log.c.id)))
    items = {row.win_id: row for row in connection.execute(select(roundup_items))}
    return DatabaseState(
        wins, items, delivery_rows, owners, roundup_rows, entries, {tuple(row) for row in connection.execute(_cheers)}
    )


_cheers = union_all(
    *(
        select(literal(kind), table.primary_key.columns.values()[0], table.c.user_id, table.c.source).where(
            table.c.is_active
        )
        for kind, table in (("win", win_cheers), ("roundup", roundup_cheers))
    )
)


class Machine(RuleBasedStateMachine):
    """Two workspaces with three channels and four people each, a bot, its database, and bad luck."""

    database_url: ClassVar[str]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.loop = Loop()
        self.clock = Clock(self.loop)
        self.monotonic = monotonic(self.loop)
        self.monotonic.__enter__()
        self.oracle = Oracle()
        self.database = FaultyDatabase(
            self.database_url,
            STATEMENTS_THAT_MOVE,
            lambda connection: self.oracle.check(connection, TEAMS, self.clock.now()),
        )
        self.slack = Slack(self.clock, TEAM_OF, PROFILES)
        self.slack.fault_plan = self.database.fault_plan
        self.database.write_directly(_begin)
        self.numbers = 0
        self.wins: list[KnownWin] = []
        self.cheers: dict[tuple[str, int, str, str], tuple[int, bool]] = {}
        self.cheer_actions: list[tuple[payloads.MessageAction, bool]] = []
        self.confirmed_posted: set[str] = set()
        self.targets: set[tuple[str, str]] = set()
        self.bot = self._new_bot()
        self._run(self.bot.start())

    # How things are done.

    def _run(self, coroutine: Any) -> Any:
        """Let the bot's loop run until `doing` is done."""
        self.is_checked = False
        return self.loop.run_until_complete(coroutine)

    def let_time_pass(self, seconds: float) -> None:
        """Let time pass in which the ticker does not beat."""
        self._run(asyncio.sleep(seconds))

    def _new_bot(self) -> Bot:
        self.slack.forget_rate_limits()
        return Bot(self.database, self.slack, self.clock)

    def run_for(self, seconds: float) -> None:
        """Let the bot do what it does in that time, with a beat at its beginning and its end; it may die of it."""

        async def living() -> None:
            await self.bot.tick()
            if seconds:
                await asyncio.sleep(seconds)
                await self.bot.tick()
            await asyncio.sleep(0.0)

        async def until_death() -> None:
            life = asyncio.create_task(living())
            death = asyncio.create_task(self.database.fault_plan.died.wait())
            await asyncio.wait([life, death], return_when=asyncio.FIRST_COMPLETED)
            if self.database.fault_plan.is_dead:
                await end_everything()
            death.cancel()

        self._run(until_death())
        if self.database.fault_plan.is_dead:
            self._start_bot()

    def _start_bot(self) -> None:
        """Start a bot in the place of one that is gone; one whose database fails at its start is started again."""
        self.database.fault_plan = self.slack.fault_plan = type(self.database.fault_plan)()
        while True:
            self.bot = self._new_bot()
            try:
                self._run(self.bot.start())
            except OperationalError:
                self._run(end_everything())
            else:
                return

    def _write(self, work: Callable[[Connection], Any]) -> Any:
        """Write as a listener does; None where the bot did not get to the ack. The person does not ask again."""
        return self._run_listener(lambda: self.database.write(work))

    def _run_listener(self, listener: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Do what a listener does; None where the bot did not get to the ack."""

        async def doing() -> Any:
            task = asyncio.create_task(listener())
            death = asyncio.create_task(self.database.fault_plan.died.wait())
            await asyncio.wait([task, death], return_when=asyncio.FIRST_COMPLETED)
            death.cancel()
            if not self.database.fault_plan.is_dead:
                return await task
            await end_everything()
            return None

        try:
            result = self._run(doing())
        except OperationalError:
            return None
        if self.database.fault_plan.is_dead:
            self._start_bot()
        return result

    def _now_ts(self, seconds_ago: int = 0) -> str:
        self.numbers += 1
        moment = self.clock.true_now().timestamp() - seconds_ago
        return f"{int(moment)}.{self.numbers:06}"

    def _wake(self, lane: tuple[str, str]) -> None:
        async def owed() -> None:
            self.bot.sender.wake(lane)

        self._run(owed())

    # What people do.

    @rule(
        where=any_channel,
        who=any_people,
        is_long=st.booleans(),
        alone=st.booleans(),
        luck=maybe_faults,
        seconds=any_duration,
    )
    def log_wins(
        self, *, where: tuple[str, str], who: list[int], is_long: bool, alone: bool, luck: Faults, seconds: float
    ) -> None:
        """Someone logs a win, or some do at the same moment, perhaps telling it to the bot alone."""
        self.slack.faults["chat.postMessage"] += luck
        self.log(where, who, is_long=is_long, alone=alone and len(who) == 1)
        self.run_for(seconds)

    def log(self, where: tuple[str, str], who: list[int], *, is_long: bool = True, alone: bool = False) -> None:
        """Let `who` log a win each, all at once."""
        team_id, channel_id = where
        logged: list[LogWin] = []
        for each in who:
            user = f"U{each}{team_id}"
            self.numbers += 1
            text = f"win-{self.numbers} " + ("and how it came to be " * 20 if is_long else "done")
            win = wins.NewWin(
                parse_win(text, []),
                team_id,
                None if alone else channel_id,
                f"command:{self.numbers}",
                Mention(user),
                self.clock.now(),
            )
            is_known_author = (team_id, channel_id, user) in self.bot.known_users
            logged.append(LogWin(win, f"https://hooks.slack.com/{self.numbers}", is_known_author))
        bot, numbers = self.bot, range(self.numbers - len(who) + 1, self.numbers + 1)
        ids = self._write(lambda connection: [win.id for win in log_all(connection, logged)])
        if ids is None:  # not acked, but it may be stored
            ids = self.database.peek(lambda connection: [_of_request(connection, one) for one in logged])
        elif not alone and bot is self.bot:
            self.bot.known_users |= {(*where, one.win.author.user_id) for one in logged}
        for number, win_id, one in zip(numbers, ids, logged, strict=True):
            if not alone:
                self.slack.home_channels[number] = channel_id
            if win_id is not None:
                home_channel_id = None if alone else channel_id
                self.wins.append(KnownWin(number, team_id, home_channel_id, one.win.author.user_id, win_id, one))
        self._wake(where)

    @precondition(lambda self: self.wins)
    @rule(which=any_index)
    def send_a_win_again(self, which: int) -> None:
        """Slack sends the same command twice: one win, and the same answer."""
        win = self.wins[which % len(self.wins)]
        ids = self._write(lambda connection: [found.id for found in log_all(connection, [win.logged])])
        assert ids in (None, [win.id]), "a replayed command is stored once"

    @precondition(lambda self: self.wins)
    @rule(which=any_index, by=st.integers(0, 9), again=st.booleans())
    def undo_a_win(self, which: int, by: int, again: bool) -> None:
        """Its author, or sometimes someone else, presses Undo; sometimes Slack sends that press twice."""
        win = self.wins[which % len(self.wins)]
        if again and win.undo_actions:
            action = win.undo_actions[-1]
        else:
            user = f"U{by}{win.team_id}" if by < 4 else win.author_id
            action = self._new_action(win.team_id, user, win.channel_id or "D", str(win.id))
            win.undo_actions.append(action)
        now = self.clock.now()
        work = partial(
            undo,
            team_id=action.team_id,
            win_id=win.id,
            user_id=action.user_id,
            user_team_id=action.user_team_id,
            now=now,
        )
        response = self._run_listener(lambda: run_once(self.database, action, UndoResult, work, now=now))
        if action.user_id == win.author_id:
            win.undone = win.undone or response is not None or self.database.peek(lambda c: _is_undone(c, win.id))
        self.run_for(0.0)

    @precondition(lambda self: self._channel_messages())
    @rule(which=any_index, who=any_person, stands=st.booleans(), ago=st.sampled_from([0, 0, 1, 60, 3600]))
    def cheer(self, which: int, who: int, stands: bool, ago: int) -> None:
        """Someone presses Cheer on what they see, or takes it back; presses may arrive late."""
        messages = self._channel_messages()
        message = messages[which % len(messages)]
        team_id = TEAM_OF[message.channel_id]
        at = self._now_ts(ago)
        action = self._new_action(team_id, f"U{who}{team_id}", message.channel_id, message.key, ts=message.ts, at=at)
        self.cheer_actions.append((action, stands))
        self._press_cheer(action, is_active=stands)

    @precondition(lambda self: self.cheer_actions)
    @rule(which=any_index)
    def send_a_press_again(self, which: int) -> None:
        """Slack sends a press twice."""
        action, is_active = self.cheer_actions[which % len(self.cheer_actions)]
        self._press_cheer(action, is_active=is_active)

    def _press_cheer(self, action: payloads.MessageAction, *, is_active: bool) -> None:
        now = self.clock.now()
        work = partial(
            record_by_button,
            team_id=action.team_id,
            channel_id=action.channel_id,
            message_ts=action.message_ts,
            key=action.value,
            user_id=action.user_id,
            user_team_id=action.user_team_id,
            is_active=is_active,
            action_ts=action.action_ts,
        )
        response = self._run_listener(lambda: run_once(self.database, action, CheerResult, work, now=now))
        if response is not None or self.database.peek(lambda c: _is_served(c, action)):
            self._record_cheer(action.value, action.user_id, "button", action.action_ts, is_active=is_active)
        self._wake((action.team_id, action.channel_id))

    @precondition(lambda self: self._channel_messages())
    @rule(
        which=any_index,
        who=any_person,
        stands=st.booleans(),
        emoji=st.sampled_from(["tada", "clap"]),
        ago=st.sampled_from([0, 1]),
    )
    def react(self, which: int, who: int, stands: bool, emoji: str, ago: int) -> None:
        """Someone reacts to what they see, or takes that back."""
        messages = self._channel_messages()
        message = messages[which % len(messages)]
        team_id = TEAM_OF[message.channel_id]
        at = self._now_ts(ago)
        reaction = payloads.Reaction(team_id, f"U{who}{team_id}", message.channel_id, message.ts, emoji, at)
        try:
            work = partial(
                record_by_reaction,
                team_id=team_id,
                channel_id=reaction.channel_id,
                message_ts=reaction.message_ts,
                user_id=reaction.user_id,
                emoji=emoji,
                is_active=stands,
                event_ts=at,
            )
            ours = self._write(work)
        except MessageNotRecordedYet:
            return
        source = f"reaction:{emoji}"
        if ours or (ours is None and self.database.peek(lambda c: _is_reacted(c, message.key, reaction, source))):
            self._record_cheer(message.key, reaction.user_id, source, at, is_active=stands)

    @initialize(up=st.sets(any_channel))
    def configure_some(self, up: set[tuple[str, str]]) -> None:
        """An admin has set some of the channels up; in the others no one has said yes."""
        for where in sorted(up):
            self.change(where, ADMIN, Begins(Weekly((Weekday.FRIDAY,)), 16, "Europe/Berlin"))

    @rule(where=any_channel, who=any_person, edit=edits, stale=st.sampled_from([False, False, False, True]))
    def change_settings(self, where: tuple[str, str], who: int, edit: Edit, stale: bool) -> None:
        """Someone changes a channel's settings, who may have no right to, or have looked at old ones."""
        self.change(where, who, edit, stale=stale)

    def change(self, where: tuple[str, str], who: int, edit: Edit, *, stale: bool = False) -> None:
        """Let someone change settings, and see that those who may not change nothing."""
        user, now = f"U{who}{where[0]}", self.clock.now()
        before = self._channel(where)
        settings = edit(before, now)
        managers = before.settings.manager_ids if before.settings else frozenset()
        may = _may_change(before, user) and (who in (ADMIN, CREATOR) or settings.manager_ids == managers)
        if settings.target_channel_id is not None and settings.target_channel_id != (
            before.settings and before.settings.target_channel_id
        ):
            target = self._channel((where[0], settings.target_channel_id))
            may = may and not before.is_private and target.unavailable_reason is None and _may_change(target, user)

        def work(connection: Connection) -> None:
            seen = before.revision - 1 if stale else before.revision
            channel_settings.change(connection, ACTORS[user], *where, settings, now=now, expected_revision=seen)

        if may and not stale and settings.target_channel_id is not None:
            self.targets.add((where[1], settings.target_channel_id))
        was_refused = self._is_refused(where, work)
        assert was_refused is not (may and not stale), f"{user} may not, or may, change this"
        self.run_for(0.0)

    def _channel(self, where: tuple[str, str]) -> Channel:
        """A channel as the bot knows it."""
        found = self.database.peek(lambda connection: channels.by_id(connection, *where))
        assert found is not None, "every channel is known"
        return found

    def _is_refused(self, where: tuple[str, str], work: Callable[[Connection], object]) -> bool:
        """Do something that someone may have no right to; where they have none, nothing changes."""

        def snapshot(connection: Connection) -> tuple[object, ...]:
            counts = [select(func.count()).select_from(table) for table in (audit_log, roundups, deliveries_table)]
            return channels.by_id(connection, *where), *(connection.execute(count).scalar_one() for count in counts)

        before = self.database.peek(snapshot)
        try:
            self._write(work)
        except REFUSALS:
            assert self.database.peek(snapshot) == before, "who is refused changes nothing"
            return True
        return False

    @rule(where=any_channel, who=any_person, meanwhile=st.booleans(), seconds=any_duration)
    def post_now(self, where: tuple[str, str], who: int, meanwhile: bool, seconds: float) -> None:
        """Someone has the roundup posted before its time; a win may be logged while they read what it would say."""
        self.post(where, who, meanwhile=meanwhile)
        self.run_for(seconds)

    def post(self, where: tuple[str, str], who: int, *, meanwhile: bool = False) -> None:
        """Let someone post a channel's roundup now: it tells the wins that they were shown, and no others."""
        shown = self.database.peek(lambda connection: wins.open_in(connection, *where))
        up_to = max((win.id for win in shown), default=0)
        if meanwhile:
            self.log(where, [MEMBER])
        user, now = f"U{who}{where[0]}", self.clock.now()
        posted_counts: list[int] = []

        def work(connection: Connection) -> None:
            result = post_now(connection, ACTORS[user], *where, up_to=up_to, now=now)
            posted_counts.append(result.win_count)

        channel = self._channel(where)
        may = _may_change(channel, user) and channel.unavailable_reason is None
        assert self._is_refused(where, work) is not may, f"{user} may not, or may, post it"
        if posted_counts:
            left = self.database.peek(lambda connection: wins.open_in(connection, *where))
            assert posted_counts == [len(shown)], "as many wins as were shown are told"
            assert len(left) == meanwhile, "what came meanwhile waits"

    @rule(
        where=any_channel,
        who=any_people,
        early=st.sampled_from([7200, 3600, 1, 0, -1, -60, -3600]),
        by=st.sampled_from([ADMIN, CREATOR]),
        edits=st.lists(edits, max_size=2),
        posts=st.booleans(),
        seconds=any_duration,
    )
    def the_day_comes(
        self,
        *,
        where: tuple[str, str],
        who: list[int],
        early: int,
        by: int,
        edits: list[Edit],
        posts: bool,
        seconds: float,
    ) -> None:
        """On the very day of a roundup, just before or after its time, its settings are changed, or it is posted."""
        self.log(where, who)
        self._leap_to_due(where, -early)
        for edit in edits:
            self.change(where, by, edit)
        if posts:
            self.post(where, by)
        self.run_for(seconds)

    @rule(
        home=st.sampled_from(CHANNELS[:2]),
        who=any_people,
        luck=maybe_faults,
        refuses=st.booleans(),
        unseen=st.booleans(),
        seconds=any_duration,
    )
    def a_channel_becomes_private(
        self, *, home: tuple[str, str], who: list[int], luck: Faults, refuses: bool, unseen: bool, seconds: float
    ) -> None:
        """It happens while the channel's roundup is on its way to the other one, which may refuse it at first; the bot
        may be removed from it as well."""
        target = next(each for each in CHANNELS[:2] if each != home)
        self.change(home, ADMIN, Sends(elsewhere=True))
        self.log(home, who)
        self.run_for(3.0)
        if refuses:
            self.slack.refusals[target[1]] = "is_archived"
        self.slack.faults["chat.postMessage"] += luck
        self._leap_to_due(home, 1)
        self.run_for(0.3)
        self.slack.set_private(home[1], private=True, now=self.loop.time())
        if unseen:
            self.slack.refusals[home[1]] = "not_in_channel"
        self.let_time_pass(PRIVATE_KNOWN_WITHIN)
        self.slack.refusals.pop(target[1], None)
        self.send_availability_event(target)
        self.run_for(seconds)

    @rule(which=any_index, by=st.integers(0, 9), truly=st.integers(0, 4))
    def answer_an_alert(self, which: int, by: int, truly: int) -> None:
        """The owner, or sometimes someone else, says what becomes of a roundup; one in five is mistaken."""
        stuck = self._stuck_roundups()
        if stuck:
            self._resolve(stuck[which % len(stuck)], by=by, truly=truly > 0)

    def _stuck_roundups(self) -> list[Any]:
        state = self.database.peek(read_state)
        return [
            row
            for row in state.deliveries.values()
            if row.state in NEEDS_ATTENTION and row.kind == "roundup" and row.alert_id is not None
        ]

    def _resolve(self, row: Any, *, by: int = 9, truly: bool = True) -> None:
        state = self.database.peek(read_state)
        owner = state.deliveries[row.alert_id].recipient_id
        where = (row.team_id, state.roundups[row.roundup_id].channel_id)
        user = f"U{by}{row.team_id}" if by < 4 else owner
        is_there = any(message.key == row.key for message in self.slack.messages) is truly
        owners = {state.owner_ids[where] or state.roundups[row.roundup_id].posted_by}
        may = _may_change(self._channel(where), user) or user in owners - {f"U{GUEST}{row.team_id}"}
        now = self.clock.now()
        if may:
            if is_there and row.state == DeliveryState.NEEDS_REVIEW:
                self.confirmed_posted.add(row.key)
            elif not is_there:
                self.slack.confirm_missing(row.key)

        def work(connection: Connection) -> None:
            resolve_by_key(
                connection, team_id=row.team_id, key=row.key, actor=ACTORS[user], is_posted=is_there, now=now
            )

        assert self._is_refused(where, work) is not may, f"{user} may not, or may, decide"
        self.run_for(0.0)

    def _new_action(
        self, team_id: str, user: str, channel_id: str, value: str, *, ts: str = "1.000000", at: str | None = None
    ) -> payloads.MessageAction:
        self.numbers += 1
        return payloads.MessageAction(
            team_id=team_id,
            user_id=user,
            user_team_id=team_id,
            channel_id=channel_id,
            value=value,
            message_ts=ts,
            action_ts=at or self._now_ts(),
            response_url="https://hooks.slack.com/press",
            trigger_id=f"{self.numbers}.machine",
            idempotency_key=f"press:{self.numbers}",
        )

    def _channel_messages(self) -> list[Message]:
        return [m for m in self.slack.messages if not m.deleted and not m.channel_id.startswith("D")]

    def _record_cheer(self, key: str, user_id: str, source: str, at: str, *, is_active: bool) -> None:
        """The model of cheers: of each way in which a person cheers, the last event decides."""
        row = next(row for row in self.database.peek(read_state).deliveries.values() if row.key == key)
        if row.win_id is None and row.roundup_id is None:
            return  # a line about settings, which no one can cheer
        subject = ("win", row.win_id) if row.win_id is not None else ("roundup", row.roundup_id)
        moment = microseconds(at)
        cheer_key = (*subject, user_id, source)
        if moment > self.cheers.get(cheer_key, (-1, False))[0]:
            self.cheers[cheer_key] = (moment, is_active)

    # What happens to the bot, and around it.

    @rule(seconds=any_duration)
    def time_passes(self, seconds: float) -> None:
        """The bot goes about its work."""
        self.run_for(seconds)

    @rule(by=st.sampled_from([60, 3600, 86_400]))
    def clock_leaps(self, by: int) -> None:
        """Time passes that the bot did not notice."""
        self.clock.leapt += timedelta(seconds=by)
        self.run_for(3.0)

    @rule(where=any_channel, who=any_people, late=any_lateness, luck=maybe_faults, seconds=any_duration)
    def a_roundup_is_due(self, where: tuple[str, str], who: list[int], late: int, luck: Faults, seconds: float) -> None:
        """The promised moment has come, or is over, and there is something to tell."""
        self.log(where, who)
        self.run_for(0.3)
        self.slack.faults["chat.postMessage"] += luck
        self._leap_to_due(where, late)
        self.run_for(seconds)

    def _leap_to_due(self, where: tuple[str, str], late: int) -> bool:
        channel = self._channel(where)
        if channel.next_due_at is None:
            return False
        missing = channel.next_due_at + timedelta(seconds=late) - self.clock.now()
        self.clock.leapt += max(missing, timedelta())
        return True

    @rule(method=st.sampled_from(METHODS), faults=any_faults)
    def slack_will_fail(self, method: str, faults: Faults) -> None:
        """The next requests of this method go wrong."""
        self.slack.faults[method] += faults

    @rule(
        where=any_channel,
        why=st.sampled_from(["", "", "", "not_in_channel", "is_archived"]),
        private=st.sampled_from([False, False, True]),
        tells=st.booleans(),
        lag=st.sampled_from([0.0, 5.0, 40.0]),
        wrong_by=st.sampled_from([0, 0, -60, -300, 300]),
        url_fails=st.booleans(),
    )
    def surroundings_change(
        self,
        *,
        where: tuple[str, str],
        why: str,
        private: bool,
        tells: bool,
        lag: float,
        wrong_by: int,
        url_fails: bool,
    ) -> None:
        """A channel is archived or the bot removed from it, or all is well again, of which Slack's event may be missed;
        it becomes private, of which none tells; Slack's history lags; the bot's clock is set; the next answer through
        a response_url is not taken; the hourly housekeeping is done."""
        self.slack.refusals.pop(where[1], None)
        if why:
            self.slack.refusals[where[1]] = why
        self.slack.set_private(where[1], private=private, now=self.loop.time())
        self.slack.history_lag = lag
        self.clock.skew = timedelta(seconds=wrong_by)
        self.slack.response_url_fails = [url_fails]
        before = self.clock.now() - timedelta(days=7)
        self._write(lambda connection: idempotency.purge_before(connection, before))
        self.cheer_actions.clear()
        if tells:
            self.send_availability_event(where)

    def send_availability_event(self, where: tuple[str, str]) -> None:
        """Let Slack tell the bot whether it can post in a channel, as its event does."""
        unavailability = UNAVAILABILITY_BY_ERROR[self.slack.refusals.get(where[1], "")]
        self._run_listener(
            lambda: self.bot.channel_directory.handle_event(*where, unavailability, actor_id=f"U{ADMIN}{where[0]}")
        )
        self.run_for(0.0)

    @rule(where=any_channel)
    def open_settings(self, where: tuple[str, str]) -> None:
        """Someone opens a channel's settings, for which Slack is asked about it."""
        self._run_listener(lambda: self.bot.channel_directory.refresh(*where))
        self.run_for(0.0)

    @rule(
        kind=st.sampled_from([CRASH, FAIL]),
        points=st.integers(1, 40),
        where=any_channel,
        late=any_lateness,
        seconds=any_duration,
    )
    def something_breaks(self, kind: str, points: int, where: tuple[str, str], late: int, seconds: float) -> None:
        """At one of the bot's next steps to the outside the process is killed, or its connection to the database
        breaks, before what was asked is done or just after; it may be at work on a roundup."""
        self.log(where, [points % 4])
        if points % 2:
            self.run_for(3.0)
            self._leap_to_due(where, late)
        self.database.fault_plan.arm(kind, points)
        self.run_for(seconds)
        self.database.fault_plan.disarm()

    @rule(scopes=st.booleans(), is_asked=st.booleans(), away=st.sampled_from([0, 0, 0, 60, 86_400, 30 * 86_400]))
    def restart(self, scopes: bool, is_asked: bool, away: int) -> None:
        """The bot is stopped or killed, is away for a while, and may be allowed to read when it comes back."""
        self._run(self.bot.stop() if is_asked else end_everything())
        self.clock.leapt += timedelta(seconds=away)
        self.slack.may_read_history = scopes
        self._start_bot()

    # What must hold.

    @invariant()
    def all_is_well(self) -> None:
        type(self).steps += 1
        assert not self.slack.violations, self.slack.violations
        assert not self.oracle.violations, self.oracle.violations
        if self.is_checked:  # nothing has happened since
            return
        self.is_checked = True
        state = self.database.peek(read_state)
        self._no_win_is_lost(state)
        self._each_win_is_in_one_place(state)
        self._alerts_go_to_owners(state)
        self._events_are_announced(state)
        assert state.cheers == {cheer_key for cheer_key, (_, is_active) in self.cheers.items() if is_active}, (
            "the last event decides"
        )

    def _no_win_is_lost(self, state: DatabaseState) -> None:
        assert set(state.wins) == {win.id for win in self.wins}, "what was acked is there, once"
        for win in self.wins:
            row = state.wins[win.id]
            assert (row.author_id, row.channel_id) == (win.author_id, win.channel_id)
            assert row.text.startswith(f"win-{win.number} ")
            assert (row.undone_at is not None) == win.undone, "only its author undoes a win"

    def _each_win_is_in_one_place(self, state: DatabaseState) -> None:
        parts = {(row.roundup_id, row.part): row for row in state.deliveries.values() if row.kind == "roundup"}
        keys = {row.key for row in parts.values()}
        for row in state.wins.values():
            item = state.items.get(row.id)
            is_open = item is None and row.undone_at is None and row.channel_id is not None
            assert row.is_open is is_open, "a roundup may tell what none has told"
            if item is not None:
                part = parts[item.roundup_id, item.part]
                assert part.state != "abandoned", "a win of an abandoned roundup is open again"
                home = state.roundups[item.roundup_id].channel_id
                assert home == row.channel_id, "a win is told by its channel's roundup"
                assert part.channel_id == home or (home, part.channel_id) in self.targets, "where somebody chose"
        message_key_by_win: dict[int, str] = {}
        for message in self.slack.messages:
            # Who says in error that a roundup is not there makes its wins come again.
            for number in message.shown_wins if message.key in keys - self.slack.confirmed_missing else ():
                assert message_key_by_win.setdefault(number, message.key) == message.key, "a win is told by one roundup"

    def _alerts_go_to_owners(self, state: DatabaseState) -> None:
        for row in state.deliveries.values():
            if row.alert_id is not None:
                roundup = state.roundups.get(row.roundup_id)
                channel_key = (row.team_id, roundup.channel_id if roundup else row.channel_id)
                owners = {state.owner_ids[channel_key]}
                if row.id <= self.oracle.configured_since.get(channel_key, row.id):  # no one answered for it then
                    owners.add(roundup.posted_by if roundup else state.wins[row.win_id].author_id)
                assert state.deliveries[row.alert_id].recipient_id in owners, "a note is for the owner"
        keys = {row.key: row for row in state.deliveries.values()}
        for message in self.slack.messages:
            row = keys[message.key]
            assert (row.kind == DeliveryKind.OWNER_ALERT) == message.channel_id.startswith("D")
            if row.kind == DeliveryKind.OWNER_ALERT:
                assert message.channel_id == f"D{row.recipient_id}", "a note is seen by its recipient alone"

    def _events_are_announced(self, state: DatabaseState) -> None:
        """The owner hears that the bot has left, and the channel that it came back and what is changed."""
        alerts = {row.id: row for row in state.deliveries.values() if row.kind == DeliveryKind.OWNER_ALERT}
        announced = {(row.audit_id, row.channel_id) for row in state.deliveries.values() if row.audit_id is not None}
        refused: set[tuple[str, str]] = set()
        for row in state.deliveries.values():
            if row.kind == "roundup" and row.alert_id is not None:  # there, or elsewhere before it was brought home
                channel_keys = {row.channel_id, *(to for home, to in self.targets if home == row.channel_id)}
                refused |= {(row.team_id, each) for each in channel_keys}
        owned: set[tuple[str, str]] = set()
        away: set[tuple[str, str]] = set()
        for entry in state.audit:
            where = (entry.team_id, entry.channel_id)
            if entry.action is AuditAction.CONFIGURED:
                owned.add(where)
                if entry.next_due_at is None:  # the bot had left it before it was set up, of which nothing is told
                    away.add(where)
            if entry.action is AuditAction.BOT_LEFT:
                away.add(where)
                assert where not in owned or entry.alert_id is not None or where in refused, "the owner is told"
            if entry.action is AuditAction.BOT_RETURNED:
                assert where in away, "nobody comes back who was there"
                away.remove(where)
            if entry.alert_id is not None:
                assert alerts[entry.alert_id].recipient_id == state.owner_ids[where], "a note is for the owner"
            if entry.action in ACTIONS_THAT_MOVE and where in owned and where not in away:
                assert (entry.id, entry.channel_id) in announced, f"{entry.action} is told in the channel"

    def teardown(self) -> None:
        try:
            if not self.slack.violations:
                self._check_end()
        finally:
            self._run(end_everything())
            self._run(self.database.close())
            self.loop.close()
            self.monotonic.__exit__(None, None, None)

    def _check_end(self) -> None:
        """Once nothing fails any more, every win that is open comes with the next roundup."""
        self.slack.faults.clear()
        self.slack.refusals.clear()
        self.slack.response_url_fails.clear()
        self.database.fault_plan.disarm()
        self.slack.history_lag = 0.0
        self.clock.skew = timedelta()
        for where in CHANNELS:
            self.send_availability_event(where)
        for where in CHANNELS:
            self.change(where, ADMIN, Begins(Daily(), 16, "Europe/Berlin"))
            self.change(where, ADMIN, Skips(brings_back=True))
        for _ in range(3):
            self._settle()
            for where in CHANNELS:
                self._leap_to_due(where, 60)
        self._settle()
        self.all_is_well()
        self._all_wins_are_posted(self.database.peek(read_state))

    def _settle(self) -> None:
        """Let the bot do all that it has to do, and the owners answer what it asks them."""
        for _ in range(10):
            self.run_for(SETTLE_WAIT)
            stuck = self._stuck_roundups()
            for row in stuck:
                self._resolve(row)
            if not stuck and not self.database.peek(_is_busy):
                return
        raise AssertionError("the bot does not come to rest")

    def _all_wins_are_posted(self, state: DatabaseState) -> None:
        assert not [row for row in state.deliveries.values() if row.state in ("sending", "unknown", "pending")]
        parts = {(row.roundup_id, row.part): row for row in state.deliveries.values() if row.kind == "roundup"}
        for win in self.wins:
            if win.undone or win.channel_id is None:
                continue
            assert win.id in state.items, "a win that is open comes with the next roundup"
            item = state.items[win.id]
            part = parts[item.roundup_id, item.part]
            assert part.state in ("posted", "deleted"), f"a roundup is {part.state}"
            times = sum(1 for m in self.slack.messages if m.key == part.key and win.number in m.shown_wins)
            assert times == 1 or part.key in self.confirmed_posted | self.slack.confirmed_missing, (
                f"a win is told {times} times"
            )
        self._undone_wins_are_not_shown(state)

    def _undone_wins_are_not_shown(self, state: DatabaseState) -> None:
        undone = {win.number for win in self.wins if win.undone}
        rows = {row.key: row for row in state.deliveries.values()}
        for message in self.slack.messages:
            row = rows[message.key]
            if not message.deleted and row.ts == message.ts and row.error is None:
                assert not message.win_numbers & undone, "an undone win is shown nowhere"


def _may_change(channel: Channel, user: str) -> bool:
    """The model of who may change a channel's settings, post its roundup, and decide about it."""
    managers = channel.settings.manager_ids if channel.settings else frozenset()
    return int(user[1]) in (ADMIN, CREATOR) or (int(user[1]) == MEMBER and user in managers)


def _begin(connection: Connection) -> None:
    for team_id in TEAMS:
        deletion.delete_workspace(connection, team_id)
        workspaces.save(connection, Workspace(team_id, None, team_id, "https://example.slack.com/", "UBOT"))
    for team_id, channel_id in CHANNELS:
        info = channels.ConversationInfo(f"U{CREATOR}{team_id}", is_private=False, unavailable_reason=None)
        channels.save_info(connection, team_id, channel_id, info, now=MONDAY)


def _of_request(connection: Connection, one: LogWin) -> int | None:
    query = select(wins_table.c.id).where(wins_table.c.idempotency_key == one.win.idempotency_key)
    return connection.execute(query).scalar_one_or_none()


def _is_busy(connection: Connection) -> bool:
    """Whether something can be done now, or is being found out."""
    return bool(
        deliveries.lanes_with_work(connection)
        or deliveries.in_states(connection, [DeliveryState.SENDING, DeliveryState.UNKNOWN])
    )


def _is_undone(connection: Connection, win_id: int) -> bool:
    undone_at = connection.execute(select(wins_table.c.undone_at).where(wins_table.c.id == win_id)).scalar_one()
    return undone_at is not None


def _is_served(connection: Connection, action: payloads.MessageAction) -> bool:
    query = select(idempotency_keys).where(idempotency_keys.c.key == action.idempotency_key)
    return connection.execute(query).first() is not None


def _is_reacted(connection: Connection, key: str, reaction: payloads.Reaction, source: str) -> bool:
    delivery = deliveries.by_key(connection, reaction.team_id, key)
    assert delivery is not None, "what stands in Slack has a delivery"
    table = win_cheers if delivery.win_id else roundup_cheers
    query = select(table.c.changed_at_us).where(table.c.user_id == reaction.user_id, table.c.source == source)
    return microseconds(reaction.event_ts) in connection.execute(query).scalars().all()
