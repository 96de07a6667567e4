"""Undo: an author takes a win back, before its announcement was posted or after."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryState
from bot.listeners.idempotent import run_once
from bot.listeners.my_wins import list_wins
from bot.slack import payloads
from bot.slack.response_url import Respond
from bot.storage import deliveries, users, wins
from bot.storage.database import Database
from bot.views import ephemeral
from bot.views.format import Message
from bot.views.roundup import Permalink


def register(
    app: AsyncApp,
    *,
    database: Database,
    clock: Callable[[], datetime],
    wake_scheduler: Callable[[], None],
    respond: Respond,
    link: Permalink,
) -> None:
    """Listen for the Undo buttons; `look` makes the outbox look for the messages that have to change."""

    async def handle_undo(body: dict[str, Any]) -> tuple[payloads.MessageAction, Message]:
        action = payloads.message_action(body)
        now = clock()
        message = await run_once(database, action, now=now, work=lambda connection: undo(connection, action, now=now))
        wake_scheduler()
        return action, message

    @app.action(ephemeral.UNDO)
    async def undo_saved(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action, message = await handle_undo(body)
        await respond(action.response_url, message, replace=True)
        await ack()

    @app.action(ephemeral.UNDO_IN_LIST)
    async def undo_listed(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action, message = await handle_undo(body)
        list_message = await database.read(
            lambda connection: list_wins(connection, action.team_id, action.user_id, link=link, preface=message)
        )
        await respond(action.response_url, list_message, replace=True)
        await ack()


def undo(connection: Connection, action: payloads.MessageAction, *, now: datetime) -> Message:
    """Undo the win that the button names, withdraw what tells of it, and return what the author is told."""
    win = wins.by_id(connection, action.team_id, payloads.row_id(action.value))
    if win is None:
        return ephemeral.win_not_found()
    if (action.user_team_id, action.user_id) != (win.team_id, win.author.user_id):
        return ephemeral.not_your_win()
    if not wins.undo(connection, win.id, now=now):
        return ephemeral.already_undone()
    delivery = deliveries.of_win(connection, win.id)
    if delivery is not None:
        deliveries.request_delete(connection, delivery)
    position = wins.roundup_position(connection, win.id)
    if position is not None:
        deliveries.request_update(connection, deliveries.of_roundup(connection, *position))
    names = users.names(connection, win.team_id, win.user_ids)
    return ephemeral.win_undone(
        win,
        names,
        posted_via_response_url=delivery is not None and delivery.state == DeliveryState.POSTED_VIA_RESPONSE_URL,
    )
