"""The emoji that suggests that a message is a win"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("channels", sa.Column("win_emoji", sa.Text()))
