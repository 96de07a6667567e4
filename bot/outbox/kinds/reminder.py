"""The line on the day before a roundup."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.offers import MIN_REMINDER_LEAD
from bot.domain.offers import Reminder as UpcomingRoundup
from bot.outbox.kinds.base import Context, Kind
from bot.services.first_cheers import win_to_read
from bot.storage import channels
from bot.storage.deliveries import Delivery
from bot.views.format import Message
from bot.views.offer import reminder
from bot.views.translations import ENGLISH


class Reminder(Kind[UpcomingRoundup]):
    """Reminds a channel of the roundup that comes tomorrow."""

    name = DeliveryKind.REMINDER

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> UpcomingRoundup | None:
        """Read the channel's next roundup; None if it is too close, has been moved, or does not come."""
        channel = channels.by_id(connection, *delivery.channel_key)
        if channel is None or channel.next_due_at is None or channel.next_due_at - now < MIN_REMINDER_LEAD:
            return None
        if now < channel.schedule.day_before(channel.next_due_at):
            return None
        win = win_to_read(connection, *delivery.channel_key, zone=channel.schedule.zone, now=now)
        upcoming = UpcomingRoundup(delivery.channel_id, channel.next_due_at, channel.schedule)
        return upcoming if win is None else replace(upcoming, win_ts=win.message_ts, thread_ts=win.linked_thread_ts)

    def render(self, subject: UpcomingRoundup, context: Context) -> Message:
        """Say when it comes, and link to a win."""
        return reminder(ENGLISH, subject, permalink=context.permalink)
