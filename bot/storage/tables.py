"""The tables. Every row belongs to a workspace (`team_id`); every time is aware UTC.

Rows are deleted in the order of storage/deletion.py.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from bot.domain.audit_log import AuditAction, Unavailability
from bot.domain.consent import Consent, Preference
from bot.domain.deliveries import NEEDS_ATTENTION, UNSENT, DeliveryKind, DeliveryState, PendingOp
from bot.domain.roundups import RoundupKind
from bot.domain.wins import WinKind, WinRole
from bot.storage.columns import (
    BigId,
    SlackId,
    UTCDateTime,
    channel_foreign_key,
    enum_column,
    id_column,
    listed,
    partial,
    team_id_column,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("team_id", SlackId, primary_key=True),
    Column("enterprise_id", SlackId),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),  # with a slash at its end: https://team.slack.com/
    Column("bot_user_id", SlackId, nullable=False),
    Column("scopes", Text, nullable=False, server_default=text("''")),  # granted, as Slack lists them
    # The settings of new channels: see WorkspaceDefaults in bot/domain/channel_settings.py.
    Column("default_rrule", Text, nullable=False, server_default=text("'FREQ=WEEKLY;BYDAY=FR'")),
    Column("default_time", String(5), nullable=False, server_default=text("'16:00'")),
    Column("default_zone", Text),
    Column("default_quiet_policy", String(8), nullable=False, server_default=text("'silent'")),
    Column("defaults_revision", Integer, nullable=False, server_default=text("0")),  # counts their changes
    # The roundup of its public channels that agreed to it: where it is posted, null for nowhere, and when it is due.
    Column("roundup_channel_id", SlackId),
    Column("roundup_due_at", UTCDateTime),
)

channels = Table(
    "channels",
    metadata,
    Column("team_id", SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("channel_id", SlackId, primary_key=True),
    # What Slack says of it; null until the first conversations.info, at `synced_at`.
    Column("creator", SlackId),
    Column("is_private", Boolean),
    Column("is_group", Boolean, nullable=False, server_default=text("false")),  # a group conversation: see SlashCommand
    Column("synced_at", UTCDateTime),
    Column("unavailable_reason", enum_column(Unavailability, length=16)),  # why the bot can't post there
    # Its settings: see bot/domain/channel_settings.py. Null until someone sets the channel up.
    Column("owner_id", SlackId),
    Column("configured_at", UTCDateTime),
    Column("rrule", Text),  # "FREQ=WEEKLY;BYDAY=FR": see bot/domain/recurrence.py
    Column("starts_on", Date),  # a local date
    Column("local_time", String(5)),  # "16:00"
    Column("zone", Text),
    Column("paused_until", Date),
    Column("is_paused", Boolean, nullable=False, server_default=text("false")),  # with no end
    Column("is_off", Boolean, nullable=False, server_default=text("false")),
    Column(
        "skipped_dates", Text, nullable=False, server_default=text("'[]'")
    ),  # local dates, a JSON list: ["2030-12-27"]
    Column("target_channel_id", SlackId),  # another channel that gets the roundup
    Column("quiet_policy", String(8), nullable=False, server_default=text("'silent'")),
    Column("wants_reminder", Boolean, nullable=False, server_default=text("false")),
    Column("manager_ids", Text, nullable=False, server_default=text("'[]'")),  # user ids, a JSON list
    Column("win_emoji", Text),  # its name, without colons
    Column("editions", Text, nullable=False, server_default=text("'[]'")),  # the looks back it gets, a JSON list
    Column("joins_workspace_roundup", Boolean, nullable=False, server_default=text("false")),
    # What an admin says at the top of the next roundup.
    Column("next_note", Text),
    Column("next_note_by", SlackId),
    Column("revision", Integer, nullable=False, server_default=text("0")),  # counts the changes
    # When its next roundup and reminder are due.
    Column("next_due_at", UTCDateTime),  # null while none is scheduled
    Column("remind_at", UTCDateTime),  # null while none is scheduled
    Column("edition_due_at", UTCDateTime),  # null while it gets no editions
    Column("last_roundup_on", Date),  # the local date of the last scheduled roundup that was created
    Index("ix_channels_next_due_at", "next_due_at"),
    Index("ix_channels_remind_at", "remind_at", **partial("remind_at IS NOT NULL")),
    Index("ix_channels_edition_due_at", "edition_due_at", **partial("edition_due_at IS NOT NULL")),
)

audit_log = Table(
    "audit_log",
    metadata,
    id_column(),
    team_id_column(),
    Column("channel_id", SlackId),  # null for the workspace's own settings
    Column("actor_id", SlackId),  # null where Slack did not say who
    Column("action", enum_column(AuditAction), nullable=False),
    Column("before", Text),  # JSON
    Column("after", Text),  # JSON
    Column("next_due_at", UTCDateTime),  # of the roundup that was announced with the change
    Column("created_at", UTCDateTime, nullable=False),
    # The owner alert that reports it. Added afterwards, because deliveries refer to this table.
    Column("alert_id", BigId, ForeignKey("deliveries.id", use_alter=True)),
    Index("ix_audit_log_team", "team_id", "id"),
    Index("ix_audit_log_alert", "alert_id", **partial("alert_id IS NOT NULL")),
)

roundups = Table(
    "roundups",
    metadata,
    id_column(),
    team_id_column(),
    Column("channel_id", SlackId, nullable=False),
    Column("kind", enum_column(RoundupKind), nullable=False),
    Column("due_at", UTCDateTime, nullable=False),
    Column("posted_by", SlackId),  # who posted an early one
    Column("is_quiet", Boolean, nullable=False, server_default=text("false")),  # the line of a quiet week
    Column("starts_on", Date),  # the first local date of its period; null before migration 0019
    Column("opening", String(32)),  # which of the openings it has; null before migration 0019
    # What an admin says at its top.
    Column("note", Text),
    Column("note_by", SlackId),
    Column("created_at", UTCDateTime, nullable=False),
    Column("noted_at", UTCDateTime),  # when the notes to the people in it were stored: see roundup_notes
    channel_foreign_key(),
    UniqueConstraint("team_id", "channel_id", "kind", "due_at"),
    Index("ix_roundups_not_noted", "team_id", "id", **partial("noted_at IS NULL")),
)

climbs = Table(
    "climbs",  # wins that are steps of one another, in the order of time
    metadata,
    id_column(),
    team_id_column(),
    Column("channel_id", SlackId),  # of all its wins; null for private wins, which are `created_by` one person
    Column("name", Text, nullable=False),
    Column("created_by", SlackId, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("shared_at", UTCDateTime),  # when others first could know of it; null before: see bot/domain/climbs.py
    Column("reached_at", UTCDateTime),
    Column("reached_by", SlackId),
    channel_foreign_key(),
    Index("ix_climbs_channel", "team_id", "channel_id"),
)

wins = Table(
    "wins",
    metadata,
    id_column(),
    team_id_column(),
    Column("channel_id", SlackId),  # null for a win in a direct message to the bot
    Column("idempotency_key", Text),  # of the request that it came with: one request stores one win
    Column("author_id", SlackId, nullable=False),
    Column("author_name", Text),  # as in the request; shown until users.info is known
    Column("text", Text, nullable=False),  # as written, unescaped, with mentions as <@U012AB>
    Column("url", Text),
    Column("kind", enum_column(WinKind, length=16), nullable=False, server_default=text("'win'")),
    Column("is_own", Boolean, nullable=False, server_default=text("true")),  # the author is among those whose win it is
    Column("is_private", Boolean, nullable=False, server_default=text("false")),  # only its author sees it
    # It waits for the consent of people in it, and no channel shows it: see bot/domain/consent.py.
    Column("held_until", UTCDateTime),
    Column("climb_id", BigId, ForeignKey("climbs.id")),
    Column("source_channel_id", SlackId),  # of the message that it was saved from
    Column("source_ts", String(24)),
    Column("thread_ts", String(24)),  # the thread in which it is announced
    Column("created_at", UTCDateTime, nullable=False),
    Column("edited_at", UTCDateTime),
    Column("revision", Integer, nullable=False, server_default=text("0")),  # counts the edits
    Column("undone_at", UTCDateTime),
    Column("is_open", Boolean, nullable=False),  # the channel's next roundup may tell it
    Column("is_left", Boolean, nullable=False, server_default=text("false")),  # that one leaves it for the one after
    channel_foreign_key(),
    UniqueConstraint("team_id", "idempotency_key"),
    Index(
        "ix_wins_open",
        "team_id",
        "channel_id",
        **partial("is_open", sqlite="is_open = 1"),
    ),
    Index("ix_wins_source", "team_id", "source_channel_id", "source_ts", **partial("source_ts IS NOT NULL")),
    Index("ix_wins_author", "team_id", "author_id", "created_at", "id"),
    Index("ix_wins_climb", "climb_id", "created_at", "id", **partial("climb_id IS NOT NULL")),
)

roundup_items = Table(
    "roundup_items",
    metadata,
    Column("roundup_id", BigId, ForeignKey("roundups.id"), primary_key=True),
    Column("part", SmallInteger, primary_key=True),
    Column("position", Integer, primary_key=True),  # in its part, from 0
    Column("section", String(16)),  # null while a part has no sections
    Column("theme", Text),  # the tag of a section of wins that share it
    Column("win_id", BigId, ForeignKey("wins.id"), nullable=False),
    # The one roundup of its channel that tells the win: no edition, and none that has stopped showing a hidden win.
    Column("is_regular", Boolean, nullable=False),
    team_id_column(),
    Index("ix_roundup_items_win", "win_id"),
    Index("ix_roundup_items_regular_win", "win_id", unique=True, **partial("is_regular", sqlite="is_regular = 1")),
    sqlite_with_rowid=False,
)

roundup_notes = Table(
    "roundup_notes",  # who is in a roundup, until they got the note that comes a day after it
    metadata,
    Column("roundup_id", BigId, ForeignKey("roundups.id"), primary_key=True),
    Column("user_id", SlackId, primary_key=True),
    team_id_column(),
    Column("due_at", UTCDateTime, nullable=False),
    Column("done_at", UTCDateTime),  # when the note was enqueued, or turned out not to be needed
    Column("delivery_id", BigId, ForeignKey("deliveries.id")),  # the note, which may be about several roundups
    Index("ix_roundup_notes_due", "due_at", **partial("done_at IS NULL")),
    Index("ix_roundup_notes_user", "team_id", "user_id", "done_at"),
    Index("ix_roundup_notes_delivery", "delivery_id", **partial("delivery_id IS NOT NULL")),
)

win_people = Table(
    "win_people",
    metadata,
    Column("win_id", BigId, ForeignKey("wins.id"), primary_key=True),
    Column("user_id", SlackId, primary_key=True),
    Column("role", enum_column(WinRole, length=16), primary_key=True),
    team_id_column(),
    Column("name", Text),  # as typed; shown until users.info is known
    Column("reason", Text),  # for which a person is thanked, as written
    Column("consent", enum_column(Consent, length=8)),  # null where there was nothing to ask
    Index("ix_win_people_user", "team_id", "user_id", "win_id"),
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    Column("win_id", BigId, ForeignKey("wins.id"), primary_key=True),
    Column("tag", Text, primary_key=True),
    team_id_column(),
    sqlite_with_rowid=False,
)

win_search = Table(
    # The index of the search: see win_search.py. On SQLite it is a virtual table (FTS5), which has no keys.
    "win_search",
    metadata,
    Column("rowid", BigInteger, primary_key=True, autoincrement=False),  # the position of the win, as FTS5 calls it
    Column("win_id", BigId, ForeignKey("wins.id"), nullable=False),
    team_id_column(),
    Column("terms", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    Index("ix_win_search_terms", "terms", postgresql_using="gin"),
)

unsaved_wins = Table(
    "unsaved_wins",
    metadata,
    id_column(),
    team_id_column(),
    Column("user_id", SlackId, nullable=False),
    Column("channel_id", SlackId),  # where it was begun; null outside of channels
    Column("source_channel_id", SlackId),  # of the message that it is about
    Column("source_ts", String(24)),
    Column("thread_ts", String(24)),  # the thread in which it is to be announced
    Column("content", Text, nullable=False),  # an EnteredWin as JSON
    Column("saved_at", UTCDateTime, nullable=False),
    Index("ix_unsaved_wins_user", "team_id", "user_id", "id"),
    Index("ix_unsaved_wins_saved_at", "saved_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    id_column(),
    team_id_column(),
    Column("channel_id", SlackId, nullable=False),
    Column("key", String(32), nullable=False, unique=True),  # in the message's metadata and the values of its buttons
    Column("kind", String(32), nullable=False),  # the `name` of a kind in bot/outbox/kinds
    Column("win_id", BigId, ForeignKey("wins.id")),
    Column("roundup_id", BigId, ForeignKey("roundups.id")),
    Column("unsaved_win_id", BigId, ForeignKey("unsaved_wins.id")),
    Column("climb_id", BigId, ForeignKey("climbs.id")),
    Column("noted_roundup_id", BigId, ForeignKey("roundups.id")),  # with which a note to one person comes
    Column("part", SmallInteger, nullable=False, server_default=text("0")),
    Column("state", enum_column(DeliveryState), nullable=False),
    Column("is_plain", Boolean, nullable=False, server_default=text("false")),  # without what Slack may not draw
    Column("pending_op", enum_column(PendingOp)),  # what is to be done next, if anything
    Column("revision", Integer, nullable=False, server_default=text("0")),  # counts the requests for an operation
    # The place of a pending update among those of the workspace, counted up; it is urgent if someone has acted on the
    # message itself.
    Column("update_number", Integer, nullable=False, server_default=text("0")),
    Column("is_update_urgent", Boolean, nullable=False, server_default=text("false")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("attempted_at", UTCDateTime),
    Column("ts", String(24)),  # Slack's id of the posted message
    Column("error", Text),
    Column("response_url", Text),  # of the command; null once it is no longer needed
    Column("recipient_id", SlackId),  # of an owner alert or an offer
    Column("audit_id", BigId, ForeignKey("audit_log.id")),  # the settings change that it reports
    Column("alert_id", BigId, ForeignKey("deliveries.id")),  # the owner alert that reports this one
    Column("created_at", UTCDateTime, nullable=False),
    Index("ix_deliveries_message", "team_id", "channel_id", "ts", unique=True, **partial("ts IS NOT NULL")),
    Index(
        "ix_deliveries_pending_op",
        "team_id",
        "channel_id",
        "id",
        **partial("pending_op IS NOT NULL"),
    ),
    Index(
        "ix_deliveries_update",
        "team_id",
        "update_number",
        **partial(f"pending_op = '{PendingOp.UPDATE}'"),
    ),
    Index("ix_deliveries_win", "win_id", **partial("win_id IS NOT NULL")),
    Index("ix_deliveries_unsaved_win", "unsaved_win_id", **partial("unsaved_win_id IS NOT NULL")),
    Index("ix_deliveries_roundup", "roundup_id", "part", unique=True, **partial("roundup_id IS NOT NULL")),
    Index(
        "ix_deliveries_sending",
        "team_id",
        "channel_id",
        **partial(f"state = '{DeliveryState.SENDING}'"),
    ),
    Index("ix_deliveries_unknown", "team_id", "id", **partial(f"state = '{DeliveryState.UNKNOWN}'")),
    Index(
        "ix_deliveries_unsent",
        "roundup_id",
        **partial(f"roundup_id IS NOT NULL AND state IN ({listed(UNSENT)})"),
    ),
    Index(
        "ix_deliveries_needs_attention",
        "team_id",
        "id",
        **partial(f"roundup_id IS NOT NULL AND state IN ({listed(NEEDS_ATTENTION)})"),
    ),
    Index(
        "ix_deliveries_to_look_at",
        "state",
        "roundup_id",
        **partial(f"state IN ({listed((*NEEDS_ATTENTION, DeliveryState.ABANDONED))})"),
    ),
    Index(
        "ix_deliveries_refused_change",
        "team_id",
        "channel_id",
        **partial(f"state = '{DeliveryState.POSTED}' AND error IS NOT NULL AND pending_op IS NULL"),
    ),
    Index("ix_deliveries_recipient", "team_id", "recipient_id", "id", **partial("recipient_id IS NOT NULL")),
    Index(
        "ix_deliveries_offer",
        "team_id",
        "channel_id",
        "recipient_id",
        unique=True,
        **partial(f"kind = '{DeliveryKind.OFFER}'"),
    ),
    Index(
        "ix_deliveries_credit",
        "win_id",
        "recipient_id",
        unique=True,
        **partial(f"kind = '{DeliveryKind.CREDIT}'"),
    ),
    Index("ix_deliveries_climb", "climb_id", **partial("climb_id IS NOT NULL")),
    Index(
        "ix_deliveries_noted_roundup",
        "noted_roundup_id",
        "recipient_id",
        unique=True,
        **partial("noted_roundup_id IS NOT NULL"),
    ),
    Index("ix_deliveries_audit", "audit_id", **partial("audit_id IS NOT NULL")),
    Index("ix_deliveries_alert", "alert_id", **partial("alert_id IS NOT NULL")),
)


def _cheers_table(name: str, subject_column: str, referenced_column: str) -> Table:
    """One row for each way in which a person cheered a subject. A row stays when its cheer is taken back."""
    return Table(
        name,
        metadata,
        Column(subject_column, BigId, ForeignKey(referenced_column), primary_key=True),
        Column("user_id", SlackId, primary_key=True),
        Column("source", Text, primary_key=True),  # "button", or "reaction:" and the emoji's name
        team_id_column(),
        Column("is_active", Boolean, nullable=False),
        Column("changed_at_us", BigInteger, nullable=False),  # Slack's event_ts in microseconds
    )


win_cheers = _cheers_table("win_cheers", "win_id", "wins.id")
roundup_cheers = _cheers_table("roundup_cheers", "roundup_id", "roundups.id")

users = Table(
    "users",
    metadata,
    Column("team_id", SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("user_id", SlackId, primary_key=True),
    Column("name", Text, nullable=False),
    Column("zone", Text),
    Column("avatar_url", Text),
    Column(
        "is_active", Boolean, nullable=False, server_default=text("true")
    ),  # an account of this workspace that is in use
    Column("is_admin", Boolean, nullable=False, server_default=text("false")),  # or owner
    Column("is_guest", Boolean, nullable=False, server_default=text("false")),
    Column("is_bot", Boolean, nullable=False, server_default=text("false")),  # an app, a workflow or Slackbot
    Column("synced_at", UTCDateTime, nullable=False),
)

preferences = Table(
    "preferences",  # how people want to be named in the wins of others
    metadata,
    Column("team_id", SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("user_id", SlackId, primary_key=True),
    Column("preference", enum_column(Preference, length=8)),  # null until they choose
    Column("wants_messages", Boolean, nullable=False, server_default=text("true")),  # about wins that they are in
    Column("introduced_at", UTCDateTime),  # of the first such message, which explains the choice
    Column("wants_look_back", Boolean, nullable=False, server_default=text("false")),  # at their wins of a year ago
    Column("looked_back_at", UTCDateTime),  # when the last one was sent
    Column("welcomed_at", UTCDateTime),  # when Home first opened
)

alert_opt_outs = Table(
    "alert_opt_outs",  # who stopped their owner alerts
    metadata,
    Column("team_id", SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("user_id", SlackId, primary_key=True),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("team_id", SlackId, ForeignKey("workspaces.team_id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("response", Text),  # JSON
    Column("seen_at", UTCDateTime, nullable=False),
    Index("ix_idempotency_keys_seen_at", "seen_at"),
)
