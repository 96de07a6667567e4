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
    owed: Callable[[deliveries.Lane], None],
    explain: HelpCommand,
) -> None:
    """Listen for /win; `owed` is told of each channel that a message is owed to, `explain` gives help."""
    # Who has certainly met with their channel: a /win need not look again whether it has a row, and they an offer.
    known: set[tuple[str, str, str]] = set()

    @app.command("/win")
    async def win(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        asked = payloads.slash_command(command)
        if asked.text.strip().lower() in ("", "help"):
            await ack(await explain(asked))
            return
        drafted = parse_win(*command_text.parse(asked.text))
        now = clock()
        logged = Logged(asked, drafted, now, is_known=(*asked.channel_key, asked.user_id) in known)
        win_id = await database.write_each(log_all, logged)
        if not asked.is_in_dm:
            known.add((*asked.channel_key, asked.user_id))
        owed(asked.channel_key)
        await ack(ephemeral.saved(drafted, win_id, is_private=asked.is_in_dm))


@dataclass(frozen=True)
class Logged:
    """A win that somebody has just logged, at `now` (UTC); `is_known` when they did so in this channel before."""

    asked: payloads.SlashCommand
    drafted: Draft
    now: datetime
    is_known: bool


def log_all(connection: Connection, logged: Sequence[Logged]) -> list[int]:
    """Store wins with the announcements that are owed, once for each command, and return their ids."""
    first = [one for one in logged if not (one.is_known or one.asked.is_in_dm)]
    channels.add_all(connection, {one.asked.channel_key for one in first})
    new = [
        wins.NewWin(
            one.drafted,
            one.asked.team_id,
            None if one.asked.is_in_dm else one.asked.channel_id,
            one.asked.idempotency_key,
            Mention(one.asked.user_id, one.asked.user_name),
            one.now,
        )
        for one in logged
    ]
    ids = wins.add_all(connection, new)
    owed = [
        (one.asked.channel_key, win_id, one.asked.response_url, one.now)
        for win_id, one in zip(ids, logged, strict=True)
        if win_id is not None and not one.asked.is_in_dm
    ]
    enqueue.announce_all(connection, owed)
    for one in first:
        channel = channels.by_id(connection, *one.asked.channel_key)
        if channel is None or channel.setup is None:
            enqueue.offer(connection, *one.asked.channel_key, one.asked.user_id, now=one.now)
    return [
        wins.of_request(connection, one.asked.team_id, one.asked.idempotency_key) if win_id is None else win_id
        for win_id, one in zip(ids, logged, strict=True)
    ]
