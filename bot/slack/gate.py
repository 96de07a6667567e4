"""Who acts, and where: what permissions need is asked anew at every submission, before anything is decided.

The decision itself is `bot/domain/permissions.py`, and is taken within the transaction that changes something.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from bot.domain.changes import Away
from bot.domain.permissions import NOWHERE, Act, Actor, CannotAsk, NotAllowed, check
from bot.slack.people import Directory
from bot.slack.places import Places
from bot.storage import channels
from bot.storage.channels import Channel, Facts
from bot.storage.database import Database

FRESH = timedelta(minutes=1)
"""How old what Slack said of somebody may be when they want to change something."""
TIMEOUT = 0.8
"""Seconds for each of two questions to Slack: the person waits for an answer within three."""


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
        facts: Facts | None = None
        is_answered = False
        with suppress(TimeoutError, CannotAsk):
            async with asyncio.timeout(TIMEOUT):
                facts = await self._places.ask(team_id, channel_id)
                is_answered = True
        known = await self._database.read(lambda connection: channels.by_id(connection, team_id, channel_id))
        if known is None or not is_answered:
            return known
        return replace(known, away=facts.away if facts else known.away or Away.REMOVED)

    async def enters(
        self,
        act: Act,
        team_id: str,
        channel_id: str,
        user_id: str,
        user_team_id: str | None = None,
        *,
        is_here: bool = False,
    ) -> tuple[Actor, Channel | None]:
        """Return who acts and where. Raises NotAllowed for what they may not do there, or CannotAsk.

        A channel that may be private is for those who are in it, admins included. Slack is asked whether they are,
        unless it has just let them act there (`is_here`).
        """
        actor, channel = await asyncio.gather(
            self.actor(team_id, user_id, user_team_id), self.channel(team_id, channel_id)
        )
        place = channel.place if channel else NOWHERE
        check(actor, act, place)
        may_be_private = channel is None or channel.is_private is not False
        if may_be_private and not is_here and channel_id not in await self._of_person(user_id):
            raise NotAllowed(act, place)
        return actor, channel

    async def _of_person(self, user_id: str) -> set[str]:
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._places.of_person(user_id)
        except TimeoutError:
            raise CannotAsk("timeout") from None
