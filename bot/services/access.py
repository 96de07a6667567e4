"""Who acts, and where: what permissions need is asked anew at every submission, before anything is decided.

The decision itself is `bot/domain/permissions.py`, and is taken within the transaction that changes something.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from bot.domain.audit_log import Unavailability
from bot.domain.permissions import NO_CHANNEL, Action, Actor, NotAllowed, SlackUnavailable, check
from bot.services.channel_directory import Places
from bot.services.user_directory import Directory
from bot.slack import deadline
from bot.storage import channels
from bot.storage.channels import Channel, Facts
from bot.storage.database import Database

FRESH = timedelta(minutes=1)
"""How old what Slack said of somebody may be when they want to change something."""


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
            async with deadline.within(deadline.LOOKUP_BUDGET):
                known = await self._directory.look_up(team_id, [user_id], fresh=FRESH)
        except TimeoutError:
            raise SlackUnavailable("timeout") from None
        if user_id not in known:
            raise SlackUnavailable("users.info")
        return known[user_id].actor

    async def channel(self, team_id: str, channel_id: str) -> Channel | None:
        """Return a channel as Slack describes it now, as far as it does; None where Winsome has never met it."""
        return await self._as_it_is(team_id, channel_id, await self._known(team_id, channel_id))

    async def _as_it_is(self, team_id: str, channel_id: str, before: Channel | None) -> Channel | None:
        """What was known of a channel `before`, brought up to date."""
        if before is not None and before.away is Unavailability.DELETED:
            return before  # for good: Slack knows no more of it than we do
        facts: Facts | None = None
        is_answered = False
        with suppress(TimeoutError, SlackUnavailable):
            async with deadline.within(deadline.LOOKUP_BUDGET):
                facts = await self._places.ask(team_id, channel_id)
                is_answered = True
        known = await self._known(team_id, channel_id)
        if known is None:
            return None
        if not is_answered:
            return replace(known, is_private=None)  # it may have become so: Slack tells of that to nobody
        return replace(known, away=facts.away if facts else known.away or Unavailability.REMOVED)

    async def _known(self, team_id: str, channel_id: str) -> Channel | None:
        return await self._database.read(lambda connection: channels.by_id(connection, team_id, channel_id))

    async def enters(
        self,
        act: Action,
        team_id: str,
        channel_id: str,
        user_id: str,
        user_team_id: str | None = None,
        *,
        is_here: bool = False,
    ) -> tuple[Actor, Channel | None]:
        """Return who acts and where. Raises NotAllowed for what they may not do there, or CannotAsk.

        A channel that may be private is for those who are in it, admins included, and a guest sees no other one. Slack
        is asked whether they are in it, unless it has just let them act there (`is_here`).
        """
        before = await self._known(team_id, channel_id)
        is_likely = not is_here and (before is None or before.is_private is not False)
        actor, channel, mine = await asyncio.gather(
            self.actor(team_id, user_id, user_team_id),
            self._as_it_is(team_id, channel_id, before),
            self._of_person(user_id) if is_likely else _unasked(),
        )
        place = channel.place if channel else NO_CHANNEL
        is_closed = channel is None or channel.is_private is not False or actor.is_guest
        if is_closed and not is_here and actor.is_active:
            mine = await self._of_person(user_id) if mine is None else mine
            if channel_id not in mine:
                raise NotAllowed(Action.SEE)  # whatever they wanted: nobody learns of it who is not in it
        check(actor, act, place)
        return actor, channel

    async def _of_person(self, user_id: str) -> set[str]:
        try:
            async with deadline.within(deadline.LOOKUP_BUDGET):
                return await self._places.of_person(user_id)
        except TimeoutError:
            raise SlackUnavailable("timeout") from None


async def _unasked() -> None:
    return None
