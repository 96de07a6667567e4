"""How near a win's author is to the channel of their win, as Slack says when they want to write into it."""

from bot.domain.audit_log import Unavailability
from bot.domain.win_permissions import Reach, reach_of_win
from bot.domain.wins import Win
from bot.services.access import Access
from bot.services.visibility import Visibility
from bot.storage.channels import Channel, unavailability


class WinAccess:
    """Asks Slack about the channels of wins."""

    def __init__(self, access: Access, visibility: Visibility) -> None:
        self._access = access
        self._visibility = visibility

    async def reach_to_edit(self, win: Win) -> Reach:
        """Return how near a win's author is to it. A channel that the bot can't write into doesn't count."""
        if win.channel_id is None or win.is_private:
            return Reach.NOWHERE
        channel = await self._access.channel(win.team_id, win.channel_id)
        if unavailability(channel) is not None:
            return Reach.NOWHERE
        if channel is not None and channel.is_known_public:
            return Reach.PUBLIC
        return await self._reach(win, channel)

    async def reach_to_share(self, win: Win) -> tuple[Reach, Unavailability | None]:
        """Return how near a private win's author is to its channel, and why the bot can't post there, if it can't."""
        if win.channel_id is None:
            return Reach.NOWHERE, None
        channel = await self._access.channel(win.team_id, win.channel_id)
        return await self._reach(win, channel), unavailability(channel)

    async def _reach(self, win: Win, channel: Channel | None) -> Reach:
        memberships = await self._visibility.memberships(win.team_id, win.author.user_id)
        is_in = None if memberships is None else win.channel_id in memberships
        is_public = None if channel is None or channel.is_private is None else not channel.is_private
        return reach_of_win(win.channel_id, is_private=False, is_in=is_in, is_public=is_public)
