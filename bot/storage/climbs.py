"""Climbs, and which wins are their steps."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, func, insert, select, union_all, update

from bot.domain.climbs import Climb
from bot.domain.consent import Consent
from bot.domain.roundups import Step
from bot.domain.wins import CREDITED_ROLES
from bot.storage.columns import any_of, unindexed
from bot.storage.deliveries import Delivery, select_all
from bot.storage.delivery_conditions import is_announcement
from bot.storage.tables import climbs, deliveries, roundup_items, win_people, wins
from bot.storage.wins import is_hidden

MAX_CONSIDERED = 1000
"""The most of someone's wins whose climbs are looked at, the newest first."""


def add(
    connection: Connection, team_id: str, channel_id: str | None, *, name: str, created_by: str, now: datetime
) -> int:
    """Store a climb without steps, and return its id."""
    values = {"team_id": team_id, "channel_id": channel_id, "name": name, "created_by": created_by, "created_at": now}
    climb_id: int = connection.execute(insert(climbs).values(values).returning(climbs.c.id)).scalar_one()
    return climb_id


def by_id(connection: Connection, team_id: str, climb_id: int, *, locks: bool = False) -> Climb | None:
    """Return a climb of the workspace, or None; with `locks`, locked until the commit, as its wins are before it."""
    query = select(climbs).where(_is(team_id, climb_id))
    row = connection.execute(query.with_for_update() if locks else query).one_or_none()
    return None if row is None else _climb(row)


def by_ids(connection: Connection, team_id: str, climb_ids: Collection[int]) -> dict[int, Climb]:
    """Return climbs of the workspace by id."""
    query = select(climbs).where(unindexed(climbs.c.team_id) == team_id, any_of(climbs.c.id, climb_ids))
    return {row.id: _climb(row) for row in connection.execute(query)}


class Steps(NamedTuple):
    """How many steps a climb has, and how many of them its channel shows."""

    all: int
    shared: int


def count_steps(connection: Connection, climb_id: int) -> Steps:
    """Count the steps of a climb."""
    is_shared = ~is_hidden & wins.c.channel_id.is_not(None)
    query = select(func.count(), func.coalesce(func.sum(case((is_shared, 1), else_=0)), 0))
    return Steps(*connection.execute(query.where(_is_step(climb_id))).one())


def count_visible_steps(connection: Connection, climb_id: int, user_id: str) -> int:
    """Count the steps of a climb that someone in its channel may see."""
    is_seen = ~is_hidden | (wins.c.author_id == user_id)
    count: int = connection.execute(select(func.count()).where(_is_step(climb_id), is_seen)).scalar_one()
    return count


def has_visible_step(connection: Connection, climb_id: int, user_id: str) -> bool:
    """Whether someone in a climb's channel may see one of its steps."""
    query = select(wins.c.id).where(_is_step(climb_id), ~is_hidden | (wins.c.author_id == user_id)).limit(1)
    return connection.execute(query).first() is not None


def step_ids(connection: Connection, climb_id: int) -> list[int]:
    """Return the wins (ids) of a climb, the earliest first."""
    return list(connection.scalars(select(wins.c.id).where(_is_step(climb_id)).order_by(wins.c.created_at, wins.c.id)))


class EarlierWin(NamedTuple):
    """What decides whether another win may be the next step of this one."""

    id: int
    team_id: str
    author_id: str
    channel_id: str | None
    climb_id: int | None
    is_private: bool
    held_until: datetime | None
    undone_at: datetime | None
    created_at: datetime


def win_by_id(connection: Connection, team_id: str, win_id: int, *, locks: bool = False) -> EarlierWin | None:
    """Return a win of the workspace, or None; with `locks`, locked until the commit."""
    columns = [wins.c[name] for name in EarlierWin._fields]
    query = select(*columns).where(wins.c.team_id == team_id, wins.c.id == win_id)
    row = connection.execute(query.with_for_update() if locks else query).one_or_none()
    return None if row is None else EarlierWin(*row)


def set_climb(connection: Connection, win_id: int, climb_id: int | None) -> None:
    """Make a win a step of a climb, or of none."""
    connection.execute(update(wins).where(wins.c.id == win_id).values(climb_id=climb_id))


def climb_ids_of(connection: Connection, win_ids: Collection[int]) -> dict[int, int]:
    """Return the climb (id) of each of these wins that are in one."""
    query = select(wins.c.id, wins.c.climb_id).where(any_of(wins.c.id, win_ids), wins.c.climb_id.is_not(None))
    return {row.id: row.climb_id for row in connection.execute(query)}


def shared_steps(connection: Connection, climb_ids: Collection[int]) -> dict[int, Step]:
    """Return, by win, the steps of these climbs that their channel shows."""
    query = (
        select(wins.c.id, wins.c.climb_id, climbs.c.reached_at)
        .join(climbs, climbs.c.id == wins.c.climb_id)
        .where(any_of(wins.c.climb_id, climb_ids), ~is_hidden)
        .order_by(wins.c.created_at, wins.c.id)
    )
    rows = connection.execute(query).all()
    last = {row.climb_id: row.id for row in rows if row.reached_at is not None}
    numbers: Counter[int] = Counter()
    steps: dict[int, Step] = {}
    for row in rows:
        numbers[row.climb_id] += 1
        steps[row.id] = Step(numbers[row.climb_id], is_last=last.get(row.climb_id) == row.id)
    return steps


def private_win_ids(connection: Connection, team_id: str, user_id: str, *, limit: int) -> list[int]:
    """Return someone's latest wins (ids) that were never in a channel, the newest first."""
    is_theirs = (wins.c.team_id == team_id) & (wins.c.author_id == user_id)
    query = select(wins.c.id).where(is_theirs, wins.c.channel_id.is_(None), wins.c.undone_at.is_(None))
    return list(connection.scalars(query.order_by(wins.c.created_at.desc(), wins.c.id.desc()).limit(limit)))


def latest_in(
    connection: Connection, team_id: str, channel_id: str | None, *, user_id: str, limit: int
) -> list[tuple[int, int]]:
    """Return the climbs (ids) that someone in a channel may know of, each with the latest step (id) that they may see.

    Without a channel they are those of the person's own private wins. The one with the latest step comes first.
    """
    in_channel = climbs.c.channel_id.is_(None) if channel_id is None else climbs.c.channel_id == channel_id
    is_own = climbs.c.created_by == user_id
    is_known = is_own if channel_id is None else is_own | climbs.c.shared_at.is_not(None)
    is_seen = wins.c.undone_at.is_(None) & (~is_hidden | (wins.c.author_id == user_id))
    latest = func.max(wins.c.id)
    query = (
        select(climbs.c.id, latest)
        .join(wins, wins.c.climb_id == climbs.c.id)
        .where(climbs.c.team_id == team_id, in_channel, is_known, is_seen)
        .group_by(climbs.c.id)
        .order_by(latest.desc())
        .limit(limit)
    )
    return [(climb_id, win_id) for climb_id, win_id in connection.execute(query)]


class LatestStep(NamedTuple):
    """A climb (its id) with how many of its steps someone sees, and when (UTC) the latest of these was saved."""

    climb_id: int
    step_count: int
    latest_at: datetime


def with_step_of(
    connection: Connection, team_id: str, user_id: str, *, channel_ids: Collection[str], limit: int
) -> list[LatestStep]:
    """Return the climbs in which someone's latest wins are steps: of these channels, and of their own private wins.

    The one with the latest step comes first. Steps count that its channel shows, and the person's own.
    """
    is_own_win = (wins.c.team_id == team_id) & (wins.c.author_id == user_id) & wins.c.undone_at.is_(None)
    own = select(wins.c.climb_id).where(is_own_win).order_by(wins.c.created_at.desc(), wins.c.id.desc())
    is_theirs = win_people.c.role.in_(CREDITED_ROLES)
    is_in = (win_people.c.team_id == team_id) & (win_people.c.user_id == user_id) & is_theirs
    has_left = win_people.c.consent.is_not(None) & (win_people.c.consent == Consent.REFUSED)
    credited = select(wins.c.climb_id).join(win_people, win_people.c.win_id == wins.c.id)
    credited = credited.where(is_in, ~has_left, ~is_hidden).order_by(win_people.c.win_id.desc())
    latest_wins = [query.limit(MAX_CONSIDERED).subquery() for query in (own, credited)]
    climb_ids = union_all(*(select(each.c.climb_id).where(each.c.climb_id.is_not(None)) for each in latest_wins))
    is_seen = wins.c.undone_at.is_(None) & (~is_hidden | (wins.c.author_id == user_id))
    is_own = climbs.c.channel_id.is_(None) & (climbs.c.created_by == user_id)
    is_known = climbs.c.shared_at.is_not(None) | (climbs.c.created_by == user_id)
    latest = func.max(wins.c.created_at)
    query = (
        select(climbs.c.id, func.count(), latest)
        .join(wins, wins.c.climb_id == climbs.c.id)
        .where(climbs.c.id.in_(climb_ids), climbs.c.team_id == team_id, is_seen, is_known)
        .where(any_of(climbs.c.channel_id, channel_ids) | is_own)
        .group_by(climbs.c.id)
        .order_by(latest.desc(), climbs.c.id.desc())
        .limit(limit)
    )
    return [LatestStep(*row) for row in connection.execute(query)]


def mark_shared(connection: Connection, climb_id: int, *, now: datetime) -> None:
    """Store that others can know of a climb."""
    _update(connection, climb_id, shared_at=now)


def rename(connection: Connection, climb_id: int, name: str) -> None:
    """Change the name of a climb."""
    _update(connection, climb_id, name=name)


def mark_reached(connection: Connection, climb_id: int, *, user_id: str, now: datetime) -> None:
    """Store that someone says that a climb has reached its goal."""
    _update(connection, climb_id, reached_at=now, reached_by=user_id)


def unmark_reached(connection: Connection, climb_id: int) -> None:
    """Store that a climb hasn't reached its goal."""
    _update(connection, climb_id, reached_at=None, reached_by=None)


def messages_of_steps(connection: Connection, climb_id: int, *, since: datetime) -> list[Delivery]:
    """Return the announcements of a climb's steps, and the parts of roundups that tell them, created since then."""
    ids = select(wins.c.id).where(_is_step(climb_id))
    tells = (
        select(roundup_items.c.win_id)
        .where(
            roundup_items.c.win_id.in_(ids),
            roundup_items.c.roundup_id == deliveries.c.roundup_id,
            roundup_items.c.part == deliveries.c.part,
        )
        .exists()
    )
    roundup_ids = select(roundup_items.c.roundup_id).where(roundup_items.c.win_id.in_(ids))
    is_recent = deliveries.c.created_at >= since
    announcements = select_all(connection, deliveries.c.win_id.in_(ids), is_announcement, is_recent)
    return [*announcements, *select_all(connection, deliveries.c.roundup_id.in_(roundup_ids), tells, is_recent)]


def lines_of(connection: Connection, climb_id: int) -> list[Delivery]:
    """Return the lines that tell a channel of a climb, the oldest first."""
    return select_all(connection, deliveries.c.climb_id == climb_id)


def forget_lines(connection: Connection, climb_id: int) -> None:
    """Store that no message is about a climb any more."""
    connection.execute(update(deliveries).where(deliveries.c.climb_id == climb_id).values(climb_id=None))


def _is(team_id: str, climb_id: int) -> Any:
    return (climbs.c.team_id == team_id) & (climbs.c.id == climb_id)


def _is_step(climb_id: int) -> Any:
    return (wins.c.climb_id == climb_id) & wins.c.undone_at.is_(None)


def _update(connection: Connection, climb_id: int, **values: Any) -> None:
    connection.execute(update(climbs).where(climbs.c.id == climb_id).values(values))


def _climb(row: Any) -> Climb:
    return Climb(**{name: getattr(row, name) for name in Climb.__dataclass_fields__})
