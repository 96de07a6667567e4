"""The wins that someone is in: others shared them, and the person may see them, as Slack says now."""

import asyncio
from functools import partial

from bot.domain.credited_wins import WinsOfOthers
from bot.domain.permissions import Actor
from bot.domain.win_permissions import WinAction, WinRelation, may_with_win, reach_of_win
from bot.services.access import Access
from bot.services.visibility import Visibility
from bot.storage import credited_wins
from bot.storage.database import Database

Who = tuple[Actor | None, frozenset[str] | None]
"""A person and the ids of their channels, each None where Slack does not say."""


class CreditedWins:
    """Finds the wins that someone is in."""

    def __init__(self, access: Access, visibility: Visibility, database: Database) -> None:
        self._access = access
        self._visibility = visibility
        self._database = database

    async def latest(
        self, team_id: str, user_id: str, user_team_id: str | None = None, *, limit: int, who: Who | None = None
    ) -> WinsOfOthers:
        """Return someone's latest wins that others shared.

        `who` is who they are and which channels they are in, as Slack has just said or not; without it, Slack is asked
        if there are any wins.
        """
        query = partial(credited_wins.channels_of, team_id=team_id, user_id=user_id)
        channel_ids = await self._database.read(query)
        if not channel_ids:
            return WinsOfOthers()
        actor, memberships = who or await asyncio.gather(
            self._access.actor_if_known(team_id, user_id, user_team_id), self._visibility.memberships(team_id, user_id)
        )
        if actor is None or memberships is None:
            return WinsOfOthers(is_complete=False)
        public, is_complete = await self._visibility.public_among(team_id, channel_ids - memberships)
        relation = WinRelation.CREDITED if actor.is_active else WinRelation.STRANGER
        visible = {
            each
            for each in channel_ids
            if may_with_win(
                WinAction.SEE,
                relation,
                reach_of_win(each, is_private=False, is_in=each in memberships, is_public=each in public),
            )
        }
        load = partial(credited_wins.latest, team_id=team_id, user_id=user_id, channel_ids=visible, limit=limit)
        return WinsOfOthers(await self._database.read(load), is_complete)
