"""The wins of channels that wait for a first cheer."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, exists, select

from bot.storage.cheers import counts_on_win
from bot.storage.columns import any_of
from bot.storage.delivery_conditions import is_announcement, is_deleted
from bot.storage.tables import deliveries, win_cheers, win_people, wins
from bot.storage.wins import is_hidden

MAX_CONSIDERED = 1000
"""The most wins that are chosen from: those that have waited longest."""


def waiting(
    connection: Connection,
    team_id: str,
    channel_ids: Collection[str],
    *,
    viewer_id: str,
    since: datetime,
    until: datetime,
) -> list[int]:
    """Return the wins (ids) that these channels have shown `since` (UTC) and before `until`, and that no one cheers.

    Those that the viewer wrote or is in are left out.
    """
    is_viewers = exists().where(win_people.c.win_id == wins.c.id, win_people.c.user_id == viewer_id)
    is_cheered = exists().where(win_cheers.c.win_id == wins.c.id, win_cheers.c.is_active, counts_on_win)
    query = (
        select(deliveries.c.win_id)
        .join(wins, wins.c.id == deliveries.c.win_id)
        .where(
            deliveries.c.team_id == team_id,
            any_of(deliveries.c.channel_id, channel_ids),
            deliveries.c.ts >= _ts(since),
            deliveries.c.ts < _ts(until),
            is_announcement,
            ~is_deleted,
            ~is_hidden,
            wins.c.author_id != viewer_id,
            ~is_viewers,
            ~is_cheered,
        )
        .order_by(deliveries.c.ts)
        .limit(MAX_CONSIDERED)
    )
    return list(connection.scalars(query))


def _ts(moment: datetime) -> str:
    """Return the first ts of a second. As texts, too, Slack's are in the order of time."""
    return f"{int(moment.timestamp())}.000000"
