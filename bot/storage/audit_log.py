"""The audit log: who changed what, written in the same transaction as the change."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from bot.domain.audit_log import AuditAction, AuditEntry, Snapshot
from bot.storage.columns import any_of
from bot.storage.tables import audit_log


def add(
    connection: Connection,
    action: AuditAction,
    *,
    team_id: str,
    channel_id: str | None = None,
    actor_id: str | None,
    before: Snapshot | None = None,
    after: Snapshot | None = None,
    next_due_at: datetime | None = None,
    now: datetime,
) -> AuditEntry:
    """Add an entry and return it. `actor_id` is None if Slack did not say who acted."""
    row = {
        "team_id": team_id,
        "channel_id": channel_id,
        "actor_id": actor_id,
        "action": action,
        "before": None if before is None else json.dumps(before),
        "after": None if after is None else json.dumps(after),
        "next_due_at": next_due_at,
        "created_at": now,
    }
    entry_id: int = connection.execute(insert(audit_log), row).inserted_primary_key[0]  # type: ignore[index]
    return AuditEntry(entry_id, team_id, channel_id, actor_id, action, before, after, now, next_due_at)


def by_id(connection: Connection, entry_id: int) -> AuditEntry | None:
    """Return the entry with this id, or None."""
    row = connection.execute(select(audit_log).where(audit_log.c.id == entry_id)).one_or_none()
    return None if row is None else _entry(row)


def of_alert(connection: Connection, alert_id: int) -> list[AuditEntry]:
    """Return the entries that an owner alert reports, the oldest first."""
    query = select(audit_log).where(audit_log.c.alert_id == alert_id).order_by(audit_log.c.id)
    return [_entry(row) for row in connection.execute(query)]


def latest(
    connection: Connection, team_id: str, *, channel_ids: Collection[str], limit: int, before_id: int | None = None
) -> list[AuditEntry]:
    """Return the newest entries of the workspace's own settings and of these channels, the newest first.

    With `before_id`, return those before that entry.
    """
    query = select(audit_log).where(
        audit_log.c.team_id == team_id,
        or_(audit_log.c.channel_id.is_(None), any_of(audit_log.c.channel_id, channel_ids)),
    )
    if before_id is not None:
        query = query.where(audit_log.c.id < before_id)
    return [_entry(row) for row in connection.execute(query.order_by(audit_log.c.id.desc()).limit(limit))]


def last_settings_change(connection: Connection, team_id: str, channel_id: str) -> AuditEntry | None:
    """Return the last entry for a change of a channel's settings by a person, or None."""
    query = select(audit_log).where(
        audit_log.c.team_id == team_id,
        audit_log.c.channel_id == channel_id,
        audit_log.c.action.in_((AuditAction.CONFIGURED, AuditAction.SETTINGS_CHANGED)),
    )
    row = connection.execute(query.order_by(audit_log.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _entry(row)


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        team_id=row.team_id,
        channel_id=row.channel_id,
        actor_id=row.actor_id,
        action=row.action,
        before=None if row.before is None else json.loads(row.before),
        after=None if row.after is None else json.loads(row.after),
        created_at=row.created_at,
        next_due_at=row.next_due_at,
    )
