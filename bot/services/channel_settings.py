"""Changing how a channel is set up: who may, what is kept, what is told, all in one transaction."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.channel_settings import (
    ChannelSettings,
    ChannelUnreachable,
    Conflict,
    TargetForbidden,
    UnknownTarget,
    WorkspaceDefaults,
    WouldLeak,
)
from bot.domain.permissions import Action, Actor, check, may
from bot.storage import audit_log, channels, enqueue, workspaces
from bot.storage.channels import Channel


def change(
    connection: Connection,
    actor: Actor,
    team_id: str,
    channel_id: str,
    settings: ChannelSettings,
    *,
    now: datetime,
    expected_revision: int | None = None,
) -> AuditEntry | None:
    """Give a channel these settings, write that down, and owe the channel a line about it; None if nothing changes.

    `seen` is the revision of the settings that the actor has seen. Raises NotAllowed, ChangedMeanwhile, WouldLeak,
    TargetIsNotKnown, TargetIsNotYours or IsAway; then nothing has changed.
    """
    channel = channels.lock(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.roles)
    manager_ids = channel.settings.manager_ids if channel.settings else frozenset()
    if settings.manager_ids != manager_ids:
        check(actor, Action.ASSIGN_MANAGERS, channel.roles)
    if expected_revision is not None and expected_revision != channel.revision:
        raise Conflict
    if settings == channel.settings:
        return None
    _check_target(connection, actor, channel, settings)
    due_at = channels.save_settings(connection, channel, settings, user_id=actor.user_id, now=now)
    entry = audit_log.add(
        connection,
        AuditAction.SETTINGS_CHANGED if channel.settings else AuditAction.CONFIGURED,
        team_id=team_id,
        channel_id=channel_id,
        actor_id=actor.user_id,
        before=channel.settings.to_json() if channel.settings else None,
        after=settings.to_json(),
        next_due_at=due_at,
        now=now,
    )
    notified_channel_ids = [channel_id] if channel.unavailable_reason is None else []
    if settings.target_channel_id is not None and settings.target_channel_id != channel.target_channel_id:
        notified_channel_ids.append(settings.target_channel_id)
    enqueue.enqueue_settings_change(connection, entry, notified_channel_ids, now=now)
    return entry


def _check_target(connection: Connection, actor: Actor, channel: Channel, settings: ChannelSettings) -> None:
    """Whoever sends a roundup elsewhere must be allowed to change things there, and nothing private gets out."""
    if settings.target_channel_id is None or settings.target_channel_id == (
        channel.settings and channel.settings.target_channel_id
    ):
        return
    target = channels.by_id(connection, channel.team_id, settings.target_channel_id)
    if target is None or target.synced_at is None or channel.synced_at is None:
        raise UnknownTarget
    if channel.is_private:
        raise WouldLeak
    if not may(actor, Action.CHANGE, target.roles):
        raise TargetForbidden
    if target.unavailable_reason is not None:
        raise ChannelUnreachable(target.unavailable_reason)


def take_over(connection: Connection, actor: Actor, team_id: str, channel_id: str, *, now: datetime) -> AuditEntry:
    """Let the actor answer for a channel from now on. Raises NotAllowed."""
    channel = channels.lock(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.roles)
    channels.set_owner(connection, channel, owner_id=actor.user_id)
    entry = audit_log.add(
        connection,
        AuditAction.OWNER_CHANGED,
        team_id=team_id,
        channel_id=channel_id,
        actor_id=actor.user_id,
        before={"owner": channel.owner_id},
        after={"owner": actor.user_id},
        next_due_at=channel.next_due_at,
        now=now,
    )
    if channel.unavailable_reason is None:
        enqueue.enqueue_settings_change(connection, entry, [channel_id], now=now)
    return entry


def change_defaults(
    connection: Connection,
    actor: Actor,
    team_id: str,
    defaults: WorkspaceDefaults,
    *,
    now: datetime,
    expected_revision: int,
) -> AuditEntry | None:
    """Choose what new channels of a workspace begin with; None if nothing changes.

    `seen` is the revision that the actor has seen. Raises NotAllowed or ChangedMeanwhile.
    """
    check(actor, Action.OVERSEE)
    before, revision = workspaces.defaults(connection, team_id)
    if expected_revision != revision:
        raise Conflict
    if defaults == before:
        return None
    if not workspaces.set_defaults(connection, team_id, defaults, expected_revision=expected_revision):
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
