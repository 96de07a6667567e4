"""Conditions on deliveries that several queries share, written so that SQLite uses its partial indexes."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnClause, literal_column

from bot.domain.deliveries import NEEDS_ATTENTION, UNSENT, DeliveryKind, DeliveryState, PendingOp
from bot.storage.tables import deliveries


def constant(value: DeliveryState | DeliveryKind | PendingOp) -> ColumnClause[Any]:
    """Write a value into the statement, instead of binding a parameter.

    SQLite uses a partial index only if it reads the index's condition in the statement, and there is less to run.
    """
    return literal_column(f"'{value}'")


def constants(values: Iterable[DeliveryState | PendingOp]) -> list[ColumnClause[Any]]:
    """Write values into the statement: see `constant`."""
    return [constant(value) for value in values]


_is_roundup = deliveries.c.roundup_id.is_not(None)
is_unsent_roundup = _is_roundup & deliveries.c.state.in_(constants(UNSENT))
is_stuck_roundup = _is_roundup & deliveries.c.state.in_(constants(NEEDS_ATTENTION))
is_refused_change = (
    (deliveries.c.state == constant(DeliveryState.POSTED))
    & deliveries.c.error.is_not(None)
    & deliveries.c.pending_op.is_(None)
)
is_to_look_at = deliveries.c.state.in_(constants((*NEEDS_ATTENTION, DeliveryState.ABANDONED)))
"""Whether someone should look at it: ask for this besides one of these states, and the index of all three is used."""
is_deleted = deliveries.c.state == constant(DeliveryState.DELETED)
is_update = deliveries.c.pending_op == constant(PendingOp.UPDATE)
is_announcement = deliveries.c.kind == constant(DeliveryKind.ANNOUNCEMENT)
