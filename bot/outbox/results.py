"""Stores the outcome of a request to Slack, and lets the message's kind follow it up."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from bot.domain.deliveries import MAY_BE_POSTED, DeliveryState
from bot.domain.slack_errors import ErrorMeaning
from bot.outbox.kinds import KINDS, Audience
from bot.services import owner_alerts
from bot.slack.outcomes import Outcome, Rejected, Retryable, Succeeded, Unknown
from bot.storage import deliveries
from bot.storage.deliveries import Delivery

NOT_STORABLE = (DataError, IntegrityError)
"""The database refuses a value, and would again."""
_NOT_STORED = "not_stored"


class SentPost(NamedTuple):
    """A post, and what came of it at a time (UTC)."""

    delivery: Delivery
    outcome: Outcome
    now: datetime


def save_posts(connection: Connection, sent: Sequence[SentPost]) -> list[None]:
    """Store the outcomes of posts. Those that are in channels now share a statement."""
    in_channels = {
        each.delivery.id: each.outcome.ts
        for each in sent
        if isinstance(each.outcome, Succeeded) and KINDS[each.delivery.kind].audience is Audience.CHANNEL
    }
    if in_channels:
        deliveries.mark_posted_in_channels(connection, in_channels)
    for delivery, outcome, now in sent:
        if delivery.id in in_channels:
            KINDS[delivery.kind].follow_up_post(connection, delivery)
        else:
            _save_other(connection, delivery, outcome, now=now)
        owner_alerts.refresh_alert(connection, delivery)
    return [None] * len(sent)


def _save_other(connection: Connection, delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    match outcome:
        case Succeeded(ts, channel_id):
            audience = KINDS[delivery.kind].audience
            deliveries.mark_posted(
                connection,
                delivery.id,
                None if audience is Audience.RECIPIENT_IN_CHANNEL else ts,  # nothing can be done with its ts
                channel_id=channel_id if audience is Audience.RECIPIENT else None,  # the id of the direct message
            )
            KINDS[delivery.kind].follow_up_post(connection, delivery)
        case Retryable(error):
            deliveries.requeue_unsent(connection, delivery.id, error, attempt=delivery.attempts + 1)
        case Rejected(error) if goes_again_plain(delivery, outcome):
            deliveries.leave_pictures_out(connection, delivery.id)
            deliveries.requeue_unsent(connection, delivery.id, error, attempt=delivery.attempts + 1)
        case Rejected(error):
            save_rejection(connection, delivery, error=error, now=now)
        case Unknown(error):
            deliveries.mark_finished(connection, delivery.id, DeliveryState.UNKNOWN, error)


def goes_again_plain(delivery: Delivery, outcome: Outcome) -> bool:
    """Whether Slack has refused the message for what may be its pictures, so that it is sent again without them.

    Nothing was posted or changed then.
    """
    is_about_blocks = isinstance(outcome, Rejected) and outcome.meaning is ErrorMeaning.BLOCKS_REFUSED
    return is_about_blocks and KINDS[delivery.kind].has_pictures and not delivery.is_plain


def save_cancellation(connection: Connection, delivery: Delivery) -> None:
    """Store that an unposted message is not needed, unless it was changed since it was read: it may be needed again."""
    if deliveries.cancel(connection, delivery):
        KINDS[delivery.kind].follow_up_cancellation(connection, delivery)


def save_rejection(connection: Connection, delivery: Delivery, *, error: str, now: datetime) -> None:
    """Store that Slack refuses to post the message, and tell those whom its kind names."""
    kind = KINDS[delivery.kind]
    alerts_owner = kind.alerts_owner(connection, delivery, error)
    deliveries.mark_finished(connection, delivery.id, DeliveryState.REJECTED, error)
    if alerts_owner:
        owner_alerts.alert_about_delivery(connection, delivery, now=now)
    kind.follow_up_rejection(connection, delivery, now=now)


def set_aside(connection: Connection, delivery: Delivery, *, now: datetime) -> None:
    """Let a person decide about a delivery whose outcome can't be stored."""
    current = deliveries.by_key(connection, delivery.team_id, delivery.key)
    if current is None:  # deleted meanwhile
        return
    if current.state in MAY_BE_POSTED:
        save_need_of_review(connection, current, error=_NOT_STORED, now=now)
    elif current.state is DeliveryState.PENDING:
        save_rejection(connection, current, error=_NOT_STORED, now=now)
    elif current.pending_op is not None:
        save_change(connection, current, Rejected(_NOT_STORED), is_deletion=False, now=now)


def save_need_of_review(connection: Connection, delivery: Delivery, *, error: str | None, now: datetime) -> None:
    """Store that a person has to look whether a message is in Slack, and tell those whom its kind names."""
    was_marked = deliveries.mark_finished(connection, delivery.id, DeliveryState.NEEDS_REVIEW, error)
    if was_marked and KINDS[delivery.kind].alerts_owner_if_unresolved:
        owner_alerts.alert_about_delivery(connection, delivery, now=now)


def save_private_post(connection: Connection, delivery: Delivery, *, was_sent: bool) -> None:
    """Store that a message was posted through its response_url; if it was not, it will be a direct message."""
    if was_sent:
        deliveries.mark_finished(connection, delivery.id, DeliveryState.POSTED_VIA_RESPONSE_URL, None)
    else:
        deliveries.forget_response_url(connection, delivery.id)
        deliveries.requeue_unsent(connection, delivery.id, None, attempt=delivery.attempts + 1)


def save_change(
    connection: Connection, delivery: Delivery, outcome: Succeeded | Rejected, *, is_deletion: bool, now: datetime
) -> None:
    """Store that the message was updated or deleted, or that Slack refuses that for good.

    An update that goes again without pictures is still to be made.
    """
    if not is_deletion and goes_again_plain(delivery, outcome):
        deliveries.leave_pictures_out(connection, delivery.id)
        return
    error = outcome.error if isinstance(outcome, Rejected) else None
    was_missing = isinstance(outcome, Rejected) and outcome.meaning is ErrorMeaning.MESSAGE_GONE
    is_gone = was_missing or (is_deletion and error is None)
    state = DeliveryState.DELETED if is_gone else DeliveryState.POSTED
    if deliveries.complete_change(connection, delivery, state=state, error=error):
        if error is not None or delivery.error is not None:
            owner_alerts.refresh_alert(connection, delivery)
        is_refused = error is not None and not is_gone
        KINDS[delivery.kind].follow_up_change(connection, delivery, is_gone=is_gone, is_refused=is_refused, now=now)
