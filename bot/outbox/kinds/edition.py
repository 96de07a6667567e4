"""A look back at a month, a quarter or a year of a channel's wins, or the workspace's roundup."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.edition_composition import EditionPart, EditionSection
from bot.outbox.kinds.base import Context, Kind
from bot.services import author_notes
from bot.services.roundups import abandon_part
from bot.storage import editions
from bot.storage.deliveries import Delivery
from bot.views.edition import edition
from bot.views.format import Message
from bot.views.translations import ENGLISH


class Edition(Kind[EditionPart]):
    """Tells wins again."""

    name = DeliveryKind.EDITION
    reflects_availability = True
    has_pictures = True
    alerts_owner_if_unresolved = True

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> EditionPart | None:
        """Read the edition with its wins."""
        return None if delivery.roundup_id is None else editions.load(connection, delivery.roundup_id)

    def render(self, subject: EditionPart, context: Context) -> Message | None:
        """Show the wins; None if all of them are hidden."""
        if not subject.told:
            return None
        return edition(
            ENGLISH,
            subject,
            context.names,
            permalink=context.permalink,
            posted_at=context.posted_at,
            faces=context.faces,
            has_chart=not context.delivery.is_plain,
        )

    def due_at(self, subject: EditionPart) -> datetime:
        """Return when (UTC) it was promised."""
        return subject.due_at

    def abandon(self, connection: Connection, delivery: Delivery, *, now: datetime) -> None:
        """Give it up, and tell the channel's owner."""
        abandon_part(connection, delivery, now=now)

    def source_channel_id(self, subject: EditionPart) -> str:
        """Return the channel that it looks back at."""
        return subject.channel_id

    def shown_channel_ids(self, subject: EditionPart) -> Collection[str]:
        """Return the channels of a workspace's roundup."""
        return {win.channel_id for win in subject.in_section(EditionSection.CHANNEL) if win.channel_id is not None}

    def alerts_owner(self, connection: Connection, delivery: Delivery, error: str) -> bool:
        """Alert the owner of every edition that Slack refuses."""
        return True

    def follow_up_change(
        self, connection: Connection, delivery: Delivery, *, is_gone: bool, is_refused: bool, now: datetime
    ) -> None:
        """Tell the authors of hidden wins that are still shown what was refused."""
        if delivery.roundup_id is not None:
            author_notes.about_hidden_wins(connection, editions.hidden_in(connection, delivery.roundup_id), now=now)
