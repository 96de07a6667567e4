"""The index of the search: the terms of each win that isn't undone, in an FTS5 table or a column of type tsvector.

Its rows are in the order of their positions: by second, then by the win's id. Code that changes what a win is found by
calls `refresh` in the same transaction. Who may see a win isn't in the index: `find` asks the win itself.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, text

from bot.domain.search_terms import channel_term, person_term, team_term, terms_of_win
from bot.domain.wins import CREDITED_ROLES, NO_LONGER_IN_IT, Mention, WinRole
from bot.storage.bulk_insert import BulkInsert
from bot.storage.columns import any_of, listed
from bot.storage.tables import tags, win_people, win_search, wins, workspaces

RECENT = 5_000
"""On PostgreSQL, how many of the newest wins are looked through before the index is asked for all matches."""
FEW_CHANNELS = 30
"""The most channels that the index is asked for. For someone who sees so few, it would else find mostly other wins."""
_BATCH = 500
_ID_BITS = 24

_insert = BulkInsert(win_search, "rowid", "win_id", "team_id", "terms")


@dataclass(frozen=True)
class IndexedWin:
    """A win with its terms."""

    id: int
    team_id: str
    created_at: datetime
    terms: Sequence[str]


@dataclass(frozen=True)
class Reader:
    """Who searches: they see their own wins, and those shared in `channel_ids`.

    In one of `credit_channel_ids` they see the wins that they are in, too, also those that are held.
    """

    user_id: str
    channel_ids: Collection[str]
    credit_channel_ids: Collection[str] = ()


def position(created_at: datetime, win_id: int) -> int:
    """Return the place of a win in the order of time, which no other win has."""
    return start_of(created_at) | win_id & (1 << _ID_BITS) - 1


def start_of(moment: datetime) -> int:
    """Return the first position of a second."""
    return int(moment.timestamp()) << _ID_BITS


def add(connection: Connection, indexed_wins: Iterable[IndexedWin]) -> None:
    """Index wins that aren't indexed yet."""
    rows = [(position(win.created_at, win.id), win.id, win.team_id, " ".join(win.terms)) for win in indexed_wins]
    _insert.run(connection, sorted(rows))


def remove(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Take the wins that meet the condition out of the index."""
    found = connection.execute(select(wins.c.created_at, wins.c.id).where(condition)).all()
    positions = [position(*row) for row in found]
    for start in range(0, len(positions), _BATCH):
        connection.execute(_delete, {"positions": positions[start : start + _BATCH]})


def refresh(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Index the wins that meet the condition again, as they are now."""
    win_ids = list(connection.scalars(select(wins.c.id).where(condition).order_by(wins.c.id)))
    for start in range(0, len(win_ids), _BATCH):
        batch = wins.c.id.in_(win_ids[start : start + _BATCH])
        remove(connection, batch)
        add(connection, _load(connection, batch))


_delete = delete(win_search).where(win_search.c.rowid.in_(bindparam("positions", expanding=True)))


def _load(connection: Connection, condition: ColumnElement[bool]) -> list[IndexedWin]:
    rows = connection.execute(select(wins).where(condition, wins.c.undone_at.is_(None))).all()
    ids = [row.id for row in rows]
    people: dict[int, list[Any]] = {win_id: [] for win_id in ids}
    former: dict[int, list[Mention]] = {win_id: [] for win_id in ids}
    for person in connection.execute(select(win_people).where(any_of(win_people.c.win_id, ids))):
        if person.role in NO_LONGER_IN_IT:
            former[person.win_id].append(Mention(person.user_id, person.name))
        else:
            people[person.win_id].append(person)
    tags_by_win: dict[int, list[str]] = {win_id: [] for win_id in ids}
    for row in connection.execute(select(tags).where(any_of(tags.c.win_id, ids))):
        tags_by_win[row.win_id].append(row.tag)
    return [
        IndexedWin(
            row.id,
            row.team_id,
            row.created_at,
            terms_of_win(
                row.text,
                team_id=row.team_id,
                channel_id=row.channel_id,
                author_id=row.author_id,
                people=[Mention(person.user_id, person.name) for person in people[row.id]],
                former=former[row.id],
                tags=tags_by_win[row.id],
                url=row.url,
                reason=next((person.reason for person in people[row.id] if person.reason), None),
            ),
        )
        for row in rows
    ]


def find(
    connection: Connection,
    team_id: str,
    terms: Iterable[Collection[str]],
    reader: Reader,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int,
) -> list[tuple[int, int]]:
    """Return the position and id of the newest wins that `reader` may see, at positions `before` that of another.

    A win has at least one of each collection of `terms`, and is from `since` on, and earlier than `until`.
    """
    groups = list(terms)
    if len(reader.channel_ids) <= FEW_CHANNELS:
        groups.append([person_term(reader.user_id), *map(channel_term, sorted(reader.channel_ids))])
    # Where there is one workspace, all wins have its term, so that to look for it in the index only takes time.
    if not groups or connection.execute(_select_other_workspace, {"team": team_id}).first():
        groups.append([team_term(team_id)])
    values = {
        "team": team_id,
        "reader": reader.user_id,
        "since": start_of(since) if since else 0,
        "before": min(_END if until is None else start_of(until), _END if before is None else before),
        "limit": limit,
    }
    search = _find_sqlite if connection.dialect.name == "sqlite" else _find_postgresql
    return search(connection, groups, reader, values)


def _find_sqlite(
    connection: Connection, groups: Sequence[Collection[str]], reader: Reader, values: dict[str, Any]
) -> list[tuple[int, int]]:
    match = " AND ".join(f"({' OR '.join(map(_quoted_sqlite, group))})" for group in groups)
    channel_ids = {
        "channels": json.dumps(list(reader.channel_ids)),
        "credit_channels": json.dumps(list(reader.credit_channel_ids)),
    }
    return list(map(tuple, connection.execute(_SQLITE, {**values, **channel_ids, "match": match})))


def _find_postgresql(
    connection: Connection, groups: Sequence[Collection[str]], reader: Reader, values: dict[str, Any]
) -> list[tuple[int, int]]:
    match = " & ".join(f"({' | '.join(map(_quoted_postgresql, group))})" for group in groups)
    channel_ids = {"channels": list(reader.channel_ids), "credit_channels": list(reader.credit_channel_ids)}
    values = {**values, **channel_ids, "match": match, "recent": RECENT}
    # Each search has another best plan, and psycopg prepares what is asked often, which PostgreSQL then plans for all.
    connection.execute(_PLAN_EACH_TIME)
    found = connection.execute(_POSTGRESQL_RECENT, values).all()
    if len(found) < values["limit"]:
        found = connection.execute(_POSTGRESQL_ALL, values).all()
    return list(map(tuple, found))


def _quoted_sqlite(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _quoted_postgresql(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


_END = (1 << 62) - 1
_select_other_workspace = select(workspaces.c.team_id).where(workspaces.c.team_id != bindparam("team")).limit(1)
_PLAN_EACH_TIME = text("SET LOCAL plan_cache_mode = force_custom_plan")
_SEES = f"""
    wins.team_id = :team AND wins.undone_at IS NULL AND (
        wins.author_id = :reader OR NOT wins.is_private AND (
            wins.held_until IS NULL AND wins.channel_id {{is_in_channels}}
            OR wins.channel_id {{is_in_credit_channels}} AND EXISTS (
                SELECT 1 FROM win_people
                WHERE win_id = wins.id AND user_id = :reader AND role IN ({listed((*CREDITED_ROLES, WinRole.THANKED))})
            )
        )
    )"""  # noqa: S608 - our names
_SQLITE_SEES = _SEES.format(
    is_in_channels="IN (SELECT value FROM json_each(:channels))",
    is_in_credit_channels="IN (SELECT value FROM json_each(:credit_channels))",
)
_POSTGRESQL_SEES = _SEES.format(is_in_channels="= ANY (:channels)", is_in_credit_channels="= ANY (:credit_channels)")
_SQLITE = text(f"""
    SELECT win_search.rowid, wins.id FROM win_search CROSS JOIN wins ON wins.id = win_search.win_id
    WHERE win_search MATCH :match AND win_search.rowid < :before AND win_search.rowid >= :since AND {_SQLITE_SEES}
    ORDER BY win_search.rowid DESC LIMIT :limit
""")  # noqa: S608 - our names
"""FTS5 returns the matches one by one, the newest first. CROSS JOIN makes SQLite take the tables in this order."""
_POSTGRESQL_RECENT = text(f"""
    SELECT recent.rowid, wins.id FROM (
        SELECT rowid, win_id, terms FROM win_search WHERE rowid < :before AND rowid >= :since
        ORDER BY rowid DESC LIMIT :recent
    ) AS recent JOIN wins ON wins.id = recent.win_id
    WHERE recent.terms @@ CAST(:match AS tsquery) AND {_POSTGRESQL_SEES}
    ORDER BY recent.rowid DESC LIMIT :limit
""")  # noqa: S608 - our names
"""What is frequent among the newest wins is found without the index, which can't return the newest first."""
_POSTGRESQL_ALL = text(f"""
    WITH matches AS MATERIALIZED (
        SELECT rowid, win_id FROM win_search
        WHERE terms @@ CAST(:match AS tsquery) AND rowid < :before AND rowid >= :since
        ORDER BY rowid DESC
    )
    SELECT matches.rowid, seen.id FROM matches, LATERAL (
        SELECT wins.id FROM wins WHERE wins.id = matches.win_id AND {_POSTGRESQL_SEES} OFFSET 0
    ) AS seen
    LIMIT :limit
""")  # noqa: S608 - our names
"""OFFSET 0 makes PostgreSQL look at one match after the other, until there are enough."""
