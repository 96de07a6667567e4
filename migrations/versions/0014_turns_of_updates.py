"""Turns of updates: what someone has just acted on is updated first"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_IS_UPDATE = sa.text("pending_op = 'update'")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("update_number", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column(
        "deliveries", sa.Column("is_update_urgent", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.create_index(
        "ix_deliveries_update",
        "deliveries",
        ["team_id", "update_number"],
        sqlite_where=_IS_UPDATE,
        postgresql_where=_IS_UPDATE,
    )
