"""A test write, which shows whether the database keeps what it is given."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, literal, select

from bot.storage.tables import idempotency_keys, workspaces

SIZE = 8192
"""Characters: more than a page, so that the database needs room for it."""


def write(connection: Connection, *, now: datetime) -> None:
    """Store a row and delete it again. The caller commits that: only then does a full disk show."""
    key = f"probe-{secrets.token_hex(8)}"
    row = select(workspaces.c.team_id, literal(key), literal("x" * SIZE), literal(now, idempotency_keys.c.seen_at.type))
    columns = ["team_id", "key", "response", "seen_at"]
    connection.execute(insert(idempotency_keys).from_select(columns, row.limit(1)))
    connection.execute(delete(idempotency_keys).where(idempotency_keys.c.key == key))
