"""Who may see which channels: those that they are in and, for admins, those that Slack says are public.

Membership is asked for each time; that a channel is public may be an hour old.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.audit_log import Unavailability
from bot.domain.permissions import SlackUnavailable
from bot.services.channel_directory import ChannelDirectory
from bot.slack import deadline
from bot.storage import channels
from bot.storage.channels import Channel
from bot.storage.database import Database

PUBLIC_FOR = timedelta(hours=1)
"""How old Slack's word may be that a channel is public."""


@dataclass(frozen=True)
class Seen:
    """The channels that somebody may see; `mine` are the ids of those they are in, None where Slack does not say.

    `is_complete` is False where Slack could not be asked about every channel.
    """

    channels: tuple[Channel, ...]
    mine: frozenset[str] | None
    is_complete: bool

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the channels."""
        return frozenset(channel.channel_id for channel in self.channels)

    @property
    def own(self) -> tuple[Channel, ...]:
        """The channels that they are in."""
        return tuple(channel for channel in self.channels if channel.channel_id in (self.mine or ()))


class Sight:
    """Finds out which of the channels that Winsome knows somebody may see."""

    def __init__(self, places: ChannelDirectory, database: Database, clock: Callable[[], datetime]) -> None:
        self._places = places
        self._database = database
        self._clock = clock

    async def mine(self, user_id: str) -> frozenset[str] | None:
        """Return the ids of the channels that somebody is in, or None where Slack does not say."""
        try:
            async with deadline.within(deadline.LOOKUP_BUDGET):
                return frozenset(await self._places.channels_of(user_id))
        except (SlackUnavailable, TimeoutError):
            return None

    async def of(self, team_id: str, mine: frozenset[str] | None, *, oversees: bool) -> Seen:
        """Return what somebody sees who is in the channels `mine`, and maybe `oversees` the workspace."""
        inside = mine or frozenset()
        known = await self._known(team_id)
        is_complete = mine is not None
        if oversees:
            doubtful = [channel for channel in known if self._is_doubtful(channel, inside)]
            doubtful.sort(key=lambda channel: channel.is_private is None)
            all_said = await self._places.refresh_all(team_id, [channel.channel_id for channel in doubtful])
            known = await self._known(team_id) if doubtful else known
            is_complete = is_complete and all_said
        seen = (channel for channel in known if channel.channel_id in inside or (oversees and self._is_public(channel)))
        return Seen(tuple(seen), mine, is_complete)

    async def _known(self, team_id: str) -> list[Channel]:
        return await self._database.read(lambda connection: channels.of_team(connection, team_id))

    def _is_public(self, channel: Channel) -> bool:
        since = self._clock() - PUBLIC_FOR
        return channel.is_private is False and channel.surveyed_at is not None and channel.surveyed_at >= since

    def _is_doubtful(self, channel: Channel, inside: frozenset[str]) -> bool:
        """Whether Slack must be asked. One that was private, or is gone, can't have become public."""
        is_settled = channel.is_private or channel.away is Unavailability.DELETED or channel.channel_id in inside
        return not (is_settled or self._is_public(channel))
