"""The tags that a channel uses."""

from sqlalchemy import Connection, bindparam, func, select

from bot.storage.tables import tags, wins
from bot.storage.wins import is_hidden

RECENT_WINS = 20_000
"""How many of the latest wins of all channels are searched. An index by channel would slow down saving each win."""
MAX_TAGS = 100

_is_recent = wins.c.id > select(func.max(wins.c.id)).scalar_subquery() - RECENT_WINS
_select_tags = (
    select(tags.c.tag)
    .join(wins, wins.c.id == tags.c.win_id)
    .where(
        wins.c.team_id == bindparam("team"),
        wins.c.channel_id == bindparam("channel"),
        _is_recent,
        ~is_hidden,
    )
    .group_by(tags.c.tag)
    .order_by(func.max(wins.c.created_at).desc(), func.max(wins.c.id).desc())
    .limit(MAX_TAGS)
)


def of_channel(connection: Connection, team_id: str, channel_id: str) -> list[str]:
    """Return the tags of a channel's latest shared wins, the last one used first."""
    return list(connection.scalars(_select_tags, {"team": team_id, "channel": channel_id}))
