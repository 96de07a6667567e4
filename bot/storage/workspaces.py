"""Workspaces: one row for each Slack installation."""

from dataclasses import asdict
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from bot.domain.channel_settings import ChannelSettings, QuietPolicy, WorkspaceDefaults
from bot.domain.recurrence import parse_rule
from bot.domain.schedules import FALLBACK_ZONE
from bot.domain.workspaces import SLACKBOT, Workspace
from bot.storage import users
from bot.storage.bulk_insert import upsert
from bot.storage.tables import workspaces


def save(connection: Connection, workspace: Workspace) -> None:
    """Add or update a workspace, with the bots that every workspace has."""
    values = asdict(workspace)
    connection.execute(
        upsert(connection.dialect, workspaces)
        .values(values)
        .on_conflict_do_update(index_elements=["team_id"], set_=values)
    )
    users.add_bots(connection, workspace.team_id, (workspace.bot_user_id, SLACKBOT))


def scopes(connection: Connection, team_id: str) -> set[str]:
    """Return the scopes that the workspace granted when the bot started."""
    granted = connection.execute(select(workspaces.c.scopes).where(workspaces.c.team_id == team_id)).scalar_one()
    return {scope.strip() for scope in granted.split(",")} - {""}


def defaults(connection: Connection, team_id: str) -> tuple[WorkspaceDefaults, int]:
    """Return the default settings of the workspace's new channels, and their revision."""
    row = connection.execute(select(workspaces).where(workspaces.c.team_id == team_id)).one()
    local_time = time.fromisoformat(row.default_time)
    return WorkspaceDefaults(
        parse_rule(row.default_rrule),
        local_time,
        row.default_zone,
        QuietPolicy(row.default_quiet_policy),
        row.roundup_channel_id,
    ), row.defaults_revision


def set_defaults(
    connection: Connection,
    team_id: str,
    defaults: WorkspaceDefaults,
    *,
    roundup_due_at: datetime | None,
    expected_revision: int,
) -> bool:
    """Store the default settings of the workspace's new channels; False if they were changed meanwhile.

    `roundup_due_at` (UTC) is when the workspace's own roundup is due next, None for never.
    """
    values = {
        "default_rrule": defaults.rule.rrule,
        "default_time": f"{defaults.local_time:%H:%M}",
        "default_zone": defaults.zone,
        "default_quiet_policy": defaults.quiet_policy.value,
        "roundup_channel_id": defaults.roundup_channel_id,
        "roundup_due_at": roundup_due_at,
        "defaults_revision": workspaces.c.defaults_revision + 1,
    }
    where = (workspaces.c.team_id == team_id) & (workspaces.c.defaults_revision == expected_revision)
    return connection.execute(update(workspaces).where(where).values(values)).rowcount == 1


def default_settings(connection: Connection, team_id: str, *, zone: str | None, now: datetime) -> ChannelSettings:
    """Return the settings to propose `now` (UTC) to a user whose own zone is `zone`."""
    workspace_defaults, _ = defaults(connection, team_id)
    today = now.astimezone(ZoneInfo(workspace_defaults.zone or zone or FALLBACK_ZONE)).date()
    return workspace_defaults.default_settings(zone=zone, today=today)


def with_due_roundup(connection: Connection, now: datetime) -> list[tuple[str, datetime]]:
    """Return the workspaces (team ids) whose own roundup is due at `now`, and since when (UTC)."""
    due_at = workspaces.c.roundup_due_at
    rows = connection.execute(select(workspaces.c.team_id, due_at).where(due_at <= now).order_by(due_at))
    return [(team_id, moment) for team_id, moment in rows]


def roundup_due_at(connection: Connection, team_id: str) -> datetime | None:
    """Return when (UTC) the workspace's own roundup is due, or None."""
    query = select(workspaces.c.roundup_due_at).where(workspaces.c.team_id == team_id)
    due_at: datetime | None = connection.execute(query).scalar_one_or_none()
    return due_at


def lock_roundup(connection: Connection, team_id: str) -> datetime | None:
    """Return when (UTC) the workspace's own roundup is due, or None, with the workspace locked until the commit."""
    query = select(workspaces.c.roundup_due_at).where(workspaces.c.team_id == team_id)
    due_at: datetime | None = connection.execute(query.with_for_update(key_share=True)).scalar_one()
    return due_at


def claim_roundup(connection: Connection, team_id: str, now: datetime) -> datetime | None:
    """Return when (UTC) the roundup that is due was due, with the workspace locked until the commit.

    None if another replica claimed it.
    """
    is_due = (workspaces.c.team_id == team_id) & (workspaces.c.roundup_due_at <= now)
    query = select(workspaces.c.roundup_due_at).where(is_due).with_for_update(skip_locked=True, key_share=True)
    due_at: datetime | None = connection.execute(query).scalar_one_or_none()
    return due_at


def set_roundup_due(connection: Connection, team_id: str, due_at: datetime | None) -> None:
    """Store when (UTC) the workspace's own roundup is due next; None for never."""
    connection.execute(update(workspaces).where(workspaces.c.team_id == team_id).values(roundup_due_at=due_at))
