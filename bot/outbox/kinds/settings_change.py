"""The line that tells a channel how its settings were changed."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.audit_log import AuditEntry
from bot.domain.deliveries import DeliveryKind
from bot.outbox.kinds.base import Context, Kind
from bot.storage import audit_log
from bot.storage.deliveries import Delivery
from bot.views.format import Message
from bot.views.settings_change import change_notice
from bot.views.translations import ENGLISH


class SettingsChange(Kind[AuditEntry]):
    """Tells a channel of a change."""

    name = DeliveryKind.SETTINGS_CHANGE

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> AuditEntry | None:
        """Read the entry of the audit log."""
        return None if delivery.audit_id is None else audit_log.by_id(connection, delivery.audit_id)

    def render(self, subject: AuditEntry, context: Context) -> Message:
        """Say who changed what."""
        return change_notice(ENGLISH, subject, context.names, channel_id=context.delivery.channel_id, now=context.now)
