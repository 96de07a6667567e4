"""What the rules of the state machine share: the parts under test, and how to make the bot act."""

import asyncio
from collections.abc import Callable, Coroutine
from copy import deepcopy
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from bot.domain.deliveries import NEEDS_ATTENTION
from bot.slack import payloads
from bot.storage import channels
from bot.storage.channels import Channel
from bot.storage.cheers import microseconds
from bot.storage.tables import audit_log, roundups
from bot.storage.tables import deliveries as deliveries_table
from tests.stateful.bot import Bot, end_everything
from tests.stateful.clock import Clock, Loop, monotonic
from tests.stateful.faults import FaultyDatabase
from tests.stateful.model import (
    ADMIN,
    PROFILES,
    REFUSALS,
    TEAM_OF,
    TEAMS,
    UNAVAILABILITY_BY_ERROR,
    KnownWin,
    begin,
    read_state,
)
from tests.stateful.oracle import STATEMENTS_THAT_MOVE, Oracle
from tests.stateful.slack import Message, Slack


class MachineBase(RuleBasedStateMachine):
    """Two workspaces with three channels and four people each, a bot, its database, and injected faults."""

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
        self.slack = Slack(self.clock, TEAM_OF, deepcopy(PROFILES))
        self.slack.fault_plan = self.database.fault_plan
        self.database.write_directly(begin)
        self.numbers = 0
        self.wins: list[KnownWin] = []
        self.cheers: dict[tuple[str, int, str, str], tuple[int, bool]] = {}
        self.cheer_actions: list[tuple[payloads.MessageAction, bool]] = []
        self.confirmed_posted: set[str] = set()
        self.targets: set[tuple[str, str]] = set()
        self.bot = self._new_bot()
        self._run(self.bot.start())

    def _run(self, coroutine: Any) -> Any:
        """Run the bot's loop until the coroutine is done."""
        self.is_checked = False
        return self.loop.run_until_complete(coroutine)

    def let_time_pass(self, seconds: float) -> None:
        """Let time pass without a tick."""
        self._run(asyncio.sleep(seconds))

    def _new_bot(self) -> Bot:
        self.slack.forget_rate_limits()
        return Bot(self.database, self.slack, self.clock)

    def run_for(self, seconds: float) -> None:
        """Run the bot for that time, with a tick at the beginning and at the end; a fault may kill it."""

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
        """Start a bot in place of one that is gone, again and again while its database fails at the start."""
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
        """Write as a listener does; return None if the bot did not get to the ack. The person does not ask again."""
        return self._run_listener(lambda: self.database.write(work))

    def _run_listener(self, listener: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Run a listener; return None if the bot did not get to the ack."""

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
        async def wake() -> None:
            self.bot.sender.wake(lane)

        self._run(wake())

    def send_availability_event(self, where: tuple[str, str]) -> None:
        """Send the event that says whether the bot can post in a channel."""
        unavailability = UNAVAILABILITY_BY_ERROR[self.slack.refusals.get(where[1], "")]
        self._run_listener(
            lambda: self.bot.channel_directory.handle_event(*where, unavailability, actor_id=f"U{ADMIN}{where[0]}")
        )
        self.run_for(0.0)

    def _channel(self, where: tuple[str, str]) -> Channel:
        """Return a channel as the bot has stored it."""
        found = self.database.peek(lambda connection: channels.by_id(connection, *where))
        assert found is not None, "every channel is known"
        return found

    def _is_refused(self, where: tuple[str, str], work: Callable[[Connection], object]) -> bool:
        """Return whether the bot refuses some work, and check that a refusal changes nothing."""

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

    def _channel_messages(self) -> list[Message]:
        return [m for m in self.slack.messages if not m.deleted and not m.channel_id.startswith("D")]

    def _new_action(
        self, team_id: str, user: str, channel_id: str, value: str, *, ts: str = "1.000000", at: str | None = None
    ) -> payloads.MessageAction:
        self.numbers += 1
        return payloads.MessageAction(
            team_id=team_id,
            user_id=user,
            user_name=None,
            user_team_id=team_id,
            channel_id=channel_id,
            channel_name="general",
            value=value,
            message_ts=ts,
            action_ts=at or self._now_ts(),
            response_url="https://hooks.slack.com/press",
            trigger_id=f"{self.numbers}.machine",
            idempotency_key=f"press:{self.numbers}",
        )

    def _record_cheer(
        self, key: str, user_id: str, source: str, at: str, *, is_active: bool, win_id: int | None = None
    ) -> None:
        """Update the model of cheers: for each source of a person's cheer, the last event decides.

        It is one on the message with this key, or on one win that it tells.
        """
        row = next(row for row in self.database.peek(read_state).deliveries.values() if row.key == key)
        if row.win_id is None and row.roundup_id is None:
            return  # a line about settings, which no one can cheer
        win_id = win_id or row.win_id
        subject = ("win", win_id) if win_id is not None else ("roundup", row.roundup_id)
        if (
            source == "button"
            and is_active
            and any(win.id == win_id and user_id in {win.author_id, *win.joined} for win in self.wins)
        ):
            return  # a press on one's own win
        moment = microseconds(at)
        cheer_key = (*subject, user_id, source)
        if moment > self.cheers.get(cheer_key, (-1, False))[0]:
            self.cheers[cheer_key] = (moment, is_active)

    def _leap_to_due(self, where: tuple[str, str], late: int) -> bool:
        channel = self._channel(where)
        if channel.next_due_at is None:
            return False
        missing = channel.next_due_at + timedelta(seconds=late) - self.clock.now()
        self.clock.leapt += max(missing, timedelta())
        return True

    def _stuck_roundups(self) -> list[Any]:
        state = self.database.peek(read_state)
        return [
            row
            for row in state.deliveries.values()
            if row.state in NEEDS_ATTENTION and row.kind == "roundup" and row.alert_id is not None
        ]
