"""Cheers: the button on a win or a roundup, and any reaction to either."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.deliveries import MAY_BE_POSTED, DeliveryState
from bot.listeners.idempotent import run_once
from bot.slack import payloads
from bot.slack.response_url import Respond
from bot.storage import cheers, deliveries
from bot.storage.database import Database
from bot.storage.deliveries import Delivery
from bot.storage.tables import roundup_cheers, win_cheers
from bot.views import announcement, ephemeral
from bot.views.format import Message

RETRY_DELAYS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between two looks for a message whose post is just coming back; together well under Slack's three."""


class MessageNotRecordedYet(Exception):
    """A reaction to a message that may be ours, but whose post has not come back yet: Slack is to send it again."""


def register(
    app: AsyncApp,
    *,
    database: Database,
    clock: Callable[[], datetime],
    wake_outbox: Callable[[deliveries.Lane], None],
    queue_user_lookup: Callable[[str, str], None],
    respond: Respond,
) -> None:
    """Listen for the buttons and reactions.

    `owed` is told of each channel that a change is owed to, `met` of each person (team and user id) who cheers.
    """

    async def handle_button(body: dict[str, Any], *, is_active: bool) -> None:
        action = payloads.message_action(body)
        now = clock()
        result = await run_once(
            database,
            action,
            now=now,
            work=lambda connection: {"said": by_button(connection, action, is_active=is_active)},
        )
        wake_outbox((action.team_id, action.channel_id))
        queue_user_lookup(action.team_id, action.user_id)
        if result["said"] is not None:
            await respond(action.response_url, result["said"])

    @app.action(announcement.CHEER)
    async def cheer(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_button(body, is_active=True)
        await ack()

    @app.action(ephemeral.TAKE_BACK_CHEER)
    async def take_back(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_button(body, is_active=False)
        await ack()

    @app.event("reaction_added")
    async def reaction_added(body: dict[str, Any]) -> None:
        await handle_reaction(body, is_active=True)

    @app.event("reaction_removed")
    async def reaction_removed(body: dict[str, Any]) -> None:
        await handle_reaction(body, is_active=False)

    async def handle_reaction(body: dict[str, Any], *, is_active: bool) -> None:
        reaction = payloads.reaction(body)
        if reaction is None:
            return
        for delay in RETRY_DELAYS:
            try:
                is_ours = await database.write(
                    lambda connection: by_reaction(connection, reaction, is_active=is_active)
                )
            except MessageNotRecordedYet:
                await asyncio.sleep(delay)
            else:
                if is_ours:
                    queue_user_lookup(reaction.team_id, reaction.user_id)
                return
        raise MessageNotRecordedYet


def by_button(connection: Connection, action: payloads.MessageAction, *, is_active: bool) -> Message | None:
    """Record a press, and return what the person is told: nothing, where the message itself shows the cheer."""
    if action.user_team_id != action.team_id:
        return ephemeral.unknown_workspace()
    delivery = deliveries.by_key(connection, action.team_id, action.value)
    if delivery is None or delivery.channel_id != action.channel_id:
        return ephemeral.win_not_found()
    if delivery.win_id is None and delivery.roundup_id is None:
        return ephemeral.win_not_found()  # it has no such button
    if is_active and delivery.state in MAY_BE_POSTED:
        deliveries.mark_posted(connection, delivery.id, action.message_ts)  # a button that is pressed has been posted
    changed = _record(
        connection, delivery, action.user_id, cheers.BUTTON, is_active=is_active, event_ts=action.action_ts
    )
    deliveries.request_update(connection, delivery)
    if not is_active:
        return ephemeral.cheer_taken_back()
    if not changed:
        return ephemeral.already_cheered(delivery.key)
    return ephemeral.cheer_counted() if delivery.state == DeliveryState.POSTED_VIA_RESPONSE_URL else None


def by_reaction(connection: Connection, reaction: payloads.Reaction, *, is_active: bool) -> bool:
    """Record a reaction to a message of ours, and return whether it is one: others are none of our business.

    Raises NotKnownYet.
    """
    lane = (reaction.team_id, reaction.channel_id)
    delivery = deliveries.by_message(connection, lane, reaction.message_ts)
    if delivery is None:
        if deliveries.has_in_flight(connection, lane):
            raise MessageNotRecordedYet
        return False
    if delivery.win_id is None and delivery.roundup_id is None:
        return False  # a note, a reminder, the line of a change: there is nothing to cheer
    _record(
        connection,
        delivery,
        reaction.user_id,
        cheers.reaction_source(reaction.emoji),
        is_active=is_active,
        event_ts=reaction.event_ts,
    )
    return True


def _record(
    connection: Connection, delivery: Delivery, user_id: str, source: str, *, is_active: bool, event_ts: str
) -> bool:
    subject = (win_cheers, delivery.win_id) if delivery.win_id else (roundup_cheers, delivery.roundup_id)
    table, subject_id = subject
    assert subject_id is not None, "a delivery tells of a win or a roundup"
    return cheers.record(
        connection,
        table,
        team_id=delivery.team_id,
        subject_id=subject_id,
        user_id=user_id,
        source=source,
        is_active=is_active,
        event_ts=event_ts,
    )
