"""The offer of a schedule, which one person sees in a channel that has none."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.offers import Offer as OfferedSchedule
from bot.domain.permissions import Action, may
from bot.outbox.kinds.base import Audience, Context, Kind
from bot.storage import channels, users, wins, workspaces
from bot.storage.deliveries import Delivery
from bot.views.format import Message
from bot.views.offer import offer
from bot.views.translations import ENGLISH


class Offer(Kind[OfferedSchedule]):
    """Offers a schedule. Who may accept it depends on who created the channel, and on the reader."""

    name = DeliveryKind.OFFER
    audience = Audience.RECIPIENT_IN_CHANNEL
    depends_on_roles = True

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> OfferedSchedule | None:
        """Read what the channel is offered now; None if it has a schedule by now, or is no longer known."""
        channel = channels.by_id(connection, *delivery.channel_key)
        if delivery.recipient_id is None or channel is None or channel.settings is not None:
            return None
        user = users.by_id(connection, delivery.team_id, delivery.recipient_id)
        settings = workspaces.default_settings(connection, delivery.team_id, zone=user.zone if user else None, now=now)
        return OfferedSchedule(
            channel_id=delivery.channel_id,
            recipient_id=delivery.recipient_id,
            settings=settings,
            first_due_at=channels.preview_next_due(connection, *delivery.channel_key, settings, now=now),
            may_accept=user is not None and may(user.actor, Action.CHANGE, channel.roles),
            channel_roles=channel.roles,
            has_saved_win=wins.has_saved(connection, *delivery.channel_key, delivery.recipient_id),
        )

    def render(self, subject: OfferedSchedule, context: Context) -> Message:
        """Propose the schedule."""
        return offer(ENGLISH, subject, context.names, now=context.now)
