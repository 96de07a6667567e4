"""The wins of others that someone is in, as far as Slack says now that they may see them."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.domain.consent import Preference
from bot.domain.credited_wins import WinsOfOthers, as_read_by
from bot.domain.permissions import Actor
from bot.domain.win_permissions import WinAction, WinRelation, may_with_win, reach_of_win
from bot.services.access import Access
from bot.services.visibility import Visibility
from bot.storage import credited_wins, preferences
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
        self,
        team_id: str,
        user_id: str,
        user_team_id: str | None = None,
        *,
        limit: int,
        asked_limit: int,
        who: Who | None = None,
        now: datetime,
    ) -> WinsOfOthers:
        """Return someone's latest wins that others saved: `asked_limit` that wait for their answer, `limit` others.

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
        load = partial(
            _load,
            team_id=team_id,
            user_id=user_id,
            channel_ids=visible,
            limit=limit,
            asked_limit=asked_limit,
            is_complete=is_complete,
            now=now,
        )
        return await self._database.read(load)


def _load(
    connection: Connection,
    *,
    team_id: str,
    user_id: str,
    channel_ids: Collection[str],
    limit: int,
    asked_limit: int,
    is_complete: bool,
    now: datetime,
) -> WinsOfOthers:
    key = (team_id, user_id)
    preference = preferences.of_people(connection, team_id, [user_id])[user_id].preference
    where: dict[str, Any] = {"channel_ids": channel_ids, "now": now}
    is_asked = preference is not Preference.NEVER  # they have answered for all wins
    asked = credited_wins.asked(connection, *key, **where, limit=asked_limit + 1) if is_asked else []
    latest = credited_wins.latest(connection, *key, **where, limit=limit, is_asked=is_asked)
    read = partial(as_read_by, person_id=user_id, preference=preference, now=now)
    return WinsOfOthers(
        [read(win) for win in latest],
        [read(win) for win in asked[:asked_limit]],
        has_more_asked=len(asked) > asked_limit,
        is_complete=is_complete,
    )
