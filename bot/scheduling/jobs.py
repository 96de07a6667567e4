"""The jobs: give new channels their zone, write down the roundups that are due, forget old requests."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.domain.roundups import OpenWin, in_parts, in_rounds
from bot.domain.schedules import FALLBACK_ZONE, RuleIsUnknown, ScheduleIsImpossible
from bot.storage import channels, deliveries, people, requests, roundups, wins
from bot.storage.database import Database
from bot.storage.people import Person
from bot.views.roundup import MOST_WINS, ROOM, Link, size

logger = logging.getLogger(__name__)

AT_ONCE = 10_000
"""The most roundups that one beat writes down; the next one takes the rest."""
REQUESTS_ARE_KEPT = timedelta(days=7)

LookUp = Callable[[str, Iterable[str]], Awaitable[Mapping[str, Person]]]


async def settle_zones(database: Database, team_id: str, *, look_up: LookUp) -> None:
    """Start the schedule of each new channel, in the zone of whoever logged the first win there.

    UTC stands in where Slack gives no zone; where Slack can't be asked, the channel waits for the next time.
    """
    waiting = await database.read(lambda connection: channels.without_zone(connection, team_id))
    if not waiting:
        return
    known = await look_up(team_id, {channel.set_up_by for channel in waiting})
    for channel in waiting:
        person = known.get(channel.set_up_by)
        if person is not None:
            zone, is_stand_in = person.zone or FALLBACK_ZONE, person.zone is None
            await database.write(partial(channels.set_zone, channel=channel, zone=zone, is_stand_in=is_stand_in))


async def write_due_roundups(
    database: Database,
    *,
    link: Link,
    grace: timedelta,
    clock: Callable[[], datetime],
    owed: Callable[[tuple[str, str]], None],
) -> None:
    """Write down every roundup that is due, each in a transaction of its own; `owed` is told of its channel.

    One that is later than `grace` is abandoned. One channel's failure is logged and tried again at the next beat; it
    delays no other.
    """
    now = clock()
    due = await database.read(lambda connection: channels.due(connection, now, limit=AT_ONCE))
    for team_id, channel_id in in_turns(due):
        work = partial(write_roundup, team_id=team_id, channel_id=channel_id, link=link, grace=grace, now=now)
        try:
            written = await database.write(work)
        except (DBAPIError, RuleIsUnknown, ScheduleIsImpossible):
            logger.exception("the roundup of %s in %s could not be written down", channel_id, team_id)
            continue
        if written:
            owed((team_id, channel_id))


def in_turns(due: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (team id, channel id) in an order that is fair: each workspace's first, then everybody's second."""
    turns: Counter[str] = Counter()
    placed = []
    for place, (team_id, channel_id) in enumerate(due):
        placed.append((turns[team_id], place, (team_id, channel_id)))
        turns[team_id] += 1
    return [channel for _, _, channel in sorted(placed)]


def write_roundup(
    connection: Connection, *, team_id: str, channel_id: str, link: Link, grace: timedelta, now: datetime
) -> bool:
    """Put the channel's open wins into its due roundup and set its next date; False if there was nothing to tell.

    Where several dates have passed, the roundup is that of the last one: it holds the wins of them all. Where that is
    longer ago than `grace`, it is abandoned at once: the wins stay open, and whoever set the channel up is told.
    """
    channel = channels.claim_due(connection, team_id, channel_id, now)
    if channel is None:
        return False
    assert channel.next_due_at is not None, "what is due has a date"
    due_at = channel.schedule.latest(channel.next_due_at, now)
    found = wins.open_in(connection, team_id, channel_id)
    names = people.names(connection, team_id, {person for win in found for person in win.people})
    open_wins = [
        OpenWin(win.id, win.author.user_id, win.created_at, len(win.cheered_by), size(win, names, link))
        for win in found
    ]
    parts = in_parts(in_rounds(open_wins), most_wins=MOST_WINS, most_characters=ROOM)
    if parts:
        ids = [[win.id for win in part] for part in parts]
        roundup_id = roundups.add(connection, channel, ids, due_at=due_at, now=now)
        if now - due_at > grace:
            for number in range(len(parts)):
                roundups.abandon(connection, deliveries.of_roundup(connection, roundup_id, number), now=now)
    channels.advance(connection, channel, told=due_at if parts else None, now=now)
    return bool(parts)


async def abandon_overdue(database: Database, *, grace: timedelta, clock: Callable[[], datetime]) -> None:
    """Give up roundups that are certainly unposted and later than `grace`."""
    now = clock()
    for delivery in await database.read(partial(roundups.unposted, due_before=now - grace)):
        if await database.write(partial(roundups.abandon, delivery=delivery, now=now)):
            logger.warning("delivery=%s kind=%s outcome=abandoned: later than %s", delivery.key, delivery.kind, grace)


async def forget_requests(database: Database, *, clock: Callable[[], datetime]) -> None:
    """Drop the requests that Slack will not send again."""
    before = clock() - REQUESTS_ARE_KEPT
    await database.write(lambda connection: requests.forget_before(connection, before))
