"""Refused changes: an index of the messages that Slack has and refused to update or delete"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_CONDITION = sa.text("state = 'posted' AND error IS NOT NULL AND pending_op IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_refused_change",
        "deliveries",
        ["team_id", "channel_id"],
        sqlite_where=_CONDITION,
        postgresql_where=_CONDITION,
    )
    # Until now a message that was found to be gone kept that as its error.
    op.execute("UPDATE deliveries SET error = NULL WHERE state = 'deleted'")
