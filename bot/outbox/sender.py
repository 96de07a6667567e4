"""The one poster: takes each message that is owed to Slack, says so in the database, and sends it.

A lane is a channel; its deliveries go out one after the other, each lane in a task of its own. A post is intended
(committed as `sending`) before it is sent, and sent once: when its outcome is unknown it rests. Updates and deletions
can be repeated without harm.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.domain.roundups import RoundupPart
from bot.outbox import render
from bot.outbox.render import Prepared
from bot.services import channel_membership, owner_alerts
from bot.slack.outcomes import Outcome, Rejected, Retryable, Succeeded, Unknown, call
from bot.slack.rate_limits import CHANNEL_SPACING, RateLimiters
from bot.storage import deliveries, roundups
from bot.storage.database import Database
from bot.storage.deliveries import Delivery, Lane
from bot.storage.users import Person
from bot.views import ephemeral
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
METHODS = {deliveries.UPDATE: "chat.update", deliveries.DELETE: "chat.delete"}
RANKS = {deliveries.ROUNDUP: 1, deliveries.REMINDER: 1, deliveries.NOTE: 2}
"""Somebody waits for the announcement of their win; a roundup can wait a moment, and a note longer."""
TOO_LONG = 5.0
"""Seconds from an intent to its post after which this process must have stood still, and may have been replaced."""
HELD_LATELY = timedelta(days=7)

LookUp = Callable[[str, Iterable[str]], Awaitable[Mapping[str, Person]]]
Survey = Callable[[str, str], Awaitable[bool]]
Missed = Callable[..., Awaitable[None]]
AnswerByUrl = Callable[..., Awaitable[bool]]


class Poster:
    """Sends what is owed.

    `look_up` makes people's names known, and `survey` what Slack says of a channel; `missed` takes in where the bot is
    gone (or back) without an event. `answer` answers through a response_url. A roundup that is later than `grace` is
    abandoned. `per_channel` is the seconds between two posts to a channel. `sent` is told of each request's method and
    outcome, and of how many attempts there were before.
    """

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        turnstiles: RateLimiters,
        *,
        look_up: LookUp,
        answer: AnswerByUrl,
        link: Link,
        clock: Callable[[], datetime],
        grace: timedelta,
        sent: Callable[[str, Outcome, int], None],
        survey: Survey,
        missed: Missed,
        per_channel: float = CHANNEL_SPACING,
    ) -> None:
        self._turnstiles = turnstiles
        self._grace = grace
        self._sent = sent
        self._per_channel = per_channel
        self._database = database
        self._client = client
        self._look_up = look_up
        self._survey = survey
        self._missed = missed
        self._answer = answer
        self._link = link
        self._clock = clock
        self._lanes: dict[Lane, asyncio.Task[None]] = {}
        self._woken: set[Lane] = set()
        self._sending: set[Lane] = set()
        self._put_off: defaultdict[Lane, set[int]] = defaultdict(set)  # what can't go yet and holds up nothing else
        # Of each workspace, so that one whose requests hang takes no turn from another.
        self._at_once: defaultdict[str, asyncio.Semaphore] = defaultdict(partial(asyncio.Semaphore, MOST_AT_ONCE))
        self._running = False

    async def start(self) -> None:
        """Begin to post: what an earlier poster was at when it stopped has an unknown outcome; the rest is taken up."""
        since = self._clock() - HELD_LATELY
        interrupted = await self._database.write(lambda connection: deliveries.interrupted(connection, since=since))
        if interrupted:
            logger.warning("%s posts were interrupted; whether Slack has them is looked for soon", interrupted)
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

    async def stop(self, *, within: float) -> None:
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
        self._turnstiles.close()

    async def _work(self, lane: Lane) -> None:
        """Send what is owed in a lane until nothing is."""
        try:
            while self._running:
                self._woken.discard(lane)
                try:
                    head = partial(deliveries.head, lane=lane, but=frozenset(self._put_off[lane]))
                    delivery = await self._database.read(head)
                    if delivery is None:
                        self._put_off.pop(lane)
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
            self._put_off.pop(lane, None)

    async def _take_turn(self, delivery: Delivery) -> None:
        assert delivery.todo is not None
        turnstile = self._turnstiles.get(delivery.team_id, _method(delivery))
        await turnstile.acquire(priority=RANKS.get(delivery.kind, 0))
        async with self._at_once[delivery.team_id]:
            if not self._running:
                return
            self._sending.add(delivery.lane)
            try:
                await self._carry_out(delivery)
            finally:
                self._sending.discard(delivery.lane)

    async def _carry_out(self, delivery: Delivery) -> None:
        now = self._clock()
        ready = await self._prepared(delivery, now)
        if delivery.todo != deliveries.POST:
            await self._change(delivery, ready.said)
            return
        if isinstance(ready.told, RoundupPart) and now - ready.told.due_at > self._grace:
            await self._database.write(lambda connection: roundups.abandon(connection, delivery, now=now))
            logger.warning("delivery=%s kind=%s outcome=abandoned", delivery.key, delivery.kind)
            return
        if ready.said is None:
            await self._database.write(lambda connection: deliveries.settle(connection, delivery.id, "cancelled", None))
            return
        if isinstance(ready.told, RoundupPart) and not await self._may_go(delivery, ready.told):
            return
        await self._post(delivery, ready.said, parent_ts=ready.parent_ts)

    async def _may_go(self, delivery: Delivery, told: RoundupPart) -> bool:
        """Whether a roundup may be posted where it is owed: what is private by now is owed to its own channel again."""
        home = (delivery.team_id, told.channel_id)
        if delivery.lane == home:
            return True
        if not await self._survey(*home):
            self._put_off[delivery.lane].add(delivery.id)  # until the next look: it waits until Slack can be asked
            return False
        if await self._database.write(lambda connection: channel_membership.kept_home(connection, *home)):
            self.owed(home)
            return False
        return True

    async def _prepared(self, delivery: Delivery, now: datetime) -> Prepared:
        """The delivery in words, with the names that people have now as far as Slack says them in time."""
        prepare = partial(render.prepare, delivery=delivery, link=self._link, now=now)
        ready = await self._database.read(prepare)
        if delivery.todo == deliveries.DELETE or ready.told is None:
            return ready
        try:
            async with asyncio.timeout(LOOK_UP_TIMEOUT):
                if delivery.kind == deliveries.OFFER:  # who may accept it depends on who created the channel
                    await self._survey(*delivery.lane)
                    ready = await self._database.read(prepare)
                known = await self._look_up(delivery.team_id, ready.told.user_ids if ready.told else ())
        except TimeoutError:
            logger.info("delivery=%s names=late: it goes out with those that are known", delivery.key)
            return await self._database.read(prepare)
        are_known = all(ready.names.get(user_id) == person.name for user_id, person in known.items())
        if are_known and delivery.kind != deliveries.OFFER:
            return ready
        return await self._database.read(prepare)

    async def _post(self, delivery: Delivery, said: Message, *, parent_ts: str | None) -> None:
        now = self._clock()
        began = time.monotonic()
        if not await self._intend(delivery, now):
            return  # it is not wanted any more, or there is something new to tell
        outcome: Outcome = Unknown("stood_still")
        if time.monotonic() - began < TOO_LONG:
            arguments = render.post(delivery, said, parent_ts=parent_ts)
            outcome = await self._ask(_method(delivery), arguments, delivery)
        if isinstance(outcome, Rejected) and outcome.error in NOT_A_MEMBER and delivery.response_url:
            await self._announce_by_url(delivery, outcome, said)
        else:
            at = self._clock()
            await self._write_down(lambda connection: _record(connection, delivery, outcome, now=at))
            await self._learn(delivery, outcome)

    async def _learn(self, delivery: Delivery, outcome: Outcome) -> None:
        """Take in what the fate of a roundup says of its channel: the event may have come while the bot was off."""
        if delivery.kind != deliveries.ROUNDUP:
            return
        if isinstance(outcome, Rejected) and outcome.error in deliveries.CANT_POST_THERE:
            told = await self._database.read(lambda connection: owner_alerts.owner(connection, delivery))
            away = deliveries.CANT_POST_THERE[outcome.error]
            await self._missed(*delivery.lane, away, told=told)
        elif isinstance(outcome, Succeeded) and delivery.attempts:
            await self._missed(*delivery.lane, None)

    async def _intend(self, delivery: Delivery, now: datetime) -> bool:
        try:
            return await self._database.write(lambda connection: deliveries.intend(connection, delivery, now=now))
        except DBAPIError:
            # The database may have kept it and not said so. That nothing was sent is certain.
            await self._write_down(
                lambda connection: deliveries.not_posted(connection, delivery.id, None, attempt=delivery.attempts + 1)
            )
            raise

    async def _write_down(self, work: Callable[[Connection], object]) -> None:
        """Keep what became of a post, however long the database takes: Slack will not say it again."""
        while True:
            try:
                await self._database.write(work)
            except DBAPIError:
                if not self._running:
                    raise
                logger.exception("the database failed the outcome of a post; it is written down again")
                await asyncio.sleep(LOOK_AGAIN)
            else:
                return

    async def _ask(self, method: str, arguments: dict[str, Any], delivery: Delivery) -> Outcome:
        turnstile = self._turnstiles.get(delivery.team_id, method)
        if turnstile.is_paused:  # another one has learned meanwhile that Slack wants to be left alone
            return Retryable("held_back")
        outcome = await call(self._client, method, arguments)
        turnstile.record(outcome)
        self._sent(method, outcome, delivery.attempts)
        logger.info(
            "delivery=%s kind=%s method=%s attempt=%s outcome=%s",
            *(delivery.key, delivery.kind, method, delivery.attempts + 1, outcome),
        )
        return outcome

    async def _announce_by_url(self, delivery: Delivery, refused: Rejected, said: Message) -> None:
        """Tell a channel that the bot is no member of once, through the command's response_url.

        Its author is told how to invite the bot.
        """
        assert delivery.response_url is not None, "the caller has looked"
        told = await self._answer(delivery.response_url, said, in_channel=True)
        now = self._clock()
        await self._write_down(
            partial(deliveries.settle, delivery_id=delivery.id, state="answered", error=refused.error)
            if told
            else partial(_park, delivery=delivery, error=refused.error, now=now)
        )
        if told:
            await self._answer(delivery.response_url, ephemeral.cannot_post_here())

    async def _change(self, delivery: Delivery, said: Message | None) -> None:
        if delivery.todo == deliveries.DELETE:
            said = None
        if said is None:  # it is to be deleted, or all that it told was undone
            gone = {"channel": delivery.channel_id, "ts": delivery.ts}
            outcome = await self._ask("chat.delete", gone, delivery)
        else:
            outcome = await self._ask("chat.update", render.change(delivery, said), delivery)
        if isinstance(outcome, Succeeded | Rejected):
            error = outcome.error if isinstance(outcome, Rejected) else None
            is_gone = error in ALREADY_GONE or (said is None and error is None)
            state = "deleted" if is_gone else "posted"
            await self._database.write(
                lambda connection: deliveries.done(connection, delivery, state=state, error=error)
            )


def _method(delivery: Delivery) -> str:
    """The method of Slack's that does what the delivery is owed."""
    if delivery.todo == deliveries.POST:
        return "chat.postEphemeral" if delivery.kind == deliveries.OFFER else "chat.postMessage"
    assert delivery.todo is not None, "something is owed"
    return METHODS[delivery.todo]


def _record(connection: Connection, delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    match outcome:
        case Succeeded() if delivery.kind == deliveries.OFFER:
            deliveries.posted(connection, delivery.id, None)  # nobody can name it any more
        case Succeeded(ts, channel_id):
            # A note is addressed to a person, and its direct message has an id of its own.
            moved = channel_id if delivery.kind == deliveries.NOTE else None
            deliveries.posted(connection, delivery.id, ts, channel_id=moved)
        case Retryable(error):
            deliveries.not_posted(connection, delivery.id, error, attempt=delivery.attempts + 1)
        case Rejected(error):
            _park(connection, delivery, error, now=now)
        case Unknown(error):
            deliveries.settle(connection, delivery.id, "unknown", error)
    owner_alerts.changed(connection, delivery)


def _park(connection: Connection, delivery: Delivery, error: str, *, now: datetime) -> None:
    """Keep what Slack refuses, and tell whoever set the channel up: of each roundup, and once of announcements."""
    known = owner_alerts.is_told(connection, delivery, error)
    deliveries.settle(connection, delivery.id, "parked", error)
    if delivery.kind == deliveries.ROUNDUP or (delivery.kind == deliveries.ANNOUNCEMENT and not known):
        owner_alerts.tell(connection, delivery, now=now)
