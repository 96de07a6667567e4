"""One part of a roundup; the parts after the first are replies to it.

Which wins it has was decided when bot/services/roundups.py created the roundup. The sender loads them as they are now,
for the post and for each update; bot/views/roundup.py has the words.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.roundups import RoundupPart
from bot.outbox.kinds.base import Context, Kind
from bot.services import author_notes
from bot.services.roundups import abandon_part
from bot.storage import deliveries, roundup_items, roundups
from bot.storage.deliveries import Delivery
from bot.views.format import Message
from bot.views.roundup import roundup
from bot.views.translations import ENGLISH


class Roundup(Kind[RoundupPart]):
    """Posts a channel's wins."""

    name = DeliveryKind.ROUNDUP
    needs_thread = True
    has_pictures = True
    reflects_availability = True
    alerts_owner_if_unresolved = True

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> RoundupPart | None:
        """Read the part with its wins."""
        return self.load_each(connection, [(delivery, now)])[0]

    def load_each(
        self, connection: Connection, to_load: Sequence[tuple[Delivery, datetime]]
    ) -> list[RoundupPart | None]:
        """Read the parts of several roundups with the same queries."""
        places = [delivery.roundup_id and (delivery.roundup_id, delivery.part) for delivery, _ in to_load]
        parts = roundups.load_parts(connection, [place for place in places if place])
        return [parts.get(place) if place else None for place in places]

    def render(self, subject: RoundupPart, context: Context) -> Message | None:
        """Show the wins; None if all of them are hidden."""
        if not (subject.wins or subject.is_quiet):
            return None
        delivery = context.delivery
        return roundup(
            ENGLISH,
            subject,
            context.names,
            key=delivery.key,
            permalink=context.permalink,
            posted_at=context.posted_at,
            ts=delivery.ts,
            faces=context.faces,
        )

    def parent_ts(self, connection: Connection, delivery: Delivery) -> str | None:
        """Return the ts of the first part."""
        return deliveries.parent_ts(connection, delivery)

    def due_at(self, subject: RoundupPart) -> datetime:
        """Return when (UTC) the roundup was promised."""
        return subject.due_at

    def abandon(self, connection: Connection, delivery: Delivery, *, now: datetime) -> None:
        """Reopen the wins, and tell the channel's owner."""
        abandon_part(connection, delivery, now=now)

    def source_channel_id(self, subject: RoundupPart) -> str:
        """Return the channel whose roundup it is."""
        return subject.channel_id

    def alerts_owner(self, connection: Connection, delivery: Delivery, error: str) -> bool:
        """Alert the owner of every roundup that Slack refuses."""
        return True

    def follow_up_post(self, connection: Connection, delivery: Delivery) -> None:
        """Let the first message link the sections that begin in this one."""
        if delivery.roundup_id is not None and delivery.part:
            roundups.request_thread_links(connection, delivery.roundup_id, delivery.part)

    def follow_up_cancellation(self, connection: Connection, delivery: Delivery) -> None:
        """Let the note at the top of what has nothing left to tell wait for the channel's next roundup."""
        if delivery.roundup_id is not None and delivery.part == 0:
            roundups.return_note(connection, delivery.roundup_id)

    def follow_up_change(
        self, connection: Connection, delivery: Delivery, *, is_gone: bool, is_refused: bool, now: datetime
    ) -> None:
        """Tell the authors of hidden wins that are still shown what was refused."""
        if delivery.roundup_id is not None:
            hidden = roundup_items.hidden_in_part(connection, delivery.roundup_id, delivery.part)
            if not is_refused:
                roundup_items.stop_showing(connection, hidden)
            author_notes.about_hidden_wins(connection, hidden, now=now)
