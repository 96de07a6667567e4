"""Joining: someone says "I was part of this" about a win. Its author gets a note, and can take them out again."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.consent import Consent, Preference, is_waited_for
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.joining import JoinedNote
from bot.domain.permissions import Actor
from bot.domain.win_permissions import Reach, WinAction, WinRelation, may_from_anywhere, may_with_win, relation_of
from bot.domain.wins import Win, WinRole
from bot.services.idempotency import ResultCode
from bot.storage import (
    channels,
    consent,
    credit_notes,
    deletion,
    deliveries,
    editions,
    joining,
    owner_alerts,
    preferences,
    roundups,
    wins,
)
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.tables import deliveries as deliveries_table


class JoinResult(ResultCode):
    """The result of a press of "I was part of this", or of one that takes that back."""

    SHOWN = "shown"
    """The message itself shows it."""
    UNNAMED = "unnamed"
    """It is stored, and others don't read their name, because they prefer that."""
    NOT_SHOWN = "not_shown"
    """It is stored, and the bot can't update the message."""
    ALREADY_JOINED = "already_joined"
    ALREADY_THEIRS = "already_theirs"
    """The author, or someone whom the author credits."""
    REMOVED = "removed"
    """The author has taken them out of it."""
    LEFT = "left"
    LEFT_BUT_SHOWN = "left_but_shown"
    """They are out of it, and the bot can't change the message, which may still name them."""
    STRANGER = "stranger"
    """Of another organization, deactivated, or a bot."""
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Press:
    """A press of a button on an announcement, whose delivery has the `key`."""

    team_id: str
    channel_id: str
    message_ts: str
    key: str


def join(connection: Connection, press: Press, actor: Actor, *, now: datetime) -> JoinResult:
    """Store that someone was part of a win, show it, and tell the win's author."""
    found = _announced(connection, press)
    if found is None:
        return JoinResult.NOT_FOUND
    announcement, win = found
    if not _says_yes(connection, win, actor):
        refusal = _refusal(connection, win, actor)
        if refusal is not None:
            return refusal
        joining.join(connection, win.team_id, win.id, actor.user_id)
        if actor.user_id != win.author.user_id:
            _tell_author(connection, win, now=now)
    result = _show(connection, announcement, win)
    chosen = preferences.of_people(connection, win.team_id, [actor.user_id])[actor.user_id]
    is_unnamed = chosen.preference is Preference.NEVER and actor.user_id != win.author.user_id
    return JoinResult.UNNAMED if result is JoinResult.SHOWN and is_unnamed else result


def _says_yes(connection: Connection, win: Win, actor: Actor) -> bool:
    """Store the yes of someone whom a win names; False if they have nothing to agree to, or also join it.

    They may have taken their name out of it before. Its author wasn't told of that, and isn't told of the yes.
    """
    person = win.person(actor.user_id)
    if person is None or not actor.is_active or not is_waited_for(person.consent):
        return False
    consent.save(connection, win.id, {actor.user_id: Consent.GIVEN})
    for message in consent.credit_messages(connection, win.id, [actor.user_id]):
        deliveries.request_update(connection, message.id)
    return person in win.credited


def leave(connection: Connection, press: Press, user_id: str) -> JoinResult:
    """Take someone out of a win that they joined, because they want that."""
    found = _announced(connection, press)
    if found is None:
        return JoinResult.NOT_FOUND
    announcement, win = found
    is_author = user_id == win.author.user_id
    if joining.leave(connection, win.id, user_id) if is_author else consent.take_out(connection, win, user_id):
        _show(connection, announcement, win)
        update_note(connection, win.id)
        if not is_author and keeps_name(connection, announcement, win, user_id):
            return JoinResult.LEFT_BUT_SHOWN
    return JoinResult.LEFT


def keeps_name(connection: Connection, announcement: Delivery, win: Win, user_id: str) -> bool:
    """Whether an announcement may go on naming someone who is taken out of `win`, as it was before.

    It does if the bot can't change it anymore, as far as is known. What went out through a response_url never got the
    names of those who joined later.
    """
    person = win.person(user_id)
    if person is None or person.is_unnamed:
        return False
    if announcement.state is DeliveryState.POSTED_VIA_RESPONSE_URL:
        return user_id not in {each.user_id for each in win.joined}
    return announcement.state is DeliveryState.POSTED and not _shows_changes(connection, announcement)


class RemoveResult(ResultCode):
    """The result of taking someone who joined out of a win."""

    REMOVED = "removed"
    NOT_AUTHOR = "not_author"
    NOT_FOUND = "not_found"


def remove(connection: Connection, *, team_id: str, win_id: int, user_id: str, actor: Actor) -> RemoveResult:
    """Take someone who joined out of a win, for good, if `actor` is its author.

    If its author has put them into the text, their name stays there for those who may read it.
    """
    consent.lock_win(connection, team_id, win_id)
    win = wins.by_id(connection, team_id, win_id)
    if win is None:
        return RemoveResult.NOT_FOUND
    if not may_from_anywhere(WinAction.REMOVE_JOINED, _relation(win, actor)):
        return RemoveResult.NOT_AUTHOR
    if joining.remove(connection, win.id, user_id):
        announcement = deliveries.of_win(connection, win.id)
        if announcement is not None:
            _show(connection, announcement, win)
        update_note(connection, win.id)
    return RemoveResult.REMOVED


def load_note(connection: Connection, note: Delivery) -> JoinedNote | None:
    """Return what a note to an author says, as things are now; None if there is nothing to say, or they want none."""
    win = None if note.win_id is None else wins.by_id(connection, note.team_id, note.win_id)
    if win is None or win.is_undone:
        return None
    others = tuple(each for each in win.joined if each.user_id != win.author.user_id)
    win = replace(win, joined=others).for_author()
    credited_ids = {person.user_id for person in win.credited}  # the author may have added them again
    removed = tuple(each for each in joining.removed_from(connection, win.id) if each.user_id not in credited_ids)
    is_opted_out = owner_alerts.is_opted_out(connection, note.team_id, win.author.user_id)
    if note.ts is None and (is_opted_out or not (win.joined or removed)):
        return None
    return JoinedNote(win, removed, is_opted_out)


def _announced(connection: Connection, press: Press) -> tuple[Delivery, Win] | None:
    """Return the announcement whose button was pressed, and its win; None if it is not to be seen anymore."""
    delivery = deliveries.by_key(connection, press.team_id, press.key)
    if delivery is None or delivery.channel_id != press.channel_id or delivery.kind != DeliveryKind.ANNOUNCEMENT:
        return None
    if delivery.win_id is not None:
        consent.lock_win(connection, press.team_id, delivery.win_id)
    win = None if delivery.win_id is None else wins.by_id(connection, press.team_id, delivery.win_id)
    if win is None or win.is_hidden:
        return None
    deliveries.mark_pressed(connection, delivery, press.message_ts)
    return delivery, win


def _refusal(connection: Connection, win: Win, actor: Actor) -> JoinResult | None:
    relation, roles = _relation(win, actor), joining.roles_of(connection, win.id, actor.user_id)
    if relation is WinRelation.STRANGER:
        return JoinResult.STRANGER
    if WinRole.JOINED in roles:
        return JoinResult.ALREADY_JOINED
    if not may_with_win(WinAction.JOIN, relation, Reach.IN_CHANNEL):  # where they have just pressed the button
        return JoinResult.ALREADY_THEIRS
    return JoinResult.REMOVED if WinRole.REMOVED in roles else None


def _relation(win: Win, actor: Actor) -> WinRelation:
    return relation_of(win, actor.user_id, is_active=actor.is_active, is_guest=actor.is_guest)


def _show(connection: Connection, announcement: Delivery, win: Win) -> JoinResult:
    """Update the messages that show the win, also those to the people in it."""
    deliveries.request_update(connection, announcement.id)
    part = roundups.part_with(connection, win.id)
    if part is not None:
        deliveries.request_update(connection, part.id, can_wait=True)
    editions.request_updates_with(connection, win.id)
    for message in consent.credit_messages(connection, win.id):
        deliveries.request_update(connection, message.id, can_wait=True)
    credit_notes.request_updates_with(connection, win.id)
    return JoinResult.SHOWN if _shows_changes(connection, announcement) else JoinResult.NOT_SHOWN


def _shows_changes(connection: Connection, announcement: Delivery) -> bool:
    channel = channels.by_id(connection, announcement.team_id, announcement.channel_id)
    is_gone = channel is not None and channel.unavailable_reason is not None
    return announcement.shows_changes and not is_gone


def _tell_author(connection: Connection, win: Win, *, now: datetime) -> None:
    """Send the author one message about a win, which then shows all who join. It is never sent twice."""
    note = deliveries.note_about(connection, win.id, DeliveryKind.JOINED)
    if note is not None and note.state is not DeliveryState.CANCELLED:
        deliveries.request_update(connection, note.id, can_wait=True)
        return
    if note is not None:  # it was not sent, because everyone had left
        deletion.delete_deliveries(connection, deliveries_table.c.id == note.id)
    author_id = win.author.user_id
    new = NewDelivery(win.team_id, author_id, now, win_id=win.id, recipient_id=author_id)
    enqueue(connection, DeliveryKind.JOINED, [new])


def update_note(connection: Connection, win_id: int) -> None:
    """Request an update of the note to a win's author. The note about a deleted win is deleted."""
    note = deliveries.note_about(connection, win_id, DeliveryKind.JOINED)
    if note is not None:
        deliveries.request_update(connection, note.id)
