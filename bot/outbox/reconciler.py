"""Resolves posts of unknown outcome: after the settle time it searches the channel's history for the message's key.

A message that is found is posted; one that is not there is sent again. If history can't be read (that takes the
optional scopes channels:history and groups:history), a person has to review it. See docs/reliability.md.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot import log
from bot.outbox import results
from bot.outbox.kinds import KINDS, Audience
from bot.outbox.render import EVENT_TYPE
from bot.services import owner_alerts
from bot.slack import answers
from bot.slack.clients import SlackClients
from bot.slack.outcomes import Rejected, Retryable, Unknown
from bot.slack.payloads import Malformed, Payload
from bot.storage import deliveries
from bot.storage.database import Database
from bot.storage.deliveries import Delivery, Lane

logger = logging.getLogger(__name__)

MARGIN = timedelta(minutes=10)
"""How much older a message may be, by Slack's ts, than the attempt to post it. There is no such limit for a newer one:
the attempt's time is never ahead of Slack's clock, but may be behind it where a virtual machine stood still.
"""
PAGE = 200
MAX_PAGES = 500
"""Of the messages since the attempt, which may be some days ago. Slack may give as few as 15 in a page."""
GIVE_UP_AFTER = timedelta(days=1)
"""Since the attempt: then a person is asked, rather than Slack for ever."""
MAX_CONCURRENT = 8
"""Searches at once in a workspace."""


class HistoryForbidden(Exception):
    """The bot can't read the history, and won't be able to; `args` say why."""


class TryLater(Exception):
    """Slack did not answer this time; `args` say why."""


class Reconciler:
    """Searches for messages that may be posted, each `settle_seconds` after this process has learned of it.

    `wake_sender` is called for each channel in which there is work after that. `knows_slacks_time` says whether `clock`
    can be compared with Slack's timestamps.
    """

    def __init__(
        self,
        database: Database,
        clients: SlackClients,
        *,
        settle_seconds: float,
        clock: Callable[[], datetime],
        knows_slacks_time: Callable[[], bool],
        wake_sender: Callable[[Lane], None],
    ) -> None:
        self._database = database
        self._clients = clients
        self._settle_seconds = settle_seconds
        self._clock = clock
        self._knows_slacks_time = knows_slacks_time
        self._wake_sender = wake_sender
        self._settles_at: defaultdict[str, dict[int, float]] = defaultdict(dict)  # by workspace, like those below
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(partial(asyncio.Semaphore, MAX_CONCURRENT))
        self._searches: dict[str, asyncio.Task[None]] = {}
        self._running = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start. The settle time begins again for every message."""
        self._settles_at.clear()
        self._running = True

    async def stop(self) -> None:
        """Stop. The searches that are under way are dropped."""
        self._running = False
        tasks = [*self._searches.values(), *(() if self._task is None else (self._task,))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def poll(self) -> None:
        """Search for the messages that have settled, in each workspace in which no search is under way.

        So a workspace that Slack holds back, for up to an hour, keeps no other waiting.
        """
        if self._running and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._start_searches())

    async def _start_searches(self) -> None:
        searched = set(self._searches)  # what is read of these may be resolved meanwhile
        try:
            found = await self._database.read(deliveries.unknown)
        except DBAPIError:
            logger.exception("the database failed; reconciling again at the next poll")
            return
        unknown: defaultdict[str, list[Delivery]] = defaultdict(list)
        for delivery in found:
            if delivery.team_id in self._clients and delivery.kind in KINDS:
                unknown[delivery.team_id].append(delivery)
        now = time.monotonic()
        for team_id in sorted((self._settles_at.keys() | unknown.keys()) - searched):
            before = self._settles_at.pop(team_id, {})
            settles_at = {each.id: before.get(each.id, now + self._settle_seconds) for each in unknown[team_id]}
            if settles_at:
                self._settles_at[team_id] = settles_at
            if settled := [each for each in unknown[team_id] if settles_at[each.id] <= now]:
                self._searches[team_id] = asyncio.create_task(self._reconcile(settled))
                self._searches[team_id].add_done_callback(partial(self._end_search, team_id))

    def _end_search(self, team_id: str, _search: asyncio.Task[None]) -> None:
        del self._searches[team_id]

    async def _reconcile(self, settled: Sequence[Delivery]) -> None:
        """Search for messages of one workspace."""
        try:
            unresolved = [
                delivery for delivery in await asyncio.gather(*map(self._resolve, settled)) if delivery is not None
            ]
            if unresolved:
                at = self._clock()
                await self._database.write(lambda connection: _mark_needs_review(connection, unresolved, now=at))
        except DBAPIError:
            logger.exception("the database failed; reconciling again at the next poll")

    async def _resolve(self, delivery: Delivery) -> Delivery | None:
        """Search for one message and store the result; return the delivery if it needs review."""
        settles_at = self._settles_at[delivery.team_id]
        with log.bound(workspace=delivery.team_id, delivery=delivery.key):
            try:
                async with self._slots[delivery.team_id]:
                    ts = await self._find(delivery)
            except TryLater as reason:
                if self._clock() - (delivery.attempted_at or delivery.created_at) > GIVE_UP_AFTER:
                    logger.warning("can't reconcile for long: needs review", extra={"error": reason})
                    return delivery
                logger.info("reconcile later", extra={"kind": delivery.kind, "error": reason})
                settles_at[delivery.id] = time.monotonic() + min(self._settle_seconds, 60.0)
                return None
            except HistoryForbidden as reason:
                logger.warning("can't reconcile: needs review", extra={"kind": delivery.kind, "error": reason})
                return delivery
            logger.info("reconciled", extra={"kind": delivery.kind, "is_posted": ts is not None, "ts": ts})
            settles_at.pop(delivery.id, None)
            try:
                await self._database.write(lambda connection: _save_result(connection, delivery, ts))
            except results.NOT_STORABLE:
                logger.exception("the database refuses the outcome: needs review")
                return delivery
            self._wake_sender(delivery.channel_key)
            return None

    async def _find(self, delivery: Delivery) -> str | None:
        """Return the ts of the delivery's message; None if it is not there. Raises HistoryForbidden or TryLater."""
        kind = KINDS[delivery.kind]
        if kind.audience is not Audience.CHANNEL:
            raise HistoryForbidden("a message to one person")
        if not self._knows_slacks_time():
            raise HistoryForbidden("Slack doesn't say what time it is")
        parent = await self._database.read(lambda connection: kind.parent_ts(connection, delivery))
        async for message in self._messages(delivery, parent):
            try:
                key = answers.metadata_key(message, EVENT_TYPE)
            except Malformed as error:
                raise TryLater(answers.ODD) from error
            if key == delivery.key:
                ts = answers.message_ts(message)
                if ts is None:
                    raise HistoryForbidden("the message is there, and its ts can't be read")
                return ts
        return None

    async def _messages(self, delivery: Delivery, parent_ts: str | None) -> AsyncIterator[Payload]:
        """Yield the messages since the attempt: of the channel, or for a reply of its thread."""
        assert delivery.attempted_at is not None, "a post of unknown outcome was attempted"
        method = "conversations.history" if parent_ts is None else "conversations.replies"
        arguments: dict[str, Any] = {
            "channel": delivery.channel_id,
            "oldest": f"{(delivery.attempted_at - MARGIN).timestamp():.6f}",
            "include_all_metadata": True,
            "limit": PAGE,
        }
        if parent_ts is not None:
            arguments["ts"] = parent_ts
        client = self._clients.of(delivery.team_id)
        rate_limiter = client.rate_limiter(method)
        cursor = ""
        for _ in range(MAX_PAGES):
            await rate_limiter.acquire()
            response = await client.get(method, arguments | ({"cursor": cursor} if cursor else {}), answers.messages)
            rate_limiter.record(response)
            if isinstance(response, Rejected):
                raise HistoryForbidden(response.error)
            if isinstance(response, Retryable | Unknown):
                raise TryLater(response.error)
            for message in response.entries:
                yield message
            cursor = response.cursor
            if not cursor:
                return
        raise HistoryForbidden("the history has no end")


def _save_result(connection: Connection, delivery: Delivery, ts: str | None) -> None:
    if ts is None:
        deliveries.requeue_unsent(connection, delivery.id, None, attempt=delivery.attempts)
    else:
        deliveries.mark_posted(connection, delivery.id, ts)
        KINDS[delivery.kind].follow_up_post(connection, delivery)
    owner_alerts.refresh_alert(connection, delivery)


def _mark_needs_review(connection: Connection, unresolved: list[Delivery], *, now: datetime) -> None:
    for delivery in unresolved:
        results.save_need_of_review(connection, delivery, error=delivery.error, now=now)
