"""The direct message that says who cheered, credited or thanked someone in the wins of roundups."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.credit_notes import Note
from bot.domain.deliveries import DeliveryKind
from bot.outbox.kinds.base import Audience, Context, Kind, Reader
from bot.services import credit_notes
from bot.storage.deliveries import Delivery
from bot.views.credit_note import credit_note
from bot.views.format import Message
from bot.views.translations import ENGLISH


class CreditNote(Kind[Note]):
    """Tells someone, a day after roundups, who cheered, credited or thanked them: at most once a day."""

    name = DeliveryKind.CREDIT_NOTE
    audience = Audience.RECIPIENT

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> Note | None:
        """Read the wins that the recipient is in, and who cheered, credited or thanked them."""
        return credit_notes.load(connection, delivery, now=now)

    def render(self, subject: Note, context: Context) -> Message:
        """Say it, with a button to thank someone else."""
        key, permalink = context.delivery.key, context.permalink
        return credit_note(ENGLISH, subject, context.names, key=key, permalink=permalink)

    def has_to_wait(self, subject: Note) -> bool:
        """Whether the recipient is not at work: it was to be posted earlier, and could not."""
        return subject.has_to_wait

    def readers_of(self, subject: Note) -> Sequence[Reader]:
        """Return the recipient with each channel whose wins it tells."""
        return [Reader(subject.user_id, channel.channel_id) for channel in subject.channels]

    def without(self, subject: Note, channel_ids: Collection[str]) -> Note | None:
        """Leave out the channels that the recipient can't look into; None if nothing is left to tell."""
        return subject.without(channel_ids)
