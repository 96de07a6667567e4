"""Wins: added, undone, and read back as they are shown."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from bot.domain.wins import Draft, Mention, Win
from bot.storage.bulk_insert import BulkInsert
from bot.storage.cheers import who_cheered
from bot.storage.tables import deliveries, tags, win_cheers, win_people, wins

CREDITED = "credited"


@dataclass(frozen=True)
class NewWin:
    """A win to be stored. `channel_id` is None for one told to the bot alone; `request` is what it came with."""

    draft: Draft
    team_id: str
    channel_id: str | None
    idempotency_key: str
    author: Mention
    created_at: datetime


_insert_wins = BulkInsert(
    wins,
    *("team_id", "channel_id", "request", "author_id", "author_label", "text", "link", "created_at"),
    ignore_conflicts=True,
    returning=("team_id", "request", "id"),
)
_insert_people = BulkInsert(win_people, "win_id", "team_id", "user_id", "role", "label")
_insert_tags = BulkInsert(tags, "win_id", "team_id", "tag")


def add_all(connection: Connection, new_wins: Sequence[NewWin]) -> list[int | None]:
    """Store wins and return their ids; None for one whose request was stored before."""
    rows = [
        (
            *(win.team_id, win.channel_id, win.idempotency_key, win.author.user_id, win.author.name),
            *(win.draft.text, win.draft.url, win.created_at),
        )
        for win in new_wins
    ]
    ids = {
        (team_id, idempotency_key): win_id for team_id, idempotency_key, win_id in _insert_wins.run(connection, rows)
    }
    stored = [(ids.pop((win.team_id, win.idempotency_key), None), win) for win in new_wins]
    people_rows = [
        (win_id, win.team_id, person.user_id, CREDITED, person.name)
        for win_id, win in stored
        if win_id is not None
        for person in win.draft.credited
    ]
    _insert_people.run(connection, people_rows)
    tag_rows = [(win_id, win.team_id, tag) for win_id, win in stored if win_id is not None for tag in win.draft.tags]
    _insert_tags.run(connection, tag_rows)
    return [win_id for win_id, _ in stored]


def has_won(connection: Connection, team_id: str, channel_id: str, author_id: str) -> bool:
    """Whether somebody has logged a win in a channel."""
    where = (wins.c.team_id == team_id) & (wins.c.channel_id == channel_id) & (wins.c.author_id == author_id)
    return connection.execute(select(wins.c.id).where(where).limit(1)).first() is not None


def of_request(connection: Connection, team_id: str, idempotency_key: str) -> int:
    """Return the id of the win that came with `request`."""
    query = select(wins.c.id).where(wins.c.team_id == team_id, wins.c.request == idempotency_key)
    win_id: int = connection.execute(query).scalar_one()
    return win_id


def undo(connection: Connection, win_id: int, *, now: datetime) -> bool:
    """Take a win out of every later roundup; return whether it was not undone before."""
    result = connection.execute(
        update(wins).where(wins.c.id == win_id, wins.c.undone_at.is_(None)).values(undone_at=now)
    )
    return result.rowcount == 1


_select_wins = select(
    wins,
    select(deliveries.c.ts).where(deliveries.c.win_id == wins.c.id).scalar_subquery().label("message_ts"),
)


def by_id(connection: Connection, team_id: str, win_id: int) -> Win | None:
    """Return a win of the workspace, undone or not, or None."""
    matches = _load(connection, _select_wins.where(wins.c.team_id == team_id, wins.c.id == win_id))
    return matches[0] if matches else None


def latest_of(connection: Connection, team_id: str, author_id: str, *, limit: int) -> list[Win]:
    """Return somebody's last wins that were not undone, the newest first."""
    query = _select_wins.where(wins.c.team_id == team_id, wins.c.author_id == author_id, wins.c.undone_at.is_(None))
    return _load(connection, query.order_by(wins.c.id.desc()).limit(limit))


# Statements that every roundup needs stand here once: to put one together costs as much as to run it.
_select_open = _select_wins.where(
    wins.c.team_id == bindparam("team"),
    wins.c.channel_id == bindparam("channel"),
    wins.c.roundup_id.is_(None),
    wins.c.undone_at.is_(None),
).order_by(wins.c.id)
_select_of_roundup = _select_wins.where(
    wins.c.roundup_id == bindparam("roundup"), wins.c.roundup_part == bindparam("part"), wins.c.undone_at.is_(None)
).order_by(wins.c.roundup_place)


def open_in(connection: Connection, team_id: str, channel_id: str) -> list[Win]:
    """Return the channel's wins that are in no roundup yet and were not undone, the oldest first."""
    return _load(connection, _select_open, team=team_id, channel=channel_id)


def of_roundup(connection: Connection, roundup_id: int, part: int) -> list[Win]:
    """Return the wins that one part of a roundup tells, in their order; undone ones are left out."""
    return _load(connection, _select_of_roundup, roundup=roundup_id, part=part)


_assign = (
    update(wins)
    .where(wins.c.id == bindparam("win"))
    .values(roundup_id=bindparam("roundup"), roundup_part=bindparam("part"), roundup_place=bindparam("place"))
)


def assign_to_roundup(connection: Connection, roundup_id: int, parts: Sequence[Sequence[int]]) -> None:
    """Give each win (by id) its part and place in a roundup; it is in no other from now on."""
    rows = [
        {"win": win_id, "roundup": roundup_id, "part": part, "place": position}
        for part, win_ids in enumerate(parts)
        for position, win_id in enumerate(win_ids)
    ]
    connection.execute(_assign, rows)


def release(connection: Connection, roundup_id: int, part: int) -> None:
    """Take the wins of one part of a roundup off the ledger: they are open for the next one."""
    connection.execute(
        update(wins)
        .where(wins.c.roundup_id == roundup_id, wins.c.roundup_part == part)
        .values(roundup_id=None, roundup_part=None, roundup_place=None)
    )


def roundup_position(connection: Connection, win_id: int) -> tuple[int, int] | None:
    """Return the roundup (its id) and the part of it that a win is in, or None while it is open."""
    row = connection.execute(select(wins.c.roundup_id, wins.c.roundup_part).where(wins.c.id == win_id)).one()
    return None if row.roundup_id is None else (row.roundup_id, row.roundup_part)


def _load(connection: Connection, query: Any, **values: Any) -> list[Win]:
    rows = connection.execute(query, values).all()
    ids = [row.id for row in rows]
    credited = _credited(connection, ids)
    cheered = who_cheered(connection, win_cheers, ids)
    return [
        Win(
            id=row.id,
            team_id=row.team_id,
            channel_id=row.channel_id,
            author=Mention(row.author_id, row.author_label),
            text=row.text,
            credited=tuple(credited[row.id]),
            created_at=row.created_at,
            is_undone=row.undone_at is not None,
            message_ts=row.message_ts,
            cheered_by=cheered[row.id],
        )
        for row in rows
    ]


_select_credited = (
    select(win_people).where(win_people.c.win_id.in_(bindparam("wins", expanding=True))).order_by(win_people.c.user_id)
)


def _credited(connection: Connection, win_ids: Sequence[int]) -> defaultdict[int, list[Mention]]:
    mentions: defaultdict[int, list[Mention]] = defaultdict(list)
    for row in connection.execute(_select_credited, {"wins": win_ids}):
        mentions[row.win_id].append(Mention(row.user_id, row.label))
    return mentions
