"""A win is made private, so that only its author sees it, and shared again. Nothing that belongs to it is lost."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.win_permissions import Reach, WinAction, may_from_anywhere, may_with_win, relation_of
from bot.domain.wins import Win
from bot.services import climb_steps, consent, sharing
from bot.services.idempotency import ResultCode
from bot.services.wins import UndoResult, take_down
from bot.storage import deliveries, win_changes, wins


class PrivacyResult(ResultCode):
    """The result of making a win private, or of sharing it again."""

    PRIVATE = UndoResult.UNDONE.value
    BEING_REMOVED = UndoResult.BEING_REMOVED.value
    UNCONFIRMED = UndoResult.UNCONFIRMED.value
    PRIVATE_BUT_SHOWN = UndoResult.UNDONE_BUT_SHOWN.value
    """As in `UndoResult`: the messages that show the win go in the same way."""
    SHARED = "shared"
    """Its announcement is on its way, and its channel's next roundup tells it."""
    SHARED_IN_PLACE = "shared_in_place"
    """The same, and the roundup that told it before tells it again."""
    WAITING = "waiting"
    """It is held until the people in it agree."""
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
    win = consent.locked_win(connection, team_id, win_id)
    if win is None:
        return PrivacyResult.NOT_FOUND
    if not may_from_anywhere(WinAction.MAKE_PRIVATE, relation_of(win, user_id, is_active=not is_outsider)):
        return PrivacyResult.NOT_AUTHOR
    if win.is_private:
        return PrivacyResult.NO_CHANGE
    win_changes.set_private(connection, win.id, is_private=True)
    climb_steps.hide(connection, team_id, win.id)
    _discard_note(connection, win)
    return PrivacyResult(take_down(connection, win, response_url=response_url))


def share_again(
    connection: Connection, *, team_id: str, win_id: int, user_id: str, is_outsider: bool, now: datetime
) -> PrivacyResult:
    """Share a private win in the channel that it was saved for: once, with the cheers that it had.

    The roundup that told it before tells it again; without one, the channel's next roundup does. It waits for the
    people in it as a new win would.
    """
    win = wins.by_id(connection, team_id, win_id)
    if win is not None:
        consent.lock(connection, win)
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
    if consent.hold_if_needed(connection, win, now=now):
        return PrivacyResult.WAITING
    is_in_place = sharing.share(connection, win, win.channel_id, now=now)
    return PrivacyResult.SHARED_IN_PLACE if is_in_place else PrivacyResult.SHARED


def _discard_note(connection: Connection, win: Win) -> None:
    """Delete the note about an earlier attempt to share the win, or to remove it."""
    for kind in (DeliveryKind.NOT_SHARED, DeliveryKind.NOT_REMOVED):
        note = deliveries.note_about(connection, win.id, kind)
        if note is not None:
            win_changes.discard(connection, note)
