"""Undone wins leave the roundup that no longer shows them"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    items, wins, deliveries = (
        sa.table("roundup_items", *map(sa.column, ("roundup_id", "part", "win_id", "is_regular"))),
        sa.table("wins", *map(sa.column, ("id", "undone_at"))),
        sa.table("deliveries", *map(sa.column, ("roundup_id", "part", "state", "error", "pending_op"))),
    )
    is_undone = sa.exists().where(wins.c.id == items.c.win_id, wins.c.undone_at.is_not(None))
    may_be_shown = sa.exists().where(
        deliveries.c.roundup_id == items.c.roundup_id,
        deliveries.c.part == items.c.part,
        deliveries.c.error.is_not(None) | (deliveries.c.pending_op == "update"),
    )
    op.execute(sa.update(items).where(is_undone, ~may_be_shown).values(is_regular=sa.false()))
