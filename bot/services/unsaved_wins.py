"""What people enter in the form of a win: kept while they write it, and forgotten once it is saved."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.entered_win import EnteredWin
from bot.domain.wins import MessageSource
from bot.storage import saved_messages, unsaved_wins, wins
from bot.storage.enqueue import NewDelivery, enqueue


def keep(
    connection: Connection,
    *,
    team_id: str,
    user_id: str,
    channel_id: str | None,
    entered: EnteredWin,
    source: MessageSource | None,
    unsaved_id: int | None,
    idempotency_key: str,
    now: datetime,
) -> None:
    """Keep what someone has entered about a message, or about none, unless the form (by its key) was saved already.

    `unsaved_id` is the one that the form shows. Without it, the latest about that message is replaced.
    """
    if wins.is_stored(connection, team_id, idempotency_key):
        return  # Slack's requests may overtake each other
    kept = unsaved_wins.of_form(connection, team_id, user_id, source=source, unsaved_id=unsaved_id)
    if kept is None:
        unsaved_wins.add(connection, team_id, user_id, channel_id, entered, source=source, now=now)
    else:
        unsaved_wins.change(connection, team_id, user_id, kept.id, entered, now=now)


def is_saved_before(connection: Connection, *, team_id: str, user_id: str, source: MessageSource | None) -> bool:
    """Whether the message that a form is about is saved as a win, as far as the person may know."""
    return source is not None and saved_messages.is_saved(connection, team_id, source, reader_id=user_id)


def offer_form(connection: Connection, *, team_id: str, user_id: str, now: datetime) -> None:
    """Send someone the button that opens the form, once for each time that they ask for it."""
    enqueue(connection, DeliveryKind.FORM_OFFER, [NewDelivery(team_id, user_id, now, recipient_id=user_id)])


def forget(
    connection: Connection, *, team_id: str, user_id: str, source: MessageSource | None, unsaved_id: int | None
) -> None:
    """Delete the unsaved win that a form shows, or the latest about its message."""
    kept = unsaved_wins.of_form(connection, team_id, user_id, source=source, unsaved_id=unsaved_id)
    if kept is not None:
        unsaved_wins.remove(connection, team_id, user_id, kept.id)
