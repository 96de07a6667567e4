"""Sharing a stored win in its channel: one that was private, or that has waited for the people in it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import MAY_BE_POSTED, UNSENT, DeliveryKind, DeliveryState
from bot.domain.wins import Win
from bot.services import climb_steps
from bot.storage import cheers, deliveries, editions, roundup_items, roundups, win_changes, wins
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue


def share(connection: Connection, win: Win, channel_id: str, *, now: datetime) -> bool:
    """Announce a win that is hidden no longer, once, and let the roundup that told it before tell it again.

    Without one, the channel's next roundup does, and False is returned.
    """
    climb_steps.show(connection, win.team_id, win.id, now=now)
    _announce(connection, win, channel_id, now=now)
    editions.request_updates_with(connection, win.id)
    if _return_to_roundup(connection, win):
        return True
    win_changes.open_for_next_roundup(connection, win.id)
    return False


def _announce(connection: Connection, win: Win, channel_id: str, *, now: datetime) -> None:
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
    roundup_items.show_again(connection, win.id)
    deliveries.request_update(connection, part.id)
    roundups.request_count_update(connection, part)
    return True
