"""The whole loop: wins, cheers, roundups, and the messages to Slack"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "workspaces",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.String(length=32), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("bot_user_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name=("pk_workspaces")),
    )
    op.create_table(
        "channels",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("set_up_by", sa.String(length=32), nullable=False),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("local_time", sa.String(length=5), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("zone_is_stand_in", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_channels_team_id")),
        sa.PrimaryKeyConstraint("team_id", "channel_id", name=("pk_channels")),
    )
    op.create_index("ix_channels_next_due_at", "channels", ["next_due_at"], unique=False)
    op.create_index(
        "ix_channels_without_zone",
        "channels",
        ["team_id"],
        unique=False,
        sqlite_where=sa.text("zone IS NULL"),
        postgresql_where=sa.text("zone IS NULL"),
    )

    op.create_table(
        "people",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("looked_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_people_team_id")),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=("pk_people")),
    )
    op.create_table(
        "seen_requests",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_seen_requests_team_id")),
        sa.PrimaryKeyConstraint("team_id", "key", name=("pk_seen_requests")),
    )
    op.create_index("ix_seen_requests_seen_at", "seen_requests", ["seen_at"], unique=False)

    op.create_table(
        "roundups",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id", "channel_id"],
            ["channels.team_id", "channels.channel_id"],
            name=("fk_roundups_team_id_channel_id"),
        ),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_roundups_team_id")),
        sa.PrimaryKeyConstraint("id", name=("pk_roundups")),
        sa.UniqueConstraint("team_id", "channel_id", "due_at", name=("uq_roundups_team_id_channel_id_due_at")),
    )
    op.create_table(
        "roundup_cheers",
        sa.Column("roundup_id", _ID, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("changed_at_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["roundup_id"], ["roundups.id"], name=("fk_roundup_cheers_roundup_id")),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_roundup_cheers_team_id")),
        sa.PrimaryKeyConstraint("roundup_id", "user_id", "source", name=("pk_roundup_cheers")),
    )
    op.create_table(
        "wins",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=True),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("author_label", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roundup_id", _ID, nullable=True),
        sa.Column("roundup_part", sa.SmallInteger(), nullable=True),
        sa.Column("roundup_place", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["roundup_id"], ["roundups.id"], name=("fk_wins_roundup_id")),
        sa.ForeignKeyConstraint(
            ["team_id", "channel_id"], ["channels.team_id", "channels.channel_id"], name=("fk_wins_team_id_channel_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_wins_team_id")),
        sa.PrimaryKeyConstraint("id", name=("pk_wins")),
        sa.UniqueConstraint("team_id", "request", name=("uq_wins_team_id_request")),
    )
    op.create_index("ix_wins_author", "wins", ["team_id", "author_id", "id"], unique=False)
    op.create_index(
        "ix_wins_open",
        "wins",
        ["team_id", "channel_id"],
        unique=False,
        sqlite_where=sa.text("roundup_id IS NULL AND undone_at IS NULL"),
        postgresql_where=sa.text("roundup_id IS NULL AND undone_at IS NULL"),
    )
    op.create_index(
        "ix_wins_roundup",
        "wins",
        ["roundup_id", "roundup_part"],
        unique=False,
        sqlite_where=sa.text("roundup_id IS NOT NULL"),
        postgresql_where=sa.text("roundup_id IS NOT NULL"),
    )

    op.create_table(
        "deliveries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("win_id", _ID, nullable=True),
        sa.Column("roundup_id", _ID, nullable=True),
        sa.Column("part", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("todo", sa.String(length=8), nullable=True),
        sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ts", sa.String(length=24), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("response_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(win_id IS NULL) <> (roundup_id IS NULL)", name=("ck_deliveries_one_subject")),
        sa.ForeignKeyConstraint(["roundup_id"], ["roundups.id"], name=("fk_deliveries_roundup_id")),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_deliveries_team_id")),
        sa.ForeignKeyConstraint(["win_id"], ["wins.id"], name=("fk_deliveries_win_id")),
        sa.PrimaryKeyConstraint("id", name=("pk_deliveries")),
        sa.UniqueConstraint("key", name=("uq_deliveries_key")),
    )
    op.create_index(
        "ix_deliveries_message",
        "deliveries",
        ["team_id", "channel_id", "ts"],
        unique=True,
        sqlite_where=sa.text("ts IS NOT NULL"),
        postgresql_where=sa.text("ts IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_roundup",
        "deliveries",
        ["roundup_id", "part"],
        unique=True,
        sqlite_where=sa.text("roundup_id IS NOT NULL"),
        postgresql_where=sa.text("roundup_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_sending",
        "deliveries",
        ["team_id", "channel_id"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_deliveries_todo",
        "deliveries",
        ["team_id", "channel_id", "id"],
        unique=False,
        sqlite_where=sa.text("todo IS NOT NULL"),
        postgresql_where=sa.text("todo IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_win",
        "deliveries",
        ["win_id"],
        unique=False,
        sqlite_where=sa.text("win_id IS NOT NULL"),
        postgresql_where=sa.text("win_id IS NOT NULL"),
    )

    op.create_table(
        "tags",
        sa.Column("win_id", _ID, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_tags_team_id")),
        sa.ForeignKeyConstraint(["win_id"], ["wins.id"], name=("fk_tags_win_id")),
        sa.PrimaryKeyConstraint("win_id", "tag", name=("pk_tags")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "win_cheers",
        sa.Column("win_id", _ID, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("changed_at_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_win_cheers_team_id")),
        sa.ForeignKeyConstraint(["win_id"], ["wins.id"], name=("fk_win_cheers_win_id")),
        sa.PrimaryKeyConstraint("win_id", "user_id", "source", name=("pk_win_cheers")),
    )
    op.create_table(
        "win_people",
        sa.Column("win_id", _ID, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=("fk_win_people_team_id")),
        sa.ForeignKeyConstraint(["win_id"], ["wins.id"], name=("fk_win_people_win_id")),
        sa.PrimaryKeyConstraint("win_id", "user_id", "role", name=("pk_win_people")),
        sqlite_with_rowid=False,
    )
