"""Authorization: who acts, and in which channel, as Slack says at the moment of the request.

What is allowed is in bot/domain/permissions.py. The service that changes something checks it again in its transaction.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.domain.audit_log import Unavailability
from bot.domain.permissions import NO_CHANNEL, Action, Actor, NotAllowed, SlackUnavailable, may
from bot.services import user_directory
from bot.services.channel_directory import ChannelDirectory
from bot.services.user_directory import UserDirectory
from bot.slack import deadline
from bot.slack.clients import SlackClients
from bot.storage import channels
from bot.storage import users as stored_users
from bot.storage.channels import Channel, ConversationInfo
from bot.storage.database import Database
from bot.storage.users import User

MAX_HELPERS = 3
"""The most people that a refusal names."""
MAX_LOOKUPS = 5
"""The most people about whom Slack is asked for that: whether they are in the channel."""
MAX_AGE = timedelta(minutes=1)
"""How old Slack's information about someone may be when they want to change something."""


class Access:
    """Asks Slack who someone is, and what a channel is."""

    def __init__(
        self, clients: SlackClients, users: UserDirectory, channel_directory: ChannelDirectory, database: Database
    ) -> None:
        self._clients = clients
        self._users = users
        self._channel_directory = channel_directory
        self._database = database

    async def is_outsider(self, team_id: str, user_id: str, user_team_id: str) -> bool:
        """Whether a user of another workspace also belongs to another organization. Raises SlackUnavailable."""
        if user_team_id == team_id:
            return False
        return not (await self._actor(team_id, user_id, user_team_id, user_directory.MAX_AGE)).is_active

    async def is_member(self, team_id: str, user_id: str) -> bool:
        """Whether a user is a person of the workspace or its organization. Raises SlackUnavailable.

        For events alone: many can come at once, and Slack sends them again, so people who wait for an answer go first
        at Slack's limit.
        """
        await self._users.wait_for(team_id, [user_id], seconds=deadline.LOOKUP_BUDGET)
        known = await self._users.known(team_id, [user_id])
        if user_id not in known:
            raise SlackUnavailable("users.info")
        return known[user_id].is_active

    async def actor(self, team_id: str, user_id: str, user_team_id: str | None = None) -> Actor:
        """Return who acts. Raises SlackUnavailable: without an answer they can do nothing."""
        return await self._actor(team_id, user_id, user_team_id, MAX_AGE)

    async def actor_if_known(self, team_id: str, user_id: str, user_team_id: str | None = None) -> Actor | None:
        """Return who acts, or None if Slack doesn't answer."""
        try:
            return await self.actor(team_id, user_id, user_team_id)
        except SlackUnavailable:
            return None

    async def _actor(self, team_id: str, user_id: str, user_team_id: str | None, max_age: timedelta) -> Actor:
        is_in_organization = self._clients.of(team_id).workspace.enterprise_id is not None
        if user_team_id not in (None, team_id) and not is_in_organization:
            return Actor(user_id, is_active=False)
        try:
            async with deadline.within(deadline.LOOKUP_BUDGET):
                users = await self._users.get(team_id, [user_id], max_age=max_age)
        except TimeoutError:
            raise SlackUnavailable("timeout") from None
        if user_id not in users:
            raise SlackUnavailable("users.info")
        return users[user_id].actor

    async def channel(self, team_id: str, channel_id: str) -> Channel | None:
        """Return a channel as Slack describes it now, as far as it does; None for an unknown one."""
        return await self._refresh(team_id, channel_id, await self._stored_channel(team_id, channel_id))

    async def _refresh(self, team_id: str, channel_id: str, stored: Channel | None) -> Channel | None:
        """Return the stored channel, brought up to date."""
        if stored is not None and stored.unavailable_reason is Unavailability.DELETED:
            return stored  # for good, so there is nothing to ask
        info: ConversationInfo | None = None
        has_answer = False
        with suppress(TimeoutError, SlackUnavailable):
            async with deadline.within(deadline.LOOKUP_BUDGET):
                info = await self._channel_directory.fetch(team_id, channel_id)
                has_answer = True
        channel = await self._stored_channel(team_id, channel_id)
        if channel is None:
            return None
        if not has_answer:
            return replace(channel, is_private=None)  # it may have become private: Slack sends no event about that
        return replace(
            channel,
            unavailable_reason=info.unavailable_reason
            if info
            else channel.unavailable_reason or Unavailability.REMOVED,
        )

    async def _stored_channel(self, team_id: str, channel_id: str) -> Channel | None:
        return await self._database.read(lambda connection: channels.by_id(connection, team_id, channel_id))

    async def authorize(
        self,
        action: Action,
        team_id: str,
        channel_id: str,
        user_id: str,
        user_team_id: str | None = None,
        *,
        is_here: bool = False,
    ) -> tuple[Actor, Channel | None]:
        """Return who acts and where. Raises NotAllowed or SlackUnavailable.

        A channel that may be private is only for its members, even if an admin asks. A guest sees only their own.
        Slack is asked whether the person is a member, unless it has just let them act there (`is_here`).
        """
        stored = await self._stored_channel(team_id, channel_id)
        needs_memberships = not is_here and (stored is None or not stored.is_known_public)
        actor, channel, memberships = await asyncio.gather(
            self.actor(team_id, user_id, user_team_id),
            self._refresh(team_id, channel_id, stored),
            self._memberships(team_id, user_id) if needs_memberships else _no_memberships(),
        )
        needs_membership = channel is None or not channel.is_known_public or actor.is_guest
        if needs_membership and not is_here and actor.is_active:
            memberships = await self._memberships(team_id, user_id) if memberships is None else memberships
            if channel_id not in memberships:
                raise NotAllowed(Action.SEE)  # whatever they wanted: only members learn of it
        await self._check(actor, action, team_id, channel)
        return actor, channel

    async def overseer(self, team_id: str, user_id: str, user_team_id: str) -> Actor:
        """Return who acts, if they may oversee the workspace. Raises NotAllowed or SlackUnavailable."""
        actor = await self.actor(team_id, user_id, user_team_id)
        await self._check(actor, Action.OVERSEE, team_id)
        return actor

    async def _check(self, actor: Actor, action: Action, team_id: str, channel: Channel | None = None) -> None:
        if not may(actor, action, channel.roles if channel else NO_CHANNEL):
            # A stranger isn't told who is who.
            helper_names = await self._helper_names(team_id, action, channel) if actor.is_active else []
            raise NotAllowed(action, helper_names)

    async def _helper_names(self, team_id: str, action: Action, channel: Channel | None) -> list[str]:
        """Return the names of a few people who may do that: those with a role in the channel first, then admins."""
        roles = channel.roles if channel else NO_CHANNEL
        await self._users.wait_for(team_id, roles.user_ids)
        known = await self._database.read(partial(stored_users.with_roles, team_id=team_id, user_ids=roles.user_ids))
        allowed = [user for user in known if may(user.actor, action, roles)]
        allowed.sort(key=lambda user: (user.user_id not in roles.user_ids, user.name))
        if channel is not None and not channel.is_known_public:
            allowed = await self._members_among(allowed[:MAX_LOOKUPS], channel)
        return [user.name for user in allowed[:MAX_HELPERS]]

    async def _members_among(self, users: list[User], channel: Channel) -> list[User]:
        """Return which users are in a channel: the others can do nothing in one that may be private."""
        with suppress(SlackUnavailable):
            memberships = await asyncio.gather(*(self._memberships(channel.team_id, user.user_id) for user in users))
            return [user for user, ids in zip(users, memberships, strict=True) if channel.channel_id in ids]
        return []

    async def _memberships(self, team_id: str, user_id: str) -> set[str]:
        try:
            async with deadline.within(deadline.LOOKUP_BUDGET):
                return await self._channel_directory.channels_of(team_id, user_id)
        except TimeoutError:
            raise SlackUnavailable("timeout") from None


async def _no_memberships() -> None:
    return None
