"""What channels are: Slack is asked when that is needed, and tells of most changes by itself."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.domain.audit_log import Unavailability
from bot.domain.permissions import SlackUnavailable
from bot.services import channel_membership
from bot.slack.errors import error_code, retry_after_of
from bot.storage import channels
from bot.storage.channels import Facts
from bot.storage.database import Database

logger = logging.getLogger(__name__)

NOT_THERE = {"channel_not_found", "not_in_channel"}
"""What Slack says of a private channel that the bot is not in, and of one that is deleted."""
MOST_PAGES = 20
PAGE = 999
"""The most that Slack gives."""
MOST_ASKED = 40
"""Channels that Slack is asked about one by one for somebody who waits."""
ALL_TIMEOUT = 0.5
"""Seconds that they wait for what Slack says of many channels."""
TIMEOUT = 1.2
"""Seconds that Slack may take to say what is true of a channel that it has told something about."""


class NotThere(SlackUnavailable):
    """Slack says that the bot can't see a channel (a private one that it is not in, or none at all), or a person."""


class Places:
    """Asks Slack about channels and who is in them."""

    def __init__(self, client: AsyncWebClient, database: Database, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        # On the monotonic clock, by method: Slack asked for a pause.
        self._silent_until: defaultdict[str, float] = defaultdict(float)
        # What is asked about a channel is written down before it is asked again, so that the last answer stands.
        self._one_at_a_time: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def survey(self, team_id: str, channel_id: str) -> bool:
        """Ask Slack what there is to know of a channel and keep it; False where Slack can't be asked in time."""
        try:
            async with asyncio.timeout(TIMEOUT):
                await self.ask(team_id, channel_id)
        except (SlackUnavailable, TimeoutError):
            return False
        return True

    async def ask(self, team_id: str, channel_id: str) -> Facts | None:
        """Ask Slack about a channel, keep what it says and return it. Raises CannotAsk.

        None: Slack says that the bot can't see it (a private channel that it is not in, or none at all).
        """
        async with self._turn(team_id, channel_id):
            return await self._look(team_id, channel_id)

    def _turn(self, team_id: str, channel_id: str) -> asyncio.Lock:
        return self._one_at_a_time.setdefault((team_id, channel_id), asyncio.Lock())

    async def _look(
        self, team_id: str, channel_id: str, *, away: Unavailability | None = None, **who: str | None
    ) -> Facts | None:
        """Ask Slack about a channel and keep what it says; `away` says why it does not show it, if that is known."""
        try:
            answer = await self._asked(self._client.conversations_info, channel=channel_id)
        except NotThere:
            facts, keep = None, partial(channel_membership.unseen, away=away)
        else:
            facts = described(answer.get("channel") or {})
            keep = partial(channel_membership.surveyed, facts=facts)
        keep = partial(keep, team_id=team_id, channel_id=channel_id, now=self._clock(), **who)
        await self._database.write(keep)
        return facts

    async def of_person(self, user_id: str) -> set[str]:
        """Return the ids of the channels that somebody is in, as far as the bot may know them. Raises CannotAsk."""
        return {channel["id"] async for channel in self._listed("public_channel,private_channel", user=user_id)}

    async def survey_all(self, team_id: str, channel_ids: Sequence[str]) -> bool:
        """Ask Slack about many channels and keep what it says; False where it did not say all of it in time.

        Most of them are in the list of the public channels that the bot is in; the others are asked about one by one,
        as many as Slack likes: those first that it was asked about longest ago.
        """
        if not channel_ids:
            return True
        try:
            async with asyncio.timeout(ALL_TIMEOUT):
                inside = {"is_member": True}
                own = {each["id"]: described(each | inside) async for each in self._listed("public_channel")}
                await self._keep(team_id, {each: own[each] for each in channel_ids if each in own})
                others = [each for each in channel_ids if each not in own]
                rest = await self._database.read(partial(channels.longest_unasked, team_id=team_id, channel_ids=others))
                answers = await asyncio.gather(*(self.survey(team_id, each) for each in rest[:MOST_ASKED]))
                return all(answers) and len(rest) <= MOST_ASKED
        except (SlackUnavailable, TimeoutError, DBAPIError):
            return False

    async def _keep(self, team_id: str, found: dict[str, Facts]) -> None:
        now = self._clock()

        def keep(connection: Connection) -> None:
            for channel_id, facts in sorted(found.items()):  # in one order, so that two replicas do not deadlock
                channel_membership.surveyed(connection, team_id, channel_id, facts, now=now)

        await self._database.write(keep)

    async def _listed(self, types: str, **whose: str) -> AsyncIterator[dict[str, Any]]:
        """Yield the channels that the bot, or somebody else, is in. Raises CannotAsk."""
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = await self._asked(
                self._client.users_conversations,
                types=types,
                exclude_archived=False,
                limit=PAGE,
                cursor=cursor or None,
                **whose,
            )
            for channel in answer.get("channels") or []:
                yield channel
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def learn(
        self,
        team_id: str,
        channel_id: str,
        away: Unavailability | None,
        *,
        by: str | None = None,
        told: str | None = None,
        only_known: bool = False,
    ) -> None:
        """Take in that something happened to the bot in a channel, after which it is `away` (None: in it).

        Slack is asked what is true by now, for it tells such things twice, late, and out of order. Where it does not
        say, it is as we were told; a refused post would show where that is wrong. `only_known` leaves a channel alone
        that Winsome has never met. The rest: `whereabouts.learned`.
        """
        async with self._turn(team_id, channel_id):
            this = partial(channels.by_id, team_id=team_id, channel_id=channel_id)
            if only_known and await self._database.read(this) is None:
                return
            if away is not Unavailability.DELETED:  # which is for good
                try:
                    async with asyncio.timeout(TIMEOUT):
                        unseen = away or Unavailability.REMOVED
                        facts = await self._look(team_id, channel_id, away=unseen, by=by, told=told)
                    if away is not None and facts is not None and facts.away is None:
                        return  # it is there: what Slack refuses all the same is not tried again for that
                    away = unseen if facts is None else facts.away
                except (SlackUnavailable, TimeoutError):
                    logger.info("channel=%s away=%s: Slack does not say whether that is still so", channel_id, away)
            work = partial(channel_membership.learned, by=by, told=told, now=self._clock())
            await self._database.write(lambda connection: work(connection, team_id, channel_id, away))

    async def _asked(self, method: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: Any) -> Any:
        """Ask Slack, unless it wants to be left alone. Raises CannotAsk, or NotThere."""
        if time.monotonic() < self._silent_until[method.__name__]:
            raise SlackUnavailable("ratelimited")
        try:
            return await method(**arguments)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            name = error_code(error)
            if name in NOT_THERE:
                raise NotThere(name) from None
            logger.info("Slack could not be asked about channels: %s", name)
            until = time.monotonic() + retry_after_of(error)
            self._silent_until[method.__name__] = max(self._silent_until[method.__name__], until)
            raise SlackUnavailable(name) from None


def described(channel: dict[str, Any]) -> Facts:
    """Read Slack's conversation object. What it does not say is taken for the more careful."""
    creator = channel.get("creator")
    away = None
    if channel.get("is_archived"):
        away = Unavailability.ARCHIVED
    elif not channel.get("is_member"):
        away = Unavailability.REMOVED
    return Facts(
        creator=creator if isinstance(creator, str) and creator else None,
        is_private=channel.get("is_private") is not False,
        away=away,
    )
