"""Where a person may share a win, as Slack says at the moment they save it, and which tags that channel uses."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from bot.domain.audit_log import Unavailability
from bot.domain.tags import find_tags
from bot.domain.win_form import FieldError
from bot.domain.wins import MessageSource
from bot.services.access import Access
from bot.services.visibility import Visibility
from bot.storage import channels, tags
from bot.storage.channels import Channel
from bot.storage.database import Database

MEMBERSHIPS_MAX_AGE = timedelta(minutes=1)
"""How old the information about someone's channels may be while they look for a tag."""
MAX_REMEMBERED = 1000
"""The most people whose channels are remembered."""
MAX_TAG_LENGTH = 70
MAX_SUGGESTIONS = 100
"""The most options that Slack takes for a menu."""


class WinChannels:
    """Asks Slack about the channels that people choose for their wins."""

    def __init__(
        self, access: Access, visibility: Visibility, database: Database, clock: Callable[[], datetime]
    ) -> None:
        self._access = access
        self._visibility = visibility
        self._database = database
        self._clock = clock
        self._memberships: OrderedDict[tuple[str, str], tuple[datetime, frozenset[str] | None]] = OrderedDict()

    async def refusal(
        self, team_id: str, user_id: str, channel_id: str, *, has_response_url: bool, source: MessageSource | None
    ) -> FieldError | Unavailability | None:
        """Return why a person can't share a win in a channel, or None.

        `has_response_url` says that they began the win in that very channel: the bot can answer there, even if it is
        not in it. What was said in a private channel (`source`) stays there.
        """
        if source is not None and source.channel_id != channel_id:
            origin = await self._access.channel(team_id, source.channel_id)
            if origin is not None and origin.is_private is None:
                return FieldError.UNKNOWN
            if origin is None or origin.is_private:
                return FieldError.PRIVATE_SOURCE
        channel, memberships = await asyncio.gather(
            self._stored_channel(team_id, channel_id)
            if has_response_url
            else self._access.channel(team_id, channel_id),
            self._visibility.memberships(team_id, user_id),
        )
        reason = channels.unavailability(channel)
        if has_response_url and (channel is None or channel.synced_at is None or reason is Unavailability.REMOVED):
            return None  # Slack may not show the bot who is in it
        if memberships is None:
            return reason if has_response_url else FieldError.UNKNOWN
        return reason if channel_id in memberships or reason else FieldError.NOT_MEMBER

    async def _stored_channel(self, team_id: str, channel_id: str) -> Channel | None:
        return await self._database.read(partial(channels.by_id, team_id=team_id, channel_id=channel_id))

    async def suggest_tags(self, team_id: str, user_id: str, channel_id: str | None, typed: str) -> list[str]:
        """Return the tags of a channel that begin with what was typed, the latest first; and that itself, if new.

        Someone who isn't in the channel learns of none of its tags.
        """
        typed = typed.lstrip("#＃").strip()
        (own, *_) = find_tags(f"#{typed}") or ("",)
        if typed and not own:
            return []
        found: list[str] = []
        if channel_id is not None and channel_id in (await self.memberships(team_id, user_id) or ()):
            found = await self._database.read(partial(tags.of_channel, team_id=team_id, channel_id=channel_id))
            found = [tag for tag in found if tag.startswith(own)][: MAX_SUGGESTIONS - 1]
        choices = dict.fromkeys([own, *found] if own in found or (own and not found) else [*found, own])
        return [tag for tag in choices if 0 < len(tag) <= MAX_TAG_LENGTH]

    async def memberships(self, team_id: str, user_id: str) -> frozenset[str] | None:
        """Return the channels that someone is in. Slack isn't asked at each letter that they type."""
        now = self._clock()
        asked_at, memberships = self._memberships.get((team_id, user_id), (None, None))
        if asked_at is None or memberships is None or now - asked_at > MEMBERSHIPS_MAX_AGE:
            memberships = await self._visibility.memberships(team_id, user_id)
            self._memberships[team_id, user_id] = (now, memberships)
            self._memberships.move_to_end((team_id, user_id))
            while len(self._memberships) > MAX_REMEMBERED:
                self._memberships.popitem(last=False)
        return memberships
