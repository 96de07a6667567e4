"""Workspace defaults: the settings that new channels of a workspace begin with."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.channel_settings import Conflict, WorkspaceDefaults
from bot.domain.permissions import Action, Actor, check
from bot.services import workspace_roundups
from bot.storage import audit_log, workspaces


def save(
    connection: Connection,
    actor: Actor,
    team_id: str,
    defaults: WorkspaceDefaults,
    *,
    now: datetime,
    expected_revision: int,
) -> AuditEntry | None:
    """Store the defaults and log that; None if nothing changes.

    `expected_revision` is that of the defaults that the actor has seen. Raises NotAllowed or Conflict.
    """
    check(actor, Action.OVERSEE)
    before, revision = workspaces.defaults(connection, team_id)
    if defaults == before:  # also if the form is sent twice
        return None
    if expected_revision != revision:
        raise Conflict
    schedule = workspace_roundups.schedule_of(connection, team_id, before)
    due_at = workspace_roundups.due_if_changed(connection, team_id, defaults, before=schedule, now=now)
    if not workspaces.set_defaults(
        connection, team_id, defaults, roundup_due_at=due_at, expected_revision=expected_revision
    ):
        raise Conflict
    return audit_log.add(
        connection,
        AuditAction.DEFAULTS_CHANGED,
        team_id=team_id,
        actor_id=actor.user_id,
        before=before.to_json(),
        after=defaults.to_json(),
        now=now,
    )
