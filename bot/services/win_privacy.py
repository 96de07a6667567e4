"""A win is made private, so that only its author sees it, and shared again. Nothing that belongs to it is lost."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import MAY_BE_POSTED, UNSENT, DeliveryKind, DeliveryState
from bot.domain.win_permissions import Reach, WinAction, may_from_anywhere, may_with_win, relation_of
from bot.domain.wins import Win
from bot.services.idempotency import ResultCode
from bot.services.wins import take_down
from bot.storage import cheers, deliveries, roundups, win_changes, wins
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue


class PrivacyResult(ResultCode):
    """The result of making a win private, or of sharing it again."""

    PRIVATE = "undone"
    BEING_REMOVED = "being_removed"
    UNCONFIRMED = "unconfirmed"
    STAYS = "undone_but_shown"
    """As in `UndoResult`."""
    SHARED = "shared"
    """Its announcement is on its way, and its channel's next roundup tells it."""
    SHARED_IN_PLACE = "shared_in_place"
    """The same, and the roundup that told it before tells it again."""
    NO_CHANGE = "no_change"
    """It was so already."""
    NO_CHANNEL = "no_channel"
    """It was saved for no channel."""
    NOT_AUTHOR = "not_author"
    NOT_FOUND = "not_found"


def make_private(
    connection: Connection,
    *,
    team_id: str,
    win_id: int,
    user_id: str,
    is_outsider: bool,
    response_url: str | None = None,
) -> PrivacyResult:
    """Let only its author see a win: its announcement is deleted, and its roundup no longer shows it.

    Its cheers and its place in the roundup are kept. `response_url` is where the author is told if Slack refuses that.
    """
    win = wins.by_id(connection, team_id, win_id)
    if win is None or win.is_undone:
        return PrivacyResult.NOT_FOUND
    if not may_from_anywhere(WinAction.MAKE_PRIVATE, relation_of(win, user_id, is_active=not is_outsider)):
        return PrivacyResult.NOT_AUTHOR
    if win.is_private:
        return PrivacyResult.NO_CHANGE
    win_changes.set_private(connection, win.id, is_private=True)
    _discard_note(connection, win)
    return PrivacyResult(take_down(connection, win, response_url=response_url))


def share_again(
    connection: Connection, *, team_id: str, win_id: int, user_id: str, is_outsider: bool, now: datetime
) -> PrivacyResult:
    """Share a private win in the channel that it was saved for: once, with the cheers that it had.

    The roundup that told it before tells it again; without one, the channel's next roundup does.
    """
    win = wins.by_id(connection, team_id, win_id)
    if win is None or win.is_undone:
        return PrivacyResult.NOT_FOUND
    relation = relation_of(win, user_id, is_active=not is_outsider)
    if not may_with_win(WinAction.SHARE_AGAIN, relation, Reach.IN_CHANNEL):  # the listener asks whether they are in it
        return PrivacyResult.NOT_AUTHOR
    if not win.is_private:
        return PrivacyResult.NO_CHANGE
    if win.channel_id is None:
        return PrivacyResult.NO_CHANNEL
    win_changes.set_private(connection, win.id, is_private=False)
    _discard_note(connection, win)
    _announce_again(connection, win, win.channel_id, now=now)
    if _return_to_roundup(connection, win):
        return PrivacyResult.SHARED_IN_PLACE
    win_changes.open_for_next_roundup(connection, win.id)
    return PrivacyResult.SHARED


def _announce_again(connection: Connection, win: Win, channel_id: str, *, now: datetime) -> None:
    """Show the announcement that is still there, or post another one."""
    announcement = deliveries.of_win(connection, win.id)
    if announcement is not None and announcement.state in MAY_BE_POSTED:
        win_changes.keep_if_posted(connection, announcement)
    elif announcement is not None and _stays(announcement):
        deliveries.request_update(connection, announcement.id)
    else:
        if announcement is not None:
            win_changes.discard(connection, announcement)
        cheers.move_reactions_to_button(connection, win.id)
        new = NewDelivery(win.team_id, channel_id, now, win_id=win.id)
        enqueue(connection, DeliveryKind.ANNOUNCEMENT, [new])


def _stays(announcement: Delivery) -> bool:
    """Whether a message can't be, or was not, deleted. One with a pending request may be gone from Slack already."""
    is_posted = announcement.state is DeliveryState.POSTED and announcement.pending_op is None
    return is_posted or announcement.state is DeliveryState.POSTED_VIA_RESPONSE_URL


def _return_to_roundup(connection: Connection, win: Win) -> bool:
    """Let the roundup that told a win tell it again; False if none has a place for it."""
    part = roundups.part_with_place(connection, win.id)
    if part is None or part.roundup_id is None:
        return False
    if part.state not in (*UNSENT, *MAY_BE_POSTED, DeliveryState.POSTED):
        return False
    if part.state is DeliveryState.POSTED and part.pending_op is not None:
        others = [each for each in wins.of_roundup(connection, part.roundup_id, part.part) if each.id != win.id]
        if not others:  # the update under way deletes the message
            return False
    win_changes.return_to_place(connection, win.id)
    deliveries.request_update(connection, part.id)
    return True


def _discard_note(connection: Connection, win: Win) -> None:
    """Delete what was said of an earlier attempt to share the win, or to remove it."""
    for kind in (DeliveryKind.NOT_SHARED, DeliveryKind.NOT_REMOVED):
        note = deliveries.note_about(connection, win.id, kind)
        if note is not None:
            win_changes.discard(connection, note)
