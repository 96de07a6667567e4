"""The messages that wins are saved from."""

from zlib import crc32

from sqlalchemy import Connection, func, select

from bot.domain.wins import MessageSource
from bot.storage.tables import wins
from bot.storage.wins import is_hidden

_LOCK_CLASS = 13
"""The first key of the advisory locks; the second is of a message."""


def lock(connection: Connection, team_id: str, source: MessageSource) -> None:
    """Make others who save the same message wait until the commit. SQLite has one writer."""
    if connection.dialect.name != "sqlite":
        message = crc32(f"{team_id}:{source.channel_id}:{source.ts}".encode()) & 0x7FFFFFFF
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK_CLASS, message)))


def is_saved(
    connection: Connection, team_id: str, source: MessageSource, *, reader_id: str, except_key: str | None = None
) -> bool:
    """Whether a message is saved as a win that the reader may know of: their own, or one shown beside the message.

    The win of the idempotency key `except_key` is not counted, nor one that was undone.
    """
    is_from = (wins.c.source_channel_id == source.channel_id) & (wins.c.source_ts == source.ts)
    is_beside = (wins.c.channel_id == source.channel_id) & ~is_hidden
    is_known = wins.c.undone_at.is_(None) & (is_beside | (wins.c.author_id == reader_id))
    is_other = wins.c.idempotency_key.is_distinct_from(except_key)
    query = select(wins.c.id).where(wins.c.team_id == team_id, is_from, is_known, is_other).limit(1)
    return connection.execute(query).first() is not None
