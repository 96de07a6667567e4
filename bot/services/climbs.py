"""Climbs: showing the page of one, renaming it, and marking it as reached."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.domain.channel_settings import ChannelUnreachable
from bot.domain.climbs import (
    Climb,
    ClimbAction,
    ClimbPage,
    ClimbRelation,
    as_read,
    may_with_climb,
    read_name,
    relation_to_climb,
)
from bot.domain.climbs import visible_steps as visible
from bot.domain.deliveries import DeliveryKind
from bot.domain.permissions import Actor, SlackUnavailable
from bot.domain.wins import Win
from bot.services import climb_steps
from bot.services.access import Access
from bot.services.idempotency import ResultCode
from bot.services.visibility import Visibility
from bot.storage import climbs, users, wins
from bot.storage.database import Database
from bot.storage.enqueue import NewDelivery, enqueue

PAGE_SIZE = 20


class ClimbGone(Exception):
    """There is no such climb, as far as the person may know."""


class NotInChannel(Exception):
    """The person isn't in the climb's channel, which is public. `channel_id` is its id."""

    def __init__(self, channel_id: str) -> None:
        super().__init__(channel_id)
        self.channel_id = channel_id


class ClimbResult(ResultCode):
    """The result of renaming a climb, or of saying that it is reached or isn't."""

    DONE = "done"
    NO_CHANGE = "no_change"
    """It was so already, perhaps because someone else was faster."""
    NOT_ALLOWED = "not_allowed"
    GONE = "gone"


@dataclass(frozen=True)
class ClimbReader:
    """Who looks at a climb, in its channel as Slack has just said, or at a climb of their own private wins."""

    actor: Actor

    @property
    def user_id(self) -> str:
        """The person."""
        return self.actor.user_id

    def relation(self, climb: Climb, steps: list[Win]) -> ClimbRelation:
        """Return what they are to a climb."""
        return relation_to_climb(climb, steps, self.user_id, is_active=self.actor.is_active)


class ClimbAccess:
    """Asks Slack who may look at a climb."""

    def __init__(self, access: Access, visibility: Visibility, database: Database) -> None:
        self._access = access
        self._visibility = visibility
        self._database = database

    async def reader(
        self, team_id: str, user_id: str, user_team_id: str | None, climb_id: int, *, posts: bool = False
    ) -> ClimbReader:
        """Return who looks at a climb. Raises ClimbGone, NotInChannel or SlackUnavailable.

        If the bot is to post in the channel (`posts`) and can't, raises ChannelUnreachable.
        """
        query = partial(climbs.by_id, team_id=team_id, climb_id=climb_id)
        climb, actor = await asyncio.gather(
            self._database.read(query), self._access.actor(team_id, user_id, user_team_id)
        )
        if climb is None or not actor.is_active:
            raise ClimbGone
        if climb.channel_id is None:
            if climb.created_by != user_id:
                raise ClimbGone
            return ClimbReader(actor)
        memberships = await self._visibility.memberships(team_id, user_id)
        if memberships is None:
            raise SlackUnavailable("users.conversations")
        is_in = climb.channel_id in memberships
        if is_in and not posts:
            return ClimbReader(actor)
        channel = await self._access.channel(team_id, climb.channel_id)
        if not is_in:
            is_public = channel is not None and channel.is_known_public and not actor.is_guest
            if is_public and await self._database.read(partial(_is_shown, climb=climb)):
                raise NotInChannel(climb.channel_id)
            raise ClimbGone
        if channel is not None and channel.unavailable_reason is not None:
            raise ChannelUnreachable(channel.unavailable_reason)
        return ClimbReader(actor)


def _is_shown(connection: Connection, climb: Climb) -> bool:
    return climb.shared_at is not None and climbs.count_steps(connection, climb.id).shared > 0


def load_page(
    connection: Connection, *, team_id: str, climb_id: int, reader: ClimbReader, first: int = 0
) -> tuple[ClimbPage, dict[str, str]]:
    """Return a page of a climb as someone may see it, beginning with step `first`, and the names in it.

    Raises ClimbGone.
    """
    climb, steps = _load(connection, team_id, climb_id)
    relation = reader.relation(climb, steps)
    if not may_with_climb(ClimbAction.SEE, relation, is_in_channel=True):
        raise ClimbGone
    seen = [as_read(replace(win, climb=None), reader.user_id) for win in visible(steps, reader.user_id)]
    first = max(0, min(first, (len(seen) - 1) // PAGE_SIZE * PAGE_SIZE))
    page = ClimbPage(
        climb,
        tuple(seen[first : first + PAGE_SIZE]),
        first,
        total=len(seen),
        page_size=PAGE_SIZE,
        may_rename=may_with_climb(ClimbAction.RENAME, relation, is_in_channel=True),
        may_mark=may_with_climb(ClimbAction.MARK_REACHED, relation, is_in_channel=True),
        reader_id=reader.user_id,
        zone=users.zone_of(connection, team_id, reader.user_id),
    )
    return page, users.names(connection, team_id, page.user_ids)


def _load(connection: Connection, team_id: str, climb_id: int) -> tuple[Climb, list[Win]]:
    """Return a climb with all its steps, the earliest first. Raises ClimbGone."""
    climb = climbs.by_id(connection, team_id, climb_id)
    if climb is None:
        raise ClimbGone
    return climb, wins.by_ids(connection, team_id, climbs.step_ids(connection, climb_id))


def rename(
    connection: Connection, *, team_id: str, climb_id: int, reader: ClimbReader, name: str, now: datetime
) -> ClimbResult:
    """Change the name of a climb, wherever it is shown. Raises StepRefused for one that can't be its name."""
    name = read_name(name)
    climb, refusal = _locked(connection, ClimbAction.RENAME, team_id, climb_id, reader)
    if climb is None:
        return refusal
    if climb.name == name:
        return ClimbResult.NO_CHANGE
    climbs.rename(connection, climb.id, name)
    climb_steps.update_steps(connection, climb.id, now=now)
    climb_steps.update_lines(connection, climb.id)
    return ClimbResult.DONE


def mark_reached(
    connection: Connection, *, team_id: str, climb_id: int, reader: ClimbReader, now: datetime
) -> ClimbResult:
    """Store that a climb has reached its goal, and tell its channel in one line."""
    climb, refusal = _locked(connection, ClimbAction.MARK_REACHED, team_id, climb_id, reader)
    if climb is None:
        return refusal
    if climb.is_reached:
        return ClimbResult.NO_CHANGE
    climbs.mark_reached(connection, climb.id, user_id=reader.user_id, now=now)
    if climb.channel_id is not None:
        new = NewDelivery(team_id, climb.channel_id, now, climb_id=climb.id)
        enqueue(connection, DeliveryKind.CLIMB_REACHED, [new])
    return ClimbResult.DONE


def take_back(connection: Connection, *, team_id: str, climb_id: int, reader: ClimbReader) -> ClimbResult:
    """Store that a climb isn't reached yet, and delete the line that said so."""
    climb, refusal = _locked(connection, ClimbAction.MARK_REACHED, team_id, climb_id, reader)
    if climb is None:
        return refusal
    if not climb.is_reached:
        return ClimbResult.NO_CHANGE
    climb_steps.take_back_line(connection, climb)
    return ClimbResult.DONE


def _locked(
    connection: Connection, action: ClimbAction, team_id: str, climb_id: int, reader: ClimbReader
) -> tuple[Climb | None, ClimbResult]:
    """Return a climb, locked until the commit, if someone may do this with it; else None, and why not."""
    climb = climbs.by_id(connection, team_id, climb_id, locks=True)
    if climb is None:
        return None, ClimbResult.GONE
    steps = wins.by_ids(connection, team_id, climbs.step_ids(connection, climb_id))
    relation = reader.relation(climb, steps)
    if may_with_climb(action, relation, is_in_channel=True):
        return climb, ClimbResult.DONE
    return None, ClimbResult.GONE if relation is ClimbRelation.STRANGER else ClimbResult.NOT_ALLOWED
