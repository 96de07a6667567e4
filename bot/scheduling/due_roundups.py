"""Creates the roundups and editions that are due: of each channel, and of each workspace.

The ticker (bot/app.py) calls this twice a second. bot/services/roundups.py creates a channel's roundup in one
transaction, with the messages that the sender posts then.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from bot.scheduling.one_by_one import logged_if_it_fails
from bot.services import editions, roundups, workspace_roundups
from bot.storage import due_channels, workspaces
from bot.storage import editions as edition_queries
from bot.storage.database import Database
from bot.storage.deliveries import Lane
from bot.storage.due_channels import DueChannel

MAX_BATCH = 10_000
"""The most roundups that one tick creates; the next tick takes the rest."""
MAX_TOGETHER = 8
"""The most channels whose roundups are created in one transaction: someone who saves a win meanwhile waits for it."""


class DueRoundups:
    """Creates what is due.

    A failure is logged and tried again at the next tick; it delays no other channel. Before something is posted in
    another channel, Slack must have said that its own channel is not private: `refresh_channel` (team id, channel id)
    asks, and returns whether Slack has answered. What is later than `grace` is abandoned. If Slack has not answered by
    then, it is created all the same, so that its owner is told; the sender asks again before it posts anything.

    What waits for Slack is created beside the tick: by a task for each channel and workspace, one at a time.
    """

    def __init__(
        self,
        database: Database,
        *,
        grace: timedelta,
        clock: Callable[[], datetime],
        wake_sender: Callable[[Lane], None],
        refresh_channel: Callable[[str, str], Awaitable[bool]],
    ) -> None:
        self._database = database
        self._grace = grace
        self._clock = clock
        self._wake_sender = wake_sender
        self._refresh_channel = refresh_channel
        self._tasks: dict[tuple[str, str | None], asyncio.Task[None]] = {}
        self._reads_workspace = asyncio.Lock()

    async def create_roundups(self) -> None:
        """Create the roundups of channels that are due."""
        now = self._clock()
        due = await self._database.read(partial(due_channels.roundups_due, now=now, limit=MAX_BATCH))
        create_due = partial(roundups.create_due, grace=self._grace, now=now)
        await self._create_each(due, create_due, what="create a roundup", now=now)

    async def create_editions(self) -> None:
        """Create the editions of channels that are due."""
        now = self._clock()
        due = await self._database.read(partial(due_channels.editions_due, now=now, limit=MAX_BATCH))

        def create_due(connection: Connection, *, channel_keys: Sequence[tuple[str, str]]) -> list[Lane]:
            create = partial(editions.create_due, connection, grace=self._grace, now=now)
            targets = [(team_id, create(team_id=team_id, channel_id=each)) for team_id, each in channel_keys]
            return [(team_id, target) for team_id, target in targets if target is not None]

        await self._create_each(due, create_due, what="create an edition", now=now)

    async def create_workspace_roundups(self) -> None:
        """Create the roundups of workspaces that are due, once Slack has said which of their channels are public."""
        now = self._clock()
        for team_id, due_at in await self._database.read(partial(workspaces.with_due_roundup, now=now)):
            self._start((team_id, None), partial(self._create_workspace_roundup, team_id, due_at, now))

    async def _create_workspace_roundup(self, team_id: str, due_at: datetime, now: datetime) -> None:
        with logged_if_it_fails("create a workspace's roundup", workspace=team_id):
            find = partial(workspace_roundups.channels_to_tell, team_id=team_id, now=now)
            async with self._reads_workspace:  # many at once would keep people's requests waiting
                asked = await self._database.read(find)
            answers = await asyncio.gather(*(self._refresh_channel(team_id, each) for each in sorted(asked)))
            if not all(answers) and now - due_at <= self._grace:
                return  # it waits until Slack can be asked
            create = partial(workspace_roundups.create_due, team_id=team_id, asked=asked, grace=self._grace, now=now)
            channel_id = await self._database.write(create)
            if channel_id is not None:
                self._wake_sender((team_id, channel_id))

    async def join(self) -> None:
        """Wait until what waits for Slack is created, or left to the next tick."""
        await asyncio.gather(*self._tasks.values())

    async def stop(self) -> None:
        """Cancel what waits for Slack, between two of its transactions."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _start(self, about: tuple[str, str | None], create: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Create something of a channel, or of a workspace, beside the tick, unless it is on its way."""
        if about not in self._tasks:
            self._tasks[about] = task = asyncio.create_task(create())
            task.add_done_callback(lambda _: self._tasks.pop(about))

    async def refresh_taking_part(self) -> None:
        """Ask Slack about the channels whose wins a workspace's roundup tells: one may have become private.

        Slack sends no event about that. The wins of such a channel leave the roundups that are posted.
        """
        for team_id, channel_id in await self._database.read(edition_queries.all_taking_part):
            with logged_if_it_fails("ask about a channel", workspace=team_id, channel=channel_id):
                await self._refresh_channel(team_id, channel_id)

    async def _create_each(
        self, due: Sequence[DueChannel], create_due: Callable[..., list[Lane]], *, what: str, now: datetime
    ) -> None:
        """Call `create_due` for the channels, and wake the sender for those that it returns.

        Some channels share a transaction, which takes little longer than that of one: see docs/decisions/0004. What
        goes to another channel comes last, and isn't waited for, since it waits for Slack.
        """

        async def create(channels: Sequence[DueChannel]) -> None:
            keys = [(channel.team_id, channel.channel_id) for channel in channels]
            for lane in await self._database.write(partial(create_due, channel_keys=keys)):
                self._wake_sender(lane)

        async def create_alone(channel: DueChannel) -> None:
            team_id, channel_id, has_other_target, due_at = channel
            with logged_if_it_fails(what, workspace=team_id, channel=channel_id):
                has_answer = not has_other_target or await self._refresh_channel(team_id, channel_id)
                if has_answer or now - due_at > self._grace:  # else it waits until Slack can be asked
                    await create([channel])

        for group in grouped_fairly(channel for channel in due if not channel.has_other_target):
            try:
                await create(group)
            except Exception:  # noqa: BLE001
                # One that fails takes the others with it, so each is tried alone, and that one logged.
                for channel in group:
                    await create_alone(channel)
        for channel in due:
            if channel.has_other_target:
                self._start((channel.team_id, channel.channel_id), partial(create_alone, channel))


def grouped_fairly(due: Iterable[DueChannel]) -> list[list[DueChannel]]:
    """Return the due channels in groups of `MAX_TOGETHER`: the first of each workspace, then the second, and so on."""
    turns: Counter[str] = Counter()
    with_turn = []
    for channel in due:
        with_turn.append((turns[channel.team_id], channel))
        turns[channel.team_id] += 1
    in_order = [channel for _, channel in sorted(with_turn, key=itemgetter(0))]
    return [in_order[first : first + MAX_TOGETHER] for first in range(0, len(in_order), MAX_TOGETHER)]
