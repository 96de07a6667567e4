"""The direct message to a channel's owner about deliveries that need attention, and about the channel."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.owner_alerts import OwnerAlert as Alert
from bot.outbox.kinds.base import Audience, Context, Kind
from bot.services import owner_alerts
from bot.storage.deliveries import Delivery
from bot.views.format import Message
from bot.views.owner_alert import owner_alert
from bot.views.translations import ENGLISH


class OwnerAlert(Kind[Alert]):
    """Alerts an owner."""

    name = DeliveryKind.OWNER_ALERT
    audience = Audience.RECIPIENT

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> Alert | None:
        """Read everything that the alert is about, as it is now."""
        alert = owner_alerts.load(connection, delivery)
        return alert if alert.stuck_deliveries or alert.audit_entries else None

    def render(self, subject: Alert, context: Context) -> Message:
        """Say what needs the owner."""
        return owner_alert(ENGLISH, subject, context.names, permalink=context.permalink, now=context.now)

    def follow_up_change(
        self,
        connection: Connection,
        delivery: Delivery,
        *,
        is_gone: bool,
        is_refused: bool,
        now: datetime,
    ) -> None:
        """Tell in a new alert what this one can't say anymore."""
        if is_refused:
            owner_alerts.tell_in_new_alert(connection, delivery, now=now)
