"""Roundup items: which roundup tells a win, in which of its parts, and where in it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.domain.roundup_composition import Section
from bot.domain.roundups import REGULAR
from bot.storage.bulk_insert import BulkInsert
from bot.storage.columns import any_of
from bot.storage.tables import roundup_items, roundups, wins
from bot.storage.wins import is_hidden

_insert_items = BulkInsert(
    roundup_items, "team_id", "roundup_id", "part", "position", "win_id", "section", "theme", "is_regular"
)
_close = update(wins).where(any_of(wins.c.id, "ids")).values(is_open=False)


class ToldWins(NamedTuple):
    """The wins (ids) that a channel's roundup tells, by part, and their sections."""

    team_id: str
    roundup_id: int
    parts: Sequence[Sequence[int]]
    sections: Mapping[int, Section]


def assign_each(connection: Connection, told: Sequence[ToldWins]) -> None:
    """Give each win its part, position and section in its channel's roundup, and close it: no other one tells it.

    Raises IntegrityError if another one does.
    """
    rows = [
        (team_id, roundup_id, part, position, win_id, section and section.kind, section and section.theme, True)
        for team_id, roundup_id, parts, sections in told
        for part, win_ids in enumerate(parts)
        for position, win_id in enumerate(win_ids)
        for section in [sections.get(win_id)]
    ]
    if rows:
        _insert_items.run(connection, rows)
        connection.execute(_close, {"ids": [row[4] for row in rows]})


def reopen(connection: Connection, roundup_id: int, part: int) -> None:
    """Take the wins out of one part of a roundup, and open those that are not hidden for the channel's next one."""
    in_part = (roundup_items.c.roundup_id == roundup_id) & (roundup_items.c.part == part)
    win_ids = select(roundup_items.c.win_id).where(in_part, roundup_items.c.is_regular)
    connection.execute(update(wins).where(wins.c.id.in_(win_ids), ~is_hidden).values(is_open=True))
    connection.execute(delete(roundup_items).where(in_part))


_is_of_channel = (
    select(roundups.c.id).where(roundups.c.id == roundup_items.c.roundup_id, roundups.c.kind.in_(REGULAR)).exists()
)
"""Whether an item is of the channel's own roundup, and not of one that tells wins again."""
_select_place = select(roundup_items.c.roundup_id, roundup_items.c.part).where(
    roundup_items.c.win_id == bindparam("win"), _is_of_channel
)
_select_shown_place = _select_place.where(roundup_items.c.is_regular)


def find_shown_place(connection: Connection, win_id: int) -> tuple[int, int] | None:
    """Return the id of the channel's roundup that tells a win, and the part; None if no roundup does."""
    row = connection.execute(_select_shown_place, {"win": win_id}).one_or_none()
    return None if row is None else (row.roundup_id, row.part)


def find_place(connection: Connection, win_id: int) -> tuple[int, int] | None:
    """Return the id of the channel's roundup in which a win has a place, shown or not, and the part; or None."""
    row = connection.execute(_select_place, {"win": win_id}).first()
    return None if row is None else (row.roundup_id, row.part)


def hidden_in_part(connection: Connection, roundup_id: int, part: int) -> list[int]:
    """Return the undone and private wins (ids) that one part of a roundup still shows."""
    in_part = (roundup_items.c.roundup_id == roundup_id) & (roundup_items.c.part == part)
    query = select(wins.c.id).join(roundup_items, roundup_items.c.win_id == wins.c.id)
    return list(connection.scalars(query.where(in_part, roundup_items.c.is_regular, is_hidden)))


def stop_showing(connection: Connection, win_ids: Sequence[int]) -> None:
    """Store that no roundup shows these hidden wins. They keep their place."""
    where = any_of(roundup_items.c.win_id, win_ids) & roundup_items.c.is_regular
    connection.execute(update(roundup_items).where(where).values(is_regular=False))


def leave_place(connection: Connection, win_id: int) -> None:
    """Take a win out of a roundup whose message doesn't tell it: it loses its place there."""
    connection.execute(delete(roundup_items).where(roundup_items.c.win_id == win_id, _is_of_channel))


def show_again(connection: Connection, win_id: int) -> None:
    """Let the roundup that told a win tell it again, where it was."""
    where = (roundup_items.c.win_id == win_id) & _is_of_channel
    connection.execute(update(roundup_items).where(where).values(is_regular=True))
