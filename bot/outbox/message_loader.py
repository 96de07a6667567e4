"""Loads what a message shows, with the names that people have now, and asks Slack whether it may be shown there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextvars import Context
from datetime import datetime
from functools import partial

from sqlalchemy.exc import DBAPIError

from bot.domain.deliveries import PendingOp
from bot.outbox import render
from bot.outbox.kinds import KINDS
from bot.outbox.render import LoadedMessage
from bot.services import channel_membership
from bot.services.user_directory import Waited
from bot.storage import deliveries, lanes
from bot.storage.database import Database
from bot.storage.deliveries import Delivery, Lane

logger = logging.getLogger(__name__)

MAX_FOLLOWERS = 1000
"""The most messages that wait for names to be updated with."""

WaitForUsers = Callable[[str, Iterable[str]], Awaitable[Waited]]
RefreshChannel = Callable[[str, str], Awaitable[bool]]
MayBeTold = Callable[[str, str, str], Awaitable[bool | None]]


class CannotGoNow(Exception):
    """The message has to wait for Slack's answer, another message or its reader's working hours; it is tried again."""


class MessageLoader:
    """Loads messages for the sender.

    `wait_for_users` waits a moment for Slack to say who users are. `refresh_channel` asks Slack about a channel, and
    returns whether it has answered. `may_be_told` (team id, user id, channel id) asks whether someone may read what a
    channel shows, and is None without an answer. `wake` has the sender look for work in a lane.
    """

    def __init__(
        self,
        database: Database,
        *,
        wait_for_users: WaitForUsers,
        refresh_channel: RefreshChannel,
        may_be_told: MayBeTold,
        wake: Callable[[Lane], None],
    ) -> None:
        self._database = database
        self._wait_for_users = wait_for_users
        self._refresh_channel = refresh_channel
        self._may_be_told = may_be_told
        self._wake = wake
        self._followers: set[asyncio.Task[None]] = set()  # wait for names with which a message is to be updated

    def stop(self) -> None:
        """Wait for no more names."""
        for follower in self._followers:
            follower.cancel()

    async def load(self, delivery: Delivery, now: datetime) -> LoadedMessage:
        """Load what a delivery shows, with the names that people have now, as far as Slack says them in a moment."""
        loaded = await self._read(delivery, now)
        if delivery.pending_op == PendingOp.DELETE or loaded.subject is None:
            return loaded
        if KINDS[delivery.kind].depends_on_roles:
            await self._refresh_channel(*delivery.channel_key)
            loaded = await self._read(delivery, now)
        if not loaded.unknown_ids:
            return loaded
        waited = await self._wait_for_users(delivery.team_id, loaded.unknown_ids)
        if waited.lookups:
            self._follow(delivery, waited.lookups)
        # A lookup that began elsewhere may have ended since the delivery was read.
        is_news = waited.is_news or any(user_id not in loaded.names for user_id in loaded.unknown_ids)
        return await self._read(delivery, now) if is_news else loaded

    async def _read(self, delivery: Delivery, now: datetime) -> LoadedMessage:
        return await self._database.read_each(render.load_each, render.ToLoad(delivery, now))

    def _follow(self, delivery: Delivery, lookups: Collection[asyncio.Task[bool]]) -> None:
        """Update a message that goes out without some names once Slack has said them."""
        if len(self._followers) < MAX_FOLLOWERS:
            follower = asyncio.create_task(self._update_with_names(delivery, lookups), context=Context())
            self._followers.add(follower)
            follower.add_done_callback(self._followers.discard)

    async def _update_with_names(self, delivery: Delivery, lookups: Collection[asyncio.Task[bool]]) -> None:
        ended, _ = await asyncio.wait(lookups)
        if any(not lookup.cancelled() and lookup.result() for lookup in ended):
            request = partial(deliveries.request_update, delivery_id=delivery.id, can_wait=True)
            try:
                await self._database.write(request)
            except DBAPIError:
                logger.exception("a message keeps the names that it has")
            self._wake((delivery.team_id, lanes.UPDATES))

    async def channels_not_for_reader(self, delivery: Delivery, loaded: LoadedMessage) -> set[str]:
        """Return the channels (ids) whose content a message shows, and its reader may not read.

        Raises CannotGoNow if Slack doesn't say.
        """
        refused = set()
        for reader in KINDS[delivery.kind].readers_of(loaded.subject):
            may_read = await self._may_be_told(delivery.team_id, *reader)
            if may_read is None:
                raise CannotGoNow
            if not may_read:
                refused.add(reader.channel_id)
        return refused

    async def may_show(self, delivery: Delivery, loaded: LoadedMessage, *, now: datetime) -> bool:
        """Whether the content of the channels that a message shows may be posted where it is to go.

        One whose own channel has become private goes there instead. Raises CannotGoNow if Slack doesn't say, or if one
        of several channels has become private, so that it is rendered again without that one.
        """
        kind = KINDS[delivery.kind]
        source_channel_id = kind.source_channel_id(loaded.subject)
        if source_channel_id is not None and not await self._may_show_elsewhere(delivery, source_channel_id):
            return False
        shown = set(kind.shown_channel_ids(loaded.subject))
        if not shown:
            return True
        has_answers = all(
            await asyncio.gather(*(self._refresh_channel(delivery.team_id, each) for each in sorted(shown)))
        )
        again = await self.load(delivery, now)
        if has_answers and again.subject is not None and set(kind.shown_channel_ids(again.subject)) == shown:
            return True
        raise CannotGoNow

    async def may_stay(self, delivery: Delivery, loaded: LoadedMessage) -> bool:
        """Whether a posted message may show what its channel says by now, where it was posted.

        In another channel it may not, once its own has become private. Raises CannotGoNow if Slack doesn't say.
        """
        source_channel_id = KINDS[delivery.kind].source_channel_id(loaded.subject)
        return source_channel_id is None or await self._may_show_elsewhere(delivery, source_channel_id)

    async def _may_show_elsewhere(self, delivery: Delivery, source_channel_id: str) -> bool:
        """Whether a channel's content may be posted where it is to go. If not, it goes to its own channel instead."""
        source_lane = (delivery.team_id, source_channel_id)
        if delivery.channel_key == source_lane:
            return True
        if not await self._refresh_channel(*source_lane):
            raise CannotGoNow
        redirect = partial(channel_membership.redirect_if_private, team_id=delivery.team_id)
        if await self._database.write(lambda connection: redirect(connection, channel_id=source_channel_id)):
            self._wake(source_lane)
            return False
        return True
