"""What Slack refused for good, and trying it again: posts (`rejected`), and changes of posted messages.

A delivery whose last update or deletion was refused is posted and has an `error`: see `Delivery.is_change_refused`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, or_, update

from bot.domain.deliveries import NEEDS_ATTENTION, DeliveryKind, DeliveryState, PendingOp
from bot.storage.deliveries import Delivery, Lane, select_all
from bot.storage.delivery_conditions import constant, is_refused_change, is_to_look_at
from bot.storage.tables import deliveries, roundup_items, wins
from bot.storage.wins import is_hidden

NOTICE_MAX_AGE = timedelta(days=1)
"""A line about a settings change is not posted when it is older than this."""

_in_part = (roundup_items.c.roundup_id == deliveries.c.roundup_id) & (roundup_items.c.part == deliveries.c.part)
_is_told = roundup_items.c.is_regular | (deliveries.c.kind == DeliveryKind.EDITION)
shows_hidden = or_(
    exists().where(wins.c.id == deliveries.c.win_id, is_hidden),
    exists().where(_in_part, _is_told, wins.c.id == roundup_items.c.win_id, is_hidden),
)
"""Whether a posted message shows an undone or private win. A win leaves its roundup when that no longer shows it; a
message that looks back may show it as long as its last update was refused.
"""


def refused_changes(connection: Connection) -> list[Delivery]:
    """Return the messages of every workspace whose last change was refused, the oldest first."""
    return select_all(connection, is_refused_change)


def similar(connection: Connection, delivery: Delivery) -> list[Delivery]:
    """Return the other messages of this kind in the channel that lack cheers for the same reason, if this one does.

    A message that shows a hidden win has no similar ones.
    """
    in_lane = (deliveries.c.team_id == delivery.team_id) & (deliveries.c.channel_id == delivery.channel_id)
    alike = in_lane & (deliveries.c.kind == delivery.kind) & ~shows_hidden & (deliveries.c.error == delivery.error)
    found = select_all(connection, is_refused_change, alike) if delivery.is_change_refused else []
    others = [each for each in found if each.id != delivery.id]
    return others if len(others) < len(found) else []


def requeue(connection: Connection, delivery: Delivery) -> bool:
    """Try again what Slack refused, or post a message that a person did not find; False if there is nothing to try.

    A refused change is tried again as an update, which deletes a message that has nothing left to say.
    """
    return _update(
        connection,
        delivery,
        deliveries.c.state.in_(NEEDS_ATTENTION),
        {"state": DeliveryState.PENDING, "pending_op": PendingOp.POST, "revision": deliveries.c.revision + 1},
    ) or _update(
        connection,
        delivery,
        is_refused_change,
        {"pending_op": PendingOp.UPDATE, "revision": deliveries.c.revision + 1},
    )


def requeue_in(
    connection: Connection,
    lane: Lane,
    *,
    post_errors: Collection[str],
    change_errors: Collection[str],
    now: datetime,
) -> None:
    """Try again what Slack refused in a lane with one of these errors: roundups, recent lines of settings changes, and
    changes of messages.

    Roundups that are too late are abandoned elsewhere.
    """
    in_lane = (deliveries.c.team_id == lane[0]) & (deliveries.c.channel_id == lane[1])
    is_recent_notice = (deliveries.c.kind == DeliveryKind.SETTINGS_CHANGE) & (
        deliveries.c.created_at >= now - NOTICE_MAX_AGE
    )
    is_rejected_post = (
        is_to_look_at
        & (deliveries.c.state == constant(DeliveryState.REJECTED))
        & or_(deliveries.c.kind.in_((DeliveryKind.ROUNDUP, DeliveryKind.EDITION)), is_recent_notice)
        & deliveries.c.error.in_(post_errors)
    )
    is_change = is_refused_change & deliveries.c.error.in_(change_errors)
    for condition in (is_rejected_post, is_change):
        for delivery in select_all(connection, in_lane, condition):
            requeue(connection, delivery)


def dismiss(connection: Connection, delivery: Delivery) -> bool:
    """Leave a message as it is after a refused change; False if none was refused."""
    return _update(connection, delivery, is_refused_change, {"error": None})


def _update(connection: Connection, delivery: Delivery, condition: ColumnElement[bool], values: dict[str, Any]) -> bool:
    where = (deliveries.c.id == delivery.id) & condition
    return connection.execute(update(deliveries).where(where).values(values)).rowcount == 1
