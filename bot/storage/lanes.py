"""Lanes: what the sender does next.

A channel's posts go out one after the other, in its lane. Slack's limits for updates, deletions and ephemeral messages
are by workspace, and lower than those for posts: in the same lane, they would hold up the posts. So updates wait in one
lane for each workspace, and a channel's deletions and ephemeral messages in another lane than its posts.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, literal, or_, select, union_all

from bot.domain.deliveries import DeliveryState, PendingOp
from bot.storage.columns import any_found_by, pairs_in
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
_is_ephemeral = deliveries.c.recipient_id != deliveries.c.channel_id  # a direct message's channel is its recipient
_is_deletion = deliveries.c.pending_op == constant(PendingOp.DELETE)
_is_post = ~_is_deletion & (deliveries.c.recipient_id.is_(None) | ~_is_ephemeral)


def _first_in(team_id: ColumnElement[str], channel_id: ColumnElement[str], *columns: Any) -> Select[Any]:
    """Make the query for these columns of a channel's first delivery that is ready."""
    in_channel = (deliveries.c.team_id == team_id) & (deliveries.c.channel_id == channel_id)
    ready = select(*columns).where(in_channel, deliveries.c.pending_op.is_not(None), _is_actionable)
    return ready.order_by(deliveries.c.id).limit(1)


def _first_in_each(condition: ColumnElement[bool]) -> Select[Any]:
    """Make the query for the first delivery of each of the channels `lanes` that is ready and meets a condition.

    It is looked for in each channel, since one that waits for many would be read whole otherwise.
    """
    channels = pairs_in("lanes")
    in_one = _first_in(channels.first, channels.second, deliveries.c.id).where(condition)
    first_ids = select(in_one.correlate(channels.table).scalar_subquery()).select_from(channels.table)
    first = deliveries.alias("first")
    return select(first).where(any_found_by(first.c.id, first_ids))


_in_channel = _first_in(bindparam("team"), bindparam("channel"), deliveries)
# One query for both would sort the whole backlog of the channel.
_of_channel = (~is_update, is_update)
_not_beside = (_is_post & ~is_update, is_update)
_next_in_channel = tuple(_in_channel.where(condition) for condition in _of_channel)
_next_not_beside = tuple(_in_channel.where(condition) for condition in _not_beside)
_next_beside = (_in_channel.where(_is_deletion | _is_ephemeral, ~is_update),)
_in_channels = {
    _next_in_channel: tuple(_first_in_each(condition) for condition in _of_channel),
    _next_not_beside: tuple(_first_in_each(condition) for condition in _not_beside),
}
"""For queries about one channel, those about many."""
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


class Wanted(NamedTuple):
    """The first delivery of a lane that is ready, except `excluded_ids`.

    A workspace's first update is that of the message that someone acted on last, then come those that can wait; with
    `oldest_first`, it is the one that was requested first. The lane of a channel also has what belongs into the lane
    beside it (unless not `with_beside`), and an update if there is nothing else to do.
    """

    lane: Lane
    excluded_ids: Collection[int] = ()
    oldest_first: bool = False
    with_beside: bool = True

    @property
    def queries(self) -> tuple[Select[Any], ...]:
        """The queries to be made one after the other, until one has a result."""
        lane_id = self.lane[1]
        if lane_id == UPDATES:
            return _next_updates[1:] if self.oldest_first else _next_updates
        if lane_id.endswith(BESIDE):
            return _next_beside
        return _next_in_channel if self.with_beside else _next_not_beside


def next_in_lanes(connection: Connection, wanted: Sequence[Wanted]) -> list[Delivery | None]:
    """Return the next delivery of each lane. Lanes of channels share their queries."""
    found: list[Delivery | None] = [None] * len(wanted)
    together: defaultdict[tuple[Select[Any], ...], list[int]] = defaultdict(list)
    for position, each in enumerate(wanted):
        if each.excluded_ids or each.queries not in _in_channels:
            found[position] = _next(connection, each)
        else:
            together[each.queries].append(position)
    for queries, positions in together.items():
        if len(positions) == 1:
            found[positions[0]] = _next(connection, wanted[positions[0]])
            continue
        for query in _in_channels[queries]:
            left = [position for position in positions if found[position] is None]
            if left:
                lanes = {wanted[position].lane for position in left}
                rows = connection.execute(query, {"lanes": lanes})
                by_lane = {(row.team_id, row.channel_id): from_row(row) for row in rows}
                for position in left:
                    found[position] = by_lane.get(wanted[position].lane)
    return found


def _next(connection: Connection, wanted: Wanted) -> Delivery | None:
    params = {"team": wanted.lane[0], "channel": wanted.lane[1].removesuffix(BESIDE)}
    for query in wanted.queries:
        excluded = deliveries.c.id.not_in(wanted.excluded_ids)
        row = connection.execute(query.where(excluded) if wanted.excluded_ids else query, params).one_or_none()
        if row is not None:
            return from_row(row)
    return None
