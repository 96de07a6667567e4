"""The short message that announces a win in its channel.

The sender loads the win when it posts the message, and again for each update; bot/views/announcement.py has the words.
"""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.wins import Win
from bot.outbox.kinds.base import Context, Kind
from bot.services import author_notes, consent
from bot.storage import deliveries, editions, owner_alerts, roundups, wins
from bot.storage.deliveries import Delivery
from bot.views.announcement import announcement
from bot.views.format import Message
from bot.views.translations import ENGLISH


class Announcement(Kind[Win]):
    """Tells a channel of a win."""

    name = DeliveryKind.ANNOUNCEMENT

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> Win | None:
        """Read the win, cheered by those who pressed its button; None if it is hidden."""
        win = None if delivery.win_id is None else wins.as_announced(connection, delivery.team_id, delivery.win_id)
        return None if win is None or win.is_hidden else win

    def render(self, subject: Win, context: Context) -> Message:
        """Announce the win."""
        return announcement(ENGLISH, subject, context.names, key=context.delivery.key, permalink=context.permalink)

    def parent_ts(self, connection: Connection, delivery: Delivery) -> str | None:
        """Return the thread of the message that the win was saved from."""
        return None if delivery.win_id is None else wins.thread_of(connection, delivery.win_id)

    def alerts_owner(self, connection: Connection, delivery: Delivery, error: str) -> bool:
        """Alert the owner once for each error, not for every win, nor for their own: authors get a note."""
        author = None if delivery.win_id is None else wins.author_of(connection, delivery.win_id)
        is_author = author == (delivery.team_id, owner_alerts.owner_of(connection, delivery))
        return not is_author and not owner_alerts.was_alerted(connection, delivery, error)

    def follow_up_post(self, connection: Connection, delivery: Delivery) -> None:
        """Let the messages to the people in the win, who may have been asked before it was shared, link to it."""
        if delivery.win_id is not None:
            consent.update_messages(connection, delivery.win_id)

    def follow_up_rejection(self, connection: Connection, delivery: Delivery, *, now: datetime) -> None:
        """Tell the author, and let the messages to the people in the win say so."""
        author_notes.about_rejection(connection, delivery, now=now)
        if delivery.win_id is not None:
            consent.update_messages(connection, delivery.win_id)

    def follow_up_change(
        self, connection: Connection, delivery: Delivery, *, is_gone: bool, is_refused: bool, now: datetime
    ) -> None:
        """Remove the links to a message that is gone; tell the author of a hidden win of a refusal."""
        if delivery.win_id is None:
            return
        part = roundups.part_with(connection, delivery.win_id) if is_gone else None
        if part is not None:
            deliveries.request_update(connection, part.id)
        if is_gone:
            editions.request_updates_with(connection, delivery.win_id)
        if wins.is_hidden_win(connection, delivery.win_id):
            author_notes.about_hidden_wins(connection, [delivery.win_id], now=now)
