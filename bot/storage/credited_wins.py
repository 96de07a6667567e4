"""The wins of others that someone is in: their authors credit or thank them, or they joined."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from bot.domain.consent import Consent
from bot.domain.wins import CREDITED_ROLES, Win, WinRole
from bot.storage.columns import any_of
from bot.storage.tables import win_people, wins
from bot.storage.wins import by_ids

MAX_CONSIDERED = 1000
"""The most wins whose channels are looked at, the newest first."""
MAX_ROLES = 3
"""The most rows that one person has in a win: credited, thanked and joined."""


def channels_of(connection: Connection, team_id: str, user_id: str) -> set[str]:
    """Return the channels of the wins of others that someone is in."""
    query = select(wins.c.channel_id).where(_is_in_win(team_id, user_id)).order_by(win_people.c.win_id.desc())
    return set(connection.scalars(query.limit(MAX_CONSIDERED)))


def asked(
    connection: Connection, team_id: str, user_id: str, *, channel_ids: Collection[str], now: datetime, limit: int
) -> list[Win]:
    """Return the wins of these channels that wait for someone's answer at `now` (UTC).

    Those that aren't shared come first, by how soon their time is over, and then the newest that don't name them yet.
    """
    found = _is_in_win(team_id, user_id) & any_of(wins.c.channel_id, channel_ids) & _waits_for_answer(now)
    by_urgency = (wins.c.held_until.is_(None), wins.c.held_until, win_people.c.win_id.desc())
    query = select(wins.c.id).where(found).order_by(*by_urgency).limit(MAX_ROLES * limit)
    return by_ids(connection, team_id, list(dict.fromkeys(connection.scalars(query)))[:limit])


def latest(
    connection: Connection,
    team_id: str,
    user_id: str,
    *,
    channel_ids: Collection[str],
    now: datetime,
    limit: int,
    is_asked: bool = True,
) -> list[Win]:
    """Return the other wins of these channels that someone is in, the newest first; not those that they left.

    For someone who isn't asked (`is_asked`), because their preference has answered, these are all of them.
    """
    found = _is_in_win(team_id, user_id) & any_of(wins.c.channel_id, channel_ids)
    if is_asked:
        found &= ~_waits_for_answer(now)
    query = select(wins.c.id).where(found).order_by(win_people.c.win_id.desc()).limit(MAX_ROLES * limit)
    wins_found = by_ids(connection, team_id, list(dict.fromkeys(connection.scalars(query)))[:limit])
    return sorted(wins_found, key=lambda win: (win.created_at, win.id), reverse=True)  # one that waited counts later


def _is_in_win(team_id: str, user_id: str) -> ColumnElement[bool]:
    """Whether a row of a win's people is this person's, and they may see the win if they see its channel."""
    is_theirs = (
        (win_people.c.team_id == team_id)
        & (win_people.c.user_id == user_id)
        & win_people.c.role.in_((*CREDITED_ROLES, WinRole.THANKED))
    )
    has_left = wins.c.held_until.is_(None) & (win_people.c.consent == Consent.REFUSED)
    is_in = or_(win_people.c.consent.is_(None), ~has_left)
    is_private = wins.c.undone_at.is_not(None) | wins.c.is_private | wins.c.channel_id.is_(None)
    return is_theirs & (wins.c.id == win_people.c.win_id) & ~is_private & is_in & (wins.c.author_id != user_id)


def _waits_for_answer(now: datetime) -> ColumnElement[bool]:
    is_pending = win_people.c.consent.is_not(None) & (win_people.c.consent == Consent.PENDING)
    return is_pending & or_(wins.c.held_until.is_(None), wins.c.held_until > now)
