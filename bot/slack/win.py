"""`/win`: somebody logs a win."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.wins import Draft, Mention, draft
from bot.slack import payloads, text
from bot.storage import channels, deliveries, wins
from bot.storage.database import Database
from bot.views import private


def register(
    app: AsyncApp, *, database: Database, clock: Callable[[], datetime], owed: Callable[[deliveries.Lane], None]
) -> None:
    """Listen for /win; `owed` is told of each channel that a message is owed to."""

    @app.command("/win")
    async def win(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        asked = payloads.command(command)
        if asked.text.strip().lower() in ("", "help"):
            await ack(private.help_text())
            return
        drafted = draft(*text.read(asked.text))
        now = clock()
        win_id = await database.write(lambda connection: log(connection, asked, drafted, now=now))
        owed((asked.team_id, asked.channel_id))
        await ack(private.saved(drafted, win_id, is_private=asked.is_in_dm))


def log(connection: Connection, asked: payloads.Command, drafted: Draft, *, now: datetime) -> int:
    """Store a win with the announcement that it is owed, once for each command, and return its id."""
    channel_id = None if asked.is_in_dm else asked.channel_id
    if channel_id is not None:
        channels.had_win(connection, asked.team_id, channel_id, by=asked.user_id, now=now)
    win_id = wins.add(
        connection,
        drafted,
        team_id=asked.team_id,
        channel_id=channel_id,
        request=asked.request,
        author=Mention(asked.user_id, asked.user_name),
        now=now,
    )
    if win_id is None:
        return wins.of_request(connection, asked.team_id, asked.request)
    if channel_id is not None:
        deliveries.announce(
            connection,
            win_id,
            team_id=asked.team_id,
            channel_id=channel_id,
            response_url=asked.response_url,
            now=now,
        )
    return win_id
