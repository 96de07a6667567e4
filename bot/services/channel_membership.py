"""Channel membership: what follows when the bot leaves or returns, or a channel is archived or becomes private.

All of it depends on the present state, not on how often or in what order Slack sent its events.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.audit_log import AuditAction, Unavailability
from bot.domain.slack_errors import ErrorMeaning
from bot.services import channel_settings, owner_alerts
from bot.slack.errors import POST_METHOD, UPDATE_METHOD, with_meaning
from bot.storage import audit_log, channel_id_change, channels, editions, refusals, roundups
from bot.storage.channels import Channel, ConversationInfo

UNAVAILABILITY_BY_REFUSAL = {
    ErrorMeaning.NOT_IN_CHANNEL: Unavailability.REMOVED,
    ErrorMeaning.CHANNEL_NOT_FOUND: Unavailability.REMOVED,
    ErrorMeaning.CHANNEL_ARCHIVED: Unavailability.ARCHIVED,
}
"""The reasons for which Slack refuses every post to a channel, and what they say about the channel."""


def apply_channel_info(
    connection: Connection,
    team_id: str,
    channel_id: str,
    info: ConversationInfo,
    *,
    actor_id: str | None = None,
    already_notified_user_id: str | None = None,
    now: datetime,
) -> None:
    """Store what Slack has just said of a channel, and apply what follows; see `apply_availability` for the arguments.

    A channel that has become private gets its own roundup from now on. Its schedule resumes if the bot is back, and is
    on hold if the bot can't post there. Of one whose settings can't be read, only what Slack said is stored.
    """
    channels.save_info(connection, team_id, channel_id, info, now=now)
    channel = channels.lock_if_readable(connection, team_id, channel_id)
    if channel is None:
        return
    if info.unavailable_reason is not None:
        _mark_unreachable(
            connection,
            channel,
            info.unavailable_reason,
            actor_id=actor_id,
            already_notified_user_id=already_notified_user_id,
            now=now,
        )
    elif channel.unavailable_reason is not None:
        _mark_reachable(connection, channel, actor_id=actor_id, now=now)
    if info.is_private and channel.settings is not None and channel.settings.is_shown_elsewhere:
        _keep_to_itself(connection, channels.lock(connection, team_id, channel_id), now=now)


def apply_availability(
    connection: Connection,
    team_id: str,
    channel_id: str,
    reason: Unavailability | None,
    *,
    actor_id: str | None = None,
    already_notified_user_id: str | None = None,
    now: datetime,
) -> None:
    """Store that the bot can't post in a channel, for `reason`, or can (None), if that is new.

    `actor_id` is the user who caused it. If the channel has settings, its owner gets an alert, unless they are
    `already_notified_user_id`. What shows the wins of a deleted channel in other channels is deleted there.

    For a channel whose settings can't be read, none of this is stored: its schedule couldn't be resumed later. A post
    that Slack refuses says it again, once they can be read.
    """
    if reason is None:
        channel = channels.lock_if_readable(connection, team_id, channel_id)
        if channel is not None and channel.unavailable_reason is not None:
            _mark_reachable(connection, channel, actor_id=actor_id, now=now)
        _requeue_rejected(connection, (team_id, channel_id), now=now)
        return
    if not channels.is_known(connection, team_id, channel_id):
        return
    if reason is Unavailability.DELETED:
        roundups.delete_elsewhere(connection, team_id, channel_id)
    channel = channels.lock_if_readable(connection, team_id, channel_id)
    if channel is not None:
        _mark_unreachable(
            connection,
            channel,
            reason,
            actor_id=actor_id,
            already_notified_user_id=already_notified_user_id,
            now=now,
        )


def mark_not_visible(
    connection: Connection,
    team_id: str,
    channel_id: str,
    *,
    reason: Unavailability | None = None,
    actor_id: str | None = None,
    already_notified_user_id: str | None = None,
    now: datetime,
) -> None:
    """Treat a known channel that the bot can't see as private and left: every public one is visible.

    One whose settings can't be read only becomes private. `reason` is why the bot left it, if that is known. See
    `apply_availability` for the other arguments.
    """
    if not channels.mark_not_visible(connection, team_id, channel_id):
        return
    channel = channels.lock_if_readable(connection, team_id, channel_id)
    if channel is None:
        return
    if channel.settings is not None and channel.settings.is_shown_elsewhere:
        _keep_to_itself(connection, channel, now=now)
    _mark_unreachable(
        connection,
        channel,
        reason or channel.unavailable_reason or Unavailability.REMOVED,
        actor_id=actor_id,
        already_notified_user_id=already_notified_user_id,
        now=now,
    )


def redirect_if_private(connection: Connection, team_id: str, channel_id: str) -> bool:
    """Whether a channel is private. If so, its roundups that are not posted yet are redirected to itself."""
    channel = channels.by_id(connection, team_id, channel_id)
    if channel is None or not channel.is_private:
        return False
    roundups.redirect_to_own_channel(connection, team_id, channel_id)
    return True


def change_channel_id(connection: Connection, team_id: str, old_id: str, new_id: str, *, now: datetime) -> None:
    """Rename a channel to the id that Slack gave it, with all that belongs to it."""
    if old_id == new_id or not channel_id_change.apply(connection, team_id, old_id, new_id):
        return
    channel = channels.lock_if_readable(connection, team_id, new_id)
    audit_log.add(
        connection,
        AuditAction.CHANNEL_ID_CHANGED,
        team_id=team_id,
        channel_id=new_id,
        actor_id=None,
        before={"channel_id": old_id},
        after={"channel_id": new_id},
        next_due_at=None if channel is None else channel.next_due_at,
        now=now,
    )
    _requeue_rejected(connection, (team_id, new_id), now=now)


def _mark_unreachable(
    connection: Connection,
    channel: Channel,
    reason: Unavailability,
    *,
    actor_id: str | None,
    already_notified_user_id: str | None,
    now: datetime,
) -> None:
    """Put a channel that the bot can't post in on hold, if that is new, and alert its owner."""
    if channel.unavailable_reason in (reason, Unavailability.DELETED):
        return
    channels.mark_unreachable(connection, channel, reason)
    if channel.settings is None:
        return
    entry = audit_log.add(
        connection,
        AuditAction.BOT_LEFT,
        team_id=channel.team_id,
        channel_id=channel.channel_id,
        actor_id=actor_id,
        before={"unavailable_reason": channel.unavailable_reason.value} if channel.unavailable_reason else None,
        after={"unavailable_reason": reason.value},
        now=now,
    )
    if channel.owner_id is not None and channel.owner_id != already_notified_user_id:
        owner_alerts.alert_about_channel(connection, entry, channel.owner_id, now=now)


def _mark_reachable(connection: Connection, channel: Channel, *, actor_id: str | None, now: datetime) -> None:
    """Resume the schedule, requeue rejected messages and notify the channel."""
    assert channel.unavailable_reason is not None, "the bot was away"
    due_at = channels.mark_reachable(connection, channel, now=now)
    channel_key = (channel.team_id, channel.channel_id)
    _requeue_rejected(connection, channel_key, now=now)
    if channel.settings is None:
        return
    entry = audit_log.add(
        connection,
        AuditAction.BOT_RETURNED,
        team_id=channel.team_id,
        channel_id=channel.channel_id,
        actor_id=actor_id,
        before={"unavailable_reason": channel.unavailable_reason.value},
        after=channel.settings.to_json(),
        next_due_at=due_at,
        now=now,
    )
    channel_settings.notify_channels(connection, entry, [channel.channel_id], now=now)
    owner_alerts.follow_up(connection, entry)


def _keep_to_itself(connection: Connection, channel: Channel, *, now: datetime) -> None:
    """Make a private channel its own target, also for roundups that are not posted yet.

    Its wins leave the workspace's roundups, even posted ones.
    """
    assert channel.settings is not None, "the caller has checked"
    settings = replace(channel.settings, target_channel_id=None, joins_workspace_roundup=False)
    channels.keep_to_itself(connection, channel)
    if channel.settings.joins_workspace_roundup:
        editions.request_workspace_updates(connection, channel.team_id, channel.channel_id)
    channel_key = (channel.team_id, channel.channel_id)
    roundups.redirect_to_own_channel(connection, *channel_key)
    entry = audit_log.add(
        connection,
        AuditAction.BECAME_PRIVATE,
        team_id=channel.team_id,
        channel_id=channel.channel_id,
        actor_id=None,
        before=channel.settings.to_json(),
        after=settings.to_json(),
        next_due_at=channel.next_due_at,
        now=now,
    )
    if channel.unavailable_reason is None:
        _requeue_rejected(connection, channel_key, now=now)
        channel_settings.notify_channels(connection, entry, [channel.channel_id], now=now)


def _requeue_rejected(connection: Connection, channel_key: tuple[str, str], *, now: datetime) -> None:
    refusals.requeue_in(
        connection,
        channel_key,
        post_errors=with_meaning(POST_METHOD, *UNAVAILABILITY_BY_REFUSAL),
        change_errors=with_meaning(UPDATE_METHOD, *UNAVAILABILITY_BY_REFUSAL),
        now=now,
    )
