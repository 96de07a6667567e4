"""Deliveries: one row for each message that the bot has posted to Slack, or is to post.

enqueue.py adds them, and bot/outbox/sender.py sends them.

`state` is what is known of the post (see bot/domain/deliveries.py), `pending_op` what is to be done next with the
message. A post is tried only after its intent, `sending`, is committed. Updates and deletions can be repeated, so they
stay in `pending_op` until Slack has done them. `revision` counts the requests: one that comes meanwhile is not lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    bindparam,
    case,
    false,
    func,
    null,
    or_,
    select,
    true,
    update,
)

from bot.domain.deliveries import MAY_BE_POSTED, UNSENT, DeliveryKind, DeliveryState, PendingOp
from bot.storage.columns import any_pair_of
from bot.storage.delivery_conditions import constant, constants, is_announcement, is_to_look_at, is_update
from bot.storage.tables import deliveries

_SENDING = constant(DeliveryState.SENDING)
_UNKNOWN = constant(DeliveryState.UNKNOWN)

Lane = tuple[str, str]
"""(team id, channel id), or `lanes.UPDATES` instead of a channel: what is in a lane goes out one after the other."""


@dataclass(frozen=True)
class Delivery:
    """A message, its subject (a win, one part of a roundup, a settings change, ...) and its state.

    `recipient_id` is the user that a private message is for. `channel_id` of a direct message is the user's id until it
    is posted: Slack's response has the id of the conversation. One that `is_plain` has no pictures, because Slack has
    refused it with them.
    """

    id: int
    team_id: str
    channel_id: str
    key: str
    kind: str
    win_id: int | None
    roundup_id: int | None
    part: int
    state: DeliveryState
    pending_op: PendingOp | None
    revision: int
    attempts: int
    attempted_at: datetime | None
    ts: str | None
    error: str | None
    response_url: str | None
    recipient_id: str | None
    alert_id: int | None
    audit_id: int | None
    unsaved_win_id: int | None
    noted_roundup_id: int | None
    climb_id: int | None
    is_plain: bool
    created_at: datetime

    @property
    def channel_key(self) -> tuple[str, str]:
        """The workspace and the channel, which are also its lane while it is to be posted: see lanes.of_delivery."""
        return (self.team_id, self.channel_id)

    @property
    def is_change_refused(self) -> bool:
        """Whether the message is in Slack and its last update or deletion was refused for good; `error` says why."""
        return self.state is DeliveryState.POSTED and self.error is not None and self.pending_op is None

    @property
    def shows_changes(self) -> bool:
        """Whether a change is likely to be seen in it: not if Slack refused the last one, even if it is tried again.

        What went out through a response_url can't be updated.
        """
        is_refused = self.state is DeliveryState.POSTED and self.error is not None
        return not is_refused and self.state is not DeliveryState.POSTED_VIA_RESPONSE_URL


def parent_ts(connection: Connection, delivery: Delivery) -> str | None:
    """Return the ts of the message that this delivery replies to; None if it is no reply, or the ts is unknown."""
    if delivery.part == 0:
        return None
    is_parent = (deliveries.c.roundup_id == delivery.roundup_id) & (deliveries.c.part == 0)
    is_posted_here = (deliveries.c.state == DeliveryState.POSTED) & (deliveries.c.channel_id == delivery.channel_id)
    query = select(deliveries.c.ts).where(is_parent, is_posted_here)
    return connection.execute(query).scalar_one_or_none()


_by_key = select(deliveries).where(deliveries.c.team_id == bindparam("team"), deliveries.c.key == bindparam("key"))


def by_key(connection: Connection, team_id: str, key: str) -> Delivery | None:
    """Return the delivery of the workspace with this key, or None."""
    row = connection.execute(_by_key, {"team": team_id, "key": key}).one_or_none()
    return None if row is None else from_row(row)


def by_key_any_team(connection: Connection, key: str) -> Delivery | None:
    """Return the delivery with this key, of any workspace. For the command line, not for requests from Slack."""
    return _select_one(connection, deliveries.c.key == key)


def unknown(connection: Connection) -> list[Delivery]:
    """Return the deliveries of unknown outcome, the oldest first."""
    return select_all(connection, deliveries.c.state == _UNKNOWN)


def in_states(connection: Connection, states: Sequence[DeliveryState]) -> list[Delivery]:
    """Return the deliveries in these states, the oldest first."""
    return select_all(connection, deliveries.c.state.in_(states))


def by_message(connection: Connection, lane: Lane, ts: str) -> Delivery | None:
    """Return the delivery of the message `ts`, or None."""
    return _select_one(
        connection, deliveries.c.team_id == lane[0], deliveries.c.channel_id == lane[1], deliveries.c.ts == ts
    )


def of_win(connection: Connection, win_id: int) -> Delivery | None:
    """Return the announcement of a win, or None."""
    return _select_one(connection, deliveries.c.win_id == win_id, is_announcement)


def note_about(connection: Connection, win_id: int, kind: DeliveryKind) -> Delivery | None:
    """Return the note of this kind to a win's author, or None."""
    return _select_one(connection, deliveries.c.win_id == win_id, deliveries.c.kind == kind)


def of_roundup(connection: Connection, roundup_id: int) -> list[Delivery]:
    """Return the deliveries of a roundup, one for each part."""
    return select_all(connection, deliveries.c.roundup_id == roundup_id)


def has_in_flight(connection: Connection, lane: Lane) -> bool:
    """Whether a post in the lane is in flight, so that its ts is not stored yet."""
    in_lane = (deliveries.c.team_id == lane[0]) & (deliveries.c.channel_id == lane[1])
    query = select(deliveries.c.id).where(in_lane, deliveries.c.state == _SENDING).limit(1)
    return connection.execute(query).first() is not None


# Transitions by the outbox.

_mark_sending = (
    update(deliveries)
    .where(
        any_pair_of(deliveries.c.id, deliveries.c.revision, "unchanged"),
        deliveries.c.state == constant(DeliveryState.PENDING),
    )
    .values(state=_SENDING, pending_op=null(), attempts=deliveries.c.attempts + 1, attempted_at=bindparam("now"))
    .returning(deliveries.c.id, deliveries.c.revision)
)


class Attempt(NamedTuple):
    """A delivery that is to be posted now (UTC)."""

    delivery: Delivery
    now: datetime


def mark_each_sending(connection: Connection, attempts: Sequence[Attempt]) -> list[bool]:
    """Store the intents to post, all with the latest time; False for a delivery that was changed since it was read.

    A delivery is marked once.
    """
    unchanged = [(delivery.id, delivery.revision) for delivery, _ in attempts]
    values = {"unchanged": unchanged, "now": max(now for _, now in attempts)}
    marked = {(row.id, row.revision): True for row in connection.execute(_mark_sending, values)}
    return [marked.pop(each, False) for each in unchanged]


_may_be_posted = (deliveries.c.id == bindparam("delivery")) & deliveries.c.state.in_(
    constants((*MAY_BE_POSTED, DeliveryState.PENDING))
)
_to_posted = (
    update(deliveries)
    .where(_may_be_posted)
    .values(
        state=constant(DeliveryState.POSTED),
        error=null(),
        # That of the command is no longer needed; that of the person who wants the message deleted is.
        response_url=case((deliveries.c.pending_op == constant(PendingOp.DELETE), deliveries.c.response_url)),
    )
)
# Without a ts nothing can be updated. A late response to a post also clears a second request to post.
_mark_posted_without_ts = _to_posted.values(pending_op=null())
_mark_posted = _to_posted.values(
    ts=bindparam("ts"),
    pending_op=case((deliveries.c.pending_op != constant(PendingOp.POST), deliveries.c.pending_op), else_=null()),
)
_mark_posted_in_channel = _mark_posted.values(channel_id=bindparam("channel"))


def mark_posted(connection: Connection, delivery_id: int, ts: str | None, *, channel_id: str | None = None) -> bool:
    """Store that Slack has the message, with its `ts` if it is known, and its `channel_id` if that is another one.

    Returns False if the delivery is in a final state.
    """
    params = {"delivery": delivery_id}
    if ts is None:
        result = connection.execute(_mark_posted_without_ts, params)
    elif channel_id is None:
        result = connection.execute(_mark_posted, {**params, "ts": ts})
    else:
        result = connection.execute(_mark_posted_in_channel, {**params, "ts": ts, "channel": channel_id})
    return result.rowcount == 1


def mark_posted_in_channels(connection: Connection, ts_by_id: Mapping[int, str]) -> None:
    """Store that Slack has these messages (the ts by the delivery's id), as `mark_posted` does."""
    connection.execute(_mark_posted, [{"delivery": delivery_id, "ts": ts} for delivery_id, ts in ts_by_id.items()])


def mark_pressed(connection: Connection, delivery: Delivery, ts: str, *, channel_id: str | None = None) -> None:
    """Store that Slack has a message whose post it didn't confirm: someone has pressed a button of it.

    `ts` and `channel_id` are as in `mark_posted`.
    """
    if delivery.state in MAY_BE_POSTED:
        mark_posted(connection, delivery.id, ts, channel_id=channel_id)


def mark_finished(connection: Connection, delivery_id: int, state: DeliveryState, error: str | None) -> bool:
    """Store the outcome of a post without a ts.

    A pending update or deletion is kept if the message may have been posted. Returns False if the message is known to
    be posted.
    """
    values: dict[str, Any] = {"state": state, "error": error, "response_url": None}
    if state not in MAY_BE_POSTED:
        values["pending_op"] = None
    return _update_one(
        connection, (deliveries.c.id == delivery_id) & (deliveries.c.state != DeliveryState.POSTED), values
    )


def cancel(connection: Connection, delivery: Delivery) -> bool:
    """Cancel a message that is not posted, because it is not needed; False if it was changed since it was read."""
    is_unchanged = (
        (deliveries.c.id == delivery.id)
        & (deliveries.c.state == DeliveryState.PENDING)
        & (deliveries.c.revision == delivery.revision)
    )
    values = {"state": DeliveryState.CANCELLED, "pending_op": None, "error": None, "response_url": None}
    return _update_one(connection, is_unchanged, values)


def requeue_unsent(connection: Connection, delivery_id: int, error: str | None, *, attempt: int) -> None:
    """Queue a message that was certainly not posted again, or cancel it if it is to be deleted.

    This is for one attempt: nothing changes if another sender has tried again meanwhile.
    """
    where = (
        (deliveries.c.id == delivery_id) & deliveries.c.state.in_(MAY_BE_POSTED) & (deliveries.c.attempts == attempt)
    )
    if _update_one(
        connection,
        where & (deliveries.c.pending_op == PendingOp.DELETE),
        {"state": DeliveryState.CANCELLED, "pending_op": None},
    ):
        return
    _update_one(connection, where, {"state": DeliveryState.PENDING, "pending_op": PendingOp.POST, "error": error})


def leave_pictures_out(connection: Connection, delivery_id: int) -> None:
    """Leave pictures out of this message, for good."""
    _update_one(connection, deliveries.c.id == delivery_id, {"is_plain": True})


def complete_change(
    connection: Connection, delivery: Delivery, *, state: DeliveryState, error: str | None = None
) -> bool:
    """Store what came of an update or a deletion; False if another was requested since `delivery` was read.

    With an `error` and the state `posted`, Slack refused it for good: see refusals.py.
    """
    where = (deliveries.c.id == delivery.id) & (deliveries.c.revision == delivery.revision)
    return _update_one(connection, where, {"state": state, "pending_op": None, "error": error})


def forget_response_url(connection: Connection, delivery_id: int) -> None:
    """Forget a response_url that can't be used anymore."""
    _update_one(connection, deliveries.c.id == delivery_id, {"response_url": None})


def in_flight(connection: Connection) -> list[Delivery]:
    """Return the deliveries whose intent to post is stored, and no outcome."""
    return select_all(connection, deliveries.c.state == _SENDING)


def mark_interrupted(connection: Connection, delivery: Delivery) -> bool:
    """Store that the outcome of an attempt is unknown; False if it is known, or there was another attempt."""
    is_attempt = (deliveries.c.id == delivery.id) & (deliveries.c.attempts == delivery.attempts)
    values = {"state": DeliveryState.UNKNOWN, "error": "interrupted", "response_url": None}
    return _update_one(connection, is_attempt & (deliveries.c.state == _SENDING), values)


def review_again(connection: Connection, *, since: datetime) -> None:
    """Let the reconciler search again for messages that need review and were attempted since then.

    The bot may be able to read history by now.
    """
    needs_review = is_to_look_at & (deliveries.c.state == constant(DeliveryState.NEEDS_REVIEW))
    is_recent = deliveries.c.attempted_at >= since
    connection.execute(update(deliveries).where(needs_review, is_recent).values(state=DeliveryState.UNKNOWN))


def abandon(connection: Connection, delivery_id: int) -> bool:
    """Abandon a message that is certainly not posted; False if it may be."""
    where = (deliveries.c.id == delivery_id) & deliveries.c.state.in_(UNSENT)
    return _update_one(connection, where, {"state": DeliveryState.ABANDONED, "pending_op": None})


# Requests of services.


_other = deliveries.alias("other")
_next_number = (
    select(func.coalesce(func.max(_other.c.update_number), 0) + 1)
    .where(_other.c.team_id == deliveries.c.team_id, _other.c.pending_op == constant(PendingOp.UPDATE))
    .scalar_subquery()
)
_URGENT_UPDATE = {
    "pending_op": constant(PendingOp.UPDATE),
    "update_number": _next_number,
    "is_update_urgent": true(),
}
# One that is requested already keeps its turn.
_UPDATE_THAT_CAN_WAIT = _URGENT_UPDATE | {
    "update_number": case((is_update, deliveries.c.update_number), else_=_next_number),
    "is_update_urgent": case((is_update, deliveries.c.is_update_urgent), else_=false()),
}


def request_update(connection: Connection, delivery_id: int, *, can_wait: bool = False) -> None:
    """Request an update. It goes before all others of the workspace, because someone acted on it, unless it `can_wait`.

    A message that isn't posted yet needs none: it is loaded again before it is (`revision`).
    """
    connection.execute(_request_update_that_can_wait if can_wait else _request_urgent_update, {"delivery": delivery_id})


def request_updates(connection: Connection, where: ColumnElement[bool], *, can_wait: bool) -> None:
    """Request an update of each delivery that meets the condition, as `request_update` does."""
    connection.execute(_request_update(where, can_wait=can_wait))


_is_pending = deliveries.c.state == constant(DeliveryState.PENDING)
_may_exist = deliveries.c.state.in_(constants(MAY_BE_POSTED)) | (
    deliveries.c.ts.is_not(None) & (deliveries.c.state == constant(DeliveryState.POSTED))
)


def _request_update(where: ColumnElement[bool], *, can_wait: bool) -> Update:
    """Have pending messages loaded again before they are posted, and those that may exist updated."""
    values: dict[str, Any] = {
        name: case((_is_pending, deliveries.c[name]), else_=value)
        for name, value in (_UPDATE_THAT_CAN_WAIT if can_wait else _URGENT_UPDATE).items()
    }
    is_allowed = _may_exist & or_(deliveries.c.pending_op.is_(None), is_update)
    values["revision"] = deliveries.c.revision + 1
    return update(deliveries).where(where, _is_pending | is_allowed).values(values)


# Built once, because every cheer needs them.
_by_delivery = deliveries.c.id == bindparam("delivery")
_request_urgent_update = _request_update(_by_delivery, can_wait=False)
_request_update_that_can_wait = _request_update(_by_delivery, can_wait=True)


def request_delete(connection: Connection, delivery_id: int, *, response_url: str | None = None) -> None:
    """Cancel a message that is not posted, or request its deletion if it is or may be.

    `response_url` is that of the person who wants it gone.
    """
    where = deliveries.c.id == delivery_id
    if _update_one(
        connection,
        where & (deliveries.c.state == DeliveryState.PENDING),
        {"state": DeliveryState.CANCELLED, "pending_op": None},
    ):
        return
    _update_one(
        connection,
        where & deliveries.c.state.in_((*MAY_BE_POSTED, DeliveryState.POSTED)),
        {"pending_op": PendingOp.DELETE, "revision": deliveries.c.revision + 1, "response_url": response_url},
    )


def _update_one(connection: Connection, where: Any, values: dict[str, Any]) -> bool:
    return connection.execute(update(deliveries).where(where).values(values)).rowcount == 1


def select_all(connection: Connection, *conditions: ColumnElement[bool]) -> list[Delivery]:
    """Return the deliveries that meet the conditions, the oldest first."""
    # Sorted here: with ORDER BY id, SQLite walks the whole table in that order rather than use a partial index.
    rows = connection.execute(select(deliveries).where(*conditions))
    return sorted(map(from_row, rows), key=attrgetter("id"))


def _select_one(connection: Connection, *conditions: ColumnElement[bool]) -> Delivery | None:
    row = connection.execute(select(deliveries).where(*conditions)).one_or_none()
    return None if row is None else from_row(row)


def from_row(row: Any) -> Delivery:
    """Return a row of the table as a delivery."""
    return Delivery(**{name: getattr(row, name) for name in Delivery.__dataclass_fields__})
