"""`/wins`: somebody reads their last wins, privately, and may undo each."""

from collections.abc import Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.schedules import FALLBACK_ZONE
from bot.slack import payloads
from bot.storage import people, wins
from bot.storage.database import Database
from bot.views import private
from bot.views.format import Message
from bot.views.roundup import Link

SHOWN = 10


def register(app: AsyncApp, *, database: Database, link: Link, open_setup: Callable[..., Any]) -> None:
    """Listen for /wins."""

    @app.command("/wins")
    async def mine(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        asked = payloads.command(command)
        word = asked.text.strip().lower()
        if word == "help":
            await ack(private.help_text())
        elif word == "setup":
            await open_setup(asked.trigger_id, asked.team_id, asked.channel_id, asked.user_id, is_here=True)
            await ack()
        elif word in ("", "mine"):
            await ack(
                await database.read(lambda connection: listing(connection, asked.team_id, asked.user_id, link=link))
            )
        else:
            await ack(private.unknown_subcommand(payloads.clean(asked.text.strip())))


def listing(connection: Connection, team_id: str, user_id: str, *, link: Link, note: Message | None = None) -> Message:
    """Read and list somebody's last wins, after `note`."""
    found = wins.latest_of(connection, team_id, user_id, limit=SHOWN)
    names = people.names(connection, team_id, {person for win in found for person in win.people})
    return private.my_wins(found, names, zone=FALLBACK_ZONE, link=link, note=note)
