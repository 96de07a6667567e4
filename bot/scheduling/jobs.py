"""The jobs: write down the roundups and reminders that are due, give up what is too late, forget old requests."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.domain.audit_log import AuditAction
from bot.domain.channel_settings import ChannelUnreachable, QuietPolicy
from bot.domain.offers import MIN_REMINDER_LEAD
from bot.domain.permissions import Action, Actor, check
from bot.domain.roundups import OpenWin, in_parts, in_rounds
from bot.domain.wins import Win
from bot.storage import audit_log, channels, deliveries, enqueue, idempotency, roundups, users, wins
from bot.storage.channels import Channel, DueChannel
from bot.storage.database import Database
from bot.views.roundup import MAX_CHARACTERS, MAX_WINS, Permalink, rendered_length
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)

MAX_BATCH = 10_000
"""The most roundups that one beat writes down; the next one takes the rest."""
REQUEST_RETENTION = timedelta(days=7)

RefreshChannel = Callable[[str, str], Awaitable[bool]]
"""survey(team id, channel id): whether Slack has just said what there is to know of a channel."""


async def create_due_roundups(
    database: Database,
    *,
    link: Permalink,
    grace: timedelta,
    clock: Callable[[], datetime],
    wake_outbox: Callable[[tuple[str, str]], None],
    refresh_channel: RefreshChannel,
) -> None:
    """Write down every roundup that is due, each in a transaction of its own; `owed` is told of its channel.

    One that is later than `grace` is abandoned. One channel's failure is logged and tried again at the next beat; it
    delays no other. Before a roundup goes to another channel, `survey` must say that its own is not private: those come
    last, all at once, so that nobody waits while Slack does not answer.
    """
    now = clock()
    due = await database.read(lambda connection: channels.due(connection, now, limit=MAX_BATCH))

    async def create(team_id: str, channel_id: str, has_other_target: bool) -> None:
        work = partial(create_roundup, team_id=team_id, channel_id=channel_id, link=link, grace=grace, now=now)
        try:
            if has_other_target and not await refresh_channel(team_id, channel_id):
                return  # it waits until Slack can be asked
            created = await database.write(work)
        except (DBAPIError, ValueError):  # also RuleIsUnknown and ScheduleIsImpossible
            logger.exception("could not create a roundup", extra={"workspace": team_id, "channel": channel_id})
            return
        if created is not None:
            wake_outbox((team_id, created.target_channel_id))

    ordered = round_robin(due)
    for channel in ordered:
        if not channel[2]:
            await create(*channel)
    await asyncio.gather(*(create(*channel) for channel in ordered if channel[2]))


def round_robin(due: Iterable[DueChannel]) -> list[DueChannel]:
    """Return what is due in an order that is fair: each workspace's first (by its id), then everybody's second."""
    turns: Counter[str] = Counter()
    ranked = []
    for position, channel in enumerate(due):
        ranked.append((turns[channel[0]], position, channel))
        turns[channel[0]] += 1
    return [channel for _, _, channel in sorted(ranked)]


def create_roundup(
    connection: Connection, *, team_id: str, channel_id: str, link: Permalink, grace: timedelta, now: datetime
) -> Channel | None:
    """Put the channel's open wins into its due roundup and set its next date; None if there was nothing to tell.

    Where several dates have passed, the roundup is that of the last one: it holds the wins of them all. Where that is
    longer ago than `grace`, it is abandoned at once: the wins stay open, and whoever set the channel up is told.
    """
    channel = channels.claim_due(connection, team_id, channel_id, now)
    if channel is None:
        return None
    assert channel.settings is not None, "what is due was set up"
    assert channel.next_due_at is not None, "what is due has a date"
    due_at = channel.schedule.latest(channel.next_due_at, now)
    is_too_late = now - due_at > grace
    parts = compose(connection, channel, link=link)
    has_roundup = bool(parts) or (not is_too_late and _posts_quiet_line(connection, channel, due_at))
    if has_roundup:
        roundup_id = roundups.create(connection, channel, win_ids(parts), due_at=due_at, now=now)
        if is_too_late:
            for part in deliveries.of_roundup(connection, roundup_id):
                roundups.abandon(connection, part, now=now)
    channels.advance(connection, channel, roundup_due_at=due_at if has_roundup else None, now=now)
    return channel if has_roundup else None


def _posts_quiet_line(connection: Connection, channel: Channel, due_at: datetime) -> bool:
    """Whether the channel gets the line of a quiet week: not where its wins were told before their time."""
    if channel.settings is None or channel.settings.quiet_policy is not QuietPolicy.LINE:
        return False
    last_manual_at = roundups.last_manual_at(connection, channel)
    if last_manual_at is None:
        return True
    next_due_at = channel.schedule.next_after(
        last_manual_at
    )  # None, or later than this one, where it was told just before now
    return next_due_at is not None and next_due_at < due_at


def compose(connection: Connection, channel: Channel, *, link: Permalink, up_to: int | None = None) -> list[list[Win]]:
    """Return the channel's open wins as its roundup tells them, in parts; `up_to` is the id of the last one."""
    wins_by_id = {
        win.id: win
        for win in wins.open_in(connection, channel.team_id, channel.channel_id)
        if up_to is None or win.id <= up_to
    }
    names = users.names(
        connection, channel.team_id, {user_id for win in wins_by_id.values() for user_id in win.user_ids}
    )
    open_wins = [
        OpenWin(
            win.id, win.author.user_id, win.created_at, len(win.cheered_by), rendered_length(ENGLISH, win, names, link)
        )
        for win in wins_by_id.values()
    ]
    parts = in_parts(in_rounds(open_wins), max_wins=MAX_WINS, max_characters=MAX_CHARACTERS)
    return [[wins_by_id[win.id] for win in part] for part in parts]


def win_ids(parts: Sequence[Sequence[Win]]) -> list[list[int]]:
    """Return the ids of wins, by part."""
    return [[win.id for win in part] for part in parts]


def post_now(
    connection: Connection, actor: Actor, team_id: str, channel_id: str, *, up_to: int, link: Permalink, now: datetime
) -> int:
    """Write down a roundup before its time, of the open wins whose id is at most `up_to`; return how many there are.

    The scheduled roundup keeps its date, and tells what comes after this one. Raises NotAllowed or IsAway.
    """
    channel = channels.lock(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.roles)
    if channel.unavailable_reason is not None:
        raise ChannelUnreachable(channel.unavailable_reason)
    parts = compose(connection, channel, link=link, up_to=up_to)
    win_count = sum(map(len, parts))
    if win_count:
        due_at = roundups.free_due_at(connection, channel, now)
        roundup_id = roundups.create(
            connection, channel, win_ids(parts), due_at=due_at, posted_by=actor.user_id, now=now
        )
        audit_log.add(
            connection,
            AuditAction.POSTED_EARLY,
            team_id=team_id,
            channel_id=channel_id,
            actor_id=actor.user_id,
            after={"wins": win_count, "roundup_id": roundup_id},
            next_due_at=channel.next_due_at,
            now=now,
        )
    return win_count


async def create_due_reminders(
    database: Database, *, clock: Callable[[], datetime], wake_outbox: Callable[[tuple[str, str]], None]
) -> None:
    """Owe each channel that wants one the line on the day before its roundup; one that comes too late is left out."""
    now = clock()
    for channel in await database.read(partial(channels.reminders_due, now=now)):
        if await database.write(partial(create_reminder, channel=channel, now=now)):
            wake_outbox((channel.team_id, channel.channel_id))


def create_reminder(connection: Connection, channel: Channel, now: datetime) -> bool:
    """Owe a channel its reminder, unless somebody else did; False also where it would be of no use any more."""
    if not channels.claim_reminder(connection, channel, now):
        return False
    if channel.next_due_at is None or channel.next_due_at - now < MIN_REMINDER_LEAD:
        return False
    enqueue.enqueue_reminder(connection, channel.team_id, channel.channel_id, now=now)
    return True


async def abandon_overdue(database: Database, *, grace: timedelta, clock: Callable[[], datetime]) -> None:
    """Give up roundups that are certainly unposted and later than `grace`."""
    now = clock()
    for delivery in await database.read(partial(roundups.unsent_due_before, due_before=now - grace)):
        if await database.write(partial(roundups.abandon, delivery=delivery, now=now)):
            about = {"workspace": delivery.team_id, "delivery": delivery.key, "kind": delivery.kind}
            logger.warning("abandoned: too late", extra=about)


async def purge_requests(database: Database, *, clock: Callable[[], datetime]) -> None:
    """Drop the requests that Slack will not send again."""
    before = clock() - REQUEST_RETENTION
    await database.write(lambda connection: idempotency.purge_before(connection, before))
