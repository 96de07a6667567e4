"""What happens to channels, and to the bot in them: invited, removed, archived, deleted, given another id."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.audit_log import Unavailability
from bot.services import channel_membership
from bot.services.channel_directory import ChannelDirectory
from bot.slack import payloads
from bot.slack.payloads import ChannelEvent
from bot.storage import channels, enqueue, idempotency
from bot.storage.database import Database

AVAILABILITY_BY_EVENT = {
    "member_left_channel": Unavailability.REMOVED,
    "channel_archive": Unavailability.ARCHIVED,
    "group_archive": Unavailability.ARCHIVED,
    "channel_deleted": Unavailability.DELETED,
    "group_deleted": Unavailability.DELETED,
    "channel_unarchive": None,
    "group_unarchive": None,
}
"""By event, why the bot can't post in the channel after it; None where it may be able to again."""


def register(
    app: AsyncApp,
    *,
    database: Database,
    channel_directory: ChannelDirectory,
    bot_user_id: str,
    clock: Callable[[], datetime],
    wake_scheduler: Callable[[], None],
) -> None:
    """Listen for what Slack tells of channels; `look` makes the outbox look for what is owed by then.

    What happens to other people in them is none of our business, nor are channels that the bot has never been in.
    """

    def listen_for(event: str, reason: Unavailability | None) -> None:
        @app.event(event)
        async def handle_event(body: dict[str, Any]) -> None:
            channel_event = payloads.channel_event(body)
            if channel_event.user_id in (None, bot_user_id):
                await channel_directory.handle_event(
                    channel_event.team_id,
                    channel_event.channel_id,
                    reason,
                    actor_id=channel_event.actor_id,
                    only_known=True,
                )
                wake_scheduler()

    for event, reason in AVAILABILITY_BY_EVENT.items():
        listen_for(event, reason)

    @app.event("member_joined_channel")
    async def handle_joined(body: dict[str, Any]) -> None:
        channel_event = payloads.channel_event(body)
        if channel_event.user_id != bot_user_id:
            return
        await channel_directory.handle_event(
            channel_event.team_id, channel_event.channel_id, None, actor_id=channel_event.actor_id
        )
        if channel_event.actor_id is not None:
            work = partial(offer_once, channel_event=channel_event, event_key=payloads.event_key(body), now=clock())
            await database.write(work)
        wake_scheduler()

    @app.event("channel_id_changed")
    async def handle_id_change(body: dict[str, Any]) -> None:
        channel_event = payloads.channel_event(body)
        assert channel_event.new_channel_id is not None, "such an event names both"
        work = partial(
            channel_membership.change_channel_id,
            old_id=channel_event.channel_id,
            new_id=channel_event.new_channel_id,
            now=clock(),
        )
        await database.write(lambda connection: work(connection, channel_event.team_id))
        wake_scheduler()


def offer_once(connection: Connection, channel_event: ChannelEvent, *, event_key: str, now: datetime) -> None:
    """Owe whoever invited the bot into a channel without a schedule an offer: one for each invitation.

    A channel that Slack does not show the bot is none that it is in any more.
    """

    def offer(connection: Connection) -> dict[str, Any]:
        assert channel_event.actor_id is not None, "somebody has invited it"
        channel = channels.by_id(connection, channel_event.team_id, channel_event.channel_id)
        if channel is not None and channel.unavailable_reason is None and channel.settings is None:
            enqueue.enqueue_offer_again(
                connection, channel_event.team_id, channel_event.channel_id, channel_event.actor_id, now=now
            )
        return {}

    idempotency.run_once(connection, channel_event.team_id, event_key, now=now, work=offer)
