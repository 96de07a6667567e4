"""Credit messages. The notes that come after roundups: see credit_notes.py."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, or_, select

from bot.domain.deliveries import MAY_BE_POSTED, DeliveryKind, DeliveryState, PendingOp
from bot.storage import preferences
from bot.storage.columns import any_of
from bot.storage.delivery_conditions import constant, constants
from bot.storage.tables import deliveries

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
        any_of(deliveries.c.win_id, win_ids), _is_credit, _reached_them
    )
    return {(row.win_id, row.recipient_id) for row in connection.execute(query)}


def _to(team_id: str, user_id: str) -> ColumnElement[bool]:
    return (deliveries.c.team_id == team_id) & (deliveries.c.recipient_id == user_id) & _is_credit
