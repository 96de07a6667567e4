"""The tables. Every row belongs to a workspace (`team_id`); every time is aware UTC.

Rows are deleted in the order of storage/deletion.py.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from bot.domain.audit_log import AuditAction, Unavailability
from bot.domain.deliveries import NEEDS_ATTENTION, UNSENT, DeliveryKind, DeliveryState, PendingOp
from bot.domain.roundups import RoundupKind

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, stored and returned in UTC. Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(  # noqa: D102 - SQLAlchemy's
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(  # noqa: D102 - SQLAlchemy's
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_BigId = BigInteger().with_variant(Integer, "sqlite")
_SlackId = String(32)


def _enum(values: type[StrEnum], *, length: int = 32) -> Enum:
    """A column of text that is read as members of an enum."""
    return Enum(values, native_enum=False, create_constraint=False, length=length, values_callable=list)


def _listed(values: Iterable[StrEnum]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _id() -> Column[int]:
    return Column("id", _BigId, primary_key=True)


def _team_id() -> Column[str]:
    return Column("team_id", _SlackId, ForeignKey("workspaces.team_id"), nullable=False)


def _channel_foreign_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["team_id", "channel_id"], ["channels.team_id", "channels.channel_id"])


def _partial(condition: str, *, sqlite: str | None = None) -> dict[str, Any]:
    """Make an index partial on both databases. SQLite uses it for queries that contain its condition word for word."""
    return {"sqlite_where": text(sqlite or condition), "postgresql_where": text(condition)}


workspaces = Table(
    "workspaces",
    metadata,
    Column("team_id", _SlackId, primary_key=True),
    Column("enterprise_id", _SlackId),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),  # with a slash at its end: https://team.slack.com/
    Column("bot_user_id", _SlackId, nullable=False),
    Column("scopes", Text, nullable=False, server_default=text("''")),  # granted, as Slack lists them
    # The settings of new channels: see WorkspaceDefaults in bot/domain/channel_settings.py.
    Column("default_rrule", Text, nullable=False, server_default=text("'FREQ=WEEKLY;BYDAY=FR'")),
    Column("default_time", String(5), nullable=False, server_default=text("'16:00'")),
    Column("default_zone", Text),
    Column("default_quiet_policy", String(8), nullable=False, server_default=text("'silent'")),
    Column("defaults_revision", Integer, nullable=False, server_default=text("0")),  # counts their changes
)

channels = Table(
    "channels",
    metadata,
    Column("team_id", _SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("channel_id", _SlackId, primary_key=True),
    # What Slack says of it; null until the first conversations.info, at `synced_at`.
    Column("creator", _SlackId),
    Column("is_private", Boolean),
    Column("is_group", Boolean, nullable=False, server_default=text("false")),  # a group conversation: see SlashCommand
    Column("synced_at", UTCDateTime),
    Column("unavailable_reason", _enum(Unavailability, length=16)),  # why the bot can't post there
    # Its settings: see bot/domain/channel_settings.py. Null until someone sets the channel up.
    Column("owner_id", _SlackId),
    Column("configured_at", UTCDateTime),
    Column("rrule", Text),  # "FREQ=WEEKLY;BYDAY=FR": see bot/domain/schedules.py
    Column("starts_on", Date),  # a local date
    Column("local_time", String(5)),  # "16:00"
    Column("zone", Text),
    Column("paused_until", Date),
    Column("is_paused", Boolean, nullable=False, server_default=text("false")),  # with no end
    Column("is_off", Boolean, nullable=False, server_default=text("false")),
    Column(
        "skipped_dates", Text, nullable=False, server_default=text("'[]'")
    ),  # local dates, a JSON list: ["2030-12-27"]
    Column("target_channel_id", _SlackId),  # another channel that gets the roundup
    Column("quiet_policy", String(8), nullable=False, server_default=text("'silent'")),
    Column("wants_reminder", Boolean, nullable=False, server_default=text("false")),
    Column("manager_ids", Text, nullable=False, server_default=text("'[]'")),  # user ids, a JSON list
    Column("revision", Integer, nullable=False, server_default=text("0")),  # counts the changes
    # When its next roundup and reminder are due.
    Column("next_due_at", UTCDateTime),  # null while none is scheduled
    Column("remind_at", UTCDateTime),  # null while none is scheduled
    Column("last_roundup_on", Date),  # the local date of the last scheduled roundup that was created
    Index("ix_channels_next_due_at", "next_due_at"),
    Index("ix_channels_remind_at", "remind_at", **_partial("remind_at IS NOT NULL")),
)

audit_log = Table(
    "audit_log",
    metadata,
    _id(),
    _team_id(),
    Column("channel_id", _SlackId),  # null for the workspace's own settings
    Column("actor_id", _SlackId),  # null where Slack did not say who
    Column("action", _enum(AuditAction), nullable=False),
    Column("before", Text),  # JSON
    Column("after", Text),  # JSON
    Column("next_due_at", UTCDateTime),  # of the roundup that was announced with the change
    Column("created_at", UTCDateTime, nullable=False),
    # The owner alert that reports it. Added afterwards, because deliveries refer to this table.
    Column("alert_id", _BigId, ForeignKey("deliveries.id", use_alter=True)),
    Index("ix_audit_log_team", "team_id", "id"),
    Index("ix_audit_log_alert", "alert_id", **_partial("alert_id IS NOT NULL")),
)

roundups = Table(
    "roundups",
    metadata,
    _id(),
    _team_id(),
    Column("channel_id", _SlackId, nullable=False),
    Column("kind", _enum(RoundupKind), nullable=False),
    Column("due_at", UTCDateTime, nullable=False),
    Column("posted_by", _SlackId),  # who posted a manual one
    Column("is_quiet", Boolean, nullable=False, server_default=text("false")),  # the line of a quiet week
    Column("created_at", UTCDateTime, nullable=False),
    _channel_foreign_key(),
    UniqueConstraint("team_id", "channel_id", "kind", "due_at"),
)

wins = Table(
    "wins",
    metadata,
    _id(),
    _team_id(),
    Column("channel_id", _SlackId),  # null for a win in a direct message to the bot
    Column("idempotency_key", Text),  # of the request that it came with: one request stores one win
    Column("author_id", _SlackId, nullable=False),
    Column("author_name", Text),  # as in the request; shown until users.info is known
    Column("text", Text, nullable=False),  # as written, unescaped, with mentions as <@U012AB>
    Column("url", Text),
    Column("created_at", UTCDateTime, nullable=False),
    Column("undone_at", UTCDateTime),
    Column("is_open", Boolean, nullable=False),  # the channel's next roundup may tell it
    _channel_foreign_key(),
    UniqueConstraint("team_id", "idempotency_key"),
    Index(
        "ix_wins_open",
        "team_id",
        "channel_id",
        **_partial("is_open", sqlite="is_open = 1"),
    ),
    Index("ix_wins_author", "team_id", "author_id", "created_at", "id"),
)

roundup_items = Table(
    "roundup_items",
    metadata,
    Column("roundup_id", _BigId, ForeignKey("roundups.id"), primary_key=True),
    Column("part", SmallInteger, primary_key=True),
    Column("position", Integer, primary_key=True),  # in its part, from 0
    Column("section", String(16)),  # null while a part has no sections
    Column("win_id", _BigId, ForeignKey("wins.id"), nullable=False),
    Column("is_regular", Boolean, nullable=False),  # the one roundup of its channel that tells the win
    _team_id(),
    Index("ix_roundup_items_win", "win_id"),
    Index("ix_roundup_items_regular_win", "win_id", unique=True, **_partial("is_regular", sqlite="is_regular = 1")),
    sqlite_with_rowid=False,
)

win_people = Table(
    "win_people",
    metadata,
    Column("win_id", _BigId, ForeignKey("wins.id"), primary_key=True),
    Column("user_id", _SlackId, primary_key=True),
    Column("role", String(16), primary_key=True),  # "credited"
    _team_id(),
    Column("name", Text),  # as typed; shown until users.info is known
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    Column("win_id", _BigId, ForeignKey("wins.id"), primary_key=True),
    Column("tag", Text, primary_key=True),
    _team_id(),
    sqlite_with_rowid=False,
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _team_id(),
    Column("channel_id", _SlackId, nullable=False),
    Column("key", String(32), nullable=False, unique=True),  # in the message's metadata and the values of its buttons
    Column("kind", String(32), nullable=False),  # the `name` of a kind in bot/outbox/kinds
    Column("win_id", _BigId, ForeignKey("wins.id")),
    Column("roundup_id", _BigId, ForeignKey("roundups.id")),
    Column("part", SmallInteger, nullable=False, server_default=text("0")),
    Column("state", _enum(DeliveryState), nullable=False),
    Column("pending_op", _enum(PendingOp)),  # what is to be done next, if anything
    Column("revision", Integer, nullable=False, server_default=text("0")),  # counts the requests for an operation
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("attempted_at", UTCDateTime),
    Column("ts", String(24)),  # Slack's id of the posted message
    Column("error", Text),
    Column("response_url", Text),  # of the command; null once it is no longer needed
    Column("recipient_id", _SlackId),  # of an owner alert or an offer
    Column("audit_id", _BigId, ForeignKey("audit_log.id")),  # the settings change that it reports
    Column("alert_id", _BigId, ForeignKey("deliveries.id")),  # the owner alert that reports this one
    Column("created_at", UTCDateTime, nullable=False),
    Index("ix_deliveries_message", "team_id", "channel_id", "ts", unique=True, **_partial("ts IS NOT NULL")),
    Index(
        "ix_deliveries_pending_op",
        "team_id",
        "channel_id",
        "id",
        **_partial("pending_op IS NOT NULL"),
    ),
    Index("ix_deliveries_win", "win_id", **_partial("win_id IS NOT NULL")),
    Index("ix_deliveries_roundup", "roundup_id", "part", unique=True, **_partial("roundup_id IS NOT NULL")),
    Index(
        "ix_deliveries_sending",
        "team_id",
        "channel_id",
        **_partial(f"state = '{DeliveryState.SENDING}'"),
    ),
    Index("ix_deliveries_unknown", "team_id", "id", **_partial(f"state = '{DeliveryState.UNKNOWN}'")),
    Index(
        "ix_deliveries_unsent",
        "roundup_id",
        **_partial(f"roundup_id IS NOT NULL AND state IN ({_listed(UNSENT)})"),
    ),
    Index(
        "ix_deliveries_needs_attention",
        "team_id",
        "id",
        **_partial(f"roundup_id IS NOT NULL AND state IN ({_listed(NEEDS_ATTENTION)})"),
    ),
    Index(
        "ix_deliveries_refused_change",
        "team_id",
        "channel_id",
        **_partial(f"state = '{DeliveryState.POSTED}' AND error IS NOT NULL AND pending_op IS NULL"),
    ),
    Index("ix_deliveries_recipient", "team_id", "recipient_id", "id", **_partial("recipient_id IS NOT NULL")),
    Index(
        "ix_deliveries_offer",
        "team_id",
        "channel_id",
        "recipient_id",
        unique=True,
        **_partial(f"kind = '{DeliveryKind.OFFER}'"),
    ),
    Index("ix_deliveries_audit", "audit_id", **_partial("audit_id IS NOT NULL")),
    Index("ix_deliveries_alert", "alert_id", **_partial("alert_id IS NOT NULL")),
)


def _cheers_table(name: str, subject_column: str, referenced_column: str) -> Table:
    """One row for each way in which a person cheered a subject. A row stays when its cheer is taken back."""
    return Table(
        name,
        metadata,
        Column(subject_column, _BigId, ForeignKey(referenced_column), primary_key=True),
        Column("user_id", _SlackId, primary_key=True),
        Column("source", Text, primary_key=True),  # "button", or "reaction:" and the emoji's name
        _team_id(),
        Column("is_active", Boolean, nullable=False),
        Column("changed_at_us", BigInteger, nullable=False),  # Slack's event_ts in microseconds
    )


win_cheers = _cheers_table("win_cheers", "win_id", "wins.id")
roundup_cheers = _cheers_table("roundup_cheers", "roundup_id", "roundups.id")

users = Table(
    "users",
    metadata,
    Column("team_id", _SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("user_id", _SlackId, primary_key=True),
    Column("name", Text, nullable=False),
    Column("zone", Text),
    Column(
        "is_active", Boolean, nullable=False, server_default=text("true")
    ),  # an account of this workspace that is in use
    Column("is_admin", Boolean, nullable=False, server_default=text("false")),  # or owner
    Column("is_guest", Boolean, nullable=False, server_default=text("false")),
    Column("is_bot", Boolean, nullable=False, server_default=text("false")),  # an app, a workflow or Slackbot
    Column("synced_at", UTCDateTime, nullable=False),
)

alert_opt_outs = Table(
    "alert_opt_outs",  # who stopped their owner alerts
    metadata,
    Column("team_id", _SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("user_id", _SlackId, primary_key=True),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("team_id", _SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("response", Text),  # JSON
    Column("seen_at", UTCDateTime, nullable=False),
    Index("ix_idempotency_keys_seen_at", "seen_at"),
)
