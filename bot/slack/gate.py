"""Who acts, and where: what permissions need is asked anew at every submission, before anything is decided.

The decision itself is `bot/domain/permissions.py`, and is taken within the transaction that changes something.
"""

import asyncio
from datetime import timedelta

from bot.domain.permissions import Act, Actor, CannotAsk, check
from bot.slack.people import Directory
from bot.slack.places import Places
from bot.storage import channels
from bot.storage.channels import Channel
from bot.storage.database import Database

FRESH = timedelta(minutes=1)
"""How old what Slack said of somebody may be when they want to change something."""
TIMEOUT = 1.2
"""Seconds that Slack may take to say it: the person waits for an answer within three."""


class Gate:
    """Asks Slack who somebody is, and what a channel is."""

    def __init__(self, directory: Directory, places: Places, database: Database) -> None:
        self._directory = directory
        self._places = places
        self._database = database

    async def actor(self, team_id: str, user_id: str, user_team_id: str | None = None) -> Actor:
        """Return who acts. Raises CannotAsk: who can't be known may do nothing."""
        if user_team_id not in (None, team_id):
            return Actor(user_id, is_active=False)
        try:
            async with asyncio.timeout(TIMEOUT):
                known = await self._directory.look_up(team_id, [user_id], fresh=FRESH)
        except TimeoutError:
            raise CannotAsk("timeout") from None
        if user_id not in known:
            raise CannotAsk("users.info")
        return known[user_id].actor

    async def channel(self, team_id: str, channel_id: str) -> Channel | None:
        """Return a channel as Slack describes it now, as far as it does; None where Winsome has never met it."""
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._places.survey(team_id, channel_id)
        except TimeoutError:
            pass
        return await self._database.read(lambda connection: channels.by_id(connection, team_id, channel_id))

    async def enters(
        self, act: Act, team_id: str, channel_id: str, user_id: str, user_team_id: str | None = None
    ) -> tuple[Actor, Channel | None]:
        """Return who acts and where. Raises NotAllowed for what they may not do there, or CannotAsk."""
        actor, channel = await asyncio.gather(
            self.actor(team_id, user_id, user_team_id), self.channel(team_id, channel_id)
        )
        if channel is None:
            check(actor, act)
        else:
            check(actor, act, channel.place)
        return actor, channel
