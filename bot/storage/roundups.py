"""Roundups: written down in one transaction with the wins they tell, and read back as they are shown."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select

from bot.domain.roundups import RoundupPart
from bot.domain.schedules import FALLBACK_ZONE
from bot.domain.wins import Win
from bot.services import owner_alerts
from bot.storage import channels, deliveries, enqueue, wins
from bot.storage.channels import Channel
from bot.storage.cheers import who_cheered
from bot.storage.deliveries import Delivery
from bot.storage.tables import deliveries as deliveries_table
from bot.storage.tables import roundup_cheers, roundups
from bot.storage.tables import wins as wins_table


def create(
    connection: Connection,
    channel: Channel,
    parts: Sequence[Sequence[int]],
    *,
    due_at: datetime,
    posted_by: str | None = None,
    now: datetime,
) -> int:
    """Store a channel's roundup for `due_at`: its wins (ids, by part) go on the ledger, its messages are owed.

    Without parts it is the line of a quiet week. `by` (a user id) is who had it posted before its time. Returns its id.

    Raises IntegrityError when the channel already has a roundup for this occurrence.
    """
    row = {
        "team_id": channel.team_id,
        "channel_id": channel.channel_id,
        "due_at": due_at,
        "posted_by": posted_by,
        "is_quiet": not parts,
        "created_at": now,
    }
    roundup_id: int = connection.execute(insert(roundups), row).inserted_primary_key[0]  # type: ignore[index]
    if parts:
        wins.assign_to_roundup(connection, roundup_id, parts)
    enqueue.enqueue_roundup(
        connection,
        roundup_id,
        parts=len(parts) or 1,
        team_id=channel.team_id,
        channel_id=_target_channel_id(channel),
        now=now,
    )
    return roundup_id


def zone_of(channel: Channel | None) -> str:
    """Return the zone in which a channel's dates are told."""
    return channel.settings.schedule.zone if channel and channel.settings else FALLBACK_ZONE


def preview(channel: Channel, parts: Sequence[Sequence[Win]], *, now: datetime) -> list[RoundupPart]:
    """Return the parts that a roundup of these wins would have if it were written down and posted `now`."""
    return [
        RoundupPart(
            channel_id=channel.channel_id,
            target_channel_id=_target_channel_id(channel),
            due_at=now,
            next_due_at=channel.next_due_at,
            zone=zone_of(channel),
            is_quiet=False,
            number=number,
            part_count=len(parts),
            win_count=sum(map(len, parts)),
            wins=tuple(part_wins),
            cheered_by=(),
        )
        for number, part_wins in enumerate(parts)
    ]


def _target_channel_id(channel: Channel) -> str:
    # What is private stays where it is, whatever was chosen before it became so.
    return channel.channel_id if channel.is_private else channel.target_channel_id


def abandon(connection: Connection, delivery: Delivery, *, now: datetime) -> bool:
    """Give up one part of a roundup that is certainly unposted and too late, and tell whoever set the channel up.

    Its wins are open again. Returns False, and changes nothing, where it may have been posted.
    """
    assert delivery.roundup_id is not None, "only roundups are abandoned"
    if not deliveries.abandon(connection, delivery.id):
        return False
    wins.release(connection, delivery.roundup_id, delivery.part)
    owner_alerts.alert_about_delivery(connection, delivery, now=now)
    return True


def free_due_at(connection: Connection, channel: Channel, now: datetime) -> datetime:
    """Return the moment, `now` or just before, for which a roundup of the channel may be stored that nobody promised.

    No other one has it, and none will be promised for it: what is scheduled is due at whole minutes.
    """
    in_channel = (roundups.c.team_id == channel.team_id) & (roundups.c.channel_id == channel.channel_id)
    candidate = now
    while (candidate.second, candidate.microsecond) == (0, 0) or connection.execute(
        select(roundups.c.id).where(in_channel, roundups.c.due_at == candidate)
    ).first():
        candidate -= timedelta(microseconds=1)
    return candidate


def last_manual_at(connection: Connection, channel: Channel) -> datetime | None:
    """Return when (UTC) somebody last had a roundup of the channel posted before its time; None for never."""
    in_channel = (roundups.c.team_id == channel.team_id) & (roundups.c.channel_id == channel.channel_id)
    query = select(func.max(roundups.c.due_at)).where(in_channel, roundups.c.posted_by.is_not(None))
    last_due_at: datetime | None = connection.execute(query).scalar_one()
    return last_due_at


def unsent_due_before(connection: Connection, *, due_before: datetime) -> list[Delivery]:
    """Return what is certainly unposted of the roundups that were due before `due_before`."""
    # Asked of each such delivery, of which there are few, and not of each roundup that ever was.
    due_at = select(roundups.c.due_at).where(roundups.c.id == deliveries_table.c.roundup_id).scalar_subquery()
    query = select(deliveries_table.c.id).where(deliveries.is_unsent_roundup, due_at < due_before)
    return [deliveries.by_id(connection, row.id) for row in connection.execute(query)]


_part_count = select(func.count()).where(deliveries_table.c.roundup_id == roundups.c.id).scalar_subquery()
_win_count = select(func.count()).where(wins_table.c.roundup_id == roundups.c.id, wins_table.c.undone_at.is_(None))
_posted_in = select(func.min(deliveries_table.c.channel_id)).where(deliveries_table.c.roundup_id == roundups.c.id)
_select_roundup = select(
    roundups,
    _part_count.label("parts"),
    _win_count.scalar_subquery().label("wins"),
    _posted_in.scalar_subquery().label("place"),
).where(roundups.c.id == bindparam("roundup"))


def load_part(connection: Connection, roundup_id: int, number: int) -> RoundupPart:
    """Read one part of a roundup as it is to be shown now."""
    row = connection.execute(_select_roundup, {"roundup": roundup_id}).one()
    channel = channels.by_id(connection, row.team_id, row.channel_id)
    assert channel is not None, "a channel with a roundup is known"
    return RoundupPart(
        channel_id=row.channel_id,
        target_channel_id=row.place,
        due_at=row.due_at,
        # What a channel does that became private is no business of the one that its roundup had gone to.
        next_due_at=None if channel.is_private and row.place != row.channel_id else channel.next_due_at,
        zone=zone_of(channel),
        is_quiet=row.is_quiet,
        number=number,
        part_count=row.parts,
        win_count=row.wins,
        wins=tuple(wins.of_roundup(connection, roundup_id, number)),
        cheered_by=who_cheered(connection, roundup_cheers, [roundup_id])[roundup_id],
    )
