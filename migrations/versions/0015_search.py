"""The index of the search, filled with the wins that aren't undone"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

# An index has the terms that the code of today looks for, whatever they were when this migration was written.
from bot.domain.search_terms import MARKS, terms_of_win
from bot.domain.wins import Mention

revision = "0015"
down_revision = "0014"

_BATCH = 5_000
_wins = sa.table(
    "wins",
    *map(sa.column, ("id", "team_id", "channel_id", "author_id", "text", "url", "undone_at")),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
_people = sa.table("win_people", *map(sa.column, ("win_id", "user_id", "name", "reason")))
_tags = sa.table("tags", *map(sa.column, ("win_id", "tag")))


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        # Wins have few terms, so nothing asks where in a win one stands, or how often.
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE win_search USING fts5(win_id UNINDEXED, team_id UNINDEXED, terms, "
            f"tokenize = \"ascii tokenchars '{MARKS}'\", detail = none, columnsize = 0)"
        )
        insert = "INSERT INTO win_search (rowid, win_id, team_id, terms) VALUES (?, ?, ?, ?)"
    else:
        op.create_table(
            "win_search",
            sa.Column("rowid", sa.BigInteger(), primary_key=True, autoincrement=False),
            sa.Column("win_id", sa.BigInteger(), sa.ForeignKey("wins.id"), nullable=False),
            sa.Column("team_id", sa.String(32), sa.ForeignKey("workspaces.team_id"), nullable=False),
            sa.Column("terms", TSVECTOR(), nullable=False),
        )
        insert = "INSERT INTO win_search (rowid, win_id, team_id, terms) VALUES (%s, %s, %s, %s)"
    for rows in _batches(connection):
        connection.exec_driver_sql(insert, rows)
    if connection.dialect.name == "postgresql":
        op.create_index("ix_win_search_terms", "win_search", ["terms"], postgresql_using="gin")


def _batches(connection: sa.Connection) -> Iterator[list[tuple[int, int, str, str]]]:
    first, last = connection.execute(sa.select(sa.func.min(_wins.c.id), sa.func.max(_wins.c.id))).one()
    for start in range(first or 0, (last or 0) + 1, _BATCH):
        rows = [_indexed(*each) for each in _load(connection, start, start + _BATCH)]
        if rows:
            yield sorted(rows)


def _load(connection: sa.Connection, start: int, end: int) -> list[tuple[Any, list[Any], list[str]]]:
    people, tags = defaultdict(list), defaultdict(list)
    for person in connection.execute(sa.select(_people).where(_people.c.win_id >= start, _people.c.win_id < end)):
        people[person.win_id].append(person)
    for row in connection.execute(sa.select(_tags).where(_tags.c.win_id >= start, _tags.c.win_id < end)):
        tags[row.win_id].append(row.tag)
    query = sa.select(_wins).where(_wins.c.id >= start, _wins.c.id < end, _wins.c.undone_at.is_(None))
    return [(win, people[win.id], tags[win.id]) for win in connection.execute(query)]


def _indexed(win: Any, people: list[Any], tags: list[str]) -> tuple[int, int, str, str]:
    terms = terms_of_win(
        win.text,
        team_id=win.team_id,
        channel_id=win.channel_id,
        author_id=win.author_id,
        people=[Mention(person.user_id, person.name) for person in people],
        tags=tags,
        url=win.url,
        reason=next((person.reason for person in people if person.reason), None),
    )
    return _position(win.created_at, win.id), win.id, win.team_id, " ".join(terms)


def _position(created_at: datetime, win_id: int) -> int:
    """Return what `position` in bot/storage/win_search.py does."""
    moment = created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC)
    return int(moment.timestamp()) << 24 | win_id & 0xFFFFFF
