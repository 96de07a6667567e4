"""A test write, which shows whether the database keeps what it is given."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.storage.tables import idempotency_keys, workspaces

SIZE = 8192
"""Characters: more than a page, so that the database needs room for it."""


def write(connection: Connection, *, now: datetime) -> None:
    """Store a row of a workspace and delete it again; without a workspace, do nothing.

    The caller commits that: only then does a full disk show.
    """
    team_id = connection.execute(select(workspaces.c.team_id).limit(1)).scalar_one_or_none()
    if team_id is None:
        return
    row = {"team_id": team_id, "key": f"probe-{secrets.token_hex(8)}"}
    connection.execute(insert(idempotency_keys).values(**row, response="x" * SIZE, seen_at=now))
    connection.execute(delete(idempotency_keys).filter_by(**row))
