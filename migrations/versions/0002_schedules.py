"""Schedules: a rule instead of a weekday, a first day, pauses, skipped dates, and the day that was last told"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_channels = sa.table(
    "channels",
    sa.column("team_id", sa.String),
    sa.column("channel_id", sa.String),
    sa.column("set_up_at", sa.DateTime(timezone=True)),
    sa.column("weekday", sa.SmallInteger),
    sa.column("zone", sa.Text),
    sa.column("rule", sa.Text),
    sa.column("starts_on", sa.Date),
    sa.column("told_on", sa.Date),
)
_roundups = sa.table(
    "roundups",
    sa.column("team_id", sa.String),
    sa.column("channel_id", sa.String),
    sa.column("due_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    with op.batch_alter_table("channels") as channels:
        channels.add_column(sa.Column("rule", sa.Text(), nullable=True))
        channels.add_column(sa.Column("starts_on", sa.Date(), nullable=True))
        channels.add_column(sa.Column("paused_until", sa.Date(), nullable=True))
        channels.add_column(sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        channels.add_column(sa.Column("skipped", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
        channels.add_column(sa.Column("told_on", sa.Date(), nullable=True))
    _fill()
    with op.batch_alter_table("channels") as channels:
        channels.alter_column("rule", existing_type=sa.Text(), nullable=False)
        channels.alter_column("starts_on", existing_type=sa.Date(), nullable=False)
        channels.drop_column("weekday")


def _fill() -> None:
    """Give each channel its weekday as a rule, the local date of its first win, and that of its last roundup."""
    connection = op.get_bind()
    for weekday, code in enumerate(_WEEKDAYS):
        this = sa.update(_channels).where(_channels.c.weekday == weekday)
        connection.execute(this.values(rule=f"FREQ=WEEKLY;BYDAY={code}"))
    told = dict[tuple[str, str], datetime]()
    last = sa.select(_roundups.c.team_id, _roundups.c.channel_id, sa.func.max(_roundups.c.due_at))
    for team_id, channel_id, due_at in connection.execute(last.group_by(_roundups.c.team_id, _roundups.c.channel_id)):
        told[team_id, channel_id] = due_at
    for row in connection.execute(sa.select(_channels)).all():
        due_at = told.get((row.team_id, row.channel_id))
        connection.execute(
            sa.update(_channels)
            .where(_channels.c.team_id == row.team_id, _channels.c.channel_id == row.channel_id)
            .values(
                starts_on=_local_date(row.set_up_at, row.zone),
                told_on=None if due_at is None else _local_date(due_at, row.zone),
            )
        )


def _local_date(moment: datetime, zone: str | None) -> date:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # SQLite keeps UTC without saying so
    return aware.astimezone(ZoneInfo(zone or "UTC")).date()
