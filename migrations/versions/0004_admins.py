"""Admins: settings of a channel that someone has said yes to, workspace defaults, who people are, an audit log"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SLACK_ID = sa.String(length=32)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _yes_or_no(name: str, default: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False)


def _word(name: str, default: str, kind: Any) -> "sa.Column[str]":
    return sa.Column(name, kind, server_default=sa.text(f"'{default}'"), nullable=False)


def upgrade() -> None:
    _workspaces()
    _channels()
    _audit()
    _deliveries()
    with op.batch_alter_table("roundups") as batch:
        batch.add_column(sa.Column("posted_by", _SLACK_ID, nullable=True))
        batch.add_column(_yes_or_no("is_quiet", "false"))
    with op.batch_alter_table("people") as batch:
        batch.add_column(_yes_or_no("is_active", "true"))
        batch.add_column(_yes_or_no("is_admin", "false"))
        batch.add_column(_yes_or_no("is_guest", "false"))
    op.create_table(
        "without_notes",
        sa.Column("team_id", _SLACK_ID, nullable=False),
        sa.Column("user_id", _SLACK_ID, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=op.f("fk_without_notes_team_id")),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_without_notes")),
    )
    # What Slack said of people before did not say what they may do: everyone is looked up again.
    op.execute("UPDATE people SET looked_up_at = '1970-01-01 00:00:00.000000+00:00'" if _is_postgresql() else _EPOCH)


_EPOCH = "UPDATE people SET looked_up_at = '1970-01-01 00:00:00.000000'"


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _workspaces() -> None:
    with op.batch_alter_table("workspaces") as batch:
        batch.add_column(_word("scopes", "", sa.Text()))
        batch.add_column(_word("default_rule", "FREQ=WEEKLY;BYDAY=FR", sa.Text()))
        batch.add_column(_word("default_time", "16:00", sa.String(length=5)))
        batch.add_column(sa.Column("default_zone", sa.Text(), nullable=True))
        batch.add_column(_word("default_quiet", "silent", sa.String(length=8)))
        batch.add_column(sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False))


def _channels() -> None:
    op.drop_index("ix_channels_without_zone", "channels")
    with op.batch_alter_table("channels") as batch:
        batch.add_column(sa.Column("creator", _SLACK_ID, nullable=True))
        batch.add_column(sa.Column("is_private", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("surveyed_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("away", sa.String(length=16), nullable=True))
        batch.add_column(sa.Column("posts_in", _SLACK_ID, nullable=True))
        batch.add_column(_word("quiet", "silent", sa.String(length=8)))
        batch.add_column(_yes_or_no("reminds", "false"))
        batch.add_column(_word("managers", "[]", sa.Text()))
        batch.add_column(sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch.add_column(sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
        batch.drop_column("zone_is_stand_in")
        for name, kind in (
            ("set_up_by", _SLACK_ID),
            ("set_up_at", sa.DateTime(timezone=True)),
            ("rule", sa.Text()),
            ("starts_on", sa.Date()),
            ("local_time", sa.String(length=5)),
        ):
            batch.alter_column(name, existing_type=kind, nullable=True)
    # Whose schedule still waited for a zone has none yet: it is proposed to the person who logs the next win there.
    op.execute(
        "UPDATE channels SET set_up_by = NULL, set_up_at = NULL, rule = NULL, starts_on = NULL, local_time = NULL"
        " WHERE zone IS NULL"
    )
    op.create_index("ix_channels_remind_at", "channels", ["remind_at"], **_where("remind_at IS NOT NULL"))


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team_id", _SLACK_ID, nullable=False),
        sa.Column("channel_id", _SLACK_ID, nullable=True),
        sa.Column("actor_id", _SLACK_ID, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_in", _ID, nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=op.f("fk_audit_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_team", "audit", ["team_id", "id"])
    op.create_index("ix_audit_told_in", "audit", ["told_in"], **_where("told_in IS NOT NULL"))


def _deliveries() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(sa.Column("audit_id", _ID, nullable=True))
        batch.create_foreign_key("fk_deliveries_audit_id", "audit", ["audit_id"], ["id"])
        batch.drop_constraint(op.f("ck_deliveries_one_subject"), type_="check")
        batch.create_check_constraint(
            op.f("ck_deliveries_one_subject"),
            "(kind IN ('note', 'offer', 'reminder', 'change')) OR (win_id IS NULL) <> (roundup_id IS NULL)",
        )
    op.create_index(
        "ix_deliveries_offer",
        "deliveries",
        ["team_id", "channel_id", "recipient"],
        unique=True,
        **_where("kind = 'offer'"),
    )
    op.create_index(
        "ix_deliveries_stuck",
        "deliveries",
        ["team_id", "id"],
        **_where("roundup_id IS NOT NULL AND state IN ('held', 'parked')"),
    )
