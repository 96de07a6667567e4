"""Author notes: an author is told, once, that Slack refused to announce their win, or to remove it after an undo.

A note goes to where the author acted, through the response_url of what they did. When that no longer works, it is a
direct message.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.author_notes import AuthorNote
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.wins import Win
from bot.services.owner_alerts import with_refusal
from bot.storage import channels, deliveries, editions, owner_alerts, roundups, wins
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue


def about_rejection(connection: Connection, announcement: Delivery, *, now: datetime) -> None:
    """Tell the author of a win that Slack refused its announcement."""
    if announcement.win_id is not None:
        _enqueue(connection, DeliveryKind.NOT_SHARED, announcement.win_id, announcement.response_url, now=now)


def about_hidden_wins(connection: Connection, win_ids: Iterable[int], *, now: datetime) -> None:
    """Tell the authors of hidden wins that Slack refused to remove them, as soon as nothing is left to be tried.

    A note about a win that has been removed since is no longer true, so its update is requested.
    """
    for win_id in win_ids:
        messages = _messages(connection, win_id)
        if any(message.ts is not None and message.pending_op is not None for message in messages):
            continue
        is_refused = any(message.is_change_refused for message in messages)
        note = deliveries.note_about(connection, win_id, DeliveryKind.NOT_REMOVED)
        if note is not None and not is_refused:
            deliveries.request_update(connection, note.id)
        elif note is None and is_refused:
            announcement = deliveries.of_win(connection, win_id)
            response_url = announcement.response_url if announcement else None
            _enqueue(connection, DeliveryKind.NOT_REMOVED, win_id, response_url, now=now)


def load(connection: Connection, note: Delivery) -> AuthorNote | None:
    """Return what a note says, as things are now; None if there is nothing left to say, or its author wants none."""
    win = None if note.win_id is None else wins.by_id(connection, note.team_id, note.win_id)
    if win is None or win.is_hidden is not (note.kind == DeliveryKind.NOT_REMOVED):
        return None
    refused = [
        message.id
        for message in _messages(connection, win.id)
        if message.is_change_refused or (not win.is_hidden and message.state is DeliveryState.REJECTED)
    ]
    is_opted_out = owner_alerts.is_opted_out(connection, note.team_id, win.author.user_id)
    is_unwanted = is_opted_out and note.ts is None and note.response_url is None
    if not refused or is_unwanted:
        return None
    stuck = tuple(_in_thread(with_refusal(each), win) for each in owner_alerts.stuck_by_id(connection, refused))
    channel = channels.by_id(connection, note.team_id, win.channel_id) if win.channel_id else None
    return AuthorNote(win.for_author(), stuck, is_opted_out, is_in_group=channel is not None and channel.is_group)


def _in_thread(refused: StuckDelivery, win: Win) -> StuckDelivery:
    """Return a message with its thread, also where that may tell who is in the win, as its author reads that."""
    return replace(refused, thread_ts=win.thread_ts) if refused.kind == DeliveryKind.ANNOUNCEMENT else refused


def _messages(connection: Connection, win_id: int) -> list[Delivery]:
    """Return the messages that show a win: its announcement, the part of a roundup, and looks back."""
    told_again = editions.telling(connection, win_id)
    found = (deliveries.of_win(connection, win_id), roundups.part_with(connection, win_id), *told_again)
    return [message for message in found if message is not None]


def _enqueue(
    connection: Connection, kind: DeliveryKind, win_id: int, response_url: str | None, *, now: datetime
) -> None:
    author = None if deliveries.note_about(connection, win_id, kind) else wins.author_of(connection, win_id)
    if author is not None:
        team_id, user_id = author
        new = NewDelivery(team_id, user_id, now, win_id=win_id, recipient_id=user_id, response_url=response_url)
        enqueue(connection, kind, [new])
