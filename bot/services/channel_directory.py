"""Channels: what Slack says of them, and who is in them, fetched when it is needed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.domain.audit_log import Unavailability
from bot.domain.permissions import SlackUnavailable
from bot.domain.slack_errors import ErrorMeaning
from bot.services import channel_membership
from bot.slack import answers, deadline, payloads
from bot.slack.clients import SlackClients
from bot.storage import channels
from bot.storage.channels import ConversationInfo
from bot.storage.database import Database

logger = logging.getLogger(__name__)

MAX_PAGES = 20
PAGE = 999
"""Conversations in a page, the most that Slack gives."""
MAX_LOOKUPS = 40
"""The most channels that are looked up one by one while someone waits."""
ALL_TIMEOUT = 0.5
"""Seconds for looking up many channels while someone waits."""
TIMEOUT = 1.2
"""Seconds for looking up one channel after an event about it."""


class ChannelDirectory:
    """Asks Slack about channels and who is in them."""

    def __init__(self, clients: SlackClients, database: Database, clock: Callable[[], datetime]) -> None:
        self._clients = clients
        self._database = database
        self._clock = clock
        # By channel: fetching and storing are one step, so that an older response can't overwrite a newer one.
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def refresh(self, team_id: str, channel_id: str) -> bool:
        """Fetch and store what Slack says of a channel; False if Slack does not answer in time."""
        try:
            async with asyncio.timeout(TIMEOUT):
                await self.fetch(team_id, channel_id)
        except (SlackUnavailable, TimeoutError):
            return False
        return True

    async def fetch(self, team_id: str, channel_id: str) -> ConversationInfo | None:
        """Fetch, store and return what Slack says of a channel. Raises SlackUnavailable.

        None if Slack says that the bot can't see it: a private channel that it is not in, or none at all.
        """
        async with self._lock(team_id, channel_id):
            return await self._fetch(team_id, channel_id)

    def _lock(self, team_id: str, channel_id: str) -> asyncio.Lock:
        return self._locks.setdefault((team_id, channel_id), asyncio.Lock())

    async def _fetch(
        self, team_id: str, channel_id: str, *, reason: Unavailability | None = None, **details: str | None
    ) -> ConversationInfo | None:
        """Fetch and store what Slack says of a channel; `reason` is why the bot can't see it, if that is known."""
        try:
            conversation = await self._clients.of(team_id).look_up(
                "conversations.info", answers.conversation, channel=channel_id
            )
        except SlackUnavailable as error:
            if error.meaning not in (ErrorMeaning.CHANNEL_NOT_FOUND, ErrorMeaning.NOT_IN_CHANNEL):
                raise
            info, save = None, partial(channel_membership.mark_not_visible, reason=reason)
        else:
            info = parse_conversation(conversation)
            save = partial(channel_membership.apply_channel_info, info=info)
        save = partial(save, team_id=team_id, channel_id=channel_id, now=self._clock(), **details)
        await self._database.write(save)
        return info

    async def channels_of(self, team_id: str, user_id: str) -> set[str]:
        """Return the ids of a user's channels, as far as the bot can see them. Raises SlackUnavailable."""
        found = self._conversations(team_id, "public_channel,private_channel", user=user_id)
        return {channel["id"] async for channel in found}

    async def channel_named(self, team_id: str, user_id: str, name: str) -> str | None:
        """Return the id of the user's channel with this name, or of the bot's public one.

        Raises SlackUnavailable.
        """
        for types, filters in (("public_channel,private_channel", {"user": user_id}), ("public_channel", {})):
            async for channel in self._conversations(team_id, types, **filters):
                if str(channel.get("name")).casefold() == name.casefold():
                    return str(channel["id"])
        return None

    async def own_channels(self, team_id: str) -> dict[str, ConversationInfo] | None:
        """Return what Slack says of the channels that the bot is in, by id; None if it did not say all in time."""
        membership = {"is_member": True}
        try:
            async with deadline.within(deadline.LOOKUP_BUDGET):
                return {
                    each["id"]: parse_conversation({**each, **membership})
                    async for each in self._conversations(team_id, "public_channel,private_channel")
                }
        except (SlackUnavailable, TimeoutError):
            return None

    async def refresh_all(
        self, team_id: str, channel_ids: Sequence[str], own_channels: Mapping[str, ConversationInfo]
    ) -> bool:
        """Store what Slack says of many channels; False if it did not say all of it in time.

        Channels that are not in `own_channels` are looked up one by one, the stalest first, up to MAX_LOOKUPS.
        """
        if not channel_ids:
            return True
        try:
            async with asyncio.timeout(ALL_TIMEOUT):
                await self._save(team_id, {each: own_channels[each] for each in channel_ids if each in own_channels})
                others = [each for each in channel_ids if each not in own_channels]
                by_staleness = await self._database.read(
                    partial(channels.order_by_staleness, team_id=team_id, channel_ids=others)
                )
                results = await asyncio.gather(*(self.refresh(team_id, each) for each in by_staleness[:MAX_LOOKUPS]))
                return all(results) and len(by_staleness) <= MAX_LOOKUPS
        except (TimeoutError, DBAPIError):
            return False

    async def _save(self, team_id: str, info_by_channel: dict[str, ConversationInfo]) -> None:
        now = self._clock()

        def save(connection: Connection) -> None:
            for channel_id, info in sorted(info_by_channel.items()):  # in one order: two replicas can't deadlock
                channel_membership.apply_channel_info(connection, team_id, channel_id, info, now=now)

        await self._database.write(save)

    async def _conversations(self, team_id: str, types: str, **filters: str) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the conversations of the bot, or of `user`. Raises SlackUnavailable."""
        cursor = ""
        for _ in range(MAX_PAGES):
            page = await self._clients.of(team_id).look_up(
                "users.conversations",
                answers.conversations,
                **filters | ({"cursor": cursor} if cursor else {}),
                types=types,
                exclude_archived=False,
                limit=PAGE,
            )
            for channel in page.entries:
                yield channel
            cursor = page.cursor
            if not cursor:
                return

    async def handle_event(
        self,
        team_id: str,
        channel_id: str,
        reason: Unavailability | None,
        *,
        actor_id: str | None = None,
        already_notified_user_id: str | None = None,
        only_known: bool = False,
    ) -> None:
        """Store that the bot can't post in a channel, for `reason`, or can (None), after an event that says so.

        Slack sends such events twice, late and out of order, so it is asked what is true now. Without an answer the
        event is believed; a rejected post would show that it was wrong. With `only_known`, an unknown channel is
        ignored. The other arguments are those of `channel_membership.apply_availability`.
        """
        async with self._lock(team_id, channel_id):
            is_known = partial(channels.is_known, team_id=team_id, channel_id=channel_id)
            if only_known and not await self._database.read(is_known):
                return
            if reason is not Unavailability.DELETED:  # that is for good
                try:
                    async with asyncio.timeout(TIMEOUT):
                        assumed_reason = reason or Unavailability.REMOVED
                        info = await self._fetch(
                            team_id,
                            channel_id,
                            reason=assumed_reason,
                            actor_id=actor_id,
                            already_notified_user_id=already_notified_user_id,
                        )
                    if reason is not None and info is not None and info.unavailable_reason is None:
                        return  # the bot is there, so what Slack rejects for another reason is not retried
                    reason = assumed_reason if info is None else info.unavailable_reason
                except (SlackUnavailable, TimeoutError):
                    logger.info("could not verify a channel event", extra={"channel": channel_id, "reason": reason})
            work = partial(
                channel_membership.apply_availability,
                actor_id=actor_id,
                already_notified_user_id=already_notified_user_id,
                now=self._clock(),
            )
            await self._database.write(lambda connection: work(connection, team_id, channel_id, reason))


def parse_conversation(channel: Mapping[str, Any]) -> ConversationInfo:
    """Read Slack's conversation object. A missing field gets the more careful value."""
    reason = None
    if channel.get("is_archived"):
        reason = Unavailability.ARCHIVED
    elif not channel.get("is_member"):
        reason = Unavailability.REMOVED
    return ConversationInfo(
        creator=payloads.optional_id(channel, "creator"),
        is_private=channel.get("is_private") is not False,
        unavailable_reason=reason,
    )
