"""What people enter in the form of a win: kept while they write it, and forgotten once it is saved."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.entered_win import EnteredWin
from bot.domain.win_form import is_blank
from bot.domain.wins import MessageSource
from bot.storage import saved_messages, unsaved_wins, wins
from bot.storage.enqueue import NewDelivery, enqueue

FILL_TIME = timedelta(seconds=15)
"""Until a form that opened blank shows what is kept. One that doesn't by then, because Slack refused that, never will.
"""


class FormKey(NamedTuple):
    """The key of what a form keeps: its person, the message that it is about, and the unsaved win that it shows.

    Without an unsaved win, it is the person's latest about the message. What was kept before a form `opened_at` that
    moment, without showing it, stays as it is: what is entered there is kept beside it once `FILL_TIME` is over.
    """

    team_id: str
    user_id: str
    source: MessageSource | None
    unsaved_id: int | None
    opened_at: datetime | None = None


def keep(
    connection: Connection,
    form: FormKey,
    *,
    channel_id: str | None,
    entered: EnteredWin,
    idempotency_key: str,
    now: datetime,
) -> None:
    """Keep what someone has entered in a form, unless it was saved already (by the `idempotency_key` of its win)."""
    team_id, user_id, source, unsaved_id, opened_at = form
    if wins.of_request(connection, team_id, idempotency_key) is not None:
        return  # Slack's requests may overtake each other
    kept = unsaved_wins.of_form(connection, team_id, user_id, source=source, unsaved_id=unsaved_id)
    now = now if opened_at is None else max(now, opened_at)  # another replica's clock may be ahead
    if kept is None:
        unsaved_wins.add(connection, team_id, user_id, channel_id, entered, source=source, now=now)
    elif opened_at is None or kept.saved_at >= opened_at or is_blank(kept.entered):
        unsaved_wins.change(connection, team_id, user_id, kept.id, entered, now=now)
    elif now - opened_at > FILL_TIME:
        unsaved_wins.add(connection, team_id, user_id, channel_id, entered, source=source, now=now)


def is_saved_before(connection: Connection, *, team_id: str, user_id: str, source: MessageSource | None) -> bool:
    """Whether the message that a form is about is saved as a win, as far as the person may know."""
    return source is not None and saved_messages.is_saved(connection, team_id, source, reader_id=user_id)


def send_form_button(connection: Connection, *, team_id: str, user_id: str, now: datetime) -> None:
    """Send someone the button that opens the form, once for each time that they ask for it."""
    enqueue(connection, DeliveryKind.FORM_BUTTON, [NewDelivery(team_id, user_id, now, recipient_id=user_id)])


def forget(connection: Connection, form: FormKey) -> None:
    """Delete what a form keeps."""
    team_id, user_id, source, unsaved_id, opened_at = form
    kept = unsaved_wins.of_form(connection, team_id, user_id, source=source, unsaved_id=unsaved_id)
    if kept is not None and kept.id == unsaved_id:
        unsaved_wins.remove(connection, team_id, user_id, kept.id)
    else:  # two replicas may each have kept the first key of a form
        unsaved_wins.remove_about(connection, team_id, user_id, source, since=opened_at)
