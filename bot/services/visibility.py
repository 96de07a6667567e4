"""Which channels someone can see: those that they are in and, for admins, those that Slack says are public.

Memberships are asked for each time, and so are the channels that the bot is in. That another one is public may be a
minute old.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.domain.audit_log import Unavailability
from bot.domain.permissions import SlackUnavailable
from bot.services.channel_directory import ChannelDirectory
from bot.slack import deadline
from bot.storage import channels
from bot.storage.channels import ChannelReach, ConversationInfo
from bot.storage.database import Database

PUBLIC_MAX_AGE = timedelta(minutes=1)
"""How old the information that a channel is public may be."""


@dataclass(frozen=True)
class VisibleChannels:
    """The `ids` of the channels that someone can see. `memberships` are those they are in, None if Slack does not say.

    `is_complete` is False if Slack did not answer about every channel. It has just answered about `verified_ids`; that
    the others are public may be a minute old.
    """

    ids: frozenset[str]
    memberships: frozenset[str] | None
    is_complete: bool
    verified_ids: frozenset[str] = frozenset()


class Visibility:
    """Finds out which of the known channels someone can see."""

    def __init__(self, channel_directory: ChannelDirectory, database: Database, clock: Callable[[], datetime]) -> None:
        self._channel_directory = channel_directory
        self._database = database
        self._clock = clock

    async def memberships(self, team_id: str, user_id: str) -> frozenset[str] | None:
        """Return the ids of the channels that someone is in, or None if Slack does not say."""
        try:
            async with deadline.within(deadline.LOOKUP_BUDGET):
                return frozenset(await self._channel_directory.channels_of(team_id, user_id))
        except (SlackUnavailable, TimeoutError):
            return None

    async def visible(self, team_id: str, memberships: frozenset[str] | None, *, oversees: bool) -> VisibleChannels:
        """Return what someone with these memberships can see; an admin `oversees` the workspace."""
        member_of = memberships or frozenset()
        known, own_channels = await asyncio.gather(
            self._stored_channels(team_id), self._channel_directory.own_channels(team_id)
        )
        is_complete = False
        if own_channels is not None:
            news = self._news(known, own_channels, member_of, oversees=oversees)
            all_refreshed = await self._channel_directory.refresh_all(team_id, news, own_channels)
            known = await self._stored_channels(team_id) if news else known
            is_complete = memberships is not None and all_refreshed
        visible = frozenset(
            channel.channel_id
            for channel in known
            if channel.channel_id in member_of or (oversees and _is_public_now(channel, own_channels))
        )
        return VisibleChannels(visible, memberships, is_complete, member_of.union(own_channels or ()))

    async def public_among(self, team_id: str, channel_ids: Collection[str]) -> tuple[frozenset[str], bool]:
        """Return the known channels that Slack says are public now, and whether it answered about each."""
        if not channel_ids:
            return frozenset(), True
        asked_at = self._clock()
        may_be_public = {
            channel.channel_id
            for channel in await self._stored_channels(team_id)
            if channel.channel_id in channel_ids
            if not channel.is_private and channel.unavailable_reason is not Unavailability.DELETED
        }
        is_complete = await self._channel_directory.refresh_all(team_id, sorted(may_be_public), {})
        public = (
            channel.channel_id
            for channel in await self._stored_channels(team_id, public_since=asked_at)
            if channel.channel_id in may_be_public and channel.is_public
        )
        return frozenset(public), is_complete

    def _news(
        self,
        known: Sequence[ChannelReach],
        own_channels: Mapping[str, ConversationInfo],
        member_of: frozenset[str],
        *,
        oversees: bool,
    ) -> list[str]:
        """Return the ids of the channels to be stored again: Slack says something new of them, or must be asked.

        `own_channels` are those that the bot is in.
        """
        stored = {channel.channel_id: channel for channel in known}
        changed = [
            channel_id
            for channel_id, info in own_channels.items()
            if (channel := stored.get(channel_id)) is None
            or not channel.is_synced
            or channel.is_private is not info.is_private
            or channel.unavailable_reason is not info.unavailable_reason
            if channel_id in member_of or (oversees and not (info.is_private and _is_private(channel)))
        ]
        left = [
            channel.channel_id
            for channel in known
            if channel.unavailable_reason is None
            and channel.channel_id in member_of
            and channel.channel_id not in own_channels
        ]
        stale = [
            channel
            for channel in known
            if oversees and channel.channel_id not in own_channels and _needs_refresh(channel, member_of)
        ]
        stale.sort(key=lambda channel: channel.is_private is None)
        return list(dict.fromkeys([*changed, *left, *(channel.channel_id for channel in stale)]))

    async def _stored_channels(self, team_id: str, *, public_since: datetime | None = None) -> list[ChannelReach]:
        since = public_since or self._clock() - PUBLIC_MAX_AGE
        return await self._database.read(partial(channels.reach_in_team, team_id=team_id, public_since=since))


def _needs_refresh(channel: ChannelReach, member_of: frozenset[str]) -> bool:
    """Whether to ask Slack about a channel. One that was private or deleted can't have become public."""
    is_certain = (
        channel.is_private or channel.unavailable_reason is Unavailability.DELETED or channel.channel_id in member_of
    )
    return not (is_certain or channel.is_public)


def _is_public_now(channel: ChannelReach, own_channels: Mapping[str, ConversationInfo] | None) -> bool:
    """Whether Slack says that a channel is public: just now of those that the bot is in, lately of others."""
    info = (own_channels or {}).get(channel.channel_id)
    return channel.is_public if info is None else not (info.is_private or channel.is_private)


def _is_private(channel: ChannelReach | None) -> bool:
    """Whether a channel is not stored as public."""
    return channel is None or channel.is_private is not False
