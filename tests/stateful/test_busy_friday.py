"""Many people cheer many wins while roundups are due: on virtual time, and with Slack's limit of updates a minute."""

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.outbox import render
from bot.services.cheers import CheerResult, record_by_button
from bot.storage import deliveries
from bot.storage.cheers import microseconds
from bot.storage.deliveries import Delivery
from bot.storage.delivery_conditions import constant
from bot.storage.tables import deliveries as table
from tests.single import load_message
from tests.stateful.bot import link
from tests.stateful.machine import Machine
from tests.stateful.model import ADMIN, CREATOR, GUEST, MEMBER
from tests.stateful.slack import Message

TEAM = "T1"
LANES = ((TEAM, "C1"), (TEAM, "C2"))
CHEERERS = (CREATOR, MEMBER, GUEST)
TICK = 0.5
SOON = 3.0
"""Seconds: two updates at Slack's rate, and the requests."""


class Friday(Machine):
    """The parts of the state machine, without its random steps."""

    def deliveries(self, *, kind: DeliveryKind) -> list[Delivery]:
        return self.database.peek(
            lambda connection: deliveries.select_all(connection, table.c.team_id == TEAM, table.c.kind == kind)
        )

    def waiting(self) -> int:
        """How many updates wait."""
        query = select(table.c.id).where(table.c.pending_op == constant(PendingOp.UPDATE))
        return len(self.database.peek(lambda connection: connection.execute(query).all()))

    async def press(self, delivery: Delivery, who: int) -> None:
        assert delivery.ts is not None
        user_id, action_ts = f"U{who}{TEAM}", self._now_ts()

        def work(connection: Connection) -> CheerResult:
            return record_by_button(
                connection,
                team_id=TEAM,
                channel_id=delivery.channel_id,
                message_ts=delivery.ts or "",
                key=delivery.key,
                user_id=user_id,
                is_outsider=False,
                is_active=True,
                action_ts=action_ts,
            )

        assert await self.database.write(work) is CheerResult.SHOWN
        self.cheers["win", delivery.win_id or 0, user_id, "button"] = (microseconds(action_ts), True)
        self.bot.sender.wake(delivery.channel_key)

    async def live(self, seconds: float) -> None:
        """Let time pass with the usual ticks."""
        ends_at = self.loop.time() + seconds
        while self.loop.time() < ends_at:
            await self.bot.tick()
            await asyncio.sleep(TICK)

    def message(self, delivery: Delivery) -> Message:
        return next(message for message in self.slack.messages if message.key == delivery.key)

    def is_true(self, delivery: Delivery) -> bool:
        """Whether Slack shows what the bot knows."""
        now = self.clock.now()
        loaded = self.database.peek(lambda connection: load_message(connection, delivery, now=now))
        rendered = render.render(delivery, loaded, permalink=link, now=now)
        return rendered is not None and self.message(delivery).text == rendered["text"]


@pytest.fixture
def friday(sqlite_url: str) -> Iterator[Friday]:
    """Two channels whose roundups come at 16:30."""

    class Played(Friday):
        database_url = sqlite_url

    played = Played()
    played.configure_some(up=set(LANES))
    yield played
    played.teardown()


@pytest.mark.timeout(600)
def test_updates_keep_to_slack_s_limit_and_hold_nothing_back(friday: Friday, *, is_deep: bool) -> None:
    count, rush = (300, 600.0) if is_deep else (40, 80.0)
    for lane in LANES:
        friday.save(lane, [ADMIN] * (count // 2), is_long=False)
    due_at = friday._channel(LANES[0]).next_due_at
    assert due_at is not None
    friday._run(friday.live(count))
    friday.clock.leapt += due_at - friday.clock.now() - timedelta(seconds=rush / 2)
    announcements = friday.deliveries(kind=DeliveryKind.ANNOUNCEMENT)
    assert [each.state for each in announcements] == [DeliveryState.POSTED] * count

    cheers = [(each, who) for each in announcements for who in CHEERERS]
    random.Random(7).shuffle(cheers)
    late = cheers.pop()
    of_late = [each for each in cheers if each[0] == late[0]]
    cheers = [each for each in cheers if each[0] != late[0]]

    async def everyone_cheers() -> None:
        for delivery, who in cheers:
            await friday.press(delivery, who)
            await asyncio.sleep(rush / len(cheers))

    async def rush_hour() -> None:
        ticks = asyncio.create_task(friday.live(rush + SOON))
        await everyone_cheers()
        assert friday.waiting() > count / 10, "more is cheered than Slack lets the bot update"
        for delivery, who in (late, *of_late):
            await friday.press(delivery, who)
        await asyncio.sleep(SOON)
        assert friday.is_true(late[0]), "the message that someone acted on last is updated first"
        await ticks

    friday._run(rush_hour())
    parts = friday.deliveries(kind=DeliveryKind.ROUNDUP)
    assert {each.channel_id for each in parts} == {"C1", "C2"}
    for part in parts:
        lateness = friday.message(part).posted_at - due_at.timestamp() - part.part
        assert friday.clock.true_now().timestamp() > friday.message(part).posted_at
        assert lateness < 2 * TICK + 1.0, "a roundup does not wait for updates"
    friday._run(friday.live(2 * count))
    assert friday.waiting() == 0
    assert [each.key for each in (*announcements, *parts) if not friday.is_true(each)] == []
    assert friday.slack.violations == []
    assert friday.slack.update_count < len(cheers) + len(parts)
