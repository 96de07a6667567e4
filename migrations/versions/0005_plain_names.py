"""Plain names for columns, states and kinds; the contents of a roundup as rows; a mark on wins that are open"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SLACK_ID = sa.String(length=32)
_TIME = sa.DateTime(timezone=True)

_STATES = {"answered": "posted_via_response_url", "held": "needs_review", "parked": "rejected"}
_KINDS = {"note": "owner_alert", "change": "settings_change"}
_ACTIONS = {
    "set_up": "configured",
    "changed": "settings_changed",
    "took_over": "owner_changed",
    "posted": "posted_early",
    "decided": "delivery_resolved",
    "defaults": "defaults_changed",
    "left": "bot_left",
    "came_back": "bot_returned",
    "new_id": "channel_id_changed",
    "went_private": "became_private",
}


def upgrade() -> None:
    _rename_columns(
        "workspaces",
        default_rule="default_rrule",
        default_quiet="default_quiet_policy",
        revision="defaults_revision",
    )
    _rename_columns(
        "channels",
        surveyed_at="synced_at",
        away="unavailable_reason",
        set_up_by="owner_id",
        set_up_at="configured_at",
        rule="rrule",
        skipped="skipped_dates",
        posts_in="target_channel_id",
        quiet="quiet_policy",
        reminds="wants_reminder",
        managers="manager_ids",
        told_on="last_roundup_on",
    )
    _rename_columns("win_cheers", stands="is_active")
    _rename_columns("roundup_cheers", stands="is_active")
    _rename_columns("win_people", label="name")
    _copy_small_tables()
    _roundups()
    _wins()
    _audit_log()
    _deliveries()
    with op.batch_alter_table("audit_log") as batch:
        batch.create_foreign_key(op.f("fk_audit_log_alert_id"), "deliveries", ["alert_id"], ["id"])


def _rename_columns(table: str, **new_names: str) -> None:
    """Both databases rename a column, and what refers to it, without touching the rows."""
    for old, new in new_names.items():
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def _rename_values(table: str, column: str, new_values: dict[str, str]) -> None:
    values = sa.table(table, sa.column(column, sa.String))
    for old, new in new_values.items():
        op.execute(sa.update(values).where(values.c[column] == old).values({column: new}))


def _where(condition: str, *, sqlite: str | None = None) -> dict[str, Any]:
    return {"sqlite_where": sa.text(sqlite or condition), "postgresql_where": sa.text(condition)}


def _copy_small_tables() -> None:
    """Give three tables other names; they are copied, so that their constraints are named after them."""
    op.create_table(
        "users",
        sa.Column("team_id", _SLACK_ID, nullable=False),
        sa.Column("user_id", _SLACK_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("is_admin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_guest", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("synced_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=op.f("fk_users_team_id")),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_users")),
    )
    _move("people", "users", "team_id, user_id, name, zone, is_active, is_admin, is_guest", looked_up_at="synced_at")
    op.create_table(
        "alert_opt_outs",
        sa.Column("team_id", _SLACK_ID, nullable=False),
        sa.Column("user_id", _SLACK_ID, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=op.f("fk_alert_opt_outs_team_id")),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_alert_opt_outs")),
    )
    _move("without_notes", "alert_opt_outs", "team_id, user_id")
    op.create_table(
        "idempotency_keys",
        sa.Column("team_id", _SLACK_ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=op.f("fk_idempotency_keys_team_id")),
        sa.PrimaryKeyConstraint("team_id", "key", name=op.f("pk_idempotency_keys")),
    )
    # Without the answers: they were rendered messages, with words of people that an erasure would not find here. A
    # request that Slack repeats after the upgrade is told that it is done.
    _move("seen_requests", "idempotency_keys", "team_id, key, seen_at")
    op.create_index("ix_idempotency_keys_seen_at", "idempotency_keys", ["seen_at"])


def _move(old_table: str, new_table: str, same_columns: str, **new_names: str) -> None:
    _copy(old_table, new_table, same_columns, **new_names)
    op.drop_table(old_table)


def _copy(old_table: str, new_table: str, same_columns: str, **new_names: str) -> None:
    targets, sources = ", ".join([same_columns, *new_names.values()]), ", ".join([same_columns, *new_names])
    op.execute(f"INSERT INTO {new_table} ({targets}) SELECT {sources} FROM {old_table}")  # noqa: S608 - our names


def _roundups() -> None:
    op.add_column("roundups", sa.Column("kind", sa.String(length=32), server_default="scheduled", nullable=False))
    op.execute("UPDATE roundups SET kind = 'manual' WHERE posted_by IS NOT NULL")
    with op.batch_alter_table("roundups") as batch:
        batch.alter_column("kind", existing_type=sa.String(length=32), server_default=None, existing_nullable=False)
        batch.drop_constraint(op.f("uq_roundups_team_id_channel_id_due_at"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_roundups_team_id_channel_id_kind_due_at"), ["team_id", "channel_id", "kind", "due_at"]
        )


def _wins() -> None:
    op.add_column("wins", sa.Column("is_open", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(
        "UPDATE wins SET is_open = true WHERE roundup_id IS NULL AND undone_at IS NULL AND channel_id IS NOT NULL"
    )
    op.create_table(
        "roundup_items",
        sa.Column("roundup_id", _ID, nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=16), nullable=True),
        sa.Column("win_id", _ID, nullable=False),
        sa.Column("is_regular", sa.Boolean(), nullable=False),
        sa.Column("team_id", _SLACK_ID, nullable=False),
        sa.ForeignKeyConstraint(["roundup_id"], ["roundups.id"], name=op.f("fk_roundup_items_roundup_id")),
        sa.ForeignKeyConstraint(["win_id"], ["wins.id"], name=op.f("fk_roundup_items_win_id")),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=op.f("fk_roundup_items_team_id")),
        sa.PrimaryKeyConstraint("roundup_id", "part", "position", name=op.f("pk_roundup_items")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO roundup_items (team_id, roundup_id, part, position, win_id, is_regular)"
        " SELECT team_id, roundup_id, coalesce(roundup_part, 0), row_number() OVER ("
        "   PARTITION BY roundup_id, coalesce(roundup_part, 0) ORDER BY roundup_place, id"
        " ) - 1, id, true FROM wins WHERE roundup_id IS NOT NULL"
    )
    op.create_index("ix_roundup_items_win", "roundup_items", ["win_id"])
    op.create_index(
        "ix_roundup_items_regular_win",
        "roundup_items",
        ["win_id"],
        unique=True,
        **_where("is_regular", sqlite="is_regular = 1"),
    )
    for index in ("ix_wins_open", "ix_wins_author", "ix_wins_roundup"):
        op.drop_index(index, "wins")
    # Not in the batch: there, on SQLite, a new constraint does not find a renamed column.
    _rename_columns("wins", request="idempotency_key", author_label="author_name", link="url")
    with op.batch_alter_table("wins") as batch:
        batch.drop_constraint(op.f("fk_wins_roundup_id"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_wins_team_id_request"), type_="unique")
        batch.drop_column("roundup_id")
        batch.drop_column("roundup_part")
        batch.drop_column("roundup_place")
        batch.alter_column("is_open", existing_type=sa.Boolean(), server_default=None, existing_nullable=False)
        batch.create_unique_constraint(op.f("uq_wins_team_id_idempotency_key"), ["team_id", "idempotency_key"])
    op.create_index("ix_wins_open", "wins", ["team_id", "channel_id"], **_where("is_open", sqlite="is_open = 1"))
    op.create_index("ix_wins_author", "wins", ["team_id", "author_id", "created_at", "id"])


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team_id", _SLACK_ID, nullable=False),
        sa.Column("channel_id", _SLACK_ID, nullable=True),
        sa.Column("actor_id", _SLACK_ID, nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("next_due_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("alert_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["workspaces.team_id"], name=op.f("fk_audit_log_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    same_columns = "id, team_id, channel_id, actor_id, before, after, next_due_at"
    _copy("audit", "audit_log", same_columns, kind="action", at="created_at", told_in="alert_id")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('audit_log', 'id'), max(id)) FROM audit_log")
    _rename_values("audit_log", "action", _ACTIONS)
    for column in ("before", "after"):
        op.execute(
            f"UPDATE audit_log SET {column} = replace({column}, '\"away\":', '\"unavailable_reason\":')"  # noqa: S608
            " WHERE action IN ('bot_left', 'bot_returned')"
        )
        for old, new in _STATES.items():
            op.execute(
                f'UPDATE audit_log SET {column} = \'{{"state": "{new}"}}\''  # noqa: S608
                f" WHERE action = 'delivery_resolved' AND {column} = '{{\"state\": \"{old}\"}}'"
            )
    op.create_index("ix_audit_log_team", "audit_log", ["team_id", "id"])
    op.create_index("ix_audit_log_alert", "audit_log", ["alert_id"], **_where("alert_id IS NOT NULL"))


def _deliveries() -> None:
    for index in ("todo", "recipient", "told_in", "unposted", "stuck", "offer"):
        op.drop_index(f"ix_deliveries_{index}", "deliveries")
    _rename_columns("deliveries", todo="pending_op", recipient="recipient_id", told_in="alert_id")
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(op.f("ck_deliveries_one_subject"), type_="check")
        batch.drop_constraint(op.f("fk_deliveries_audit_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_deliveries_told_in"), type_="foreignkey")
        batch.alter_column("kind", existing_type=sa.String(length=16), type_=sa.String(length=32))
        batch.alter_column("state", existing_type=sa.String(length=16), type_=sa.String(length=32))
        batch.alter_column("pending_op", existing_type=sa.String(length=8), type_=sa.String(length=32))
        batch.create_foreign_key(op.f("fk_deliveries_audit_id"), "audit_log", ["audit_id"], ["id"])
        batch.create_foreign_key(op.f("fk_deliveries_alert_id"), "deliveries", ["alert_id"], ["id"])
    op.drop_table("audit")
    _rename_values("deliveries", "state", _STATES)
    _rename_values("deliveries", "kind", _KINDS)
    unsent = "roundup_id IS NOT NULL AND state IN ('pending', 'rejected')"
    needs_attention = "roundup_id IS NOT NULL AND state IN ('needs_review', 'rejected')"
    recipient = ["team_id", "recipient_id", "id"]
    offer = ["team_id", "channel_id", "recipient_id"]
    pending_op = ["team_id", "channel_id", "id"]
    op.create_index("ix_deliveries_pending_op", "deliveries", pending_op, **_where("pending_op IS NOT NULL"))
    op.create_index("ix_deliveries_recipient", "deliveries", recipient, **_where("recipient_id IS NOT NULL"))
    op.create_index("ix_deliveries_audit", "deliveries", ["audit_id"], **_where("audit_id IS NOT NULL"))
    op.create_index("ix_deliveries_alert", "deliveries", ["alert_id"], **_where("alert_id IS NOT NULL"))
    op.create_index("ix_deliveries_unsent", "deliveries", ["roundup_id"], **_where(unsent))
    op.create_index("ix_deliveries_needs_attention", "deliveries", ["team_id", "id"], **_where(needs_attention))
    op.create_index("ix_deliveries_offer", "deliveries", offer, unique=True, **_where("kind = 'offer'"))
