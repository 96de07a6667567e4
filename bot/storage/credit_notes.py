"""The notes that come after roundups: who is due one (`roundup_notes`), and what a note is about."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, select, update

from bot.domain.deliveries import MAY_BE_POSTED, DeliveryKind, DeliveryState, PendingOp
from bot.domain.wins import Win
from bot.storage import wins
from bot.storage.bulk_insert import BulkInsert
from bot.storage.columns import any_of
from bot.storage.deliveries import Delivery, from_row, request_updates
from bot.storage.delivery_conditions import constant, constants
from bot.storage.tables import deliveries, roundup_items, roundup_notes, roundups, win_people
from bot.storage.tables import wins as wins_table


class PostedRoundup(NamedTuple):
    """A roundup, all of whose messages are posted."""

    id: int
    team_id: str
    channel_id: str


_is_on_its_way = (
    select(deliveries.c.id)
    .where(
        deliveries.c.roundup_id == roundups.c.id,
        deliveries.c.state.in_(constants((*MAY_BE_POSTED, DeliveryState.PENDING, DeliveryState.REJECTED))),
    )
    .exists()
)
_select_posted = (
    select(roundups.c.id, roundups.c.team_id, roundups.c.channel_id)
    .where(roundups.c.noted_at.is_(None), ~_is_on_its_way)
    .order_by(roundups.c.team_id, roundups.c.id)
)


def posted_without_notes(connection: Connection, *, limit: int) -> list[PostedRoundup]:
    """Return roundups that are wholly posted, and whose people are not stored yet."""
    return [PostedRoundup(*row) for row in connection.execute(_select_posted.limit(limit))]


_claim = (
    update(roundups)
    .where(any_of(roundups.c.id, "ids"), roundups.c.noted_at.is_(None))
    .values(noted_at=bindparam("now"))
    .returning(roundups.c.id)
)
_last_posts_at = (
    select(deliveries.c.roundup_id, func.max(deliveries.c.attempted_at).label("posted_at"))
    .where(any_of(deliveries.c.roundup_id, "ids"), deliveries.c.state == constant(DeliveryState.POSTED))
    .group_by(deliveries.c.roundup_id)
)
_insert_notes = BulkInsert(roundup_notes, "roundup_id", "team_id", "user_id", "due_at", ignore_conflicts=True)


def claim(connection: Connection, roundup_ids: Collection[int], *, now: datetime) -> set[int]:
    """Store that the people in roundups are stored, and return those (ids) of which they weren't before."""
    return set(connection.scalars(_claim, {"ids": roundup_ids, "now": now}))


def last_posts_at(connection: Connection, roundup_ids: Collection[int]) -> dict[int, datetime]:
    """Return when (UTC) the last message of each of these roundups was posted, without those of which none was."""
    rows = connection.execute(_last_posts_at, {"ids": roundup_ids})
    return {row.roundup_id: row.posted_at for row in rows if row.posted_at is not None}


def add(connection: Connection, notes: Iterable[tuple[PostedRoundup, str, datetime]]) -> None:
    """Store when (UTC) people (user ids) in roundups are due a note."""
    rows = sorted((roundup.id, roundup.team_id, user_id, due_at) for roundup, user_id, due_at in notes)
    _insert_notes.run(connection, rows)


_is_open = roundup_notes.c.done_at.is_(None)


def people_due(connection: Connection, now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """Return the people (workspace, user id) who are due a note, those who have waited longest first.

    At most `limit` notes are looked at, and someone may be due several.
    """
    query = (
        select(roundup_notes.c.team_id, roundup_notes.c.user_id)
        .where(_is_open, roundup_notes.c.due_at <= now)
        .order_by(roundup_notes.c.due_at)
        .limit(limit)
    )
    return list(dict.fromkeys((row.team_id, row.user_id) for row in connection.execute(query)))


def due(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> list[int]:
    """Return the roundups (ids) after which someone is due a note, the earliest first."""
    where = _of(team_id, user_id) & _is_open & (roundup_notes.c.due_at <= now)
    return sorted(connection.scalars(select(roundup_notes.c.roundup_id).where(where)))


def finish(
    connection: Connection,
    team_id: str,
    user_id: str,
    roundup_ids: Collection[int],
    *,
    delivery_id: int | None,
    now: datetime,
) -> None:
    """Store that the note `delivery_id` is about these roundups, or (None) that there is nothing to say about them."""
    where = _of(team_id, user_id) & any_of(roundup_notes.c.roundup_id, roundup_ids)
    connection.execute(update(roundup_notes).where(where).values(done_at=now, delivery_id=delivery_id))


def postpone(
    connection: Connection, team_id: str, user_id: str, roundup_ids: Collection[int], *, due_at: datetime
) -> None:
    """Store that the note about these roundups is due at `due_at` (UTC) instead."""
    where = _of(team_id, user_id) & any_of(roundup_notes.c.roundup_id, roundup_ids)
    connection.execute(update(roundup_notes).where(where).values(due_at=due_at))


def _of(team_id: str, user_id: str) -> ColumnElement[bool]:
    return (roundup_notes.c.team_id == team_id) & (roundup_notes.c.user_id == user_id)


_UNSOLICITED = [constant(kind) for kind in (DeliveryKind.CREDIT_NOTE, DeliveryKind.LOOK_BACK)]
_never_sent = deliveries.c.state.in_(constants((DeliveryState.CANCELLED, DeliveryState.REJECTED)))


def last_sent(connection: Connection, team_id: str, user_id: str) -> Delivery | None:
    """Return the last note or look back that someone got, or that is on its way to them."""
    query = (
        select(deliveries)
        .where(deliveries.c.team_id == team_id, deliveries.c.recipient_id == user_id)
        .where(deliveries.c.kind.in_(_UNSOLICITED), ~_never_sent)
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else from_row(row)


def roundups_of(connection: Connection, note: Delivery) -> list[int]:
    """Return the roundups (ids) that a note is about, the earliest first."""
    if note.noted_roundup_id is not None:  # of before migration 0019
        return [note.noted_roundup_id]
    query = select(roundup_notes.c.roundup_id).where(roundup_notes.c.delivery_id == note.id)
    return sorted(connection.scalars(query))


def channels_of(connection: Connection, roundup_ids: Collection[int]) -> dict[int, str]:
    """Return the channel of each of these roundups, by the roundup's id."""
    query = (
        select(roundups.c.id, roundups.c.channel_id).where(any_of(roundups.c.id, roundup_ids)).order_by(roundups.c.id)
    )
    return {row.id: row.channel_id for row in connection.execute(query)}


_is_posted_part = (
    (deliveries.c.roundup_id == roundup_items.c.roundup_id)
    & (deliveries.c.part == roundup_items.c.part)
    & (deliveries.c.state == constant(DeliveryState.POSTED))
)
_select_told = (
    select(roundup_items.c.roundup_id, roundup_items.c.win_id)
    .join(deliveries, _is_posted_part)
    .where(any_of(roundup_items.c.roundup_id, "roundups"), roundup_items.c.is_regular)
    .order_by(roundup_items.c.win_id)
)
_is_author = exists().where(wins_table.c.id == roundup_items.c.win_id, wins_table.c.author_id == bindparam("person"))
_is_person = exists().where(win_people.c.win_id == roundup_items.c.win_id, win_people.c.user_id == bindparam("person"))
_select_told_with = _select_told.where(_is_author | _is_person)


def wins_told(
    connection: Connection, team_id: str, roundup_ids: Sequence[int], *, user_id: str | None = None
) -> dict[int, list[Win]]:
    """Return the wins that the posted messages of these roundups show, by roundup, in the order of time.

    Editions and the workspace's roundup tell wins again: those have none. With `user_id`, only wins that have this
    person in them are returned, as others read them or not, and cheered by others.
    """
    values = {"roundups": roundup_ids} | ({} if user_id is None else {"person": user_id})
    rows = connection.execute(_select_told if user_id is None else _select_told_with, values)
    places = {row.win_id: row.roundup_id for row in rows}
    told: dict[int, list[Win]] = {roundup_id: [] for roundup_id in roundup_ids}
    for win in wins.by_ids(connection, team_id, list(places), except_user_id=user_id or ""):
        if win.is_shared:
            told[places[win.id]].append(win)
    return told


def request_updates_with(connection: Connection, win_id: int) -> None:
    """Request an update, which can wait, of the notes about roundups that tell a win, and of looks back at it."""
    is_look_back = (deliveries.c.win_id == win_id) & (deliveries.c.kind == constant(DeliveryKind.LOOK_BACK))
    request_updates(connection, is_look_back, can_wait=True)
    places = select(roundup_items.c.roundup_id).where(roundup_items.c.win_id == win_id)
    request_updates(connection, about_roundups(places), can_wait=True)


def request_updates_after(connection: Connection, roundup_id: int) -> None:
    """Request an update, which can wait, of the notes about a roundup."""
    where = about_roundups(select(roundups.c.id).where(roundups.c.id == roundup_id))
    request_updates(connection, where, can_wait=True)


def about_roundups(roundup_ids: Select[tuple[int]]) -> ColumnElement[bool]:
    """Whether a delivery is a note about any of these roundups, which are a query of ids."""
    where = roundup_notes.c.roundup_id.in_(roundup_ids) & roundup_notes.c.delivery_id.is_not(None)
    note_ids = select(roundup_notes.c.delivery_id).where(where)
    return deliveries.c.id.in_(note_ids) | deliveries.c.noted_roundup_id.in_(roundup_ids)


def is_waiting(note: Delivery) -> bool:
    """Whether a note is still to be posted, so that it can tell more."""
    return note.state is DeliveryState.PENDING and note.pending_op is PendingOp.POST
