"""The tables. Every row belongs to a workspace (`team_id`); every moment is aware UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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
    """An aware moment, in UTC at rest and on the way out. Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(  # noqa: D102 - SQLAlchemy's
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
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


def _enum(values: type[StrEnum], *, length: int = 16) -> Enum:
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


def _partial(condition: str) -> dict[str, Any]:
    """Make an index partial on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


workspaces = Table(
    "workspaces",
    metadata,
    Column("team_id", _SlackId, primary_key=True),
    Column("enterprise_id", _SlackId),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),  # with a slash at its end: https://team.slack.com/
    Column("bot_user_id", _SlackId, nullable=False),
    Column("scopes", Text, nullable=False, server_default=text("''")),  # granted, as Slack lists them
    # What new channels begin with: see bot/domain/setups.py, Defaults.
    Column("default_rule", Text, nullable=False, server_default=text("'FREQ=WEEKLY;BYDAY=FR'")),
    Column("default_time", String(5), nullable=False, server_default=text("'16:00'")),
    Column("default_zone", Text),
    Column("default_quiet", String(8), nullable=False, server_default=text("'silent'")),
    Column("revision", Integer, nullable=False, server_default=text("0")),  # counts the changes of the defaults
)

channels = Table(
    "channels",
    metadata,
    Column("team_id", _SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("channel_id", _SlackId, primary_key=True),
    # What Slack says of it, null until it was asked at `surveyed_at`.
    Column("creator", _SlackId),
    Column("is_private", Boolean),
    Column("surveyed_at", UTCDateTime),
    Column("away", _enum(Unavailability)),  # why the bot can't post there
    # How it is set up: see bot/domain/setups.py. All null until somebody has said yes.
    Column("set_up_by", _SlackId),
    Column("set_up_at", UTCDateTime),
    Column("rule", Text),  # "FREQ=WEEKLY;BYDAY=FR": see bot/domain/schedules.py
    Column("starts_on", Date),  # a local date
    Column("local_time", String(5)),  # "16:00"
    Column("zone", Text),
    Column("paused_until", Date),
    Column("is_paused", Boolean, nullable=False, server_default=text("false")),  # with no end
    Column("skipped", Text, nullable=False, server_default=text("'[]'")),  # local dates, a JSON list: ["2030-12-27"]
    Column("posts_in", _SlackId),  # another channel that gets the roundup
    Column("quiet", String(8), nullable=False, server_default=text("'silent'")),
    Column("reminds", Boolean, nullable=False, server_default=text("false")),
    Column("managers", Text, nullable=False, server_default=text("'[]'")),  # user ids, a JSON list
    Column("revision", Integer, nullable=False, server_default=text("0")),  # counts the changes
    # When something is next to be done there.
    Column("next_due_at", UTCDateTime),  # null while no roundup will come
    Column("remind_at", UTCDateTime),  # null while no reminder will come
    Column("told_on", Date),  # the local date of the last scheduled roundup that was written down
    Index("ix_channels_next_due_at", "next_due_at"),
    Index("ix_channels_remind_at", "remind_at", **_partial("remind_at IS NOT NULL")),
)

audit_log = Table(
    "audit",
    metadata,
    _id(),
    _team_id(),
    Column("channel_id", _SlackId),  # null for the workspace's own settings
    Column("actor_id", _SlackId),  # null where Slack did not say who
    Column("kind", _enum(AuditAction), nullable=False),
    Column("before", Text),  # JSON
    Column("after", Text),  # JSON
    Column("next_due_at", UTCDateTime),  # the next roundup that was promised with it
    Column("at", UTCDateTime, nullable=False),
    Column("told_in", _BigId),  # the note (a delivery, which may point here itself) that told somebody of it
    Index("ix_audit_team", "team_id", "id"),
    Index("ix_audit_told_in", "told_in", **_partial("told_in IS NOT NULL")),
)

roundups = Table(
    "roundups",
    metadata,
    _id(),
    _team_id(),
    Column("channel_id", _SlackId, nullable=False),
    Column("due_at", UTCDateTime, nullable=False),
    Column("posted_by", _SlackId),  # who had it posted before its time
    Column("is_quiet", Boolean, nullable=False, server_default=text("false")),  # the line of a quiet week
    Column("created_at", UTCDateTime, nullable=False),
    _channel_foreign_key(),
    UniqueConstraint("team_id", "channel_id", "due_at"),
)

wins = Table(
    "wins",
    metadata,
    _id(),
    _team_id(),
    Column("channel_id", _SlackId),  # null for a win told to the bot alone
    Column("request", Text),  # the command that it came with: the same one is never stored twice
    Column("author_id", _SlackId, nullable=False),
    Column("author_label", Text),  # the name that came with the request, until Slack was asked for it
    Column("text", Text, nullable=False),  # as written, unescaped; mentioned people stand in it as <@U012AB>
    Column("link", Text),
    Column("created_at", UTCDateTime, nullable=False),
    Column("undone_at", UTCDateTime),
    Column("roundup_id", _BigId, ForeignKey("roundups.id")),  # the ledger: null until the win is in a roundup
    Column("roundup_part", SmallInteger),
    Column("roundup_place", Integer),
    _channel_foreign_key(),
    UniqueConstraint("team_id", "request"),
    Index(
        "ix_wins_open",
        "team_id",
        "channel_id",
        **_partial("roundup_id IS NULL AND undone_at IS NULL"),
    ),
    Index("ix_wins_author", "team_id", "author_id", "id"),
    Index("ix_wins_roundup", "roundup_id", "roundup_part", **_partial("roundup_id IS NOT NULL")),
)

win_people = Table(
    "win_people",
    metadata,
    Column("win_id", _BigId, ForeignKey("wins.id"), primary_key=True),
    Column("user_id", _SlackId, primary_key=True),
    Column("role", String(16), primary_key=True),  # "credited"
    _team_id(),
    Column("label", Text),  # the name that was typed, until Slack was asked for it
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
    Column("key", String(32), nullable=False, unique=True),  # stands in the message's metadata and on its buttons
    Column("kind", String(16), nullable=False),  # the `name` of a kind in bot/outbox/kinds
    Column("win_id", _BigId, ForeignKey("wins.id")),
    Column("roundup_id", _BigId, ForeignKey("roundups.id")),
    Column("part", SmallInteger, nullable=False, server_default=text("0")),
    Column("state", _enum(DeliveryState), nullable=False),
    Column("todo", _enum(PendingOp, length=8)),  # null when nothing is to be done
    Column("revision", Integer, nullable=False, server_default=text("0")),  # counts the wishes for todo
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("attempted_at", UTCDateTime),
    Column("ts", String(24)),  # Slack's name for the posted message
    Column("error", Text),
    Column("response_url", Text),  # of the command, as long as it may be needed
    Column("recipient", _SlackId),  # whom a note or an offer is for
    Column("audit_id", _BigId, ForeignKey("audit.id")),  # the change that it tells of
    Column("told_in", _BigId, ForeignKey("deliveries.id")),  # the note that told somebody that this one needs them
    Column("created_at", UTCDateTime, nullable=False),
    CheckConstraint(
        "(kind IN ('note', 'offer', 'reminder', 'change')) OR (win_id IS NULL) <> (roundup_id IS NULL)",
        name="one_subject",
    ),
    Index("ix_deliveries_message", "team_id", "channel_id", "ts", unique=True, **_partial("ts IS NOT NULL")),
    Index(
        "ix_deliveries_todo",
        "team_id",
        "channel_id",
        "id",
        **_partial("todo IS NOT NULL"),
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
        "ix_deliveries_unposted",
        "roundup_id",
        **_partial(f"roundup_id IS NOT NULL AND state IN ({_listed(UNSENT)})"),
    ),
    Index(
        "ix_deliveries_stuck",
        "team_id",
        "id",
        **_partial(f"roundup_id IS NOT NULL AND state IN ({_listed(NEEDS_ATTENTION)})"),
    ),
    Index("ix_deliveries_recipient", "team_id", "recipient", "id", **_partial("recipient IS NOT NULL")),
    Index(
        "ix_deliveries_offer",
        "team_id",
        "channel_id",
        "recipient",
        unique=True,
        **_partial(f"kind = '{DeliveryKind.OFFER}'"),
    ),
    Index("ix_deliveries_told_in", "told_in", **_partial("told_in IS NOT NULL")),
)


def _cheers_table(name: str, subject_column: str, referenced_column: str) -> Table:
    """One row for each way in which a person cheered a subject; a row that ended keeps when it did."""
    return Table(
        name,
        metadata,
        Column(subject_column, _BigId, ForeignKey(referenced_column), primary_key=True),
        Column("user_id", _SlackId, primary_key=True),
        Column("source", Text, primary_key=True),  # "button", or "reaction:" and the emoji's name
        _team_id(),
        Column("stands", Boolean, nullable=False),
        Column("changed_at_us", BigInteger, nullable=False),  # Slack's event_ts in microseconds
    )


win_cheers = _cheers_table("win_cheers", "win_id", "wins.id")
roundup_cheers = _cheers_table("roundup_cheers", "roundup_id", "roundups.id")

users = Table(
    "people",
    metadata,
    Column("team_id", _SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("user_id", _SlackId, primary_key=True),
    Column("name", Text, nullable=False),
    Column("zone", Text),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),  # a person of this workspace
    Column("is_admin", Boolean, nullable=False, server_default=text("false")),  # or owner
    Column("is_guest", Boolean, nullable=False, server_default=text("false")),
    Column("looked_up_at", UTCDateTime, nullable=False),
)

alert_opt_outs = Table(
    "without_notes",  # who stopped the notes about what needs them
    metadata,
    Column("team_id", _SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("user_id", _SlackId, primary_key=True),
)

idempotency_keys = Table(
    "seen_requests",
    metadata,
    Column("team_id", _SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("answer", Text),  # JSON
    Column("seen_at", UTCDateTime, nullable=False),
    Index("ix_seen_requests_seen_at", "seen_at"),
)
