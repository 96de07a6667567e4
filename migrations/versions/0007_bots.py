"""Bots: users that are no people

They were stored as inactive users until now. Everyone who was is looked up again, so that their cheers stop showing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("is_bot", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    zone = "+00:00" if op.get_bind().dialect.name == "postgresql" else ""
    inactive = "is_active = false" if zone else "is_active = 0"
    op.execute(f"UPDATE users SET synced_at = '1970-01-01 00:00:00.000000{zone}' WHERE {inactive}")  # noqa: S608 - ours
