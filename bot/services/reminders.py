"""Reminders: the line on the day before a roundup."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.offers import MIN_REMINDER_LEAD
from bot.storage import due_channels
from bot.storage.enqueue import NewDelivery, enqueue


def create_due(connection: Connection, *, team_id: str, channel_id: str, now: datetime) -> bool:
    """Enqueue a channel's reminder; False if another process has done so, or it would come too late to be useful."""
    channel = due_channels.claim_reminder(connection, team_id, channel_id, now)
    if channel is None or channel.next_due_at is None or channel.next_due_at - now < MIN_REMINDER_LEAD:
        return False
    enqueue(connection, DeliveryKind.REMINDER, [NewDelivery(team_id, channel_id, now)])
    return True
