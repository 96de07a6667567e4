"""Roundups that are off: until now, a pause without an end"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("channels") as batch:
        batch.add_column(sa.Column("is_off", sa.Boolean(), server_default=sa.text("false"), nullable=False))
