"""Who may be told, in a direct message, what a channel shows: people of the workspace who can look into that channel.

Slack is asked just before such a message is sent. Guests are not told, though they may be in the channel.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from bot.domain.audit_log import Unavailability
from bot.domain.permissions import SlackUnavailable
from bot.services.access import Access
from bot.services.channel_directory import ChannelDirectory
from bot.services.visibility import Visibility
from bot.storage import channels
from bot.storage.channels import Channel
from bot.storage.database import Database

PUBLIC_MAX_AGE = timedelta(minutes=1)
"""How old the information that a channel is public may be: one answer serves all messages about a roundup."""

RETRY_SECONDS = 5.0
"""Seconds after which Slack is asked again when it did not answer."""


class Readers:
    """Asks Slack who may read what a channel shows."""

    def __init__(
        self,
        access: Access,
        visibility: Visibility,
        channel_directory: ChannelDirectory,
        database: Database,
        clock: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._visibility = visibility
        self._channel_directory = channel_directory
        self._database = database
        self._clock = clock
        self._ask_again_at: defaultdict[str, float] = defaultdict(float)  # by workspace, in monotonic time

    async def may_be_told(self, team_id: str, user_id: str, channel_id: str) -> bool | None:
        """Whether someone may be told what a channel shows; None if Slack doesn't say now.

        After no answer, Slack isn't asked for a few seconds: each waiting message is tried again at every poll.
        """
        if time.monotonic() < self._ask_again_at[team_id]:
            return None
        answer = await self._ask(team_id, user_id, channel_id)
        if answer is None:
            self._ask_again_at[team_id] = time.monotonic() + RETRY_SECONDS
        return answer

    async def _ask(self, team_id: str, user_id: str, channel_id: str) -> bool | None:
        try:
            actor = await self._access.actor(team_id, user_id)
        except SlackUnavailable:
            return None
        if not actor.is_active or actor.is_guest:
            return False
        is_public = await self._is_public(team_id, channel_id)
        if is_public is not False:
            return is_public
        memberships = await self._visibility.memberships(team_id, user_id)
        return None if memberships is None else channel_id in memberships

    async def _is_public(self, team_id: str, channel_id: str) -> bool | None:
        """Whether Slack says that a channel is public; None if it doesn't answer."""
        query = partial(channels.by_id, team_id=team_id, channel_id=channel_id)
        asked_at = self._clock()
        channel = await self._database.read(query)
        if _is_known_public(channel, since=asked_at - PUBLIC_MAX_AGE):
            return True
        if channel is None or channel.is_private or channel.unavailable_reason is Unavailability.DELETED:
            return False  # it can't have become public
        if not await self._channel_directory.refresh(team_id, channel_id):
            return None
        return _is_known_public(await self._database.read(query), since=asked_at)


def _is_known_public(channel: Channel | None, *, since: datetime) -> bool:
    if channel is None or not channel.is_known_public:
        return False
    return channel.synced_at is not None and channel.synced_at >= since
