"""Who people are: Slack is asked for names and zones when they are needed, and tells of changes by itself."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.schedules import is_zone
from bot.slack import payloads
from bot.slack.errors import error_code, retry_after_of
from bot.storage import users
from bot.storage.database import Database
from bot.storage.users import Person

logger = logging.getLogger(__name__)

FRESH = timedelta(days=1)
DEACTIVATED_OR_UNKNOWN = {"user_not_found", "user_not_visible", "users_not_found"}


class Directory:
    """Looks people up in Slack, at most once a day each."""

    def __init__(self, client: AsyncWebClient, database: Database, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._met: set[tuple[str, str]] = set()
        self._silent_until: dict[str, float] = {}  # by workspace, on the monotonic clock: Slack asked for a pause

    def meet(self, team_id: str, user_id: str) -> None:
        """Take note of somebody whose name will be wanted; Slack is asked at the next `catch_up`."""
        self._met.add((team_id, user_id))

    async def catch_up(self) -> None:
        """Look up those who were met."""
        met, self._met = self._met, set()
        for team_id in {team_id for team_id, _ in met}:
            await self.look_up(team_id, {user_id for team, user_id in met if team == team_id})

    async def look_up(self, team_id: str, user_ids: Iterable[str], *, fresh: timedelta = FRESH) -> dict[str, Person]:
        """Return those of `user_ids` of whom Slack has said something, asking it where that is older than `fresh`.

        Where Slack can't be asked now, somebody is missing from what is returned.
        """
        wanted = set(user_ids)
        since = self._clock() - fresh
        known = await self._database.read(lambda connection: users.known_since(connection, team_id, wanted, since))
        for user_id in sorted(wanted - known.keys()):
            if time.monotonic() < self._silent_until.get(team_id, 0.0):
                break
            try:
                person = await self._ask(team_id, user_id)
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                logger.info("Slack could not be asked who somebody is: %s", type(error).__name__)
                self._silent_until[team_id] = time.monotonic() + retry_after_of(error)
                break  # it would not answer for the others either, and whoever waits for names can do without
            known[user_id] = person
        return known

    async def _ask(self, team_id: str, user_id: str) -> Person:
        try:
            user = (await self._client.users_info(user=user_id)).get("user") or {}
        except SlackApiError as error:
            if error_code(error) not in DEACTIVATED_OR_UNKNOWN:
                raise
            user = {}
        person = described(team_id, user_id, user)
        now = self._clock()
        await self._database.write(lambda connection: users.save(connection, person, now=now))
        return person


def register(app: AsyncApp, *, database: Database, clock: Callable[[], datetime]) -> None:
    """Listen for people who change their name or their zone."""

    @app.event("user_change")
    async def changed(body: dict[str, Any]) -> None:
        user = payloads.nested(payloads.nested(body, "event"), "user")
        person = described(payloads.slack_id(body, "team_id"), payloads.slack_id(user, "id"), user)
        now = clock()
        await database.write(lambda connection: users.refresh(connection, person, now=now))


def described(team_id: str, user_id: str, user: Mapping[str, Any]) -> Person:
    """Read Slack's user object: the display name comes first, as in Slack itself."""
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    name = next((payloads.clean(name).strip() for name in names if isinstance(name, str) and name.strip()), "")
    zone = user.get("tz")
    is_stranger = any(user.get(flag) for flag in ("deleted", "is_bot", "is_stranger", "is_workflow_bot"))
    return Person(
        team_id,
        user_id,
        name[:80],
        zone if isinstance(zone, str) and is_zone(zone) else None,
        is_active=bool(user) and not is_stranger and user.get("team_id", team_id) == team_id,
        is_admin=any(user.get(flag) is True for flag in ("is_admin", "is_owner", "is_primary_owner")),
        is_guest=any(user.get(flag) is True for flag in ("is_restricted", "is_ultra_restricted")),
    )
