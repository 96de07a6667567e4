"""Group conversations: the bot can't be invited to them, and they have no roundup"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("channels", sa.Column("is_group", sa.Boolean(), nullable=False, server_default=sa.text("false")))
