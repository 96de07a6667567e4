"""Roundups: written down in one transaction with the wins they tell, and read back as they are shown."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from bot.domain.roundups import Part
from bot.storage import channels, deliveries, wins
from bot.storage.channels import Scheduled
from bot.storage.cheers import who_cheered
from bot.storage.tables import deliveries as deliveries_table
from bot.storage.tables import roundup_cheers, roundups
from bot.storage.tables import wins as wins_table


def add(connection: Connection, channel: Scheduled, parts: Sequence[Sequence[int]], *, now: datetime) -> int:
    """Store the channel's due roundup: its wins (ids, by part) go on the ledger, its messages are owed. Return its id.

    Raises IntegrityError when the channel already has a roundup for this occurrence.
    """
    row = {
        "team_id": channel.team_id,
        "channel_id": channel.channel_id,
        "due_at": channel.next_due_at,
        "created_at": now,
    }
    roundup_id: int = connection.execute(insert(roundups), row).inserted_primary_key[0]  # type: ignore[index]
    wins.put_on_ledger(connection, roundup_id, parts)
    deliveries.tell_roundup(
        connection, roundup_id, parts=len(parts), team_id=channel.team_id, channel_id=channel.channel_id, now=now
    )
    return roundup_id


def part(connection: Connection, roundup_id: int, number: int) -> Part:
    """Read one part of a roundup as it is to be shown now."""
    row = connection.execute(select(roundups).where(roundups.c.id == roundup_id)).one()
    channel = channels.by_id(connection, row.team_id, row.channel_id)
    assert channel is not None, "a channel with a roundup has a schedule"
    parts = select(func.count()).where(deliveries_table.c.roundup_id == roundup_id)
    total = select(func.count()).where(wins_table.c.roundup_id == roundup_id, wins_table.c.undone_at.is_(None))
    return Part(
        channel_id=row.channel_id,
        due_at=row.due_at,
        next_due_at=channel.next_due_at,
        zone=channel.schedule.zone,
        zone_is_stand_in=channel.zone_is_stand_in,
        number=number,
        of=connection.execute(parts).scalar_one(),
        total=connection.execute(total).scalar_one(),
        wins=tuple(wins.of_roundup(connection, roundup_id, number)),
        cheered_by=who_cheered(connection, roundup_cheers, [roundup_id])[roundup_id],
    )
