"""Wins: saving one, and undoing it.

A win is stored together with the delivery of its announcement, which bot/outbox/sender.py posts after the commit.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple

from sqlalchemy import Connection

from bot.domain.climbs import NextStepOf
from bot.domain.deliveries import UNSENT, DeliveryKind, DeliveryState
from bot.domain.win_limits import TooManyWins, WinLimits
from bot.domain.win_permissions import WinAction, may_from_anywhere, relation_of
from bot.domain.wins import Win
from bot.services import climb_steps, consent, joining, unsaved_wins
from bot.services.idempotency import ResultCode
from bot.services.unsaved_wins import FormKey
from bot.storage import (
    channels,
    deliveries,
    editions,
    recent_wins,
    roundup_items,
    roundups,
    saved_messages,
    wins,
)
from bot.storage import consent as consent_queries
from bot.storage.bulk_insert import pipelined
from bot.storage.database import Database
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.recent_wins import Recent
from bot.storage.wins import NewWin
from bot.storage.writer import BatchWork

logger = logging.getLogger(__name__)


async def save(
    database: Database,
    win: NewWin,
    *,
    limits: WinLimits,
    response_url: str | None = None,
    is_known_author: bool = False,
    is_in_group: bool = False,
    may_repeat: bool = False,
    may_be_saved_before: bool = True,
    form: FormKey | None = None,
    step_of: NextStepOf | None = None,
) -> "SavedWin":
    """Store a win with its announcement, once for each idempotency key.

    Raises Repeated for one whose author has just saved the same words, unless it `may_repeat` them, and SavedBefore
    for one from a message that is saved already, unless it `may_be_saved_before`. What its `form` kept is deleted in
    the same transaction. Raises StepRefused for one that can't be the `step_of` what was chosen, and TooManyWins if
    its author has reached one of the `limits`.

    `response_url` is the command's, for an announcement in a channel that the bot can't post in. `is_known_author`
    says that the author has saved a win in this channel before, so that the channel has a row, and the author their
    offer. A group conversation (`is_in_group`) gets no offer, as it has no roundup.
    """
    request = SaveWin(win, response_url, is_known_author, is_in_group, may_repeat, form)
    if may_be_saved_before and step_of is None:
        # With all wins that come at the same time.
        saved = await database.write_each(_save_within(limits), request, only_adds=True)
    else:
        work = partial(save_alone, request=request, step_of=step_of, limits=limits)
        saved = await database.write(partial(work, may_be_saved_before=may_be_saved_before))
    if isinstance(saved, Exception):
        raise saved
    logger.info("win saved", extra={"win": saved.id, "delivery": saved.delivery_key})
    return saved


@dataclass(frozen=True)
class SaveWin:
    """A win to save: see `save`."""

    win: NewWin
    response_url: str | None
    is_known_author: bool
    is_in_group: bool = False
    may_repeat: bool = False
    form: FormKey | None = None


class Repeated(Exception):
    """The author has saved a win with the same words within the last minute, so this one is not stored."""


class SavedBefore(Exception):
    """The message that the win is from is saved as a win, as far as its author may know, so this one is not stored."""


Refusal = Repeated | TooManyWins


class SavedWin(NamedTuple):
    """A stored win. `delivery_key` is that of its announcement, None for a private or held win, and for a repeat.

    It `is_held` if it waits for the consent of people in it.
    """

    id: int
    delivery_key: str | None
    is_held: bool = False


@cache
def _save_within(limits: WinLimits) -> BatchWork[SaveWin, SavedWin | Refusal]:
    """Return the same function each time, so that the writer runs it once for all that wait."""
    return partial(save_unless_repeated, limits=limits)


def save_unless_repeated(
    connection: Connection, requests: Sequence[SaveWin], *, limits: WinLimits = ()
) -> list[SavedWin | Refusal]:
    """Save wins that came at the same time, and return for each what it is stored as, or why it is not."""
    recent = recent_wins.look_at(connection, [request.win for request in requests], limits)
    refusals = [_refusal(connection, request, each) for request, each in zip(requests, recent, strict=True)]
    accepted = [request for request, refusal in zip(requests, refusals, strict=True) if refusal is None]
    saved = iter(save_all(connection, accepted))
    return [next(saved) if refusal is None else refusal for refusal in refusals]


def _refusal(connection: Connection, request: SaveWin, recent: Recent) -> Refusal | None:
    win = request.win
    # Slack sends a request again whose win is stored: it gets the same answer.
    if recent.wait and wins.of_request(connection, win.team_id, win.idempotency_key) is None:
        return TooManyWins(recent.wait)
    return Repeated() if recent.is_repeated and not request.may_repeat else None


def save_alone(
    connection: Connection,
    request: SaveWin,
    *,
    may_be_saved_before: bool,
    step_of: NextStepOf | None = None,
    limits: WinLimits = (),
) -> SavedWin | Refusal:
    """Save a win as `save_unless_repeated` does, as the next step of another. Raises SavedBefore or StepRefused."""
    win, key = request.win, request.win.idempotency_key
    is_new = wins.of_request(connection, win.team_id, key) is None
    if win.source is not None and not may_be_saved_before:
        saved_messages.lock(connection, win.team_id, win.source)
        reader_id = win.author.user_id
        if saved_messages.is_saved(connection, win.team_id, win.source, reader_id=reader_id, except_key=key):
            raise SavedBefore
    (saved,) = save_unless_repeated(connection, [request], limits=limits)
    if step_of is not None and is_new and isinstance(saved, SavedWin):
        climb_steps.join(connection, step_of, team_id=win.team_id, win_id=saved.id, now=win.created_at)
    return saved


def save_all(connection: Connection, requests: Sequence[SaveWin]) -> list[SavedWin]:
    """Store wins that came at the same time, repeated or not, and enqueue the announcements of those that are shared.

    One that is held is announced later. With them come the messages to the people in them, and an offer to each author
    who is new to a channel without roundups.
    """
    new_wins, preferences = consent.with_consents(connection, [request.win for request in requests])
    maybe_new_authors = [
        (request.win.team_id, request.win.channel_id, request)
        for request in requests
        if not request.is_known_author and request.win.channel_id is not None
    ]
    channels.ensure_exist(connection, {(team_id, channel_id) for team_id, channel_id, _ in maybe_new_authors})
    for request in requests:
        if request.form is not None:
            unsaved_wins.forget(connection, request.form)
    with pipelined(connection):
        ids = wins.add_all(connection, new_wins)
        announcements = [
            NewDelivery(win.team_id, win.channel_id, win.created_at, win_id=win_id, response_url=request.response_url)
            for win_id, win, request in zip(ids, new_wins, requests, strict=True)
            if win_id is not None and win.channel_id is not None and win.is_shared
        ]
        keys = enqueue(connection, DeliveryKind.ANNOUNCEMENT, announcements)
    key_by_win_id = {announcement.win_id: key for announcement, key in zip(announcements, keys, strict=True)}
    if preferences:
        for win_id, win in zip(ids, new_wins, strict=True):
            if win_id is not None:
                consent.tell_new(connection, win_id, win, preferences)
    for team_id, channel_id, request in maybe_new_authors:
        if request.is_in_group:
            channels.mark_group(connection, team_id, channel_id)
            continue
        if request.win.is_private:
            continue
        channel = channels.by_id(connection, team_id, channel_id)
        if channel is None or channel.settings is None:
            win = request.win
            new = NewDelivery(team_id, channel_id, win.created_at, recipient_id=win.author.user_id)
            enqueue(connection, DeliveryKind.OFFER, [new], ignore_conflicts=True)  # one offer for each person
    return [
        _stored_before(connection, win)
        if win_id is None
        else SavedWin(win_id, key_by_win_id.get(win_id), is_held=win.held_until is not None)
        for win_id, win in zip(ids, new_wins, strict=True)
    ]


def _stored_before(connection: Connection, new: NewWin) -> SavedWin:
    win_id = wins.of_request(connection, new.team_id, new.idempotency_key)
    win = None if win_id is None else wins.by_id(connection, new.team_id, win_id)
    assert win is not None, "its insert met the row that is there"
    return SavedWin(win.id, None, is_held=win.is_held)


class UndoResult(ResultCode):
    """The result of an undo."""

    UNDONE = "undone"
    """No message shows it, or only one that the bot has yet to post."""
    BEING_REMOVED = "being_removed"
    """Messages that show it are about to be deleted or updated."""
    UNCONFIRMED = "unconfirmed"
    """A message that shows it may be posted, and the bot does not know where."""
    UNDONE_BUT_SHOWN = "undone_but_shown"
    """The announcement went out through a response_url, so the bot can't delete it."""
    ALREADY_UNDONE = "already_undone"
    NOT_AUTHOR = "not_author"
    NOT_FOUND = "not_found"


def undo(
    connection: Connection,
    *,
    team_id: str,
    win_id: int,
    user_id: str,
    is_outsider: bool,
    response_url: str | None = None,
    now: datetime,
) -> UndoResult:
    """Undo a win for its author: delete its announcement, and take it out of its roundup, posted or not.

    `response_url` is where the author is told if Slack refuses that.
    """
    consent_queries.lock_win(connection, team_id, win_id)
    win = wins.by_id(connection, team_id, win_id)
    if win is None:
        return UndoResult.NOT_FOUND
    if not may_from_anywhere(WinAction.UNDO, relation_of(win, user_id, is_active=not is_outsider)):
        return UndoResult.NOT_AUTHOR
    if not wins.undo(connection, win.id, now=now):
        return UndoResult.ALREADY_UNDONE
    climb_steps.leave(connection, team_id, win.id)
    return take_down(connection, win, response_url=response_url)


def take_down(connection: Connection, win: Win, *, response_url: str | None) -> UndoResult:
    """Delete the announcement of a win that is hidden now, and take it out of its roundup, posted or not.

    `response_url` is where the author is told if Slack refuses that.
    """
    announcement = deliveries.of_win(connection, win.id)
    if announcement is not None:
        deliveries.request_delete(connection, announcement.id, response_url=response_url)
    note = deliveries.note_about(connection, win.id, DeliveryKind.NOT_SHARED)
    if note is not None:  # it says that the win is saved
        deliveries.request_delete(connection, note.id)
    joining.update_note(connection, win.id)
    consent.take_back_messages(connection, win.id)
    editions.request_updates_with(connection, win.id, can_wait=False)
    part = roundups.part_with(connection, win.id)
    if part is not None:
        deliveries.request_update(connection, part.id)
        roundups.request_count_update(connection, part)
        if part.state in UNSENT:
            roundup_items.leave_place(connection, win.id)
    return _still_shown([message for message in (announcement, part) if message is not None])


def _still_shown(messages: Sequence[Delivery]) -> UndoResult:
    states = {message.state for message in messages}
    if DeliveryState.POSTED_VIA_RESPONSE_URL in states:
        return UndoResult.UNDONE_BUT_SHOWN
    has_unknown_ts = any(message.state is DeliveryState.POSTED and message.ts is None for message in messages)
    if has_unknown_ts or states & {DeliveryState.UNKNOWN, DeliveryState.NEEDS_REVIEW}:
        return UndoResult.UNCONFIRMED
    is_shown = states & {DeliveryState.POSTED, DeliveryState.SENDING}
    return UndoResult.BEING_REMOVED if is_shown else UndoResult.UNDONE
