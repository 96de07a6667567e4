"""The jobs that look back: they create editions, and the workspaces' roundups, when they are due."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import DBAPIError

from bot.scheduling.jobs import MAX_BATCH, RefreshChannel, create_each
from bot.services import editions, workspace_roundups
from bot.storage import due_channels, workspaces
from bot.storage import editions as queries
from bot.storage.database import Database

logger = logging.getLogger(__name__)


async def create_due_editions(
    database: Database,
    *,
    grace: timedelta,
    clock: Callable[[], datetime],
    wake_outbox: Callable[[tuple[str, str]], None],
    refresh_channel: RefreshChannel,
) -> None:
    """Create every edition that is due, those of each channel in a transaction of their own: see `create_each`."""
    now = clock()
    await create_each(
        await database.read(lambda connection: due_channels.editions_due(connection, now, limit=MAX_BATCH)),
        partial(editions.create_due, grace=grace, now=now),
        what="an edition",
        database=database,
        wake_outbox=wake_outbox,
        refresh_channel=refresh_channel,
    )


async def create_due_workspace_roundups(
    database: Database,
    *,
    grace: timedelta,
    clock: Callable[[], datetime],
    wake_outbox: Callable[[tuple[str, str]], None],
    refresh_channel: RefreshChannel,
) -> None:
    """Create every workspace's roundup that is due; before that, Slack must say that its channels are public."""
    now = clock()
    for team_id in await database.read(lambda connection: workspaces.with_due_roundup(connection, now)):
        try:
            find = partial(workspace_roundups.channels_to_tell, team_id=team_id, now=now)
            asked = await database.read(find)
            if not all(await asyncio.gather(*(refresh_channel(team_id, each) for each in sorted(asked)))):
                continue  # it waits until Slack can be asked
            create = partial(workspace_roundups.create_due, team_id=team_id, asked=asked, grace=grace, now=now)
            channel_id = await database.write(create)
        except (DBAPIError, ValueError):
            logger.exception("could not create a workspace's roundup", extra={"workspace": team_id})
            continue
        if channel_id is not None:
            wake_outbox((team_id, channel_id))


async def refresh_taking_part(database: Database, *, refresh_channel: RefreshChannel) -> None:
    """Ask Slack about the channels whose wins a workspace's roundup tells: one may have become private.

    Slack sends no event about that, and what such a channel said leaves the roundups that are posted.
    """
    for team_id, channel_id in await database.read(queries.all_taking_part):
        await refresh_channel(team_id, channel_id)
