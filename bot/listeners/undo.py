"""Undo: an author takes a win back, before its announcement was posted or after."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.listeners.idempotent import run_once
from bot.listeners.my_wins import list_wins
from bot.slack import payloads
from bot.slack.response_url import Respond
from bot.storage import deliveries, users, wins
from bot.storage.database import Database
from bot.views import ephemeral
from bot.views.format import Message
from bot.views.roundup import Link


def register(
    app: AsyncApp,
    *,
    database: Database,
    clock: Callable[[], datetime],
    look: Callable[[], None],
    answer: Respond,
    link: Link,
) -> None:
    """Listen for the Undo buttons; `look` makes the outbox look for the messages that have to change."""

    async def undone(body: dict[str, Any]) -> tuple[payloads.MessageAction, Message]:
        pressed = payloads.message_action(body)
        now = clock()
        said = await run_once(database, pressed, now=now, work=lambda connection: undo(connection, pressed, now=now))
        look()
        return pressed, said

    @app.action(ephemeral.UNDO)
    async def undo_saved(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed, said = await undone(body)
        await answer(pressed.response_url, said, replace=True)
        await ack()

    @app.action(ephemeral.UNDO_IN_LIST)
    async def undo_listed(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed, said = await undone(body)
        rest = await database.read(
            lambda connection: list_wins(connection, pressed.team_id, pressed.user_id, link=link, preface=said)
        )
        await answer(pressed.response_url, rest, replace=True)
        await ack()


def undo(connection: Connection, pressed: payloads.MessageAction, *, now: datetime) -> Message:
    """Undo the win that the button names, withdraw what tells of it, and return what the author is told."""
    win = wins.by_id(connection, pressed.team_id, payloads.row_id(pressed.value))
    if win is None:
        return ephemeral.gone()
    if (pressed.user_team_id, pressed.user_id) != (win.team_id, win.author.user_id):
        return ephemeral.not_your_win()
    if not wins.undo(connection, win.id, now=now):
        return ephemeral.already_undone()
    told = deliveries.of_win(connection, win.id)
    if told is not None:
        deliveries.withdraw(connection, told)
    in_roundup = wins.roundup_place(connection, win.id)
    if in_roundup is not None:
        deliveries.refresh(connection, deliveries.of_roundup(connection, *in_roundup))
    names = users.names(connection, win.team_id, win.user_ids)
    return ephemeral.undone(win, names, told_by_url=told is not None and told.state == "answered")
