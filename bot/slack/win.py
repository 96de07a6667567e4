"""`/win`: somebody logs a win."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.wins import Draft, Mention, draft
from bot.slack import payloads, text
from bot.storage import channels, deliveries, requests, wins
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
        answer = await database.write(
            lambda connection: requests.once(
                connection,
                asked.team_id,
                asked.request,
                now=now,
                work=lambda connection: log(connection, asked, drafted, now=now),
            )
        )
        owed((asked.team_id, asked.channel_id))
        await ack(answer)


def log(connection: Connection, asked: payloads.Command, drafted: Draft, *, now: datetime) -> dict[str, Any]:
    """Store a win with the announcement that it is owed, and return what its author is told."""
    channel_id = None if asked.is_in_dm else asked.channel_id
    if channel_id is not None:
        channels.had_win(connection, asked.team_id, channel_id, by=asked.user_id, now=now)
    author = Mention(asked.user_id, asked.user_name)
    win_id = wins.add(connection, drafted, team_id=asked.team_id, channel_id=channel_id, author=author, now=now)
    if channel_id is not None:
        deliveries.announce(
            connection,
            win_id,
            team_id=asked.team_id,
            channel_id=channel_id,
            response_url=asked.response_url,
            now=now,
        )
    return private.saved(drafted, win_id, is_private=channel_id is None)
