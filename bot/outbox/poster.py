"""The one poster: takes each message that is owed to Slack, says so in the database, and sends it.

A lane is a channel; its deliveries go out one after the other, each lane in a task of its own. A post is intended
(committed as `sending`) before it is sent, and sent once: when its outcome is unknown it rests. Updates and deletions
can be repeated without harm.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.outbox import render
from bot.outbox.limits import PER_CHANNEL, PER_WORKSPACE, Turnstile
from bot.outbox.outcomes import Done, NotDone, Outcome, Refused, Unknown, call
from bot.storage import deliveries
from bot.storage.database import Database
from bot.storage.deliveries import Delivery, Lane
from bot.views import private
from bot.views.format import Message
from bot.views.roundup import Link

logger = logging.getLogger(__name__)

NOT_A_MEMBER = {"not_in_channel", "channel_not_found"}
ALREADY_GONE = {"message_not_found", "channel_not_found", "thread_not_found"}
MOST_AT_ONCE = 32
LOOK_UP_TIMEOUT = 5.0
"""Seconds that a message waits for people's names; without an answer it uses what is known."""
LOOK_AGAIN = 5.0
"""Seconds after which a lane looks again when the database failed it."""
METHODS = {deliveries.POST: "chat.postMessage", deliveries.UPDATE: "chat.update", deliveries.DELETE: "chat.delete"}
RANKS = {deliveries.ANNOUNCEMENT: 0, deliveries.ROUNDUP: 1}
"""Somebody waits for the announcement of their win; a roundup can wait a moment."""

LookUp = Callable[[str, Iterable[str]], Awaitable[Any]]
AnswerByUrl = Callable[..., Awaitable[bool]]


class Poster:
    """Sends what is owed.

    `look_up` makes people's names known, `answer` answers through a response_url. `per_workspace` (by method) and
    `per_channel` (for posts) are the seconds between two requests.
    """

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        *,
        look_up: LookUp,
        answer: AnswerByUrl,
        link: Link,
        clock: Callable[[], datetime],
        per_workspace: Mapping[str, float] = PER_WORKSPACE,
        per_channel: float = PER_CHANNEL,
    ) -> None:
        self._per_workspace = per_workspace
        self._per_channel = per_channel
        self._database = database
        self._client = client
        self._look_up = look_up
        self._answer = answer
        self._link = link
        self._clock = clock
        self._lanes: dict[Lane, asyncio.Task[None]] = {}
        self._woken: set[Lane] = set()
        self._sending: set[Lane] = set()
        self._turnstiles: dict[tuple[str, str], Turnstile] = {}
        self._at_once = asyncio.Semaphore(MOST_AT_ONCE)
        self._running = False

    async def start(self) -> None:
        """Begin to post: what an earlier poster was at when it stopped has an unknown outcome; the rest is taken up."""
        interrupted = await self._database.write(deliveries.interrupted)
        if interrupted:
            logger.warning("%s posts were interrupted; whether Slack has them is unknown, so they rest", interrupted)
        self._running = True
        await self.look()

    async def look(self) -> None:
        """Take up every lane in which something is owed."""
        if self._running:
            for lane in await self._database.read(deliveries.lanes):
                self.owed(lane)

    def owed(self, lane: Lane) -> None:
        """Take note, at once, that something is owed in this lane."""
        if not self._running:
            return
        self._woken.add(lane)
        if lane not in self._lanes:
            self._lanes[lane] = asyncio.create_task(self._work(lane))

    async def stop(self, *, within: float = 8.0) -> None:
        """Begin nothing new, finish what is on its way to Slack, for at most `within` seconds."""
        self._running = False
        tasks = dict(self._lanes)
        for lane, task in tasks.items():
            if lane not in self._sending:
                task.cancel()
        if tasks:
            _, unfinished = await asyncio.wait(tasks.values(), timeout=within)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        for turnstile in self._turnstiles.values():
            turnstile.close()

    def _turnstile(self, team_id: str, method: str) -> Turnstile:
        key = (team_id, method)
        if key not in self._turnstiles:
            self._turnstiles[key] = Turnstile(self._per_workspace[method])
        return self._turnstiles[key]

    async def _work(self, lane: Lane) -> None:
        """Send what is owed in a lane until nothing is."""
        try:
            while self._running:
                self._woken.discard(lane)
                try:
                    delivery = await self._database.read(lambda connection: deliveries.head(connection, lane))
                    if delivery is None:
                        if lane in self._woken:
                            continue
                        return
                    await self._take_turn(delivery)
                    if delivery.todo == deliveries.POST:
                        await asyncio.sleep(self._per_channel)
                except DBAPIError:
                    logger.exception("the database failed a delivery; it is taken up again")
                    await asyncio.sleep(LOOK_AGAIN)
        finally:
            del self._lanes[lane]
            self._woken.discard(lane)

    async def _take_turn(self, delivery: Delivery) -> None:
        assert delivery.todo is not None
        turnstile = self._turnstile(delivery.team_id, METHODS[delivery.todo])
        await turnstile.turn(rank=RANKS[delivery.kind])
        async with self._at_once:
            if not self._running:
                return
            self._sending.add(delivery.lane)
            try:
                outcome = await self._carry_out(delivery)
            finally:
                self._sending.discard(delivery.lane)
        if isinstance(outcome, NotDone) and outcome.retry_after is not None:
            turnstile.pause(outcome.retry_after)
        elif isinstance(outcome, NotDone | Unknown):
            turnstile.failed()
        elif outcome is not None:
            turnstile.succeeded()

    async def _carry_out(self, delivery: Delivery) -> Outcome | None:
        if delivery.todo == deliveries.POST:
            return await self._post(delivery)
        return await self._change(delivery)

    async def _post(self, delivery: Delivery) -> Outcome | None:
        await self._learn_names(delivery)
        now = self._clock()
        arguments = await self._database.read(lambda connection: self._arguments(connection, delivery, now))
        if arguments is None:
            await self._database.write(lambda connection: deliveries.settle(connection, delivery.id, "cancelled", None))
            return None
        if not await self._database.write(lambda connection: deliveries.intend(connection, delivery, now=now)):
            return None  # it is not wanted any more, or there is something new to tell
        outcome = await call(self._client, "chat.postMessage", arguments)
        logger.info("delivery %s (%s): %s", delivery.key, delivery.kind, outcome)
        if isinstance(outcome, Refused) and outcome.error in NOT_A_MEMBER and delivery.response_url:
            await self._announce_by_url(delivery, outcome)
        else:
            await self._database.write(lambda connection: _record(connection, delivery, outcome))
        return outcome

    def _arguments(self, connection: Connection, delivery: Delivery, now: datetime) -> dict[str, Any] | None:
        said = render.message(connection, delivery, link=self._link, now=now)
        return None if said is None else render.post(connection, delivery, said)

    async def _announce_by_url(self, delivery: Delivery, refused: Refused) -> None:
        """Tell a channel that the bot is no member of once, through the command's response_url.

        Its author is told how to invite the bot.
        """
        assert delivery.response_url is not None, "the caller has looked"
        said = await self._said(delivery)
        told = said is not None and await self._answer(delivery.response_url, said, in_channel=True)
        state = "answered" if told else "parked"
        await self._database.write(lambda connection: deliveries.settle(connection, delivery.id, state, refused.error))
        if told:
            await self._answer(delivery.response_url, private.cannot_post_here())

    async def _change(self, delivery: Delivery) -> Outcome:
        said = None
        if delivery.todo == deliveries.UPDATE:
            await self._learn_names(delivery)
            said = await self._said(delivery)
        if said is None:  # it is to be deleted, or all that it told was undone
            outcome = await call(self._client, "chat.delete", {"channel": delivery.channel_id, "ts": delivery.ts})
        else:
            outcome = await call(self._client, "chat.update", render.change(delivery, said))
        logger.info("delivery %s (%s): %s", delivery.key, delivery.todo, outcome)
        if isinstance(outcome, Done | Refused):
            error = outcome.error if isinstance(outcome, Refused) else None
            is_gone = error in ALREADY_GONE or (said is None and error is None)
            state = "deleted" if is_gone else "posted"
            await self._database.write(
                lambda connection: deliveries.done(connection, delivery, state=state, error=error)
            )
        return outcome

    async def _said(self, delivery: Delivery) -> Message | None:
        now = self._clock()
        return await self._database.read(
            lambda connection: render.message(connection, delivery, link=self._link, now=now)
        )

    async def _learn_names(self, delivery: Delivery) -> None:
        told = await self._database.read(lambda connection: render.subject(connection, delivery))
        try:
            async with asyncio.timeout(LOOK_UP_TIMEOUT):
                await self._look_up(delivery.team_id, told.people)
        except TimeoutError:
            logger.info("delivery %s: names took too long, it goes out with those that are known", delivery.key)


def _record(connection: Connection, delivery: Delivery, outcome: Outcome) -> None:
    match outcome:
        case Done(ts):
            deliveries.posted(connection, delivery.id, ts)
        case NotDone(error):
            deliveries.not_posted(connection, delivery.id, error)
        case Refused(error):
            deliveries.settle(connection, delivery.id, "parked", error)
        case Unknown(error):
            deliveries.settle(connection, delivery.id, "unknown", error)
