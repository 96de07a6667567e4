"""Who has asked for a look back each month, and their wins of a year ago."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, literal, select, tuple_, update

from bot.domain.look_back import HALF_MONTH, MONTH, YEAR
from bot.domain.wins import Win
from bot.storage import wins
from bot.storage.tables import preferences
from bot.storage.tables import wins as wins_table


def people_due(
    connection: Connection, now: datetime, *, limit: int, after: tuple[str, str] = ("", "")
) -> list[tuple[str, str]]:
    """Return the first people (workspace, user id) `after` one who want a look back and have had none for a month."""
    key = (preferences.c.team_id, preferences.c.user_id)
    query = select(*key).where(_is_due(now), tuple_(*key) > tuple_(*map(literal, after))).order_by(*key).limit(limit)
    return [(row.team_id, row.user_id) for row in connection.execute(query)]


def claim(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> bool:
    """Store that someone gets a look back; False if they had one within a month, or want none."""
    is_theirs = (preferences.c.team_id == team_id) & (preferences.c.user_id == user_id)
    claimed = update(preferences).where(is_theirs, _is_due(now)).values(looked_back_at=now)
    return connection.execute(claimed).rowcount == 1


def _is_due(now: datetime) -> ColumnElement[bool]:
    last = preferences.c.looked_back_at
    return preferences.c.wants_look_back & (last.is_(None) | (last <= now - MONTH))


def wins_of_a_year_ago(connection: Connection, team_id: str, user_id: str, now: datetime) -> list[Win]:
    """Return someone's own wins of about a year before `now`, without those that were undone or wait for others."""
    around = now - YEAR
    query = (
        select(wins_table.c.id)
        .where(wins_table.c.team_id == team_id, wins_table.c.author_id == user_id, wins_table.c.is_own)
        .where(wins_table.c.undone_at.is_(None), wins_table.c.held_until.is_(None))
        .where(wins_table.c.created_at.between(around - HALF_MONTH, around + HALF_MONTH))
    )
    return wins.by_ids(connection, team_id, list(connection.scalars(query)))
