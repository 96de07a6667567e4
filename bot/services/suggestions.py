"""Suggestions: what is kept and answered when someone writes to the bot, or reacts with a channel's emoji for wins.

Nothing is saved as a win before its author presses a button and submits the form.
"""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.entered_win import EnteredWin
from bot.domain.wins import MessageSource
from bot.services.idempotency import Done
from bot.storage import saved_messages, unsaved_wins
from bot.storage.enqueue import NewDelivery, enqueue, enqueue_once


def answer(
    connection: Connection,
    *,
    team_id: str,
    user_id: str,
    source: MessageSource,
    text: str,
    is_direct: bool,
    now: datetime,
) -> Done:
    """Keep what someone wrote to the bot (people as tokens), and answer them."""
    channel_id = None if is_direct else source.channel_id
    entered = EnteredWin(text, channel_id=channel_id, is_private=is_direct)
    unsaved_id = unsaved_wins.add(connection, team_id, user_id, channel_id, entered, source=source, now=now)
    kind = DeliveryKind.DIRECT_ANSWER if is_direct else DeliveryKind.ANSWER
    new = NewDelivery(team_id, channel_id or user_id, now, recipient_id=user_id, unsaved_win_id=unsaved_id)
    enqueue(connection, kind, [new])
    return Done.DONE


def suggest(connection: Connection, *, team_id: str, author_id: str, source: MessageSource, now: datetime) -> Done:
    """Suggest to the author of a message that it is a win, unless it was saved as one."""
    if saved_messages.is_saved(connection, team_id, source, reader_id=author_id):
        return Done.DONE
    entered = EnteredWin(whose=(author_id,), channel_id=source.channel_id)
    unsaved_id = unsaved_wins.add(connection, team_id, author_id, source.channel_id, entered, source=source, now=now)
    new = NewDelivery(team_id, source.channel_id, now, recipient_id=author_id, unsaved_win_id=unsaved_id)
    enqueue(connection, DeliveryKind.SUGGESTION, [new])
    return Done.DONE


def welcome(connection: Connection, *, team_id: str, user_id: str, now: datetime) -> Done:
    """Greet someone who opens their conversation with the bot, unless they were greeted before."""
    enqueue_once(connection, DeliveryKind.WELCOME, NewDelivery(team_id, user_id, now, recipient_id=user_id))
    return Done.DONE
