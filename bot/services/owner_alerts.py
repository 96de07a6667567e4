"""Owner alerts: direct messages to the owner of a channel, each about all that needs their attention.

What is new within an hour goes into the same message, so that an outage makes one alert.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.domain.audit_log import AuditEntry
from bot.domain.deliveries import DeliveryKind
from bot.domain.owner_alerts import OwnerAlert, StuckDelivery
from bot.domain.slack_errors import ErrorMeaning
from bot.services.idempotency import ResultCode
from bot.slack.errors import POST_METHOD, UPDATE_METHOD, meaning
from bot.storage import audit_log, deliveries, owner_alerts, refusals
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue

ALERT_GROUPING_WINDOW = timedelta(hours=1)


def alert_about_delivery(
    connection: Connection, delivery: Delivery, *, is_given_up: bool = False, now: datetime
) -> None:
    """Alert the owner of a delivery's channel about it, or update the alert that mentions it.

    That a delivery `is_given_up` is said in a new alert if the one that mentions it may not be in Slack.
    """
    alert_id = delivery.alert_id
    if alert_id is not None and not (is_given_up and not owner_alerts.can_be_updated(connection, alert_id)):
        refresh_alert(connection, delivery)
        return
    user_id = owner_alerts.owner_of(connection, delivery)
    if user_id is not None and (alert_id := _open_alert(connection, delivery.team_id, user_id, now)) is not None:
        owner_alerts.attach_delivery(connection, delivery, alert_id)
        deliveries.request_update(connection, alert_id)


def alert_about_channel(connection: Connection, entry: AuditEntry, user_id: str, *, now: datetime) -> None:
    """Alert someone about what happened to a channel of theirs."""
    if (alert_id := _open_alert(connection, entry.team_id, user_id, now)) is not None:
        owner_alerts.attach_entry(connection, entry, alert_id)
        deliveries.request_update(connection, alert_id)


def follow_up(connection: Connection, entry: AuditEntry) -> None:
    """Add that the bot is back in a channel to the alert about its departure, if there was one."""
    assert entry.channel_id is not None, "the bot comes back to a channel"
    if (alert_id := owner_alerts.departure_alert_id(connection, entry.team_id, entry.channel_id)) is not None:
        owner_alerts.attach_entry(connection, entry, alert_id)
        deliveries.request_update(connection, alert_id)


def refresh_alert(connection: Connection, delivery: Delivery) -> None:
    """Update the alert that mentions a delivery, if one does."""
    if delivery.alert_id is not None:
        deliveries.request_update(connection, delivery.alert_id)


def tell_in_new_alert(connection: Connection, alert: Delivery, *, now: datetime) -> None:
    """Tell in a new alert what one says that Slack has just refused to update, if that is because it is too old.

    That is what still needs its reader or was given up, and what happened to channels since it was posted.
    """
    refused = deliveries.by_key(connection, alert.team_id, alert.key)
    if refused is None or meaning(UPDATE_METHOD, refused.error) is not ErrorMeaning.EDIT_WINDOW_CLOSED:
        return
    to_look_at = owner_alerts.to_look_at(connection, alert.id)
    posted_at = alert.attempted_at or alert.created_at
    entries = [each for each in audit_log.of_alert(connection, alert.id) if each.created_at > posted_at]
    user_id = alert.recipient_id
    if user_id is None or not (to_look_at or entries) or owner_alerts.is_opted_out(connection, alert.team_id, user_id):
        return
    new_id = _enqueue_alert(connection, alert.team_id, user_id, now)
    for delivery in to_look_at:
        owner_alerts.attach_delivery(connection, delivery, new_id)
    for entry in entries:
        owner_alerts.attach_entry(connection, entry, new_id)
    refusals.dismiss(connection, refused)


class OptOutResult(ResultCode):
    """The result of a request to stop alerts, or to get them again."""

    DONE = "done"
    NOT_RECIPIENT = "not_recipient"


def set_opt_out(
    connection: Connection,
    *,
    team_id: str,
    channel_id: str,
    message_ts: str,
    user_id: str,
    is_outsider: bool,
    wants_alerts: bool,
) -> OptOutResult:
    """Stop the alerts to the person who got the one at `message_ts`, or send them again; it is updated to say so.

    Its button was pressed, so it is posted, even if that was unknown.
    """
    alert = deliveries.by_message(connection, (team_id, channel_id), message_ts)
    if alert is None:
        alert = owner_alerts.unconfirmed(connection, team_id, user_id, message_ts)
        if alert is not None:
            deliveries.mark_posted(connection, alert.id, message_ts, channel_id=channel_id)
    if alert is None or is_outsider or user_id != alert.recipient_id:
        return OptOutResult.NOT_RECIPIENT
    set_preference = owner_alerts.opt_in if wants_alerts else owner_alerts.opt_out
    set_preference(connection, team_id, user_id)
    deliveries.request_update(connection, alert.id)
    return OptOutResult.DONE


def load(connection: Connection, alert: Delivery) -> OwnerAlert:
    """Return what an alert says, as things are now."""
    return OwnerAlert(
        tuple(map(with_refusal, owner_alerts.stuck_deliveries(connection, alert.id))),
        tuple(audit_log.of_alert(connection, alert.id)),
        is_opted_out=owner_alerts.is_opted_out(connection, alert.team_id, alert.recipient_id or ""),
    )


def with_refusal(delivery: StuckDelivery) -> StuckDelivery:
    """Return the delivery with what its error means."""
    method = UPDATE_METHOD if delivery.is_change_refused else POST_METHOD
    return replace(delivery, refusal=meaning(method, delivery.error))


def grouped(refused: Iterable[StuckDelivery]) -> list[StuckDelivery]:
    """Merge the messages of a kind in a channel that lack cheers for the same reason into the last one.

    `refusals.similar` says which those are.
    """
    groups: defaultdict[tuple[str, ...], list[StuckDelivery]] = defaultdict(list)
    for delivery in refused:
        shared = (delivery.kind, delivery.channel_id, delivery.target_channel_id or "", delivery.error or "")
        groups[shared if delivery.lacks_cheers_only else (delivery.key,)].append(delivery)
    return [replace(group[-1], similar_count=len(group) - 1) for group in groups.values()]


def _open_alert(connection: Connection, team_id: str, user_id: str, now: datetime) -> int | None:
    """Return the id of someone's open alert, which is enqueued if there is none; None if they want no alerts."""
    if owner_alerts.is_opted_out(connection, team_id, user_id):
        return None
    since = now - ALERT_GROUPING_WINDOW
    alert_id = owner_alerts.recent_alert_id(connection, team_id, user_id, since=since)
    return _enqueue_alert(connection, team_id, user_id, now) if alert_id is None else alert_id


def _enqueue_alert(connection: Connection, team_id: str, user_id: str, now: datetime) -> int:
    """Enqueue an alert to someone, and return its id."""
    new = NewDelivery(team_id, channel_id=user_id, created_at=now, recipient_id=user_id)
    alert = deliveries.by_key(connection, team_id, enqueue(connection, DeliveryKind.OWNER_ALERT, [new])[0])
    assert alert is not None, "it has just been enqueued"
    return alert.id
