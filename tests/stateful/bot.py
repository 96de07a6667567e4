"""The bot without its receivers: the real sender, reconciler, directory and jobs, joined as bot/app.py joins them."""

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import Any

from bot.domain.workspaces import Workspace
from bot.outbox.reconciler import Reconciler
from bot.outbox.sender import Sender
from bot.scheduling import jobs
from bot.scheduling.due_roundups import DueRoundups
from bot.services.access import Access
from bot.services.channel_directory import ChannelDirectory
from bot.services.readers import Readers
from bot.services.user_directory import UserDirectory
from bot.services.visibility import Visibility
from bot.slack.clients import SlackClients
from bot.slack.rate_limits import WORKSPACE_SPACING
from tests.stateful.clock import Clock
from tests.stateful.faults import FaultyDatabase
from tests.stateful.slack import Slack

logger = logging.getLogger(__name__)

GRACE = timedelta(hours=24)


def link(channel_id: str, ts: str) -> str:
    """Return the address of a message."""
    return f"https://example.slack.com/archives/{channel_id}/p{ts.replace('.', '')}"


class Bot:
    """One process's life, from start to stop or death."""

    def __init__(self, database: FaultyDatabase, slack: Slack, clock: Clock) -> None:
        self.known_users: set[tuple[str, str, str]] = set()
        clients = SlackClients(lambda _: slack, WORKSPACE_SPACING)
        for team_id in slack.team_ids:
            clients.add(Workspace(team_id, None, team_id, "https://example.slack.com/", "UBOT"), slack)
        directory = UserDirectory(clients, database, clock.now)
        self.channel_directory = channel_directory = ChannelDirectory(clients, database, clock.now)
        access = Access(clients, directory, channel_directory, database)
        visibility = Visibility(channel_directory, database, clock.now)
        self.sender = Sender(
            database,
            clients,
            wait_for_users=directory.wait_for,
            respond=slack.respond,
            clock=clock.now,
            grace=GRACE,
            on_call=lambda *_: None,
            refresh_channel=channel_directory.refresh,
            may_be_told=Readers(access, visibility, channel_directory, database, clock.now).may_be_told,
            on_availability_change=channel_directory.handle_event,
        )
        self._reconciler = Reconciler(
            database,
            clients,
            settle_seconds=slack.settle_seconds,
            clock=clock.now,
            knows_slacks_time=lambda: True,
            wake_sender=self.sender.wake,
        )
        self.queue_user_lookup = directory.look_up_soon
        self.users_now = directory.get
        due_roundups = DueRoundups(
            database,
            grace=GRACE,
            clock=clock.now,
            wake_sender=self.sender.wake,
            refresh_channel=channel_directory.refresh,
        )
        self._jobs: list[Any] = [
            due_roundups.create_roundups,
            due_roundups.join,
            due_roundups.create_editions,
            due_roundups.join,
            partial(jobs.create_due_reminders, database, clock=clock.now, wake_sender=self.sender.wake),
            partial(jobs.abandon_overdue, database, grace=GRACE, clock=clock.now),
            partial(jobs.send_credit_notes, database, clock=clock.now, wake_sender=self.sender.wake),
            self._reconciler.poll,
            self.sender.poll,
        ]

    async def start(self) -> None:
        """Begin to post."""
        await self.sender.start()
        self._reconciler.start()

    async def tick(self) -> None:
        """Do what the ticker does at each beat."""
        for job in self._jobs:
            try:
                await job()
            except Exception:  # noqa: BLE001 - as the ticker: a beat must never be the last one
                logger.info("a job failed")

    async def stop(self) -> None:
        """Stop as an operator would have it."""
        await self._reconciler.stop()
        await self.sender.stop(within=8.0)


async def end_everything() -> None:
    """Let nothing that is under way go on: its process is dead."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
