"""The shared wins that are someone's because others say so: their authors credit them, or they joined."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, select

from bot.domain.wins import THEIRS, Win
from bot.storage.tables import win_people, wins
from bot.storage.wins import by_ids, is_hidden

MAX_CONSIDERED = 1000
"""The most wins of which the channels are looked at, the newest first."""


def channels_of(connection: Connection, team_id: str, user_id: str) -> set[str]:
    """Return the channels that have wins of someone's that others shared."""
    query = select(wins.c.channel_id).where(_is_shared_win_of(team_id, user_id)).order_by(win_people.c.win_id.desc())
    return set(connection.scalars(query.limit(MAX_CONSIDERED)))


def latest(
    connection: Connection, team_id: str, user_id: str, *, channel_ids: Collection[str], limit: int
) -> list[Win]:
    """Return someone's wins that others shared in these channels, the newest first."""
    of_person = _is_shared_win_of(team_id, user_id) & wins.c.channel_id.in_(sorted(channel_ids))
    # Twice as many, because someone may be both credited and joined.
    query = select(wins.c.id).where(of_person).order_by(win_people.c.win_id.desc()).limit(2 * limit)
    win_ids = list(dict.fromkeys(connection.scalars(query)))
    return by_ids(connection, team_id, win_ids[:limit])


def _is_shared_win_of(team_id: str, user_id: str) -> ColumnElement[bool]:
    is_theirs = (win_people.c.team_id == team_id) & (win_people.c.user_id == user_id) & win_people.c.role.in_(THEIRS)
    is_shared = wins.c.channel_id.is_not(None) & ~is_hidden
    return is_theirs & (wins.c.id == win_people.c.win_id) & is_shared & (wins.c.author_id != user_id)
