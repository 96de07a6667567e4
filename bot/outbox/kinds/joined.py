"""The direct message that tells an author who says that they were part of the win."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.joining import JoinedNote
from bot.outbox.kinds.base import Audience, Context, Kind
from bot.services import joining
from bot.storage.deliveries import Delivery
from bot.views.format import Message
from bot.views.joining import joined_note
from bot.views.translations import ENGLISH


class Joined(Kind[JoinedNote]):
    """Tells an author, once for each win; the message follows those who join or leave later."""

    name = DeliveryKind.JOINED
    audience = Audience.RECIPIENT

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> JoinedNote | None:
        """Read the win, and who joined it."""
        return joining.load_note(connection, delivery)

    def render(self, subject: JoinedNote, context: Context) -> Message:
        """Say who joined, with a button for each that takes them out again."""
        return joined_note(ENGLISH, subject, context.names, permalink=context.permalink)
