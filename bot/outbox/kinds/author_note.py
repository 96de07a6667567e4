"""The notes to an author: Slack refused to announce their win, or to remove it after they undid it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.author_notes import AuthorNote as Note
from bot.domain.deliveries import DeliveryKind
from bot.outbox.kinds.base import Audience, Context, Kind
from bot.services import author_notes
from bot.storage.deliveries import Delivery
from bot.views.author_note import not_removed, not_shared
from bot.views.format import Message
from bot.views.translations import ENGLISH


class AuthorNote(Kind[Note]):
    """A note to an author. As a direct message, it has a button that stops such messages."""

    audience = Audience.RECIPIENT
    prefers_response_url = True

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> Note | None:
        """Read the win and what Slack refused."""
        return author_notes.load(connection, delivery)


class NotShared(AuthorNote):
    """Tells an author that their win could not be announced."""

    name = DeliveryKind.NOT_SHARED

    def render(self, subject: Note, context: Context) -> Message:
        """Say why, and what becomes of the win."""
        return not_shared(ENGLISH, subject, context.names, is_direct=context.delivery.response_url is None)


class NotRemoved(AuthorNote):
    """Tells an author that the win they undid is still shown."""

    name = DeliveryKind.NOT_REMOVED

    def render(self, subject: Note, context: Context) -> Message:
        """Say where it is shown, and who can remove it."""
        is_direct = context.delivery.response_url is None
        return not_removed(ENGLISH, subject, context.names, permalink=context.permalink, is_direct=is_direct)
