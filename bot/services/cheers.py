"""Cheers: recording who cheers a win or a roundup, by its button or by a reaction.

bot/storage/cheers.py keeps the cheers and says whose count. Here, updates of the messages that name who cheers are
requested; bot/outbox/sender.py makes them.
"""

from sqlalchemy import Connection, Table

from bot.services.idempotency import ResultCode
from bot.storage import cheers, credit_notes, deliveries, roundup_items, roundups, wins
from bot.storage.cheers import Recorded
from bot.storage.deliveries import Delivery
from bot.storage.tables import roundup_cheers, win_cheers


class MessageNotRecordedYet(Exception):
    """A reaction to a message that may be ours: its post is in flight, so its ts is not stored yet. Try again."""


class CheerResult(ResultCode):
    """The result of a press."""

    SHOWN = "shown"
    """The message itself shows the cheer."""
    COUNTED = "counted"
    """The bot can't update the message."""
    ALREADY_CHEERED = "already_cheered"
    TAKEN_BACK = "taken_back"
    OWN_WIN = "own_win"
    """The person is the win's author, or credited in it: the cheer doesn't count."""
    OUTSIDER = "not_installed"
    """The person belongs to another organization."""
    NOT_FOUND = "not_found"


def record_by_button(
    connection: Connection,
    *,
    team_id: str,
    channel_id: str,
    message_ts: str,
    key: str,
    user_id: str,
    is_outsider: bool,
    is_active: bool,
    action_ts: str,
) -> CheerResult:
    """Record that someone pressed Cheer (`is_active`) or took their cheer back, and update what shows it.

    `key` is that of the delivery, which the button carries. A message whose button is pressed has certainly been
    posted.
    """
    if is_outsider:
        return CheerResult.OUTSIDER
    delivery = deliveries.by_key(connection, team_id, key)
    if delivery is None or delivery.channel_id != channel_id or not _can_be_cheered(delivery):
        return CheerResult.NOT_FOUND
    if is_active:
        deliveries.mark_pressed(connection, delivery, message_ts)
        if delivery.win_id is not None and wins.is_theirs(connection, delivery.win_id, user_id):
            return CheerResult.OWN_WIN
    deliveries.request_update(connection, delivery.id)
    recorded = _record(connection, delivery, user_id, cheers.BUTTON, is_active=is_active, event_ts=action_ts)
    if recorded.is_active and delivery.win_id is not None and wins.is_hidden_win(connection, delivery.win_id):
        return CheerResult.NOT_FOUND  # its message is still shown
    return _result(recorded, delivery)


def record_told_win(
    connection: Connection,
    *,
    team_id: str,
    channel_id: str,
    message_ts: str,
    key: str,
    win_id: int,
    user_id: str,
    is_outsider: bool,
    is_active: bool,
    action_ts: str,
) -> CheerResult:
    """Record that someone pressed the button of one win in a message that tells several, as `record_by_button` does.

    The cheer is the same as one by the button of the win's announcement. A win that the roundup doesn't tell is not
    found, and nor is a hidden one, whatever the person is to it.
    """
    if is_outsider:
        return CheerResult.OUTSIDER
    delivery = deliveries.by_key(connection, team_id, key)
    if delivery is None or delivery.channel_id != channel_id or delivery.roundup_id is None:
        return CheerResult.NOT_FOUND
    if not (_can_be_cheered(delivery) and roundups.has_win(connection, delivery.roundup_id, win_id)):
        return CheerResult.NOT_FOUND
    is_hidden = wins.is_hidden_win(connection, win_id)
    result = CheerResult.NOT_FOUND
    if not (is_hidden and is_active):
        # Announcements are updated before roundups everywhere, so that no two presses wait for each other.
        recorded = cheer_win(
            connection, team_id=team_id, win_id=win_id, user_id=user_id, is_active=is_active, action_ts=action_ts
        )
        if not is_hidden:
            result = CheerResult.OWN_WIN if recorded is None else _result(recorded, delivery)
    if is_active:
        deliveries.mark_pressed(connection, delivery, message_ts)
    if result is not CheerResult.OWN_WIN:
        deliveries.request_update(connection, delivery.id)
    return result


def cheer_win(
    connection: Connection, *, team_id: str, win_id: int, user_id: str, is_active: bool, action_ts: str
) -> Recorded | None:
    """Record a press of a button that cheers a win, and update its announcement and its roundup.

    The caller has made sure that the person sees the win. Returns None if it is theirs.
    """
    if is_active and wins.is_theirs(connection, win_id, user_id):
        return None
    announcement = deliveries.of_win(connection, win_id)
    if announcement is not None:
        deliveries.request_update(connection, announcement.id, can_wait=True)
    recorded = cheers.record(
        connection,
        win_cheers,
        team_id=team_id,
        subject_id=win_id,
        user_id=user_id,
        source=cheers.BUTTON,
        is_active=is_active,
        event_ts=action_ts,
    )
    if recorded.is_latest:
        if recorded.was_active and not recorded.is_active:
            credit_notes.request_updates_with(connection, win_id)
        _update_roundup_of_win(connection, win_id)
    return recorded


def _result(recorded: Recorded, delivery: Delivery) -> CheerResult:
    """Return what came of a press, which `delivery` shows if it can."""
    if not recorded.is_active:
        return CheerResult.TAKEN_BACK
    if recorded.was_active:
        return CheerResult.ALREADY_CHEERED
    return CheerResult.SHOWN if delivery.shows_changes else CheerResult.COUNTED


def record_by_reaction(
    connection: Connection,
    *,
    team_id: str,
    channel_id: str,
    message_ts: str,
    user_id: str,
    emoji: str,
    is_active: bool,
    event_ts: str,
) -> str | None:
    """Record that a reaction was added (`is_active`) or removed, and return the message's key.

    A roundup that names the person is updated. An announcement isn't: Slack shows the reaction under it. Returns None
    if the message is not one of ours that has cheers. Raises MessageNotRecordedYet.
    """
    lane = (team_id, channel_id)
    delivery = deliveries.by_message(connection, lane, message_ts)
    if delivery is None:
        if deliveries.has_in_flight(connection, lane):
            raise MessageNotRecordedYet
        return None
    if not _can_be_cheered(delivery):
        return None
    source = cheers.reaction_source(emoji)
    _record(connection, delivery, user_id, source, is_active=is_active, event_ts=event_ts)
    if not is_active:
        table, subject_id = _subject(delivery)
        if cheers.take_back_toneless(
            connection, table, subject_id=subject_id, user_id=user_id, emoji=emoji, event_ts=event_ts
        ):
            _update_credit_notes(connection, delivery)
            _update_roundup(connection, delivery)
    return delivery.key


def _can_be_cheered(delivery: Delivery) -> bool:
    is_for_one_person = delivery.recipient_id is not None
    return not is_for_one_person and (delivery.win_id is not None or delivery.roundup_id is not None)


def _subject(delivery: Delivery) -> tuple[Table, int]:
    """Return the table of the cheers on what a delivery is about, and its id."""
    table, subject_id = (win_cheers, delivery.win_id) if delivery.win_id else (roundup_cheers, delivery.roundup_id)
    assert subject_id is not None, "a delivery with cheers is about a win or a roundup"
    return table, subject_id


def _record(
    connection: Connection, delivery: Delivery, user_id: str, source: str, *, is_active: bool, event_ts: str
) -> Recorded:
    table, subject_id = _subject(delivery)
    recorded = cheers.record(
        connection,
        table,
        team_id=delivery.team_id,
        subject_id=subject_id,
        user_id=user_id,
        source=source,
        is_active=is_active,
        event_ts=event_ts,
    )
    if recorded.is_latest:
        if recorded.was_active and not recorded.is_active:
            _update_credit_notes(connection, delivery)
        _update_roundup(connection, delivery)
    return recorded


def _update_credit_notes(connection: Connection, delivery: Delivery) -> None:
    """Request an update of the notes that name someone who cheered what `delivery` is about, and took it back."""
    if delivery.roundup_id is not None:
        credit_notes.request_updates_after(connection, delivery.roundup_id)
    elif delivery.win_id is not None:
        credit_notes.request_updates_with(connection, delivery.win_id)


def _update_roundup(connection: Connection, delivery: Delivery) -> None:
    """Request an update of the roundup's message that names who cheers what `delivery` is about, if there is one.

    That is the part with the win, or the first part of the roundup that is cheered.
    """
    if delivery.roundup_id is not None:
        roundups.request_part_update(connection, delivery.roundup_id, 0)
    elif delivery.win_id is not None:
        _update_roundup_of_win(connection, delivery.win_id)


def _update_roundup_of_win(connection: Connection, win_id: int) -> None:
    if (place := roundup_items.find_shown_place(connection, win_id)) is not None:
        roundups.request_part_update(connection, *place)
