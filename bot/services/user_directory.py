"""Users: names, time zones and roles, fetched from Slack when they are needed and cached for a day.

`get` asks Slack at once, because the answer decides what someone may do. `wait_for` looks up people who are only shown,
in the background and with a limit of its own: a message waits for their names only a moment.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy.exc import DBAPIError

from bot.domain.permissions import SlackUnavailable
from bot.domain.remembered import Remembered
from bot.domain.schedules import is_zone
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.text import cut, is_visible
from bot.domain.workspaces import SLACKBOT
from bot.slack import answers, payloads
from bot.slack.clients import SlackClients
from bot.slack.rate_limits import USER_NAMES
from bot.storage import users
from bot.storage.database import Database
from bot.storage.users import User

logger = logging.getLogger(__name__)

MAX_AGE = timedelta(days=1)
WAIT_SECONDS = 0.5
"""How long a message waits for Slack to say who someone is, counted from when that was first wanted."""
MAX_LOOKUPS = 1000
"""The most people of a workspace who wait to be looked up; others are looked up when they are shown again."""
MAX_SHOWN = 60
"""The most people of one message who are looked up for it."""
AT_ONCE = 8
"""Lookups at once in a workspace."""
TRIES = 3
REST_SECONDS = 60.0
"""How long someone is not looked up again after all tries failed."""
MAX_AVATAR_LENGTH = 160
"""The most characters of the address of a picture; a longer one would fill the message that shows it."""
BOT_FLAGS = ("is_bot", "is_workflow_bot", "is_connector_bot")


class Waited(NamedTuple):
    """What came of a moment's wait for people: whether any is new, and the lookups that are still under way.

    Each of these returns whether what is stored of someone has changed.
    """

    is_news: bool
    lookups: Collection[asyncio.Task[bool]] = ()


class UserDirectory:
    """Looks users up in Slack, at most once a day each."""

    def __init__(self, clients: SlackClients, database: Database, clock: Callable[[], datetime]) -> None:
        self._clients = clients
        self._database = database
        self._clock = clock
        self._lookups: defaultdict[str, dict[str, _Lookup]] = defaultdict(dict)  # by workspace and user
        self._known_at: Remembered[tuple[str, str], datetime] = Remembered()  # these by workspace and user, too
        self._failed_at: Remembered[tuple[str, str], float] = Remembered()
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(partial(asyncio.Semaphore, AT_ONCE))
        self._is_bot: Remembered[tuple[str, str], bool] = Remembered()  # a guess until Slack has said it

    async def close(self) -> None:
        """End the lookups that are under way."""
        tasks = [lookup.task for lookups in self._lookups.values() for lookup in lookups.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def get(self, team_id: str, user_ids: Iterable[str], *, max_age: timedelta = MAX_AGE) -> dict[str, User]:
        """Return users by id, asking Slack at once about those whose cached copy is older than `max_age`.

        Users that Slack does not answer about are missing from the result.
        """
        wanted = set(user_ids)
        known = await self.known(team_id, wanted, max_age=max_age)
        for user_id in sorted(wanted - known.keys()):
            try:
                known[user_id] = await self._fetch(team_id, user_id)
            except SlackUnavailable:
                break  # Slack would not answer for the others either
        return known

    def look_up_soon(self, team_id: str, user_id: str) -> None:
        """Look a user up, unless they are known: their name will be needed."""
        known_at = self._known_at.get((team_id, user_id))
        if known_at is None or self._clock() - known_at > MAX_AGE:
            self._look_up(team_id, user_id, is_shown=False)

    async def wait_for(
        self, team_id: str, user_ids: Iterable[str], *, seconds: float | None = None, at_once: bool = False
    ) -> Waited:
        """Wait a moment (WAIT_SECONDS) for the first of `user_ids` whom Slack has to be asked about.

        With `at_once`, only for those whom its limit allows to ask about now: the others may take minutes.
        """
        wanted = dict.fromkeys(user_ids)
        known = await self.known(team_id, wanted)
        unknown = [user_id for user_id in wanted if user_id not in known][:MAX_SHOWN]
        free = self._clients.of(team_id).rate_limiter(USER_NAMES).free if at_once else MAX_SHOWN
        lookups = [lookup for user_id in unknown if (lookup := self._look_up(team_id, user_id, is_shown=True))]
        if waited_for := lookups[:free]:
            ends_at = max(lookup.started_at for lookup in waited_for) + (WAIT_SECONDS if seconds is None else seconds)
            wait = max(0.0, ends_at - asyncio.get_running_loop().time())
            await asyncio.wait([lookup.task for lookup in waited_for], timeout=wait)
        return Waited(bool(lookups), lookups=[lookup.task for lookup in lookups if not lookup.task.done()])

    async def bots_among(self, team_id: str, user_ids: Collection[str]) -> set[str]:
        """Return the bots among `user_ids`, as far as Slack says in a moment; the others are taken for people.

        Only the first question about a user waits for Slack, and only if Slack's limit allows to ask it now.
        """
        new_ids = [user_id for user_id in user_ids if (team_id, user_id) not in self._is_bot]
        if new_ids:
            for user_id in new_ids:
                self._is_bot[team_id, user_id] = False
            await self.wait_for(team_id, new_ids, at_once=True)
            for user in (await self.known(team_id, new_ids)).values():
                self._is_bot[team_id, user.user_id] = user.is_bot
        return {user_id for user_id in user_ids if self._is_bot.get((team_id, user_id))}

    async def known(self, team_id: str, user_ids: Iterable[str], *, max_age: timedelta = MAX_AGE) -> dict[str, User]:
        """Return by id those of whom Slack has said lately who they are, without asking it."""
        since = self._clock() - max_age
        return await self._database.read(lambda connection: users.known_since(connection, team_id, user_ids, since))

    def _look_up(self, team_id: str, user_id: str, *, is_shown: bool) -> "_Lookup | None":
        """Return the lookup of a user that is under way, or start one; None if there are too many or it failed."""
        lookups, now = self._lookups[team_id], asyncio.get_running_loop().time()
        if user_id in lookups:
            return lookups[user_id]
        failed_at = self._failed_at.get((team_id, user_id))
        if failed_at is not None and now < failed_at + REST_SECONDS:
            return None
        if len(lookups) >= MAX_LOOKUPS:
            return None
        # Those who are shown now take turns with those who may be shown later.
        task = asyncio.create_task(self._try_lookup(team_id, user_id, is_shown=is_shown), context=Context())
        lookups[user_id] = _Lookup(task, now)
        task.add_done_callback(lambda _: lookups.pop(user_id))
        return lookups[user_id]

    async def _try_lookup(self, team_id: str, user_id: str, *, is_shown: bool) -> bool:
        """Look a user up once the limit allows it, and again if Slack doesn't answer; return whether they changed.

        What `get` learned of them in the meantime counts as a change.
        """
        lookup = self._lookups[team_id][user_id]
        try:
            rate_limiter = self._clients.of(team_id).rate_limiter(USER_NAMES)
            for _ in range(TRIES):
                if await self.known(team_id, [user_id]):
                    self._known_at[team_id, user_id] = self._clock()
                    return False
                lookup.turn = rate_limiter.turn(is_shown)
                await lookup.turn
                if lookup.is_answered:
                    return True
                async with self._slots[team_id]:
                    with suppress(SlackUnavailable):
                        before = await self._database.read(partial(users.by_id, team_id=team_id, user_id=user_id))
                        return await self._fetch(team_id, user_id, share=USER_NAMES) != before
        except (SlackUnavailable, DBAPIError):
            logger.info("could not look a user up", exc_info=True)
        self._failed_at[team_id, user_id] = asyncio.get_running_loop().time()
        return False

    async def _fetch(self, team_id: str, user_id: str, *, share: str = "") -> User:
        try:
            client = self._clients.of(team_id)
            user_object = await client.look_up("users.info", answers.user, share=share, user=user_id)
        except SlackUnavailable as error:
            if error.meaning is not ErrorMeaning.USER_UNKNOWN:
                raise
            user_object = {}
        enterprise_id = self._clients.of(team_id).workspace.enterprise_id
        user = parse_user(team_id, user_id, user_object, enterprise_id=enterprise_id)
        now = self._clock()
        await self._database.write(lambda connection: users.save(connection, user, now=now))
        self._is_bot[team_id, user_id] = user.is_bot
        self._known_at[team_id, user_id] = now
        if lookup := self._lookups[team_id].get(user_id):
            lookup.end_wait()
        return user


@dataclass
class _Lookup:
    """A lookup that is under way; `started_at` is by the loop's clock."""

    task: asyncio.Task[bool]
    started_at: float
    turn: asyncio.Future[None] | None = None
    is_answered: bool = False

    def end_wait(self) -> None:
        """Tell a lookup that waits for its turn that the user is known now: it spends nothing of the limit."""
        if self.turn is not None and not self.turn.done():
            self.is_answered = True
            self.turn.set_result(None)


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
