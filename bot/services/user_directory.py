"""Users: names, time zones and roles, fetched from Slack when they are needed and cached for a day."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from bot.domain.permissions import SlackUnavailable
from bot.domain.schedules import is_zone
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.text import cut, is_visible
from bot.domain.workspaces import SLACKBOT
from bot.slack import answers, payloads
from bot.slack.clients import SlackClients
from bot.storage import users
from bot.storage.database import Database
from bot.storage.users import User

MAX_AGE = timedelta(days=1)
BOT_LOOKUP_TIMEOUT = 0.5
"""Seconds that the reply to a win waits to learn whether it credits a person or a bot."""
MAX_AVATAR_LENGTH = 160
"""The most characters of the address of a picture; a longer one would fill the message that shows it."""
BOT_FLAGS = ("is_bot", "is_workflow_bot", "is_connector_bot")


class UserDirectory:
    """Looks users up in Slack, at most once a day each."""

    def __init__(self, clients: SlackClients, database: Database, clock: Callable[[], datetime]) -> None:
        self._clients = clients
        self._database = database
        self._clock = clock
        self._queued: set[tuple[str, str]] = set()
        self._is_bot: dict[tuple[str, str], bool] = {}  # by workspace and user; a guess until Slack has said it

    def enqueue(self, team_id: str, user_id: str) -> None:
        """Queue a user for the next `refresh_queued`: their name will be needed."""
        self._queued.add((team_id, user_id))

    async def refresh_queued(self) -> None:
        """Look up the users that were queued."""
        queued, self._queued = self._queued, set()
        for team_id in {team_id for team_id, _ in queued}:
            await self.get(team_id, {user_id for team, user_id in queued if team == team_id})

    async def get(self, team_id: str, user_ids: Iterable[str], *, max_age: timedelta = MAX_AGE) -> dict[str, User]:
        """Return users by id, asking Slack about those whose cached copy is older than `max_age`.

        Users that Slack does not answer about are missing from the result.
        """
        wanted = set(user_ids)
        since = self._clock() - max_age
        known = await self._database.read(lambda connection: users.known_since(connection, team_id, wanted, since))
        for user_id in sorted(wanted - known.keys()):
            try:
                known[user_id] = await self._fetch(team_id, user_id)
            except SlackUnavailable:
                break  # Slack would not answer for the others either; callers use the names that are stored
        return known

    async def bots_among(self, team_id: str, user_ids: Collection[str]) -> set[str]:
        """Return the bots among `user_ids`, as far as Slack says in a moment; the others are taken for people.

        Only the first question about a user waits for Slack.
        """
        new_ids = [user_id for user_id in user_ids if (team_id, user_id) not in self._is_bot]
        if new_ids:
            self._is_bot |= {(team_id, user_id): False for user_id in new_ids}
            with suppress(TimeoutError):
                async with asyncio.timeout(BOT_LOOKUP_TIMEOUT):
                    for user in (await self.get(team_id, new_ids)).values():
                        self._is_bot[team_id, user.user_id] = user.is_bot
        return {user_id for user_id in user_ids if self._is_bot[team_id, user_id]}

    async def _fetch(self, team_id: str, user_id: str) -> User:
        try:
            user_object = await self._clients.of(team_id).look_up("users.info", answers.user, user=user_id)
        except SlackUnavailable as error:
            if error.meaning is not ErrorMeaning.USER_UNKNOWN:
                raise
            user_object = {}
        enterprise_id = self._clients.of(team_id).workspace.enterprise_id
        user = parse_user(team_id, user_id, user_object, enterprise_id=enterprise_id)
        now = self._clock()
        await self._database.write(lambda connection: users.save(connection, user, now=now))
        self._is_bot[team_id, user_id] = user.is_bot
        return user


def parse_user(team_id: str, user_id: str, user_object: Mapping[str, Any], *, enterprise_id: str | None = None) -> User:
    """Read Slack's user object. The display name comes first, as in Slack itself, if it shows anything.

    `enterprise_id` is the organization of the workspace (Enterprise Grid). Those who are in another workspace of it are
    its people, too, but no admins here.
    """
    profile = user_object.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    names = (
        profile.get("display_name"),
        profile.get("real_name"),
        user_object.get("real_name"),
    )
    lines = [" ".join(payloads.clean(name).split()) for name in names if isinstance(name, str)]
    name = next(filter(is_visible, lines), next(filter(None, lines), ""))
    zone = user_object.get("tz")
    is_bot = user_id == SLACKBOT or any(user_object.get(flag) for flag in BOT_FLAGS)
    is_ignored = is_bot or any(user_object.get(flag) for flag in ("deleted", "is_stranger"))
    in_organization = user_object.get("enterprise_user")
    in_organization = in_organization if isinstance(in_organization, dict) else {}
    is_in_organization = enterprise_id is not None and in_organization.get("enterprise_id") == enterprise_id
    teams = in_organization.get("teams")
    is_member = user_object.get("team_id", team_id) == team_id or (
        is_in_organization and isinstance(teams, list) and team_id in teams
    )
    return User(
        team_id,
        user_id,
        cut(name, 80),
        zone if isinstance(zone, str) and is_zone(zone) else None,
        is_active=bool(user_object) and not is_ignored and (is_member or is_in_organization),
        is_admin=is_member
        and any(user_object.get(flag) is True for flag in ("is_admin", "is_owner", "is_primary_owner")),
        is_guest=any(user_object.get(flag) is True for flag in ("is_restricted", "is_ultra_restricted")),
        is_bot=is_bot,
        avatar_url=_avatar_url(profile),
    )


def _avatar_url(profile: Mapping[str, Any]) -> str | None:
    """Return the address of a person's picture, 48 pixels wide: a message shows it as small as a line of text."""
    url = profile.get("image_48")
    if not isinstance(url, str) or len(url) > MAX_AVATAR_LENGTH:
        return None
    return url if url.startswith("https://") and url.isascii() and url.isprintable() else None
