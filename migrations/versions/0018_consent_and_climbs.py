"""Preferences, consent to wins that name people, notes with roundups, and climbs"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IN_CLIMB = sa.text("climb_id IS NOT NULL")
_IS_CREDIT = sa.text("kind = 'credit'")
_IS_NOTE = sa.text("noted_roundup_id IS NOT NULL")
_NOT_NOTED = sa.text("noted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("team_id", sa.String(32), sa.ForeignKey("workspaces.team_id"), primary_key=True),
        sa.Column("user_id", sa.String(32), primary_key=True),
        sa.Column("preference", sa.String(8)),
        sa.Column("wants_messages", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.Column("introduced_at", sa.DateTime(timezone=True)),
    )
    op.add_column("roundups", sa.Column("noted_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE roundups SET noted_at = created_at")  # credits from before get no messages
    op.create_index(
        "ix_roundups_not_noted",
        "roundups",
        ["team_id", "id"],
        sqlite_where=_NOT_NOTED,
        postgresql_where=_NOT_NOTED,
    )
    op.create_table(
        "climbs",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("team_id", sa.String(32), sa.ForeignKey("workspaces.team_id"), nullable=False),
        sa.Column("channel_id", sa.String(32)),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True)),
        sa.Column("reached_at", sa.DateTime(timezone=True)),
        sa.Column("reached_by", sa.String(32)),
        sa.ForeignKeyConstraint(["team_id", "channel_id"], ["channels.team_id", "channels.channel_id"]),
    )
    op.create_index("ix_climbs_channel", "climbs", ["team_id", "channel_id"])
    op.add_column("win_people", sa.Column("consent", sa.String(8)))
    op.add_column("wins", sa.Column("held_until", sa.DateTime(timezone=True)))
    _add_reference("wins", "climb_id", "climbs")
    op.create_index(
        "ix_wins_climb",
        "wins",
        ["climb_id", "created_at", "id"],
        sqlite_where=_IN_CLIMB,
        postgresql_where=_IN_CLIMB,
    )
    _add_reference("deliveries", "climb_id", "climbs")
    _add_reference("deliveries", "noted_roundup_id", "roundups")
    op.create_index(
        "ix_deliveries_climb", "deliveries", ["climb_id"], sqlite_where=_IN_CLIMB, postgresql_where=_IN_CLIMB
    )
    op.create_index(
        "ix_deliveries_credit",
        "deliveries",
        ["win_id", "recipient_id"],
        unique=True,
        sqlite_where=_IS_CREDIT,
        postgresql_where=_IS_CREDIT,
    )
    op.create_index(
        "ix_deliveries_noted_roundup",
        "deliveries",
        ["noted_roundup_id", "recipient_id"],
        unique=True,
        sqlite_where=_IS_NOTE,
        postgresql_where=_IS_NOTE,
    )


def _add_reference(table: str, column: str, referenced_table: str) -> None:
    """Add a column with a foreign key. Alembic would copy the whole table for that on SQLite."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    constraint = f"CONSTRAINT fk_{table}_{column} REFERENCES {referenced_table} (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} {constraint}")
