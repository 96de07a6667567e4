"""A roundup that can be trusted: posts of unknown outcome are reconciled, and owners are alerted"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(sa.Column("recipient", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("told_in", _ID, nullable=True))
        batch.create_foreign_key("fk_deliveries_told_in", "deliveries", ["told_in"], ["id"])
        # 0001 gave it its prefix twice.
        batch.drop_constraint(op.f("ck_deliveries_ck_deliveries_one_subject"), type_="check")
        batch.create_check_constraint(
            op.f("ck_deliveries_one_subject"), "(kind = 'note') OR (win_id IS NULL) <> (roundup_id IS NULL)"
        )
    op.create_index("ix_deliveries_unknown", "deliveries", ["team_id", "id"], **_where("state = 'unknown'"))
    op.create_index(
        "ix_deliveries_unposted",
        "deliveries",
        ["roundup_id"],
        **_where("roundup_id IS NOT NULL AND state IN ('pending', 'parked')"),
    )
    op.create_index(
        "ix_deliveries_recipient", "deliveries", ["team_id", "recipient", "id"], **_where("recipient IS NOT NULL")
    )
    op.create_index("ix_deliveries_told_in", "deliveries", ["told_in"], **_where("told_in IS NOT NULL"))
