"""`/wins mine`, and `/wins` alone: somebody reads their last wins, privately, and may undo each."""

from sqlalchemy import Connection

from bot.domain.schedules import FALLBACK_ZONE
from bot.listeners.wins import Ask
from bot.slack import payloads
from bot.storage import users, wins
from bot.storage.database import Database
from bot.views import ephemeral
from bot.views.format import Message
from bot.views.roundup import Link

SHOWN = 10


def make(database: Database, *, link: Link) -> Ask:
    """Return the function that lists somebody's wins."""

    async def mine(asked: payloads.Command, _: str) -> Message:
        return await database.read(lambda connection: listing(connection, asked.team_id, asked.user_id, link=link))

    return mine


def listing(connection: Connection, team_id: str, user_id: str, *, link: Link, note: Message | None = None) -> Message:
    """Read and list somebody's last wins, after `note`."""
    found = wins.latest_of(connection, team_id, user_id, limit=SHOWN)
    names = users.names(connection, team_id, {person for win in found for person in win.user_ids})
    return ephemeral.my_wins(found, names, zone=FALLBACK_ZONE, link=link, note=note)
