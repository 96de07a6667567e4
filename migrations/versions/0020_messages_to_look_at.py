"""Messages that a person has to resolve, or that were given up, are counted by themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_IS_TO_LOOK_AT = sa.text("state IN ('needs_review', 'rejected', 'abandoned')")


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_to_look_at",
        "deliveries",
        ["state", "roundup_id"],
        sqlite_where=_IS_TO_LOOK_AT,
        postgresql_where=_IS_TO_LOOK_AT,
    )
