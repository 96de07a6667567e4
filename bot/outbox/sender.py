"""The sender: posts, updates and deletes the messages of the outbox. Only the leader's sender runs.

Each lane has a task, which sends its deliveries one after the other: bot/storage/lanes.py says what a lane is.
`_deliver` loads and renders a message as its file in bot/outbox/kinds says, and `_post` posts it. A post is committed
as `sending` before the request, which isn't repeated unless Slack has certainly not posted it. One of unknown outcome
is left to the reconciler. Updates and deletions can be repeated without harm.
"""

import asyncio
import itertools
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot import log
from bot.domain.deliveries import DeliveryState, PendingOp
from bot.domain.slack_errors import ErrorMeaning
from bot.outbox import render, results
from bot.outbox.kinds import KINDS
from bot.outbox.message_loader import CannotGoNow, MayBeTold, MessageLoader, RefreshChannel, WaitForUsers
from bot.services.channel_membership import UNAVAILABILITY_BY_REFUSAL
from bot.slack.clients import SlackClients
from bot.slack.outcomes import Outcome, Rejected, Retryable, Succeeded, Unknown
from bot.slack.rate_limits import CHANNEL_SPACING
from bot.storage import channels, deliveries, lanes
from bot.storage import owner_alerts as alert_queries
from bot.storage.database import Database
from bot.storage.deliveries import Delivery, Lane
from bot.views import ephemeral
from bot.views.format import Message
from bot.views.refused_delivery import withdrawn
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)

NOT_IN_CHANNEL = (ErrorMeaning.NOT_IN_CHANNEL, ErrorMeaning.CHANNEL_NOT_FOUND)
MAX_CONCURRENT = 32
DEFER_SECONDS = 30.0
"""Seconds that what can't go now is left out of a lane that always has something to do."""
RETRY_SECONDS = 5.0
"""Seconds until a lane tries again after an error of the database."""
STALE_INTENT_SECONDS = 5.0
"""A process that takes longer from `sending` to the request was paused: another may have become the leader."""
OLDEST_UPDATE_EVERY = 4
"""One of so many updates is the oldest that waits, so that it is made even if people never stop cheering."""
RETRY_REVIEW_WITHIN = timedelta(days=7)
"""How old an attempt may be for its message to be searched for again when the sender starts."""

OnAvailabilityChange = Callable[..., Awaitable[None]]
Respond = Callable[..., Awaitable[bool]]


class _CannotDeliver(Exception):
    """Something is wrong with a delivery, or with our code for it."""


class Sender:
    """Sends the messages of the outbox.

    `wait_for_users`, `refresh_channel` and `may_be_told`: see MessageLoader. `on_availability_change` stores that the
    bot can't post in a channel, or can again, when no event has said so. `respond` answers through a response_url. A
    message that is later than `grace` is abandoned, if its kind has a due time. `channel_spacing` is the seconds
    between two posts to a channel. `on_call` gets each request's method and outcome, and how many attempts there were
    before.
    """

    def __init__(
        self,
        database: Database,
        clients: SlackClients,
        *,
        wait_for_users: WaitForUsers,
        respond: Respond,
        clock: Callable[[], datetime],
        grace: timedelta,
        on_call: Callable[[str, Outcome, int], None],
        refresh_channel: RefreshChannel,
        may_be_told: MayBeTold,
        on_availability_change: OnAvailabilityChange,
        channel_spacing: float = CHANNEL_SPACING,
    ) -> None:
        self._clients = clients
        self._grace = grace
        self._on_call = on_call
        self._channel_spacing = channel_spacing
        self._database = database
        self._loader = MessageLoader(
            database,
            wait_for_users=wait_for_users,
            refresh_channel=refresh_channel,
            may_be_told=may_be_told,
            wake=self.wake,
        )
        self._on_availability_change = on_availability_change
        self._respond = respond
        self._clock = clock
        self._lane_tasks: dict[Lane, asyncio.Task[None]] = {}
        self._woken: set[Lane] = set()
        self._sending_lanes: set[Lane] = set()
        self._deferred: defaultdict[Lane, dict[int, float]] = defaultdict(dict)  # what can't go yet, and until when
        self._sending_ids: set[int] = set()  # the messages that are being sent or changed: two lanes may want to
        self._update_turns = itertools.count(1)
        # One for each workspace, so that hanging requests of one don't delay another.
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(partial(asyncio.Semaphore, MAX_CONCURRENT))
        self._running = False

    @property
    def is_running(self) -> bool:
        """Whether it posts: whether this process is the leader."""
        return self._running

    async def start(self) -> None:
        """Start, and have messages that need review searched for again, as far as `RETRY_REVIEW_WITHIN` allows."""
        since = self._clock() - RETRY_REVIEW_WITHIN
        await self._database.write(lambda connection: deliveries.review_again(connection, since=since))
        self._running = True
        await self.poll()

    async def poll(self) -> None:
        """Mark what was interrupted, and wake every lane with work."""
        if self._running:
            await self._mark_interrupted()
            for lane in await self._database.read(lanes.with_work):
                self.wake(lane)

    async def _mark_interrupted(self) -> None:
        """Mark as unknown the posts in flight that this sender isn't sending: their process has stopped, or will.

        The start is too early for this: a paused process can store its intent after another has become the leader.
        """
        in_flight = await self._database.read(deliveries.in_flight)
        for delivery in [each for each in in_flight if each.id not in self._sending_ids]:
            mark = partial(deliveries.mark_interrupted, delivery=delivery)
            if await self._database.write(mark):
                logger.warning("interrupted post", extra={"workspace": delivery.team_id, "delivery": delivery.key})

    def wake(self, lane: Lane) -> None:
        """Start the lane's task, or have it look for work once more."""
        if not self._running or lane[0] not in self._clients:  # a workspace without a token: its messages wait
            return
        self._woken.add(lane)
        if lane not in self._lane_tasks:
            self._lane_tasks[lane] = asyncio.create_task(self._run_lane(lane), context=Context())

    async def stop(self, *, within: float) -> None:
        """Start nothing new, and wait at most `within` seconds for the requests in flight."""
        self._running = False
        self._loader.stop()
        tasks = dict(self._lane_tasks)
        for lane, task in tasks.items():
            if lane not in self._sending_lanes:
                task.cancel()
        if tasks:
            _, unfinished = await asyncio.wait(tasks.values(), timeout=within)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _run_lane(self, lane: Lane) -> None:
        """Send the deliveries of a lane until there is no work.

        A channel's lane also finds its updates, and what else goes out beside its posts: it wakes their lanes.
        """
        has_looked_beside = False
        try:
            while self._running:
                has_looked_beside = has_looked_beside and lane not in self._woken
                self._woken.discard(lane)
                try:
                    delivery = await self._next(lane, with_beside=not has_looked_beside)
                    if delivery is not None and lanes.of_delivery(delivery) != lane:  # such as a message's update
                        self.wake(lanes.of_delivery(delivery))
                        if delivery.pending_op != PendingOp.UPDATE:
                            has_looked_beside = True  # whatever else is beside the channel is the other lane's, too
                            continue
                        delivery = None  # the channel has nothing to do but updates
                    if delivery is None:
                        self._deferred.pop(lane)
                        if lane in self._woken:
                            continue
                        return
                    await self._deliver_in_turn(delivery, lane)
                    if delivery.pending_op == PendingOp.POST:
                        await asyncio.sleep(self._channel_spacing)
                except DBAPIError:
                    logger.exception("the database failed; retrying this lane")
                    await asyncio.sleep(RETRY_SECONDS)
                except _CannotDeliver:
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            del self._lane_tasks[lane]
            self._woken.discard(lane)
            self._deferred.pop(lane, None)

    def _defer(self, delivery: Delivery, lane: Lane | None = None) -> None:
        """Leave out of its lane (or another) what can't go now: until the lane's next task, or for `DEFER_SECONDS`."""
        self._deferred[lane or lanes.of_delivery(delivery)][delivery.id] = time.monotonic() + DEFER_SECONDS

    async def _set_aside(self, delivery: Delivery) -> None:
        """Let a person decide about a delivery that the database refuses, so that it doesn't hold up its lane."""
        self._defer(delivery)
        now = self._clock()
        with suppress(*results.NOT_STORABLE):
            await self._persist(partial(self._database.write, partial(results.set_aside, delivery=delivery, now=now)))

    async def _next(self, lane: Lane, *, oldest_first: bool = False, with_beside: bool = True) -> Delivery | None:
        """Return the next delivery of a lane, without those that are deferred."""
        while True:
            now, deferred = time.monotonic(), self._deferred[lane]
            excluded_ids = frozenset(delivery_id for delivery_id, until in deferred.items() if until > now)
            wanted = lanes.Wanted(lane, excluded_ids, oldest_first=oldest_first, with_beside=with_beside)
            delivery = await self._database.read_each(lanes.next_in_lanes, wanted)
            if delivery is None or delivery.kind in KINDS:
                return delivery
            self._defer(delivery, lane)  # of a newer release: it waits, and does not block the lane

    async def _deliver_in_turn(self, first: Delivery, lane: Lane) -> None:
        """Deliver once Slack's rate limit and the workspace's slots allow it.

        Kinds take turns, and lanes within a kind, so that no one's backlog delays the others.
        """
        rate_limiter = self._clients.of(first.team_id).rate_limiter(render.method(first))
        await rate_limiter.acquire(first.kind)
        async with self._slots[first.team_id]:
            delivery: Delivery | None = first
            if first.pending_op == PendingOp.UPDATE:  # someone may have acted on another message meanwhile
                is_turn_of_oldest = next(self._update_turns) % OLDEST_UPDATE_EVERY == 0
                delivery = await self._next(lane, oldest_first=is_turn_of_oldest)
            if delivery is None or not self._running:
                return
            if delivery.id in self._sending_ids:
                self._defer(delivery, lane)
                return
            self._sending_lanes.add(lane)
            self._sending_ids.add(delivery.id)
            try:
                with log.bound(workspace=delivery.team_id, delivery=delivery.key):
                    try:
                        await self._deliver(delivery)
                    except CannotGoNow:
                        self._defer(delivery)
                    except results.NOT_STORABLE:
                        logger.exception("the database refuses the outcome")
                        await self._set_aside(delivery)
                    except DBAPIError:
                        raise
                    except Exception as error:
                        # It doesn't block the lane, and is tried again. If it was sent, its outcome is unknown.
                        logger.exception("a delivery failed; retrying it later")
                        self._defer(delivery)
                        raise _CannotDeliver from error
            finally:
                self._sending_lanes.discard(lane)
                self._sending_ids.discard(delivery.id)

    async def _deliver(self, delivery: Delivery) -> None:
        """Load and render a message, and post, update or delete it.

        message_loader.py and render.py leave what it is about, and its words, to its kind: `load_each` and `render`.

        It may turn out that it isn't to be posted now, or at all.
        """
        now = self._clock()
        kind = KINDS[delivery.kind]
        loaded = await self._loader.load(delivery, now)
        permalink = self._clients.of(delivery.team_id).workspace.permalink
        message = render.render(delivery, loaded, permalink=permalink, now=now)
        if message is not None and delivery.pending_op == PendingOp.POST and kind.has_to_wait(loaded.subject):
            raise CannotGoNow
        if message is not None and delivery.pending_op != PendingOp.DELETE:
            unreadable = await self._loader.channels_not_for_reader(delivery, loaded)
            if unreadable:
                loaded = replace(loaded, subject=kind.without(loaded.subject, unreadable))
                message = render.render(delivery, loaded, permalink=permalink, now=now)
        if delivery.pending_op != PendingOp.POST:
            is_update = delivery.pending_op == PendingOp.UPDATE and message is not None
            may_stay = is_update and await self._loader.may_stay(delivery, loaded)
            await self._update_or_delete(delivery, message if may_stay else None)
            return
        due_at = None if loaded.subject is None else kind.due_at(loaded.subject)
        if due_at is not None and now - due_at > self._grace:
            await self._database.write(lambda connection: kind.abandon(connection, delivery, now=now))
            logger.warning("abandoned: too late", extra={"kind": delivery.kind})
            return
        if message is None:
            await self._database.write(partial(results.save_cancellation, delivery=delivery))
            return
        if await self._loader.may_show(delivery, loaded, now=now):
            await self._post(delivery, message, parent_ts=loaded.parent_ts)

    async def _post(self, delivery: Delivery, message: Message, *, parent_ts: str | None) -> None:
        """Commit that the message is being sent, post it once, and commit the outcome."""
        now = self._clock()
        started_at = time.monotonic()
        if not await self._mark_sending(delivery, now):
            return  # it was cancelled or changed meanwhile
        if KINDS[delivery.kind].prefers_response_url and delivery.response_url is not None:
            was_sent = await self._respond(delivery.response_url, message)
            save = partial(results.save_private_post, delivery=delivery, was_sent=was_sent)
            await self._persist(partial(self._database.write, save))
            return
        outcome: Outcome = Unknown("stood_still")
        if time.monotonic() - started_at < STALE_INTENT_SECONDS:
            outcome = await self._try_post(delivery, message, parent_ts)
        if isinstance(outcome, Rejected) and outcome.meaning in NOT_IN_CHANNEL and delivery.response_url:
            await self._post_via_response_url(delivery, outcome, message, parent_ts=parent_ts)
        else:
            sent = results.SentPost(delivery, outcome, self._clock())
            await self._persist(partial(self._database.write_each, results.save_posts, sent))
            await self._update_availability(delivery, outcome)

    async def _try_post(self, delivery: Delivery, message: Message, parent_ts: str | None) -> Outcome:
        """Post a message, outside of its thread if that is gone and it makes sense there."""
        arguments = render.post_arguments(delivery, message, parent_ts=parent_ts)
        outcome = await self._call(render.method(delivery), arguments, delivery)
        has_no_thread = isinstance(outcome, Rejected) and outcome.meaning is ErrorMeaning.NO_THREAD
        if parent_ts is None or not has_no_thread or KINDS[delivery.kind].needs_thread:
            return outcome
        return await self._try_post(delivery, message, None)

    async def _update_availability(self, delivery: Delivery, outcome: Outcome) -> None:
        """Store what a post shows of its channel's availability: the bot may have missed the event."""
        if not KINDS[delivery.kind].reflects_availability:
            return
        if isinstance(outcome, Rejected) and outcome.meaning in UNAVAILABILITY_BY_REFUSAL:
            owner_id = await self._database.read(lambda connection: alert_queries.owner_of(connection, delivery))
            reason = UNAVAILABILITY_BY_REFUSAL[outcome.meaning]
            await self._on_availability_change(*delivery.channel_key, reason, already_notified_user_id=owner_id)
        elif isinstance(outcome, Succeeded) and delivery.attempts:
            await self._on_availability_change(*delivery.channel_key, None)

    async def _mark_sending(self, delivery: Delivery, now: datetime) -> bool:
        try:
            return await self._database.write_each(deliveries.mark_each_sending, deliveries.Attempt(delivery, now))
        except DBAPIError:
            # The intent may have been committed. It is certain that nothing was sent.
            requeue = partial(
                deliveries.requeue_unsent, delivery_id=delivery.id, error=None, attempt=delivery.attempts + 1
            )
            await self._persist(partial(self._database.write, requeue))
            raise

    async def _persist(self, write: Callable[[], Awaitable[object]]) -> None:
        """Store the outcome of a post, however long the database takes: Slack won't repeat it."""
        while True:
            try:
                await write()
            except results.NOT_STORABLE:
                raise
            except DBAPIError:
                if not self._running:
                    raise
                logger.exception("the database failed; retrying to store the outcome")
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _call(self, method: str, arguments: dict[str, Any], delivery: Delivery) -> Outcome:
        client = self._clients.of(delivery.team_id)
        rate_limiter = client.rate_limiter(method)
        if rate_limiter.is_paused:  # Slack has answered another request of this method with a pause meanwhile
            return Retryable("held_back")
        outcome = await client.call(method, arguments)
        rate_limiter.record(outcome)
        self._on_call(method, outcome, delivery.attempts)
        about = {"kind": delivery.kind, "method": method, "attempt": delivery.attempts + 1}
        if delivery.win_id is not None:  # one that was held or private had no delivery when its `/win` was logged
            about["win"] = delivery.win_id
        logger.info("called Slack", extra={**about, "outcome": outcome.name, **vars(outcome)})
        if method != "chat.delete" and results.goes_again_plain(delivery, outcome):
            logger.warning("sending it again without pictures", extra=about)
        return outcome

    async def _post_via_response_url(
        self, delivery: Delivery, rejected: Rejected, message: Message, *, parent_ts: str | None
    ) -> None:
        """Post through the command's response_url to a channel that the bot is not in, and explain how to invite it."""
        assert delivery.response_url is not None, "the caller has checked it"
        was_sent = await self._respond(delivery.response_url, message, in_channel=True, thread_ts=parent_ts)
        now = self._clock()
        save: Callable[[Connection], object] = (
            partial(
                deliveries.mark_finished,
                delivery_id=delivery.id,
                state=DeliveryState.POSTED_VIA_RESPONSE_URL,
                error=rejected.error,
            )
            if was_sent
            else partial(results.save_rejection, delivery=delivery, error=rejected.error, now=now)
        )
        await self._persist(partial(self._database.write, save))
        if was_sent:
            channel = await self._database.read(lambda connection: channels.by_id(connection, *delivery.channel_key))
            explanation = ephemeral.cannot_post_here(ENGLISH, is_group=channel is not None and channel.is_group)
            await self._respond(delivery.response_url, explanation)

    async def _update_or_delete(self, delivery: Delivery, message: Message | None) -> None:
        outcome, is_deletion = await self._change(delivery, message)
        if not isinstance(outcome, Succeeded | Rejected):
            self._defer(delivery)  # so that it doesn't block its lane
            return
        now = self._clock()
        await self._database.write(
            lambda connection: results.save_change(connection, delivery, outcome, is_deletion=is_deletion, now=now)
        )

    async def _change(self, delivery: Delivery, message: Message | None) -> tuple[Outcome, bool]:
        """Update a message in Slack, or delete it (None). If Slack refuses to delete it, its text is replaced.

        Returns the outcome, and whether it is that of a deletion.
        """
        if message is not None:
            return await self._call("chat.update", render.update_arguments(delivery, message), delivery), False
        arguments = {"channel": delivery.channel_id, "ts": delivery.ts}
        outcome = await self._call("chat.delete", arguments, delivery)
        if isinstance(outcome, Rejected) and outcome.meaning is not ErrorMeaning.MESSAGE_GONE:
            return await self._change(delivery, withdrawn(ENGLISH))
        return outcome, True
