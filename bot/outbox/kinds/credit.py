"""The direct message to someone in a win."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.credit import Credit as AboutWin
from bot.domain.deliveries import DeliveryKind
from bot.domain.schedules import FALLBACK_ZONE
from bot.outbox.kinds.base import Audience, Context, Kind, Reader
from bot.services import credit
from bot.storage.deliveries import Delivery
from bot.views.credit import credit as credit_message
from bot.views.format import Message
from bot.views.translations import ENGLISH


class Credit(Kind[AboutWin]):
    """Tells someone of a win that they are in, or asks whether it may be shared: once for each win and person.

    The message follows what becomes of the win, and what they say and choose.
    """

    name = DeliveryKind.CREDIT
    audience = Audience.RECIPIENT

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> AboutWin | None:
        """Read the win, and what the recipient said and chose."""
        return credit.load(connection, delivery, now=now)

    def render(self, subject: AboutWin, context: Context) -> Message:
        """Say what was said and where, and what they can do."""
        key, permalink = context.delivery.key, context.permalink
        return credit_message(ENGLISH, subject, context.names, key=key, zone=FALLBACK_ZONE, permalink=permalink)

    def has_to_wait(self, subject: AboutWin) -> bool:
        """Whether the message that it links to is still to be posted."""
        return subject.has_to_wait

    def reader_of(self, subject: AboutWin) -> Reader | None:
        """Return the recipient, and the channel of the win."""
        return Reader(subject.user_id, subject.win.channel_id) if subject.win.channel_id else None

    def follow_up_cancellation(self, connection: Connection, delivery: Delivery) -> None:
        """Let a later win introduce them."""
        credit.forget_introduction(connection, delivery)

    def follow_up_rejection(self, connection: Connection, delivery: Delivery, *, now: datetime) -> None:
        """Let a later win introduce them."""
        credit.forget_introduction(connection, delivery)

    def follow_up_change(
        self, connection: Connection, delivery: Delivery, *, is_gone: bool, is_refused: bool, now: datetime
    ) -> None:
        """Let a later win introduce them if the message is gone."""
        if is_gone:
            credit.forget_introduction(connection, delivery)
