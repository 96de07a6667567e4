"""Where the bot is: what Slack did to channels and to its membership is written down, told, and mended.

All of it depends on how things stand, not on how often or in what order Slack told of it.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.audit_log import AuditAction, Unavailability
from bot.domain.slack_errors import ErrorMeaning
from bot.services import owner_alerts
from bot.slack.errors import POST_METHOD, with_meaning
from bot.storage import audit_log, channels, deliveries, enqueue
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
    """Keep what Slack has just said of a channel; `by` and `told` are as in `learned`.

    One that has become private keeps its roundup from now on; one that the bot is back in goes on, and one that it is
    gone from rests.
    """
    channels.save_info(connection, team_id, channel_id, info, now=now)
    channel = channels.lock(connection, team_id, channel_id)
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
    if info.is_private and channel.settings is not None and channel.settings.target_channel_id is not None:
        _redirect_to_own_channel(connection, channels.lock(connection, team_id, channel_id), now=now)


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
    """Write down that the bot can't post in a channel (`away` says why), or can (None), if that is new.

    `by` (a user id) is who did that. The owner of a channel that is set up is told, unless they are `told` already;
    of one that nobody set up nothing is said.
    """
    if reason is None:
        channel = channels.lock(connection, team_id, channel_id)
        if channel.unavailable_reason is not None:
            _mark_reachable(connection, channel, actor_id=actor_id, now=now)
        _requeue_rejected(connection, (team_id, channel_id), now=now)
        return
    if channels.by_id(connection, team_id, channel_id) is None:
        return
    _mark_unreachable(
        connection,
        channels.lock(connection, team_id, channel_id),
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
    """Take a known channel that Slack does not show the bot for a private one, for the bot can see every other.

    It is not in it; `away` says why, if that is known. `by` and `told` are as in `learned`.
    """
    if channels.by_id(connection, team_id, channel_id) is None:
        return
    channels.mark_not_visible(connection, team_id, channel_id)
    channel = channels.lock(connection, team_id, channel_id)
    if channel.settings is not None and channel.settings.target_channel_id is not None:
        _redirect_to_own_channel(connection, channel, now=now)
    _mark_unreachable(
        connection,
        channel,
        reason or channel.unavailable_reason or Unavailability.REMOVED,
        actor_id=actor_id,
        already_notified_user_id=already_notified_user_id,
        now=now,
    )


def redirect_if_private(connection: Connection, team_id: str, channel_id: str) -> bool:
    """Whether a channel is private; what is certainly unposted of its roundups in other ones is then owed to itself."""
    channel = channels.by_id(connection, team_id, channel_id)
    if channel is None or not channel.is_private:
        return False
    deliveries.redirect_to_own_channel(connection, (team_id, channel_id))
    return True


def change_channel_id(connection: Connection, team_id: str, old_id: str, new_id: str, *, now: datetime) -> None:
    """Let a channel go on under the id that Slack gave it."""
    channel = None if old_id == new_id else channels.change_channel_id(connection, team_id, old_id, new_id)
    if channel is None:
        return
    audit_log.add(
        connection,
        AuditAction.CHANNEL_ID_CHANGED,
        team_id=team_id,
        channel_id=new_id,
        actor_id=None,
        before={"channel_id": old_id},
        after={"channel_id": new_id},
        next_due_at=channel.next_due_at,
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
    """Let a channel rest that the bot can't post in, if that is new, and tell its owner."""
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
    """Go on where the schedule stands: what Slack refused is owed again, and the channel hears of it."""
    assert channel.unavailable_reason is not None, "whoever is there does not come back"
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
    enqueue.enqueue_settings_change(connection, entry, [channel.channel_id], now=now)
    owner_alerts.follow_up(connection, entry)


def _redirect_to_own_channel(connection: Connection, channel: Channel, *, now: datetime) -> None:
    """Keep a private channel's roundup in it, also one that is on its way elsewhere and certainly not posted."""
    assert channel.settings is not None, "the caller has looked"
    settings = replace(channel.settings, target_channel_id=None)
    channels.clear_target_channel(connection, channel)
    channel_key = (channel.team_id, channel.channel_id)
    deliveries.redirect_to_own_channel(connection, channel_key)
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
        enqueue.enqueue_settings_change(connection, entry, [channel.channel_id], now=now)


def _requeue_rejected(connection: Connection, channel_key: tuple[str, str], *, now: datetime) -> None:
    errors = with_meaning(POST_METHOD, *UNAVAILABILITY_BY_REFUSAL)
    deliveries.requeue_rejected(connection, channel_key, errors=errors, now=now)
