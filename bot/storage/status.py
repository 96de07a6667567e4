"""What the status endpoint reports: counts, and when something is due next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from bot.domain.deliveries import DeliveryState
from bot.storage.deliveries import counts
from bot.storage.tables import channels, deliveries, wins


@dataclass(frozen=True)
class DueTimes:
    """When (UTC) the next roundup of a channel and its reminder are due; None while none will come."""

    roundup: datetime | None
    reminder: datetime | None


@dataclass(frozen=True)
class Status:
    """How many wins there are, deliveries by state, deliveries with work left, and due times by channel id."""

    wins: int
    deliveries: Mapping[str, int]
    unfinished: int
    due: Mapping[str, DueTimes]


def read(connection: Connection) -> Status:
    """Read the counts and due times of every workspace."""
    is_unfinished = or_(deliveries.c.pending_op.is_not(None), deliveries.c.state == DeliveryState.SENDING)
    is_scheduled = or_(channels.c.next_due_at.is_not(None), channels.c.remind_at.is_not(None))
    due_times = select(channels.c.channel_id, channels.c.next_due_at, channels.c.remind_at).where(is_scheduled)
    return Status(
        wins=connection.execute(select(func.count()).where(wins.c.undone_at.is_(None))).scalar_one(),
        deliveries=counts(connection),
        unfinished=connection.execute(select(func.count()).where(is_unfinished)).scalar_one(),
        due={channel_id: DueTimes(*times) for channel_id, *times in connection.execute(due_times)},
    )
