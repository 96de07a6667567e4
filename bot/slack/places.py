"""What channels are: Slack is asked when that is needed, and tells of most changes by itself."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.changes import Away
from bot.domain.permissions import CannotAsk
from bot.storage import channels
from bot.storage.channels import Facts
from bot.storage.database import Database

logger = logging.getLogger(__name__)

NOT_THERE = {"channel_not_found": Away.REMOVED, "not_in_channel": Away.REMOVED}
"""What Slack says of a private channel that the bot is not in, and of one that is deleted."""
MOST_PAGES = 20
PAGE = 200


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
            name = error.response.get("error")
            if name in NOT_THERE:
                return None
            logger.info("Slack could not be asked about a channel: %s", name)
            raise CannotAsk(name) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CannotAsk(type(error).__name__) from None
        facts = described(answer.get("channel") or {})
        now = self._clock()
        await self._database.write(
            partial(channels.surveyed, team_id=team_id, channel_id=channel_id, facts=facts, now=now)
        )
        return facts

    async def of_person(self, user_id: str) -> set[str]:
        """Return the ids of the channels that somebody is in, as far as the bot may know them. Raises CannotAsk."""
        found: set[str] = set()
        cursor = ""
        for _ in range(MOST_PAGES):
            try:
                answer = await self._client.users_conversations(
                    user=user_id,
                    types="public_channel,private_channel",
                    exclude_archived=False,
                    limit=PAGE,
                    cursor=cursor or None,
                )
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                logger.info("Slack could not be asked which channels somebody is in: %s", type(error).__name__)
                raise CannotAsk(type(error).__name__) from None
            found |= {channel["id"] for channel in answer.get("channels") or []}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return found


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
