"""Editions, workspace roundups, notes for one roundup, faces, and the notes that come after a roundup"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HAS_EDITION = sa.text("edition_due_at IS NOT NULL")
_NOT_DONE = sa.text("done_at IS NULL")


def upgrade() -> None:
    _add_columns(
        "workspaces",
        sa.Column("roundup_channel_id", sa.String(32)),
        sa.Column("roundup_due_at", sa.DateTime(timezone=True)),
    )
    _add_columns(
        "channels",
        sa.Column("editions", sa.Text(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("edition_due_at", sa.DateTime(timezone=True)),
        sa.Column("joins_workspace_roundup", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("next_note", sa.Text()),
        sa.Column("next_note_by", sa.String(32)),
    )
    op.create_index(
        "ix_channels_edition_due_at",
        "channels",
        ["edition_due_at"],
        sqlite_where=_HAS_EDITION,
        postgresql_where=_HAS_EDITION,
    )
    _add_columns(
        "roundups",
        sa.Column("starts_on", sa.Date()),
        sa.Column("opening", sa.String(32)),
        sa.Column("note", sa.Text()),
        sa.Column("note_by", sa.String(32)),
    )
    _add_columns("roundup_items", sa.Column("theme", sa.Text()))
    _add_columns("wins", sa.Column("is_left", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    _add_columns("users", sa.Column("avatar_url", sa.Text()))
    _add_columns("deliveries", sa.Column("is_plain", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    _add_columns(
        "preferences",
        sa.Column("wants_look_back", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("looked_back_at", sa.DateTime(timezone=True)),
        sa.Column("welcomed_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "roundup_notes",
        sa.Column("roundup_id", _ID, sa.ForeignKey("roundups.id"), primary_key=True),
        sa.Column("user_id", sa.String(32), primary_key=True),
        sa.Column("team_id", sa.String(32), sa.ForeignKey("workspaces.team_id"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("delivery_id", _ID, sa.ForeignKey("deliveries.id")),
    )
    op.create_index(
        "ix_roundup_notes_due", "roundup_notes", ["due_at"], sqlite_where=_NOT_DONE, postgresql_where=_NOT_DONE
    )
    op.create_index("ix_roundup_notes_user", "roundup_notes", ["team_id", "user_id", "done_at"])
    has_delivery = sa.text("delivery_id IS NOT NULL")
    op.create_index(
        "ix_roundup_notes_delivery",
        "roundup_notes",
        ["delivery_id"],
        sqlite_where=has_delivery,
        postgresql_where=has_delivery,
    )


def _add_columns(table: str, *columns: sa.Column) -> None:  # type: ignore[type-arg]
    for column in columns:
        op.add_column(table, column)
