"""What channels are: Slack is asked when that is needed, and tells of most changes by itself."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.domain.changes import Away
from bot.domain.permissions import CannotAsk
from bot.slack.said import error_of
from bot.storage import channels
from bot.storage.channels import Facts
from bot.storage.database import Database

logger = logging.getLogger(__name__)

NOT_THERE = {"channel_not_found": Away.REMOVED, "not_in_channel": Away.REMOVED}
"""What Slack says of a private channel that the bot is not in, and of one that is deleted."""
MOST_PAGES = 20
PAGE = 200
MOST_ASKED = 40
"""Channels that Slack is asked about one by one for somebody who waits."""
TIMEOUT = 1.0
"""Seconds that they wait for that."""


class Places:
    """Asks Slack about channels and who is in them."""

    def __init__(self, client: AsyncWebClient, database: Database, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._database = database
        self._clock = clock

    async def survey(self, team_id: str, channel_id: str) -> bool:
        """Ask Slack what there is to know of a channel and keep it; False where Slack can't be asked."""
        try:
            await self.ask(team_id, channel_id)
        except CannotAsk:
            return False
        return True

    async def ask(self, team_id: str, channel_id: str) -> Facts | None:
        """Ask Slack about a channel, keep what it says and return it. Raises CannotAsk.

        None: Slack says that the bot can't see it (a private channel that it is not in, or none at all).
        """
        try:
            answer = await self._client.conversations_info(channel=channel_id)
        except SlackApiError as error:
            name = error_of(error)
            if name in NOT_THERE:
                return None
            logger.info("Slack could not be asked about a channel: %s", name)
            raise CannotAsk(name) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CannotAsk(type(error).__name__) from None
        facts = described(answer.get("channel") or {})
        await self._keep(team_id, {channel_id: facts})
        return facts

    async def of_person(self, user_id: str) -> set[str]:
        """Return the ids of the channels that somebody is in, as far as the bot may know them. Raises CannotAsk."""
        return {channel["id"] async for channel in self._listed("public_channel,private_channel", user=user_id)}

    async def survey_all(self, team_id: str, channel_ids: Sequence[str]) -> bool:
        """Ask Slack about many channels and keep what it says; False where it did not say all of it in time.

        Most of them are in the list of the public channels that the bot is in; the others are asked about one by one.
        """
        if not channel_ids:
            return True
        try:
            async with asyncio.timeout(TIMEOUT):
                own = {channel["id"]: described(channel) async for channel in self._listed("public_channel")}
                await self._keep(team_id, {each: own[each] for each in channel_ids if each in own})
                rest = [each for each in channel_ids if each not in own]
                answers = await asyncio.gather(*(self.survey(team_id, each) for each in rest[:MOST_ASKED]))
                return all(answers) and len(rest) <= MOST_ASKED
        except (CannotAsk, TimeoutError):
            return False

    async def _keep(self, team_id: str, found: dict[str, Facts]) -> None:
        now = self._clock()

        def keep(connection: Connection) -> None:
            for channel_id, facts in found.items():
                channels.surveyed(connection, team_id, channel_id, facts, now=now)

        await self._database.write(keep)

    async def _listed(self, types: str, **whose: str) -> AsyncIterator[dict[str, Any]]:
        """Yield the channels that the bot, or somebody else, is in. Raises CannotAsk."""
        cursor = ""
        for _ in range(MOST_PAGES):
            try:
                answer = await self._client.users_conversations(
                    types=types, exclude_archived=False, limit=PAGE, cursor=cursor or None, **whose
                )
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                logger.info("Slack could not be asked which channels somebody is in: %s", type(error).__name__)
                raise CannotAsk(type(error).__name__) from None
            for channel in answer.get("channels") or []:
                yield channel
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def described(channel: dict[str, Any]) -> Facts:
    """Read Slack's conversation object. What it does not say is taken for the more careful."""
    creator = channel.get("creator")
    away = None
    if channel.get("is_archived"):
        away = Away.ARCHIVED
    elif not channel.get("is_member"):
        away = Away.REMOVED
    return Facts(
        creator=creator if isinstance(creator, str) and creator else None,
        is_private=channel.get("is_private") is not False,
        away=away,
    )
