"""Wins by the message that they are saved from"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_SAVED = sa.text("source_ts IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_wins_source",
        "wins",
        ["team_id", "source_channel_id", "source_ts"],
        sqlite_where=_SAVED,
        postgresql_where=_SAVED,
    )
