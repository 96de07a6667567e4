"""Counts and times for the status endpoint and the metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from bot.domain.deliveries import NEEDS_ATTENTION, DeliveryState, PendingOp
from bot.storage.delivery_conditions import constant, is_to_look_at
from bot.storage.tables import channels, deliveries, roundup_notes, wins, workspaces


@dataclass(frozen=True)
class DueTimes:
    """When (UTC) a channel's next roundup, its reminder and its look back are due; None while none will come."""

    roundup: datetime | None
    reminder: datetime | None
    edition: datetime | None = None


@dataclass(frozen=True)
class Status:
    """How many wins there are, deliveries by state, deliveries with work left, and due times by team and channel id.

    `others_due` is when (UTC) the workspaces' own roundups and the next note are due.
    """

    wins: int
    deliveries: Mapping[str, int]
    unfinished: int
    due: Mapping[str, Mapping[str, DueTimes]]
    others_due: Sequence[datetime] = ()


def read(connection: Connection) -> Status:
    """Read the counts and due times of every workspace."""
    is_unfinished = or_(deliveries.c.pending_op.is_not(None), deliveries.c.state == DeliveryState.SENDING)
    times_of_channel = (channels.c.next_due_at, channels.c.remind_at, channels.c.edition_due_at)
    is_scheduled = or_(*(each.is_not(None) for each in times_of_channel))
    due_times = select(channels.c.team_id, channels.c.channel_id, *times_of_channel).where(is_scheduled)
    due: dict[str, dict[str, DueTimes]] = {}
    for team_id, channel_id, *times in connection.execute(due_times):
        due.setdefault(team_id, {})[channel_id] = DueTimes(*times)
    return Status(
        wins=connection.execute(select(func.count()).where(wins.c.undone_at.is_(None))).scalar_one(),
        deliveries=delivery_counts(connection),
        unfinished=connection.execute(select(func.count()).where(is_unfinished)).scalar_one(),
        due=due,
        others_due=_others_due(connection),
    )


def _others_due(connection: Connection) -> list[datetime]:
    of_workspaces = select(workspaces.c.roundup_due_at).where(workspaces.c.roundup_due_at.is_not(None))
    next_note = select(func.min(roundup_notes.c.due_at)).where(roundup_notes.c.done_at.is_(None))
    return [*connection.scalars(of_workspaces), *filter(None, connection.scalars(next_note))]


def delivery_counts(connection: Connection) -> dict[str, int]:
    """Count the deliveries by state."""
    query = select(deliveries.c.state, func.count().label("number")).group_by(deliveries.c.state)
    return {row.state: row.number for row in connection.execute(query)}


def open_delivery_counts(connection: Connection) -> dict[str, int]:
    """Count the deliveries that are still to be posted, may be posted, or need a person, by state.

    Each count reads an index of such deliveries alone, so it doesn't take longer the more are posted.
    """
    state = deliveries.c.state
    each = [
        (DeliveryState.PENDING, deliveries.c.pending_op.is_not(None) & (state == constant(DeliveryState.PENDING))),
        *((one, state == constant(one)) for one in (DeliveryState.SENDING, DeliveryState.UNKNOWN)),
        *((one, is_to_look_at & (state == constant(one))) for one in NEEDS_ATTENTION),
    ]
    return {one: connection.execute(select(func.count()).where(condition)).scalar_one() for one, condition in each}


def oldest_pending_at(connection: Connection) -> datetime | None:
    """Return when (UTC) the oldest delivery that is still to be posted was created, or None."""
    query = select(func.min(deliveries.c.created_at)).where(deliveries.c.pending_op == constant(PendingOp.POST))
    oldest: datetime | None = connection.execute(query).scalar_one()
    return oldest


def missed_roundups(connection: Connection) -> int:
    """Count the roundups of which a part was abandoned."""
    is_abandoned = is_to_look_at & (deliveries.c.state == constant(DeliveryState.ABANDONED))
    missed: int = connection.execute(
        select(func.count(deliveries.c.roundup_id.distinct())).where(is_abandoned)
    ).scalar_one()
    return missed
