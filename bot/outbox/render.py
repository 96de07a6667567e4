"""What a delivery says at the moment of sending: what it tells of is read, and put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.domain.audit_log import AuditEntry
from bot.domain.deliveries import DeliveryKind
from bot.domain.offers import MIN_REMINDER_LEAD, Offer, Reminder
from bot.domain.owner_alerts import OwnerAlert
from bot.domain.permissions import Action, may
from bot.domain.roundups import RoundupPart
from bot.domain.wins import Win
from bot.services import owner_alerts
from bot.storage import audit_log, channels, cheers, deliveries, roundups, users, wins, workspaces
from bot.storage.deliveries import Delivery
from bot.storage.tables import win_cheers
from bot.views.announcement import announcement
from bot.views.format import Message, Names
from bot.views.offer import offer, reminder
from bot.views.owner_alert import owner_alert
from bot.views.roundup import Permalink, roundup
from bot.views.settings_change import change_notice

EVENT_TYPE = "winsome_delivery"

Subject = Win | RoundupPart | OwnerAlert | AuditEntry | Offer | Reminder


def load_subject(connection: Connection, delivery: Delivery, *, now: datetime) -> Subject | None:
    """Read what the delivery tells of; None where that is over."""
    if delivery.kind == DeliveryKind.OWNER_ALERT:
        return owner_alerts.load(connection, delivery)
    if delivery.kind == DeliveryKind.OFFER:
        return _load_offer(connection, delivery, now=now)
    if delivery.kind == DeliveryKind.REMINDER:
        return _load_reminder(connection, delivery, now=now)
    if delivery.audit_id is not None:
        return audit_log.by_id(connection, delivery.audit_id)
    if delivery.win_id is not None:
        win = wins.by_id(connection, delivery.team_id, delivery.win_id)
        assert win is not None, "a win is never deleted while a message tells of it"
        return win
    assert delivery.roundup_id is not None, "every other delivery tells of a roundup"
    return roundups.load_part(connection, delivery.roundup_id, delivery.part)


def _load_offer(connection: Connection, delivery: Delivery, *, now: datetime) -> Offer | None:
    """What a channel is offered, as things are; None where somebody has said yes meanwhile, or it is not known now."""
    channel = channels.by_id(connection, *delivery.lane)
    assert delivery.recipient is not None, "an offer is made to somebody"
    if channel is None or channel.settings is not None:
        return None
    user = users.by_id(connection, delivery.team_id, delivery.recipient)
    settings = workspaces.default_settings(connection, delivery.team_id, zone=user.zone if user else None, now=now)
    return Offer(
        channel_id=delivery.channel_id,
        recipient_id=delivery.recipient,
        settings=settings,
        first_due_at=channels.preview_next_due(connection, *delivery.lane, settings, now=now),
        may_accept=user is not None and may(user.actor, Action.CHANGE, channel.roles),
        channel_roles=channel.roles,
        has_logged_win=wins.has_won(connection, *delivery.lane, delivery.recipient),
    )


def _load_reminder(connection: Connection, delivery: Delivery, *, now: datetime) -> Reminder | None:
    """The reminder, as things are; None where it comes too late, or its roundup was moved or called off meanwhile."""
    channel = channels.by_id(connection, *delivery.lane)
    if channel is None or channel.next_due_at is None or channel.next_due_at - now < MIN_REMINDER_LEAD:
        return None
    if now < channel.schedule.day_before(channel.next_due_at):  # the roundup was moved meanwhile
        return None
    return Reminder(delivery.channel_id, channel.next_due_at, channel.schedule)


@dataclass(frozen=True)
class RenderedMessage:
    """A delivery as it is told now: `said` is None when there is nothing to tell, because all was undone.

    `names` are those that it uses, by user id; `parent_ts` is what it replies to.
    """

    subject: Subject | None
    names: Mapping[str, str]
    message: Message | None
    parent_ts: str | None


def render(connection: Connection, delivery: Delivery, *, link: Permalink, now: datetime) -> RenderedMessage:
    """Read what the delivery tells of, and put it into words."""
    subject = load_subject(connection, delivery, now=now)
    names = users.names(connection, delivery.team_id, subject.user_ids if subject else ())
    message = _message(connection, delivery, subject, names, link=link, now=now)
    return RenderedMessage(subject, names, message, deliveries.parent_ts(connection, delivery))


def _message(  # noqa: PLR0911 - one for each kind of message
    connection: Connection, delivery: Delivery, subject: Subject | None, names: Names, *, link: Permalink, now: datetime
) -> Message | None:
    match subject:
        case None:
            return None
        case OwnerAlert():
            return owner_alert(subject, names, now=now) if subject.stuck_deliveries or subject.audit_entries else None
        case RoundupPart():
            is_empty = not (subject.wins or subject.is_quiet)
            return None if is_empty else roundup(subject, names, key=delivery.key, permalink=link, now=now)
        case AuditEntry():
            return change_notice(subject, names, channel_id=delivery.channel_id, now=now)
        case Offer():
            return offer(subject, names, now=now)
        case Reminder():
            return reminder(subject, now=now)
        case Win(is_undone=True):
            return None
        case Win():
            cheerer_ids = cheers.who_cheered(connection, win_cheers, [subject.id], source=cheers.BUTTON)[subject.id]
            return announcement(subject, names, key=delivery.key, cheerer_ids=cheerer_ids)


def post_arguments(delivery: Delivery, message: Message, *, parent_ts: str | None) -> dict[str, Any]:
    """Return the arguments of chat.postMessage: the key in the metadata makes the message recognisable.

    What one person alone sees has no metadata: Slack keeps no such message.
    """
    if delivery.kind == DeliveryKind.OFFER:
        return _without_parsing(message) | {"channel": delivery.channel_id, "user": delivery.recipient}
    arguments = _without_parsing(message) | {
        "channel": delivery.channel_id,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": delivery.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return arguments if parent_ts is None else arguments | {"thread_ts": parent_ts}


def update_arguments(delivery: Delivery, message: Message) -> dict[str, Any]:
    """Return the arguments of chat.update."""
    return _without_parsing(message) | {"channel": delivery.channel_id, "ts": delivery.ts}


def _without_parsing(message: Message) -> dict[str, Any]:
    """Keep Slack from finding mentions and addresses in the text by itself."""
    return message | {"parse": "none"}
