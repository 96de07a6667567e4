"""The messages to the people in wins, and the roundups that come with notes to them."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select, update

from bot.domain.deliveries import MAY_BE_POSTED, DeliveryKind, DeliveryState, PendingOp
from bot.domain.wins import Win
from bot.storage import preferences, wins
from bot.storage.deliveries import constant, constants, request_updates
from bot.storage.tables import deliveries, roundup_items, roundups

_is_credit = deliveries.c.kind == constant(DeliveryKind.CREDIT)
_reached_them = deliveries.c.state.in_(constants((*MAY_BE_POSTED, DeliveryState.POSTED)))
_may_reach_them = _reached_them | (deliveries.c.state == constant(DeliveryState.PENDING))
_stays = or_(deliveries.c.pending_op.is_(None), deliveries.c.pending_op != constant(PendingOp.DELETE))


def has_earlier_message(connection: Connection, team_id: str, user_id: str, *, before: int) -> bool:
    """Whether someone got a message about a win before the delivery `before` (id)."""
    query = select(deliveries.c.id).where(_to(team_id, user_id), _reached_them, deliveries.c.id < before).limit(1)
    return connection.execute(query).first() is not None


def forget_introduction(connection: Connection, team_id: str, user_id: str) -> None:
    """Store that someone is still to get their first message about a win, unless one is with them or on its way."""
    query = select(deliveries.c.id).where(_to(team_id, user_id), _may_reach_them, _stays).limit(1)
    if connection.execute(query).first() is None:
        preferences.forget_introduction(connection, team_id, user_id)


def told_of(connection: Connection, win_ids: Collection[int]) -> set[tuple[int, str]]:
    """Return which people (win id, user id) got a message about which of these wins."""
    query = select(deliveries.c.win_id, deliveries.c.recipient_id).where(
        deliveries.c.win_id.in_(win_ids), _is_credit, _reached_them
    )
    return {(row.win_id, row.recipient_id) for row in connection.execute(query)}


def _to(team_id: str, user_id: str) -> ColumnElement[bool]:
    return (deliveries.c.team_id == team_id) & (deliveries.c.recipient_id == user_id) & _is_credit


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
    """Return roundups of which nothing is still to be posted, and whose people did not get their notes."""
    return [PostedRoundup(*row) for row in connection.execute(_select_posted.limit(limit))]


def claim_notes(connection: Connection, roundup_id: int, *, now: datetime) -> bool:
    """Store that the notes which come with a roundup are enqueued; False if they were before."""
    where = (roundups.c.id == roundup_id) & roundups.c.noted_at.is_(None)
    return connection.execute(update(roundups).where(where).values(noted_at=now)).rowcount == 1


def channel_of_roundup(connection: Connection, roundup_id: int) -> str | None:
    """Return the channel whose roundup it is, or None."""
    return connection.execute(select(roundups.c.channel_id).where(roundups.c.id == roundup_id)).scalar_one_or_none()


def wins_of_roundup(connection: Connection, team_id: str, roundup_id: int) -> list[Win]:
    """Return the wins that the posted messages of a roundup show, in the order of time."""
    is_posted_part = (
        (deliveries.c.roundup_id == roundup_items.c.roundup_id)
        & (deliveries.c.part == roundup_items.c.part)
        & (deliveries.c.state == DeliveryState.POSTED)
    )
    query = (
        select(roundup_items.c.win_id)
        .join(deliveries, is_posted_part)
        .where(roundup_items.c.roundup_id == roundup_id, roundup_items.c.is_regular)
        .order_by(roundup_items.c.win_id)
    )
    found = wins.by_ids(connection, team_id, list(connection.scalars(query)))
    return [win for win in found if win.is_shared]


def update_notes(connection: Connection, win_id: int) -> None:
    """Request an update, which can wait, of the notes that came with the roundups which tell a win."""
    roundup_ids = select(roundup_items.c.roundup_id).where(roundup_items.c.win_id == win_id)
    request_updates(connection, deliveries.c.noted_roundup_id.in_(roundup_ids), can_wait=True)
