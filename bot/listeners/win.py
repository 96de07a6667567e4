"""`/win`: somebody logs a win."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.wins import Draft, Mention, parse_win
from bot.listeners.help import HelpCommand
from bot.slack import command_text, payloads
from bot.storage import channels, deliveries, enqueue, wins
from bot.storage.database import Database
from bot.views import ephemeral


def register(
    app: AsyncApp,
    *,
    database: Database,
    clock: Callable[[], datetime],
    wake_outbox: Callable[[deliveries.Lane], None],
    help_command: HelpCommand,
) -> None:
    """Listen for /win; `owed` is told of each channel that a message is owed to, `explain` gives help."""
    # Who has certainly met with their channel: a /win need not look again whether it has a row, and they an offer.
    known_authors: set[tuple[str, str, str]] = set()

    @app.command("/win")
    async def win(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        slash_command = payloads.slash_command(command)
        if slash_command.text.strip().lower() in ("", "help"):
            await ack(await help_command(slash_command))
            return
        draft = parse_win(*command_text.parse(slash_command.text))
        now = clock()
        request = LogWin(
            slash_command, draft, now, is_known=(*slash_command.channel_key, slash_command.user_id) in known_authors
        )
        win_id = await database.write_each(log_wins, request)
        if not slash_command.is_in_dm:
            known_authors.add((*slash_command.channel_key, slash_command.user_id))
        wake_outbox(slash_command.channel_key)
        await ack(ephemeral.win_saved(draft, win_id, is_private=slash_command.is_in_dm))


@dataclass(frozen=True)
class LogWin:
    """A win that somebody has just logged, at `now` (UTC); `is_known` when they did so in this channel before."""

    command: payloads.SlashCommand
    draft: Draft
    now: datetime
    is_known: bool


def log_wins(connection: Connection, requests: Sequence[LogWin]) -> list[int]:
    """Store wins with the announcements that are owed, once for each command, and return their ids."""
    first_timers = [request for request in requests if not (request.is_known or request.command.is_in_dm)]
    channels.ensure_exist(connection, {request.command.channel_key for request in first_timers})
    new_wins = [
        wins.NewWin(
            request.draft,
            request.command.team_id,
            None if request.command.is_in_dm else request.command.channel_id,
            request.command.idempotency_key,
            Mention(request.command.user_id, request.command.user_name),
            request.now,
        )
        for request in requests
    ]
    ids = wins.add_all(connection, new_wins)
    announcements = [
        (request.command.channel_key, win_id, request.command.response_url, request.now)
        for win_id, request in zip(ids, requests, strict=True)
        if win_id is not None and not request.command.is_in_dm
    ]
    enqueue.enqueue_announcements(connection, announcements)
    for request in first_timers:
        channel = channels.by_id(connection, *request.command.channel_key)
        if channel is None or channel.settings is None:
            enqueue.enqueue_offer(connection, *request.command.channel_key, request.command.user_id, now=request.now)
    return [
        wins.of_request(connection, request.command.team_id, request.command.idempotency_key)
        if win_id is None
        else win_id
        for win_id, request in zip(ids, requests, strict=True)
    ]
