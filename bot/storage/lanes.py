"""Lanes: what the sender does next.

A channel's posts go out one after the other, in its lane. Slack's limits for updates, deletions and ephemeral messages
are by workspace, and lower than those for posts: in the same lane, they would hold up the posts. So updates wait in one
lane for each workspace, and a channel's deletions and ephemeral messages in another lane than its posts.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, bindparam, literal, or_, select, union_all

from bot.domain.deliveries import DeliveryState, PendingOp
from bot.storage.deliveries import Delivery, Lane, from_row
from bot.storage.delivery_conditions import constant, constants, is_update
from bot.storage.tables import deliveries, workspaces

UPDATES = "updates"
"""Stands for the channel in the lane of a workspace's updates."""
BESIDE = " beside"
"""Follows the channel in the lane of its deletions and ephemeral messages."""

_parent = deliveries.alias("parent")
_is_parent_unfinished = (
    select(_parent.c.id)
    .where(
        _parent.c.roundup_id == deliveries.c.roundup_id,
        _parent.c.part == 0,
        _parent.c.state.not_in(constants((DeliveryState.POSTED, DeliveryState.DELETED, DeliveryState.CANCELLED))),
    )
    .exists()
)
# A reply waits for its parent, or is posted alone if that is gone. An update or a deletion waits for the post.
_is_actionable = or_(
    (deliveries.c.pending_op == constant(PendingOp.POST)) & ((deliveries.c.part == 0) | ~_is_parent_unfinished),
    deliveries.c.pending_op.in_(constants((PendingOp.UPDATE, PendingOp.DELETE))) & deliveries.c.ts.is_not(None),
)
_in_channel = (
    select(deliveries)
    .where(
        deliveries.c.team_id == bindparam("team"),
        deliveries.c.channel_id == bindparam("channel"),
        deliveries.c.pending_op.is_not(None),
        _is_actionable,
    )
    .order_by(deliveries.c.id)
    .limit(1)
)
# One query for both would sort the whole backlog of the channel.
_next_in_channel = (_in_channel.where(~is_update), _in_channel.where(is_update))
_is_ephemeral = deliveries.c.recipient_id != deliveries.c.channel_id  # a direct message's channel is its recipient
_is_deletion = deliveries.c.pending_op == constant(PendingOp.DELETE)
_next_beside = (_in_channel.where(_is_deletion | _is_ephemeral, ~is_update),)
_is_post = ~_is_deletion & (deliveries.c.recipient_id.is_(None) | ~_is_ephemeral)
_next_not_beside = (_in_channel.where(_is_post, ~is_update), _in_channel.where(is_update))
_updates = (
    select(deliveries)
    .where(deliveries.c.team_id == bindparam("team"), is_update, deliveries.c.ts.is_not(None))
    .limit(1)
)
_next_updates = (
    _updates.where(deliveries.c.is_update_urgent).order_by(deliveries.c.update_number.desc()),
    _updates.order_by(deliveries.c.update_number),
)


def _channels_with_work() -> Select[Any]:
    """Make the query for the channels that have more to do than updates.

    It goes from one channel in the index to the next one. A limit instead of EXISTS, of which PostgreSQL would make a
    join that reads everything that waits.
    """
    pending = select(deliveries.c.channel_id).where(deliveries.c.pending_op.is_not(None))
    pending = pending.order_by(deliveries.c.channel_id).limit(1)
    first = pending.where(deliveries.c.team_id == workspaces.c.team_id).scalar_subquery()
    lane = select(workspaces.c.team_id, first.label("lane_id")).cte("lane", recursive=True)
    is_later = (deliveries.c.team_id == lane.c.team_id) & (deliveries.c.channel_id > lane.c.lane_id)
    after = pending.where(is_later).scalar_subquery()
    lane = lane.union_all(select(lane.c.team_id, after).where(lane.c.lane_id.is_not(None)))
    in_lane = (deliveries.c.team_id == lane.c.team_id) & (deliveries.c.channel_id == lane.c.lane_id)
    ready = select(deliveries.c.id).where(in_lane, deliveries.c.pending_op.is_not(None), ~is_update, _is_actionable)
    ready_id = ready.order_by(deliveries.c.id).limit(1).scalar_subquery()
    return select(lane.c.team_id, lane.c.lane_id).where(lane.c.lane_id.is_not(None), ready_id.is_not(None))


def _workspaces_with_updates() -> Select[Any]:
    update = select(deliveries.c.id).where(
        deliveries.c.team_id == workspaces.c.team_id, is_update, deliveries.c.ts.is_not(None)
    )
    update_id = update.order_by(deliveries.c.update_number).limit(1).scalar_subquery()
    return select(workspaces.c.team_id, literal(UPDATES).label("lane_id")).where(update_id.is_not(None))


_with_work = union_all(_channels_with_work(), _workspaces_with_updates())


def of_delivery(delivery: Delivery) -> Lane:
    """Return the lane in which a delivery waits for what is to be done next with it."""
    if delivery.pending_op == PendingOp.UPDATE:
        return (delivery.team_id, UPDATES)
    is_ephemeral = delivery.recipient_id not in (None, delivery.channel_id)
    if is_ephemeral or delivery.pending_op == PendingOp.DELETE:
        return (delivery.team_id, delivery.channel_id + BESIDE)
    return delivery.channel_key


def with_work(connection: Connection) -> list[Lane]:
    """Return the lanes with a delivery that is ready. A channel's lane stands for the one beside it, too.

    However many wait in a lane, only the first of them is read.
    """
    return [(row.team_id, row.lane_id) for row in connection.execute(_with_work)]


def next_in_lane(
    connection: Connection,
    lane: Lane,
    *,
    excluded_ids: Collection[int] = (),
    oldest_first: bool = False,
    with_beside: bool = True,
) -> Delivery | None:
    """Return the first delivery of the lane that is ready, except `excluded_ids`.

    A workspace's first update is that of the message that someone acted on last, then come those that can wait; with
    `oldest_first`, it is the one that was requested first. The lane of a channel also returns what belongs into the
    lane beside it (unless not `with_beside`), and an update if there is nothing else to do.
    """
    team_id, lane_id = lane
    channel_id = lane_id.removesuffix(BESIDE)
    queries: tuple[Select[Any], ...] = _next_in_channel if with_beside else _next_not_beside
    if lane_id != channel_id:
        queries = _next_beside
    if lane_id == UPDATES:
        queries = _next_updates
    for query in queries[1:] if oldest_first else queries:
        including = query.where(deliveries.c.id.not_in(excluded_ids)) if excluded_ids else query
        row = connection.execute(including, {"team": team_id, "channel": channel_id}).one_or_none()
        if row is not None:
            return from_row(row)
    return None
