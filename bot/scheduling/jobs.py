"""The jobs that the ticker runs besides creating roundups: reminders, abandoning what is too late, notes, purging.

What fails for one channel or person is logged and tried again at the next tick; the others don't wait for it.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter

from bot.scheduling.one_by_one import logged_if_it_fails
from bot.services import credit_notes, look_backs, reminders, roundups
from bot.storage import credit_notes as note_queries
from bot.storage import due_channels, idempotency, unsaved_wins
from bot.storage import look_backs as look_back_queries
from bot.storage import roundups as roundup_queries
from bot.storage.credit_notes import PostedRoundup
from bot.storage.database import Database
from bot.storage.deliveries import Lane

logger = logging.getLogger(__name__)

MAX_NOTED_ROUNDUPS, MAX_NOTES, MAX_LOOK_BACKS = 100, 200, 100
"""The most roundups whose people one tick stores, the most notes that it enqueues, and the most people whom it asks for
a win of a year ago, so that it doesn't take long.
"""
MAX_NOTED_TOGETHER = 8
"""The most roundups whose people are stored in one transaction."""
LOOK_BACKS_EVERY = timedelta(minutes=10)
REQUEST_RETENTION = timedelta(days=7)
UNSAVED_RETENTION = timedelta(days=1)


async def create_due_reminders(
    database: Database, *, clock: Callable[[], datetime], wake_sender: Callable[[Lane], None]
) -> None:
    """Create the reminders that are due."""
    now = clock()
    for team_id, channel_id in await database.read(partial(due_channels.reminders_due, now=now)):
        with logged_if_it_fails("create a reminder", workspace=team_id, channel=channel_id):
            create = partial(reminders.create_due, team_id=team_id, channel_id=channel_id, now=now)
            if await database.write(create):
                wake_sender((team_id, channel_id))


async def abandon_overdue(database: Database, *, grace: timedelta, clock: Callable[[], datetime]) -> None:
    """Abandon roundups that are certainly not posted and later than `grace`."""
    now = clock()
    for delivery in await database.read(partial(roundup_queries.unsent_due_before, due_before=now - grace)):
        about = {"workspace": delivery.team_id, "delivery": delivery.key, "kind": delivery.kind}
        with logged_if_it_fails("abandon what is too late", **about):
            if await database.write(partial(roundups.abandon_part, delivery=delivery, now=now)):
                logger.warning("abandoned: too late", extra=about)


async def send_credit_notes(
    database: Database, *, clock: Callable[[], datetime], wake_sender: Callable[[Lane], None]
) -> None:
    """Store who is in the roundups that are posted now, and enqueue the notes that are due."""
    posted = await database.read(partial(note_queries.posted_without_notes, limit=MAX_NOTED_ROUNDUPS))
    for _, of_workspace in groupby(posted, key=attrgetter("team_id")):
        roundups_of_workspace = list(of_workspace)
        for first in range(0, len(roundups_of_workspace), MAX_NOTED_TOGETHER):
            await _note(database, roundups_of_workspace[first : first + MAX_NOTED_TOGETHER], now=clock())
    now = clock()
    for team_id, user_id in await database.read(partial(note_queries.people_due, now=now, limit=MAX_NOTES)):
        with logged_if_it_fails("enqueue a note", workspace=team_id, user=user_id):
            if await database.write(partial(credit_notes.send_due, team_id=team_id, user_id=user_id, now=now)):
                wake_sender((team_id, user_id))


async def _note(database: Database, posted: Sequence[PostedRoundup], *, now: datetime) -> None:
    """Store who is in some roundups of a workspace in one transaction, or, if that fails, in one for each."""
    try:
        await database.write(partial(credit_notes.add_due, posted=posted, now=now))
    except Exception:  # noqa: BLE001
        for each in posted:
            with logged_if_it_fails("store who is in a roundup", workspace=each.team_id, channel=each.channel_id):
                await database.write(partial(credit_notes.add_due, posted=[each], now=now))


_NO_ONE = ("", "")


class LookBacks:
    """Enqueues the looks back that are due, every `LOOK_BACKS_EVERY` by the clock. They need not be punctual."""

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime], wake_sender: Callable[[Lane], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._wake_sender = wake_sender
        self._last_at: datetime | None = None
        self._after = _NO_ONE

    async def send(self) -> None:
        """Enqueue the looks back that are due, unless that was done just now: to the next people at each tick."""
        now = self._clock()
        has_begun = self._after != _NO_ONE
        if not has_begun and self._last_at is not None and now - self._last_at < LOOK_BACKS_EVERY:
            return
        find = partial(look_back_queries.people_due, now=now, limit=MAX_LOOK_BACKS, after=self._after)
        found = await self._database.read(find)
        for team_id, user_id in found:
            with logged_if_it_fails("enqueue a look back", workspace=team_id, user=user_id):
                if await self._database.write(partial(look_backs.send_due, team_id=team_id, user_id=user_id, now=now)):
                    self._wake_sender((team_id, user_id))
        self._after = found[-1] if len(found) == MAX_LOOK_BACKS else _NO_ONE
        self._last_at = now


async def purge_unsaved_wins(database: Database, *, clock: Callable[[], datetime]) -> None:
    """Delete what people entered and did not save for a day."""
    before = clock() - UNSAVED_RETENTION
    await database.write(lambda connection: unsaved_wins.purge_before(connection, before))


async def purge_requests(database: Database, *, clock: Callable[[], datetime]) -> None:
    """Delete the idempotency keys of requests that Slack will not repeat."""
    before = clock() - REQUEST_RETENTION
    await database.write(lambda connection: idempotency.purge_before(connection, before))
