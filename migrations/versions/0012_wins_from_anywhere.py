"""Wins from anywhere: their kind, whose they are, private ones, the message they are from, and unsaved ones"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_UNSAVED = sa.text("unsaved_win_id IS NOT NULL")


def upgrade() -> None:
    for column in (
        sa.Column("kind", sa.String(16), nullable=False, server_default=sa.text("'win'")),
        sa.Column("is_own", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.Column("is_private", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("source_channel_id", sa.String(32)),
        sa.Column("source_ts", sa.String(24)),
        sa.Column("thread_ts", sa.String(24)),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("0")),
    ):
        op.add_column("wins", column)
    op.execute("UPDATE wins SET is_private = true WHERE channel_id IS NULL")
    op.add_column("win_people", sa.Column("reason", sa.Text()))
    op.create_table(
        "unsaved_wins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("team_id", sa.String(32), sa.ForeignKey("workspaces.team_id"), nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("channel_id", sa.String(32)),
        sa.Column("source_channel_id", sa.String(32)),
        sa.Column("source_ts", sa.String(24)),
        sa.Column("thread_ts", sa.String(24)),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_unsaved_wins_user", "unsaved_wins", ["team_id", "user_id", "id"])
    op.create_index("ix_unsaved_wins_saved_at", "unsaved_wins", ["saved_at"])
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(
            sa.Column(
                "unsaved_win_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                sa.ForeignKey("unsaved_wins.id", name="fk_deliveries_unsaved_win_id"),
            )
        )
    op.create_index(
        "ix_deliveries_unsaved_win",
        "deliveries",
        ["unsaved_win_id"],
        sqlite_where=_UNSAVED,
        postgresql_where=_UNSAVED,
    )
