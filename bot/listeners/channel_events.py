"""Events about channels, and about the bot in them: invited, removed, archived, deleted, given another id."""

from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.audit_log import Unavailability
from bot.listeners.dependencies import Dependencies
from bot.services import channel_membership, offers
from bot.services.idempotency import Done, RequestKey, run_once
from bot.slack import event_payloads

AVAILABILITY_BY_EVENT = {
    "member_left_channel": Unavailability.REMOVED,
    "channel_archive": Unavailability.ARCHIVED,
    "group_archive": Unavailability.ARCHIVED,
    "channel_deleted": Unavailability.DELETED,
    "group_deleted": Unavailability.DELETED,
    "channel_unarchive": None,
    "group_unarchive": None,
}
"""By event, why the bot can't post in the channel after it; None if it may be able to again."""


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for events about channels. Those about other people in them, or about unknown channels, are ignored."""

    def listen_for(event: str, reason: Unavailability | None) -> None:
        @app.event(event)
        async def handle_event(body: dict[str, Any]) -> None:
            channel_event = event_payloads.channel_event(body)
            if channel_event.user_id in (None, deps.clients.of(channel_event.team_id).workspace.bot_user_id):
                await deps.channel_directory.handle_event(
                    channel_event.team_id,
                    channel_event.channel_id,
                    reason,
                    actor_id=channel_event.actor_id,
                    only_known=True,
                )
                deps.wake_scheduler()

    for event, reason in AVAILABILITY_BY_EVENT.items():
        listen_for(event, reason)

    @app.event("member_joined_channel")
    async def handle_joined(body: dict[str, Any]) -> None:
        channel_event = event_payloads.channel_event(body)
        if channel_event.user_id != deps.clients.of(channel_event.team_id).workspace.bot_user_id:
            return
        await deps.channel_directory.handle_event(
            channel_event.team_id, channel_event.channel_id, None, actor_id=channel_event.actor_id
        )
        if channel_event.actor_id is not None:
            now = deps.clock()
            work = partial(
                offers.make_to_inviter,
                team_id=channel_event.team_id,
                channel_id=channel_event.channel_id,
                user_id=channel_event.actor_id,
                now=now,
            )
            await run_once(
                deps.database, RequestKey(channel_event.team_id, event_payloads.event_key(body)), Done, work, now=now
            )
        deps.wake_scheduler()

    @app.event("channel_id_changed")
    async def handle_id_change(body: dict[str, Any]) -> None:
        channel_event = event_payloads.channel_event(body)
        assert channel_event.new_channel_id is not None, "such an event names both"
        work = partial(
            channel_membership.change_channel_id,
            team_id=channel_event.team_id,
            old_id=channel_event.channel_id,
            new_id=channel_event.new_channel_id,
            now=deps.clock(),
        )
        await deps.database.write(work)
        # Anyone who asked about the old id in the meantime was told that there is no such channel.
        await deps.channel_directory.handle_event(
            channel_event.team_id, channel_event.new_channel_id, None, only_known=True
        )
        deps.wake_scheduler()
