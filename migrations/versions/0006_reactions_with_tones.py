"""Reactions with their skin tones: one in two tones is two reactions

Older rows have the emoji without its tone. They are marked, so that a reaction taken back in any tone ends them.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("win_cheers", "roundup_cheers"):
        op.execute(
            f"UPDATE {table} SET source = source || '::any-tone' WHERE source LIKE 'reaction:%'"  # noqa: S608 - ours
        )
