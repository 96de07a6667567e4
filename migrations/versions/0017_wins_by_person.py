"""Wins by the people who are in them"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index("ix_win_people_user", "win_people", ["team_id", "user_id", "win_id"])
